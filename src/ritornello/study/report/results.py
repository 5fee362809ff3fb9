"""The three questions: within people, between people, prediction; and their summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ritornello.study import figures
from ritornello.study.models import between, within
from ritornello.study.report.blocks import Chapter, Figure, Not, Table, Text, interval, p, percent, signed

if TYPE_CHECKING:
    from ritornello.study.report.blocks import Block
    from ritornello.study.report.material import Material

_DRAWN = 30
"""People in the small drawings, at equal steps from the smallest slope to the largest."""
_PUBLISHED = (
    ("within people", 0.0, 0.10, "published, daily life"),
    ("between people", 0.10, 0.20, "published, daily life"),
    ("between people", 0.25, 0.37, "published, large platforms"),
)
"""Sizes of published effects: slopes within people; correlations of small studies with honest validation, and of large
platforms."""


def summary(m: Material) -> Chapter:
    """Section 1: five sentences and a strip of benchmarks."""
    w, b, told = m.within, m.model["between"], m.model["prediction"]
    if m.model["confirmed"] and m.model["label"] == "confirmatory":
        verdict = "confirmed"
    else:
        verdict = "not confirmed" + (
            "" if m.model["label"] == "confirmatory" else f", for this analysis is {m.model['label']}"
        )
    way = "higher" if w["slope"] > 0 else "lower"
    sentences = [
        f"{w['people']} people answered {w['rows']:,} times after music.",
        f"When they had heard music with one standard deviation more {w['music']} than usual, their {w['outcome']} was"
        f" {abs(w['slope']):.3f} standard deviations {way} than usual ({_level(m)} interval"
        f" {interval(w['low'], w['high'])}"
        + (f", p {_equal(w['p'])})." if w["p"] is not None else "; no p is given, for two optimisers disagree)."),
        f"The hypothesis, “{m.plan['hypothesis'].rstrip('.')}”, is {verdict}.",
        (
            f"Between people, the correlation of the means is {signed(b['r'], 2)} {interval(b['low'], b['high'], 2)}."
            if "r" in b
            else f"Between people nothing can be said: {b['not_possible']}."
        ),
        (
            f"Of the variance of {w['outcome']} of people never seen, music alone tells"
            f" {signed(100 * told['scores'][4]['r2'], 1)} %, and beyond what a survey tells"
            f" {signed(100 * told['gain']['r2'], 2)} %."
            if "scores" in told
            else f"Prediction was not possible: {told['not_possible']}."
        ),
    ]
    rows: list[dict[str, Any]] = [
        {"question": name, "low": low, "high": high, "kind": kind, "value": low} for name, low, high, kind in _PUBLISHED
    ]
    rows.append(
        {"question": "within people", "low": w["low"], "high": w["high"], "kind": "this study", "value": w["slope"]}
    )
    if "r" in b:
        rows.append(
            {"question": "between people", "low": b["low"], "high": b["high"], "kind": "this study", "value": b["r"]}
        )
    blocks: list[Block] = [
        Text(" ".join(sentences)),
        Figure(
            "benchmarks",
            "This study (black, with interval) beside sizes of published effects.",
            f"Within people {signed(w['slope'])} beside 0 to .10"
            + (f"; between people {signed(b['r'], 2)} beside .10 to .20 and .25 to .37." if "r" in b else "."),
            figures.benchmarks(rows),
        ),
    ]
    if told.get("suspicious"):
        leaks = told["leakage"]
        blocks.append(
            Text(
                "This is larger than any comparable published result; check for leakage. Columns that are copies of"
                f" the outcome: {', '.join(leaks['copies']) or 'none'}; pairs of people with the same answers:"
                f" {leaks['twins']}."
            )
        )
    text = "that music makes people feel so. Moods and music are associated; both may follow something else."
    return Chapter("1. Summary", [*blocks, Not(text)])


def in_people(m: Material) -> Chapter:
    """Section 5: slope, spread, each person, both directions."""
    w, told = m.within, m.model
    rows = [_slope("as planned", w)]
    rows += [_slope(f"{one['minutes']} minutes before", one) for one in told["windows"]]
    names = {"picked": "of what was chosen by hand", "autoplayed": "of what came by itself"}
    rows += [_slope(names[name], one) for name, one in told["choice"].items() if "slope" in one]
    if "slope" in told["reverse"]:
        rows.append(_slope(f"{w['music']} after, on {w['outcome']}", told["reverse"]))
    lagged = {
        "music_before": f"{w['outcome']} on {w['music']} a prompt earlier",
        "mood_before": f"{w['music']} on {w['outcome']} a prompt earlier",
    }
    rows += [_slope(lagged[name], one) for name, one in told["lagged"].items() if "slope" in one]
    header = ["", "slope", f"{_level(m)} interval", "p", "people", "occasions", "SD of slopes"]
    cells = [
        [
            row["name"],
            signed(row["slope"]),
            interval(row["low"], row["high"]),
            p(row["p"]),
            str(row["people"]),
            f"{row['rows']:,}",
            f"{row['spread']:.3f}" if row["spread"] else "–",
        ]
        for row in rows
    ]
    smallest = m.plan["smallest_effect"]
    blocks: list[Block] = [
        Figure(
            "slopes",
            f"Slopes within people, in standard deviations; dotted: the smallest that would matter, {smallest:g}.",
            f"{len(rows)} slopes with intervals; as planned {signed(w['slope'])} {interval(w['low'], w['high'])}.",
            figures.slopes(rows, smallest),
        ),
        Table(f"{w['outcome']} on {w['music']}, and the same asked otherwise.", header, cells),
        Text(
            f"Model: {w['model']}, based on {w['people']} people. "
            + (f"Guard: {w['remark']}. " if w["remark"] else "")
            + f"The mean of people's own slopes is {signed(w['two_step'][0])} (standard error {w['two_step'][1]:.3f}); "
            f"{_meaning(w, smallest)}"
        ),
        Figure(
            "spread",
            "Slopes of single people.",
            f"A histogram of {len(w['slopes'])} slopes from {signed(min(w['slopes']), 2)} to"
            f" {signed(max(w['slopes']), 2)}.",
            figures.spread(w["slopes"]),
        ),
    ]
    points, count = _persons(m)
    blocks.append(
        Figure(
            "persons",
            f"{count} people, from the smallest slope to the largest: each point an answer, as deviations from the"
            " person's means. Leave this figure out of what you publish if participants were not told of it.",
            f"{count} small scatter plots with a line each, falling in the first and rising in the last.",
            figures.persons(points, w["music"], w["outcome"]),
        )
    )
    text = (
        "which came first. Music may follow moods and moods music, and where both happen they can cancel out; the"
        " question why somebody listened would tell them apart."
    )
    return Chapter("5. Within people", [*blocks, Not(text)])


def between_people(m: Material) -> Chapter:
    """Section 6: one number a person."""
    b = m.model["between"]
    if "r" not in b:
        return Chapter("6. Between people", [Text(b["not_possible"]), Not("anything between people.")])
    y, x = (m.panel.column(name) for name in (b["outcome"], b["music"]))
    used = m.panel.where(np.isfinite(y) & np.isfinite(x))
    means = [used.means(used.column(name)) for name in (b["music"], b["outcome"])]
    rows = [{"x": float(one), "y": float(other)} for one, other in zip(*means, strict=True)]
    corrected = "" if b["corrected"] is None else f", without the error of the means {signed(b['corrected'], 2)}"
    blocks: list[Block] = [
        Text(
            f"r = {signed(b['r'], 2)} {interval(b['low'], b['high'], 2)} over {b['people']} people, p"
            f" {_equal(b['p'])}{corrected}. Reliability of the means: {b['outcome']} {b['reliability'][0]:.2f},"
            f" {b['music']} {b['reliability'][1]:.2f}."
        ),
        Figure(
            "means",
            "The means of people; a point a person.",
            f"A cloud of {len(rows)} points with a line; r is {signed(b['r'], 2)}.",
            figures.means(rows, b["music"], b["outcome"]),
        ),
    ]
    if abs(b["r"]) > between.IMPLAUSIBLE:
        blocks.append(Text("This is larger than any comparable published result; look for what else it could be."))
    text = "what happens in any person; section 5 does. The two are never pooled."
    return Chapter("6. Between people", [*blocks, Not(text)])


def prediction(m: Material) -> Chapter:
    """Section 7: new people and the same people later, beside four baselines."""
    told = m.model["prediction"]
    nothing = Not("that a person's mood can be known. It is no instrument for single people.")
    if "scores" not in told:
        return Chapter("7. Prediction", [Text(told["not_possible"]), nothing])
    header = ["told by", "R²", "95 % interval"]
    cells = [[one["name"], signed(one["r2"]), interval(one["low"], one["high"])] for one in told["scores"]]
    later = [[one["name"], signed(one["r2"]), interval(one["low"], one["high"])] for one in told["later"]]
    gain = told["gain"]
    blocks: list[Block] = [
        Figure(
            "scores",
            "How well people never seen are told; the first four need no music.",
            "; ".join(f"{one['name']} {signed(one['r2'])}" for one in told["scores"]) + ".",
            figures.scores(told["scores"]),
        ),
        Table(f"New people: {told['people']}, {told['rows']:,} answers; against the grand mean.", header, cells),
        Text(
            f"Music makes the squared error of the survey smaller by {percent_of(gain['r2'])}"
            f" {interval(100 * gain['low'], 100 * gain['high'], 2)}, p {_equal(told['p'])} against music dealt out anew"
            f" to people and prompts ({m.plan['permutations']} times)."
        ),
        Table("The same people later: the last third of their answers, against their own mean.", header, later),
    ]
    return Chapter("7. Prediction", [*blocks, nothing])


def percent_of(value: float) -> str:
    """A small share."""
    return f"{signed(100 * value, 2)} %"


def _slope(name: str, one: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, **{key: one[key] for key in ("slope", "low", "high", "p", "people", "rows", "spread")}}


def _level(m: Material) -> str:
    return percent(1 - m.plan["alpha"])


def _equal(value: float) -> str:
    told = p(value)
    return told if told.startswith("<") else f"= {told}"


def _meaning(w: dict[str, Any], smallest: float) -> str:
    """What the interval says of effects that would matter."""
    if -smallest < w["low"] and w["high"] < smallest:
        return "effects that would matter lie outside of the interval."
    if w["low"] > smallest or w["high"] < -smallest:
        return "the whole interval is of effects that would matter."
    return "the interval has both effects that would matter and effects that would not."


def _persons(m: Material) -> tuple[list[dict[str, Any]], int]:
    """Points of some people, by their own slope."""
    used = within.complete(m.panel, m.within["outcome"], m.within["music"], m.plan["least_prompts"])
    y, x = (used.split(used.column(m.within[name]))[0] for name in ("outcome", "music"))
    squares = np.bincount(used.person, x**2, used.people)
    own = np.bincount(used.person, x * y, used.people) / np.where(squares > 0, squares, np.inf)
    order = np.argsort(own)
    some = order[np.unique(np.linspace(0, len(order) - 1, min(_DRAWN, len(order))).round().astype(int))]
    rows = [
        {"person": place + 1, "x": round(float(x[row]), 3), "y": round(float(y[row]), 3)}
        for place, person in enumerate(some)
        for row in np.flatnonzero(used.person == person)
    ]
    return rows, len(some)
