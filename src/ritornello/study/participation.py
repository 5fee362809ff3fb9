"""Who came how far, from the invitation to the models, and in what people who gave differ from those who did not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from statistics import fmean
from typing import TYPE_CHECKING, Any

from ritornello.study import consent, ledger, plans, roster, surveys
from ritornello.study.models import selection

if TYPE_CHECKING:
    from ritornello.study.folder import Study
    from ritornello.study.models.selection import Difference


def givers(study: Study) -> set[str]:
    """The codes of those whose history is here."""
    here: set[str] = set()
    for event in ledger.read(study.ledger):
        if event["event"] == "data_received":
            here.add(event["pid_hmac"])
        elif event["event"] == "erased":
            here.discard(event["pid_hmac"])
    return {code for code in roster.read(study) if study.person(code) in here}


def funnel(study: Study, model: dict[str, Any]) -> dict[str, int]:
    """How many came how far; who was invited is known where ``study enrol`` was told it."""
    events = ledger.read(study.ledger)
    asked = [event for event in events if event["event"] == "asked"]
    standings = consent.standings(study).values()
    answered = {row["code"] for row in surveys.table(study, "survey.csv")}
    gave = givers(study)
    told = {}
    if any(event["invited"] for event in asked):
        told["invited"] = sum(event["invited"] for event in asked)
    if asked:
        told["filled in the consent form"] = sum(event["declined"] for event in asked) + len(standings)
    return told | {
        "agreed to take part": len(standings),
        "did not withdraw": sum(not one.withdrawn for one in standings),
        "sent their history": len(gave),
        "answered prompts too": len(gave & answered),
        "agreed to models": len(model["people"]),
        "in the primary model": model["within"]["people"],
    }


def differences(study: Study) -> list[dict[str, Any]]:
    """Compare people who sent a history with people who agreed to take part and did not.

    What they said of themselves, and the mean of each answer; only of people who agreed to have answers linked.
    """
    people, codes = roster.read(study), consent.agreeing(study, "link_survey")
    gave = givers(study)
    sides = [code for code in codes if code in gave], [code for code in codes if code not in gave]
    found: list[Difference | None] = []
    for name in sorted({name for code in codes for name in people[code]["about"]}):
        some = [[people[code]["about"].get(name, "") for code in side] for side in sides]
        found.append(selection.kinds(name, some[0], some[1]))
    means = _means(study)
    for name in sorted({name for its in means.values() for name in its}):
        values = [[means[code][name] for code in side if name in means.get(code, {})] for side in sides]
        found.append(selection.numbers(name, values[0], values[1]))
    return [asdict(one) for one in found if one is not None]


def _means(study: Study) -> dict[str, dict[str, float]]:
    """The mean answer of each person to what the plan asks."""
    plan = plans.read(study.folder)
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in surveys.table(study, "survey.csv"):
        for name in (plan.outcome, *plan.secondary_outcomes):
            if row.get(name):
                values[row["code"]][name].append(float(row[name]))
    return {code: {name: fmean(some) for name, some in its.items()} for code, its in values.items()}


def zones(study: Study, codes: list[str]) -> list[str]:
    """The time zone of each."""
    people = roster.read(study)
    return [people[code]["zone"] for code in codes]
