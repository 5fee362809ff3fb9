"""How easily somebody could be picked out: by what they said of themselves, and by what they played."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ritornello.library import Library, plays
from ritornello.study import consent, occasions, plans, roster
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ritornello.study.folder import Study

FLOOR = 5
"""People who share all answers about themselves, at least."""
_DRAWS = 50
_FEWEST_HEARERS = 5


def k_anonymity(people: Sequence[Mapping[str, str]], columns: Sequence[str]) -> int:
    """The size of the smallest group of people who are alike in all columns."""
    if not people:
        return 0
    return min(Counter(tuple(person.get(name, "") for name in columns) for person in people).values())


def l_diversity(people: Sequence[Mapping[str, str]], columns: Sequence[str], sensitive: Sequence[str]) -> int:
    """How many different values of something sensitive the least diverse such group has."""
    groups: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for person, value in zip(people, sensitive, strict=True):
        groups[tuple(person.get(name, "") for name in columns)].add(value)
    return min((len(values) for values in groups.values()), default=0)


def unicity(heard: Sequence[frozenset[str]], known: int, *, seed: int = 1) -> float:
    """The share of people whom so many of their tracks, drawn at random, single out from all others (0..1)."""
    rng = np.random.default_rng(seed)
    people = [one for one in heard if len(one) >= known]
    if not people:
        return 0.0
    alone = 0
    for one in people:
        listed = sorted(one)
        for _ in range(_DRAWS):
            some = {listed[place] for place in rng.choice(len(listed), known, replace=False)}
            alone += sum(some <= other for other in heard) == 1
    return alone / (_DRAWS * len(people))


@dataclass(frozen=True)
class Coarser:
    """Answers about people, made coarse enough."""

    people: list[dict[str, str]]
    """In the order given, with the columns that are left."""
    columns: tuple[str, ...]
    steps: tuple[str, ...]
    """What was done, in words."""


def coarsen(
    people: Sequence[Mapping[str, str]], columns: Sequence[str], floor: int = FLOOR, sensitive: Sequence[str] = ()
) -> Coarser:
    """Merge answers, and leave out columns, until enough people are alike in all of them.

    One step at a time: of all merges of two answers that are neighbours in their order, and of all columns of two
    answers that could be left out, the one that leaves most to be told. Of what is sensitive at least two kinds must be
    left beside each answer to the rest.

    Parameters
    ----------
    people
        Answers by column.
    columns
        What would be told.
    floor
        How many people have to be alike.
    sensitive
        Columns among these that nobody may be found out to have.
    """
    now = Coarser(
        [{name: person.get(name, "") or "not told" for name in columns} for person in people], (*columns,), ()
    )
    while now.columns and not _enough(now, floor, sensitive):
        now = max(_coarser(now), key=lambda one: (_left(one, floor), one.steps))
    gone = tuple(f"{name}: " for name in columns if name not in now.columns)
    return replace(now, steps=tuple(step for step in now.steps if not step.startswith(gone)))


def _enough(now: Coarser, floor: int, sensitive: Sequence[str]) -> bool:
    if k_anonymity(now.people, now.columns) < floor:
        return False
    others = [name for name in now.columns if name not in sensitive]
    hidden = [name for name in sensitive if name in now.columns]
    return all(l_diversity(now.people, others, [person[name] for person in now.people]) > 1 for name in hidden)


def _coarser(now: Coarser) -> Iterator[Coarser]:
    """Every one step further."""
    for name in now.columns:
        kinds = sorted({person[name] for person in now.people})
        without = tuple(one for one in now.columns if one != name)
        if len(kinds) < 3:
            left = [{key: value for key, value in person.items() if key != name} for person in now.people]
            yield Coarser(left, without, (*now.steps, f"leave out {name}"))
            continue
        for low, high in pairwise(kinds):
            both = f"{low} or {high}"
            merged = [{**person, name: both if person[name] in (low, high) else person[name]} for person in now.people]
            yield Coarser(merged, now.columns, (*now.steps, f"{name}: merge {low} and {high}"))


def _left(now: Coarser, floor: int) -> float:
    """Bits that all columns tell together, less eight for each person who is alike with too few."""
    groups = Counter(tuple(person[name] for name in now.columns) for person in now.people)
    total = len(now.people)
    told = -sum(count / total * np.log2(count / total) for count in groups.values())
    alone = sum(count for count in groups.values() if count < floor)
    return float(told - 8 * alone)


def measure(study: Study) -> Summary:
    """Tell how identifying the study's data are, and what would have to be left out."""
    codes = consent.agreeing(study, "link_survey")
    people = [roster.read(study)[code]["about"] for code in codes]
    columns = sorted({name for person in people for name in person})
    k = k_anonymity(people, columns)
    coarser = coarsen(people, columns)
    moods = _moods(study, codes)
    diverse = l_diversity(people, columns, moods)
    heard = _heard(study, codes)
    common = {
        track for track, count in Counter(track for one in heard for track in one).items() if count >= _FEWEST_HEARERS
    }
    curve = {
        known: (round(unicity(heard, known), 2), round(unicity([one & common for one in heard], known), 2))
        for known in (1, 2, 3, 5)
    }
    lines = [f"{len(people)} people; {', '.join(columns) or 'nothing'} is known of them"]
    lines.append(f"k = {k}: the smallest group of people who are alike in all of that (floor {FLOOR})")
    lines.append(f"l = {diverse}: moods (low, middle, high) in the least diverse group")
    if coarser.steps:
        lines.append(f"to have groups of {FLOOR} or more, `study share` does this, or better before you ask:")
        lines += [f"  {step}" for step in coarser.steps]
    lines.append("people who are alone with some of their tracks, known to somebody:")
    lines += [
        f"  {known} tracks: {every:.0%}; of tracks that {_FEWEST_HEARERS} people or more heard: {shared:.0%}"
        for known, (every, shared) in curve.items()
    ]
    lines.append("tracks are never part of what `study share` writes")
    facts: dict[str, object] = {"people": len(people), "k": k, "l": diverse, "columns": columns, "unicity": curve}
    facts |= {"steps": list(coarser.steps), "keep": list(coarser.columns)}
    return Summary(lines, facts)


def _heard(study: Study, codes: Sequence[str]) -> list[frozenset[str]]:
    with Library.open(study.library) as library, library.connect() as connection:
        return [frozenset(one.what.key for one in plays.listened(connection, code)) for code in codes]


def _moods(study: Study, codes: Sequence[str]) -> list[str]:
    """The mean mood of each person as low, middle or high."""
    outcome = plans.read(study.folder).outcome
    values: dict[str, list[float]] = defaultdict(list)
    for row in occasions.read(study):
        if row.get(outcome):
            values[row["code"]].append(float(row[outcome]))
    means = {code: float(np.mean(its)) for code, its in values.items()}
    if not means:
        return ["" for _ in codes]
    low, high = np.quantile(list(means.values()), (1 / 3, 2 / 3))
    return [
        "" if code not in means else "low" if means[code] <= low else "high" if means[code] > high else "middle"
        for code in codes
    ]
