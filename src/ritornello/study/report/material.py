"""What the chapters are written from: the model, the tables behind it, and what was counted on the way."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ritornello.study import consent, fitting, ledger, occasions, participation, quality, risk, scales, surveys
from ritornello.study.models import panel, reliability

if TYPE_CHECKING:
    from ritornello.study.folder import Study
    from ritornello.study.models.panel import Panel
    from ritornello.study.models.reliability import Reliability


@dataclass(frozen=True)
class Material:
    """Facts, before anybody puts them into words."""

    study: Study
    model: dict[str, Any]
    explored: list[dict[str, Any]]
    panel: Panel
    """Of the people in the model."""
    people: list[dict[str, str]]
    checked: dict[str, Any]
    remarks: list[str]
    """What the look at quality said, without codes."""
    funnel: dict[str, int]
    differences: list[dict[str, Any]]
    risk: dict[str, Any]
    received: Counter[str]
    """Rows of histories: read, kept, and left out for each reason."""
    hours: list[dict[str, str]]
    coverage: list[dict[str, str]]
    reliability: dict[str, Reliability]
    """By scale and part."""
    sounds: str
    zones: Counter[str]
    ledger_head: str

    @property
    def within(self) -> dict[str, Any]:
        """The primary model."""
        found: dict[str, Any] = self.model["within"]
        return found

    @property
    def plan(self) -> dict[str, Any]:
        """The plan that was carried out."""
        found: dict[str, Any] = self.model["plan"]
        return found


def gather(study: Study) -> Material:
    """Collect everything; what is not there yet is said with the command that makes it.

    Raises
    ------
    NoConsent
        Where somebody in the model does not agree any more.
    """
    model = fitting.load(study)
    facts: dict[str, Any] = dict(quality.check(study).facts)
    rows = occasions.read(study)
    names = set(model["people"])
    used = [row for row in rows if study.person(row["code"]) in names]
    manifest = json.loads((study.derived / "manifest.json").read_text(encoding="utf-8"))
    linked = consent.agreeing(study, "link_survey")
    people = occasions.read(study, "people.csv")
    return Material(
        study,
        model,
        [fitting.load(study, path.name) for path in sorted(study.results.glob("explored_*.json"))],
        panel.of_rows(used),
        people,
        facts,
        list(facts["nameless"]),
        participation.funnel(study, model),
        participation.differences(study),
        dict(risk.measure(study).facts),
        _received(study),
        _table(study, "hours.csv"),
        _table(study, "coverage.csv"),
        _reliability(study, set(linked)),
        manifest["sounds"],
        Counter(participation.zones(study, [row["code"] for row in people])),
        ledger.head(study.ledger),
    )


def _table(study: Study, name: str) -> list[dict[str, str]]:
    with (study.derived / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _received(study: Study) -> Counter[str]:
    """Of files of those who are still here."""
    here = {study.person(code) for code in participation.givers(study)}
    found: Counter[str] = Counter()
    for event in ledger.read(study.ledger):
        if event["event"] == "data_received" and event["pid_hmac"] in here:
            found["read"] += event["rows"]
            found["kept"] += event["kept"]
            found.update(event.get("left_out", {}))
    return found


def _reliability(study: Study, linked: set[str]) -> dict[str, Reliability]:
    found = {}
    for path in sorted(study.work.glob("items_*.csv")):
        name = path.stem.removeprefix("items_")
        scale = scales.get(name)
        rows = [row for row in surveys.table(study, path.name) if row["code"] in linked]
        codes = np.unique([row["code"] for row in rows], return_inverse=True)[1]
        for part, items in scale.subscales.items():
            if rows and len(items) > 1:
                turned = [[scales.turn(scale, item, float(row[f"item_{item}"])) for item in items] for row in rows]
                found[f"{name}: {part}"] = reliability.of(codes, np.array(turned))
    return found
