"""What the result hangs on: other choices, missing features, single people; how many questions; what was planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ritornello.study import figures
from ritornello.study.report.blocks import Chapter, Figure, Items, Not, Table, Text, interval, p, percent, signed

if TYPE_CHECKING:
    from ritornello.study.report.blocks import Block
    from ritornello.study.report.material import Material

_LISTENS = {
    "any": "any play",
    "long": "30 s or so",
    "half": "half",
    "completed": "to the end",
    "unlooped": "no loops",
}


def robustness(m: Material) -> Chapter:
    """Section 8: forks, bounds, weights, influence."""
    w, missing, chosen = m.within, m.model["missing"], m.model["selective"]
    listening = [
        (
            f"{percent(missing['share'])} of answers after music have no {w['music']}"
            f" ({_differ(missing['depends'], 'they differ from the others', 'no sign that they differ')});"
            f" were what is missing as low or as high as it usually gets, the slope would be {signed(missing['low'])}"
            f" to {signed(missing['high'])}."
        ),
        (
            f"{percent(chosen['share'])} of answers came after music"
            f" ({_differ(chosen['p'], 'this depends on the mood', 'no sign that this depends on the mood')});"
            f" weighted by the inverse, the slope is {signed(chosen['weighted'])}."
        ),
        (
            f"Without any one person the slope is {signed(m.model['influence']['low'])} to"
            f" {signed(m.model['influence']['high'])}."
        ),
        _doubtful(m),
    ]
    blocks: list[Block] = [Items(listening)]
    forks = m.model["multiverse"]["forks"]
    if forks:
        rows = [
            {
                "slope": one["slope"],
                "low": one["low"],
                "high": one["high"],
                "window": f"{one['minutes']} min",
                "listen": _LISTENS[one["listen"]],
                "people": "all" if one["doubtful"] else "without doubtful",
                "answer before": "with" if one["previous"] else "without",
            }
            for one in forks
        ]
        slopes = [one["slope"] for one in forks]
        same = sum((one > 0) == (w["slope"] > 0) for one in slopes)
        blocks += [
            Figure(
                "forks",
                f"The same question under {len(forks)} choices, the smallest slope first (points, with intervals), and"
                " what each chose (ticks below); red: the primary model.",
                f"Slopes from {signed(min(slopes))} to {signed(max(slopes))}; {same} of {len(forks)} have the sign of"
                " the primary one.",
                figures.forks(rows, w["slope"]),
            ),
            Text(
                "Windows, what counts as a listen, people with doubtful accounts and the answer before as a covariate"
                f" make {len(forks)} ways to ask this. Slopes are {signed(min(slopes))} to {signed(max(slopes))},"
                f" {same} of {len(forks)} with the sign of the primary one, {percent(m.model['multiverse']['below'])}"
                f" with p below {m.plan['alpha']:g}. Had the best of them been picked, its p would have to be"
                f" {p(m.model['multiverse']['best'])} and not {p(min(one['p'] for one in forks))}. These slopes are by"
                " least squares with errors by person, a quicker way than the primary model."
            ),
        ]
    text = "choices that nobody thought of, such as another questionnaire, other features, or other people."
    return Chapter("8. Robustness", [*blocks, Not(text)])


def questions(m: Material) -> Chapter:
    """Section 9: the family of secondary questions."""
    method = (
        "Benjamini and Hochberg's false discovery rate" if m.plan["correction"] == "bh" else "Holm's familywise error"
    )
    rows = [
        [
            one["within"]["outcome"],
            one["within"]["music"],
            signed(one["within"]["slope"]),
            interval(one["within"]["low"], one["within"]["high"]),
            str(one["within"]["people"]),
            p(one["adjusted"]),
        ]
        for one in m.model["family"]
    ]
    header = ["outcome", "music", "slope", "interval", "people", "adjusted p"]
    wanted = len(m.plan["secondary_outcomes"]) + len(m.plan["secondary_music"])
    blocks: list[Block] = [
        Text(
            f"One question is primary and needs no correction. {len(rows)} of the {wanted} secondary ones could be"
            f" asked; their p values are held to {method}, as one family. Intervals are not corrected."
        )
    ]
    if rows:
        blocks.append(Table("Secondary slopes within people.", header, rows))
    text = "that what is not below .05 here is nothing: small studies miss most small effects."
    return Chapter("9. Many questions", [*blocks, Not(text)])


def labels(m: Material) -> Chapter:
    """Section 10: confirmatory, deviating, exploratory."""
    w = m.within
    planned = "secondary, as planned" if m.model["label"] == "confirmatory" else m.model["label"]
    changed = ", ".join(m.model["changed"]) or "–"
    rows = [[f"{w['outcome']} on {w['music']}, within people", signed(w["slope"]), m.model["label"], changed]]
    rows += [
        [f"{one['within']['outcome']} on {one['within']['music']}", signed(one["within"]["slope"]), planned, changed]
        for one in m.model["family"]
    ]
    rows += [
        [
            f"{one['within']['outcome']} on {one['within']['music']}",
            signed(one["within"]["slope"]),
            one["label"],
            ", ".join(one["changed"] or one["explore"]) or "–",
        ]
        for one in m.explored
    ]
    rows += [[what, "", "as planned, reported apart", "–"] for what in ("correlation between people", "prediction")]
    words = {
        "confirmatory": "The plan was fixed, and carried out as it was.",
        "deviation": f"The plan was fixed, and {changed} changed since.",
        "exploratory": (
            "The plan was not fixed before, or another outcome or other music was looked at: nothing here confirms"
            " anything."
        ),
    }
    blocks: list[Block] = [
        Text(words[m.model["label"]]),
        Table("All analyses.", ["analysis", "slope", "label", "changed since"], rows),
    ]
    text = "whether the plan was fixed before anybody saw the data: the date of its registration does."
    return Chapter("10. Confirmed, deviating, explored", [*blocks, Not(text)])


def _differ(value: float, yes: str, no: str) -> str:
    return f"{yes if value < 0.05 else no}, p {'' if p(value).startswith('<') else '= '}{p(value)}"


def _doubtful(m: Material) -> str:
    told = m.model["doubtful"]
    if not told["people"]:
        return "Nobody's plays overlap or loop so much that they may not be their own."
    one = told["without"]
    if "slope" not in one:
        return f"{told['people']} people's plays may not be their own; without them: {one['not_possible']}."
    return (
        f"{told['people']} people's plays overlap or loop so much that they may not be their own; without them the"
        f" slope is {signed(one['slope'])} {interval(one['low'], one['high'])}."
    )
