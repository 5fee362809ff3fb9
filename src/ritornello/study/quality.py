"""The data before anybody looks at outcomes: how much, how complete, how plausible; answers themselves are not
opened.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import median
from typing import TYPE_CHECKING, Any

from ritornello.study import occasions, plans, surveys
from ritornello.study.listening import LOOPED
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from ritornello.study.folder import Study

OVERLAP = 0.05
"""Share of the time heard in which two plays ran at once, from which an account may be shared."""


_NAMED = 5
"""Codes that a line tells; programs get all."""


def check(study: Study) -> Summary:
    """Look at the derived tables, with the plan's outcomes left out."""
    plan = plans.read(study.folder)
    rows, people = occasions.read(study), occasions.read(study, "people.csv")
    hidden = {plan.outcome, *plan.secondary_outcomes}
    open_to_see = [name for name in rows[0] if name not in hidden]
    by: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        by[row["code"]].append(row)
    answered = {code: sum(row[plan.outcome] != "" for row in its) for code, its in by.items()}
    heard = {code: sum(float(row["plays"] or 0) > 0 for row in its) for code, its in by.items()}
    flags = {
        "a shared account? (plays overlap)": _where(people, "overlap", OVERLAP),
        "nobody listening? (one recording over and over)": _where(people, "looped_plays", LOOPED),
        "another time zone? (they listen at other hours than all others)": [
            row["code"] for row in people if int(row["clock_ahead"])
        ],
        "no features of what they heard": [row["code"] for row in people if float(row["coverage"] or 0) == 0],
        "fewer answers than the plan asks for": [
            code for code, count in answered.items() if count < plan.least_prompts
        ],
        "no music before any prompt": [code for code, count in heard.items() if not count],
    }
    coverage = [float(row["coverage"] or 0) for row in people]
    lines = [
        f"{len(people)} people, {len(rows)} prompts, {sum(answered.values())} answers (not looked at: "
        f"{', '.join(sorted(hidden))})"
    ]
    lines.append(
        f"answered by a person: {min(answered.values())} to {max(answered.values())}, middle "
        f"{median(answered.values()):g}"
    )
    lines.append(f"music before a prompt: {sum(heard.values()) / max(1, len(rows)):.0%} of prompts")
    lines.append(
        f"features known of what a person heard: {min(coverage):.0%} to {max(coverage):.0%}, middle "
        f"{median(coverage):.0%}"
    )
    found = {
        f"{len(codes)} {'person' if len(codes) == 1 else 'people'}: {what}": codes
        for what, codes in flags.items()
        if codes
    }
    nameless = [*lines, *found]
    lines += [f"  {what} {', '.join(codes[:_NAMED])}{' …' * (len(codes) > _NAMED)}" for what, codes in found.items()]
    warnings = surveys.at_night([float(row["local_hour"]) for row in rows if row[plan.outcome] != ""])
    facts = {
        "people": len(people),
        "prompts": len(rows),
        "columns": open_to_see,
        "flags": flags,
        "hours": dict(sorted(Counter(int(float(row["local_hour"])) for row in rows).items())),
        "coverage": sorted(coverage),
        "answered": sorted(answered.values()),
        "nameless": [*nameless, *warnings],
        "warnings": warnings,
    }
    return Summary(lines, facts, warnings)


def doubtful(people: list[dict[str, str]]) -> set[str]:
    """The codes of people whose plays may not be their own, or not have been listened to."""
    return {*_where(people, "overlap", OVERLAP), *_where(people, "looped_plays", LOOPED)}


def _where(people: list[dict[str, Any]], column: str, least: float) -> list[str]:
    return [row["code"] for row in people if float(row[column] or 0) >= least]
