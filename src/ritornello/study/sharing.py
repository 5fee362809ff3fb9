"""What may be given to others: rows without people (tier 2), or groups and made-up rows alone (tier 3)."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ritornello.errors import NoConsent, StudyError
from ritornello.study import (
    consent,
    descriptions,
    fitting,
    folder,
    ledger,
    listening,
    occasions,
    plans,
    psychds,
    risk,
    roster,
    surveys,
)
from ritornello.study.descriptions import Column
from ritornello.study.models import panel
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ritornello.study.folder import Study
    from ritornello.study.models.panel import Numbers, Panel
    from ritornello.study.plans import Plan

PARTS = ("night", "morning", "afternoon", "evening")
"""Six hours each, from midnight."""
_BANDS = (0, 1, 15, 30, 45, 60)
_FEWEST = 10
"""People in a cell of a table for anybody."""


def share(study: Study, tier: Literal[2, 3] = 2) -> Summary:
    """Write a version of the data set, of those alone who agreed to that.

    Raises
    ------
    NoConsent
        Where fewer than five people did.
    """
    scope = "share_restricted" if tier == 2 else "share_public"
    codes = set(consent.agreeing(study, "link_survey", scope))
    rows = [row for row in occasions.read(study) if row["code"] in codes]
    people = sorted({row["code"] for row in rows})
    if len(people) < risk.FLOOR:
        raise NoConsent(f"{len(people)} people agreed to {scope}: nothing is shared of fewer than {risk.FLOOR}")
    plan = plans.read(study.folder)
    used = panel.of_rows(rows)
    coarser = _about(study, used, plan, people)
    columns = _columns(plan, rows, coarser)
    told = _rows(study, used, columns, dict(zip(people, coarser.people, strict=True)))
    if tier == 3:
        told = _twin(told, columns, plan.seed)
    version = 1 + sum(event["event"] == "released" for event in ledger.read(study.ledger))
    place = study.folder / "share" / f"v{version}"
    data = _write_data(place, study.folder.name, columns, told)
    descriptions.describe(study, place, data, columns, tier, version, len(people))
    left_out = _aggregates(study, place, codes) if tier == 3 else []
    study.log("released", version=version, tier=tier, roster_hash=consent.roster_hash(study, people), rows=len(told))
    descriptions.checksums(place)
    lines = [f"{place}: tier {tier}, {len(told)} {'made-up ' if tier == 3 else ''}rows of {len(people)} people"]
    if coarser.steps:
        lines.append(f"so that {risk.FLOOR} people or more are alike in what is told of them:")
        lines += [f"  {step}" for step in coarser.steps]
    lines += left_out
    lines += [f"recommended by Psych-DS: {one}" for one in psychds.advise(place)]
    lines.append(
        "give it to a repository that has others sign an agreement (GESIS, Zenodo or OSF with restricted access)"
        if tier == 2
        else "this may be published (Zenodo or OSF)"
    )
    facts = {"folder": str(place), "tier": tier, "rows": len(told), "people": len(people), "steps": list(coarser.steps)}
    return Summary(lines, facts)


def _about(study: Study, used: Panel, plan: Plan, people: Sequence[str]) -> risk.Coarser:
    """What is told of each person: their own answers, and whether their mood is low, middle or high beside others'."""
    about = roster.read(study)
    asked = sorted({name for code in people for name in about[code]["about"]})
    levels = dict(zip(used.codes, _levels(used.means(used.column(plan.outcome))), strict=True))
    level = f"{plan.outcome}_level"
    told = [{**about[code]["about"], level: levels[code]} for code in people]
    return risk.coarsen(told, [*asked, level], sensitive=[level])


def _levels(means: Numbers) -> list[str]:
    low, high = np.nanquantile(means, (1 / 3, 2 / 3)) if np.isfinite(means).any() else (0.0, 0.0)
    return [
        "not told" if np.isnan(one) else "1 low" if one <= low else "3 high" if one > high else "2 middle"
        for one in means
    ]


def _columns(plan: Plan, rows: Sequence[Mapping[str, str]], coarser: risk.Coarser) -> list[Column]:
    """What is shared: nothing that names a person, a track, a place or a moment.

    Answers and features are told as deviations alone: beside the numbers themselves they would give the person's mean,
    by which all rows of one person can be found.
    """
    moods = [name for name in (plan.outcome, *plan.secondary_outcomes) if name in rows[0]]
    music = [
        name
        for name in dict.fromkeys((plan.music, *plan.secondary_music, *listening.COLUMNS.values()))
        if any(row.get(name) for row in rows)
    ]
    before = f"in the {plan.window_minutes} minutes before"
    found = [
        Column("day", "Day of the study of this person", "integer", "days", 1),
        Column("part_of_day", "Part of the day on the person's clock", "string", values=PARTS),
        Column("weekend", "Whether it was Saturday or Sunday", "integer", "", 0, 1),
        Column("minutes_heard", f"Minutes of music {before}, banded", "string", values=_bands()),
    ]
    derived = "deviation from the person's mean, with a little noise"
    found += [Column(f"{name}_within", f"Answer: {name}", "number", "as asked", derived=derived) for name in moods]
    found += [
        Column(f"{name}_within", f"{name} of what was heard {before}, mean by time", "number", derived=derived)
        for name in music
    ]
    for name in coarser.columns:
        values = tuple(sorted({person[name] for person in coarser.people}))
        level = name == f"{plan.outcome}_level"
        words = f"The person's mean {plan.outcome} beside others'" if level else f"What the person said: {name}"
        found.append(Column(name if level else f"about_{name}", words, "string", values=values))
    return found


def _rows(
    study: Study, used: Panel, columns: Sequence[Column], about: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    """Rows in an order that says nothing."""
    rng = np.random.default_rng(int(study.key.name("order", study.settings.id)[:12], 16))
    numbers = {
        column.name: blurred(used, used.column(column.name.removesuffix("_within")), rng)
        for column in columns
        if column.kind == "number"
    }
    told: list[dict[str, Any]] = []
    for place in range(len(used)):
        its = about[used.codes[used.person[place]]]
        row: dict[str, Any] = {
            "day": int(used.column("day")[place]),
            "part_of_day": PARTS[int(used.column("local_hour")[place]) // 6 % 4],
            "weekend": int(used.column("weekend")[place]),
            "minutes_heard": _band(used.column("minutes")[place]),
        }
        row |= {name: _rounded(float(values[place])) for name, values in numbers.items()}
        row |= {
            column.name: its[column.name.removeprefix("about_")]
            for column in columns
            if column.name.removeprefix("about_") in its
        }
        told.append(row)
    return [told[place] for place in rng.permutation(len(told))]


def blurred(used: Panel, values: Numbers, rng: np.random.Generator) -> Numbers:
    """Deviations within people, with noise that hides the mean they are taken from.

    Answers are whole numbers, a mean is not: what is behind the point would be the same in all rows of one person. Half
    a step of the answers' own either way, and a tenth of the spread, cover it; slopes get smaller by a hundredth.
    """
    deviation = used.split(values)[0]
    known = np.unique(values[np.isfinite(values)])
    step = float(np.diff(known).min()) if len(known) > 1 else 0.0
    spread = float(np.nanstd(deviation)) if len(known) else 0.0
    return np.asarray(
        deviation + step * rng.uniform(-0.5, 0.5, len(values)) + 0.1 * spread * rng.normal(size=len(values))
    )


def _twin(rows: Sequence[dict[str, Any]], columns: Sequence[Column], seed: int) -> list[dict[str, Any]]:
    """Made-up rows of the same columns: numbers drawn from a normal distribution with the same means and
    covariances.
    """
    rng = np.random.default_rng(seed)
    names = [column.name for column in columns if column.kind == "number"]
    values = np.array([[float(row[name]) if row[name] != "" else np.nan for name in names] for row in rows])
    mean = np.nan_to_num(np.nanmean(values, axis=0))
    filled = np.where(np.isnan(values), mean, values)
    drawn = rng.multivariate_normal(mean, np.cov(filled.T) + 1e-9 * np.eye(len(names)), len(rows))
    found = []
    for place in range(len(rows)):
        row: dict[str, Any] = dict(zip(names, map(_rounded, drawn[place]), strict=True))
        for column in columns:
            if column.kind != "number":
                row[column.name] = rows[int(rng.integers(len(rows)))][column.name]
        found.append({column.name: row[column.name] for column in columns})
    return found


def _write_data(place: Path, study: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> Path:
    plain = "".join(letter for letter in study.lower() if letter.isalnum()) or "study"
    path = place / "data" / f"study-{plain}_description-occasions_data.csv"
    surveys.write_table(path, [{column.name: row[column.name] for column in columns} for row in rows])
    return path


def _aggregates(study: Study, place: Path, codes: set[str]) -> list[str]:
    """Tables of groups of ten people or more, and the model's numbers without those of single people.

    The model is of everybody in it: it is published only if all of them agreed to that. Returns what was left out.
    """
    plan = plans.read(study.folder)
    rows = [row for row in occasions.read(study) if row["code"] in codes and row.get(plan.outcome)]
    groups: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for row in rows:
        part = PARTS[int(float(row["local_hour"])) // 6 % 4]
        groups[part, "music" if float(row["plays"] or 0) else "silence"].append((row["code"], float(row[plan.outcome])))
    table = [
        {
            "part_of_day": part,
            "before": before,
            "people": len({code for code, _ in its}),
            f"mean_{plan.outcome}": round(float(np.mean([value for _, value in its])), 2),
        }
        for (part, before), its in sorted(groups.items())
        if len({code for code, _ in its}) >= _FEWEST
    ]
    if table:
        surveys.write_table(place / "aggregates.csv", table)
    try:
        model = fitting.load(study)
    except StudyError as error:
        return [f"the model is left out: {error}"]
    agreeing = {study.person(code) for code in codes}
    if missing := len(set(model["people"]) - agreeing):
        return [f"the model is left out: {missing} people in it did not agree to have group results published"]
    told = {key: model[key] for key in ("label", "plan", "confirmed", "between", "prediction", "missing", "selective")}
    told["within"] = {key: value for key, value in model["within"].items() if key != "slopes"}
    folder.write_json(place / "model.json", told)
    return []


def _bands() -> tuple[str, ...]:
    return ("0", *(f"{low}-{high}" for low, high in pairwise(_BANDS[1:])), f"{_BANDS[-1]}+")


def _band(minutes: float) -> str:
    if not minutes > 0:
        return "0"
    place = int(np.searchsorted(_BANDS[1:], max(minutes, 1), side="right"))
    return _bands()[place]


def _rounded(value: float) -> float | str:
    return "" if np.isnan(value) else round(float(value), 2)
