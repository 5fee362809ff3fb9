"""How easily somebody could be picked out: by what they said of themselves, and by what they played."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ritornello.library import Library, plays
from ritornello.study import consent, occasions, plans, roster
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def suggest(people: Sequence[Mapping[str, str]], columns: Sequence[str], floor: int = FLOOR) -> tuple[str, ...]:
    """The most columns that can be told together so that every group has at least so many people."""
    for count in range(len(columns), -1, -1):
        fitting = [some for some in combinations(columns, count) if k_anonymity(people, some) >= floor]
        if fitting:
            return max(fitting, key=lambda some: k_anonymity(people, some))
    return ()


def measure(study: Study) -> Summary:
    """Tell how identifying the study's data are, and what would have to be left out."""
    codes = consent.agreeing(study, "link_survey")
    people = [roster.read(study)[code]["about"] for code in codes]
    columns = sorted({name for person in people for name in person})
    k = k_anonymity(people, columns)
    keep = suggest(people, columns)
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
    if set(keep) != set(columns):
        lines.append(f"told together may be {', '.join(keep) or 'none of them'}; leave out or merge the rest")
    lines.append("people who are alone with some of their tracks, known to somebody:")
    lines += [
        f"  {known} tracks: {every:.0%}; of tracks that {_FEWEST_HEARERS} people or more heard: {shared:.0%}"
        for known, (every, shared) in curve.items()
    ]
    lines.append("tracks are never part of what `study share` writes")
    facts = {"people": len(people), "k": k, "l": diverse, "columns": columns, "keep": list(keep), "unicity": curve}
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
