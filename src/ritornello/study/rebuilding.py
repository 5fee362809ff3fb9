"""What was computed, made again of those who remain: windows and features, models, report, shared versions."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from ritornello.errors import RitornelloError
from ritornello.study import fitting, folder, ledger, occasions, reporting, sharing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ritornello.study.folder import Study


@dataclass(frozen=True, slots=True)
class Made:
    """What a study has computed so far, and therefore will have again."""

    windows: bool
    models: list[dict[str, str]]
    """The choices of each: none for the plan's own."""
    report: bool
    tiers: list[Literal[2, 3]]
    """Of which shared versions."""


def made(study: Study) -> Made:
    """Look at what is there, and at what a withdrawal that was cut off had still to make again."""
    models = list(_models(study))
    found = Made(
        (study.derived / "occasions.csv").exists(), models, (study.results / "report.html").exists(), _tiers(study)
    )
    if not _note(study).exists():
        return found
    before = Made(**json.loads(_note(study).read_text(encoding="utf-8")))
    models = [*before.models, *(one for one in models if one not in before.models)]
    tiers = sorted({*before.tiers, *found.tiers})
    return Made(before.windows or found.windows, models, before.report or found.report, tiers)


def words(study: Study, wanted: Made) -> list[str]:
    """What would be made again, for people."""
    return [name for name, _ in _steps(study, wanted)]


def note(study: Study, wanted: Made) -> None:
    """Remember what is to be made again, before anything is deleted."""
    folder.write_json(_note(study), asdict(wanted))


def rebuild(study: Study, wanted: Made) -> tuple[list[str], list[str]]:
    """Make it again; returns what was made, and what could not be and why, such as that too few people remain."""
    done, failed = [], []
    for name, step in _steps(study, wanted):
        try:
            step()
        except RitornelloError as error:
            failed.append(f"{name} could not be made again: {error}")
        else:
            done.append(name)
    _note(study).unlink(missing_ok=True)
    return done, failed


def _steps(study: Study, wanted: Made) -> list[tuple[str, Callable[[], object]]]:
    found: list[tuple[str, Callable[[], object]]] = []
    if wanted.windows:
        found.append(("windows and features", partial(occasions.build, study)))
    found += [(_called(choices), partial(fitting.fit, study, choices)) for choices in wanted.models]
    if wanted.report:
        found.append(("the report", partial(reporting.report, study)))
    return found + [(f"tier {tier} to share", partial(sharing.share, study, tier)) for tier in wanted.tiers]


def _called(choices: dict[str, str]) -> str:
    told = ", ".join(f"{name} = {value}" for name, value in choices.items())
    return f"models explored with {told}" if told else "the plan's models"


def _note(study: Study) -> Path:
    return study.folder / "private" / "rebuild.json"


def _models(study: Study) -> Iterator[dict[str, str]]:
    if (study.results / "model.json").exists():
        yield {}
    for path in sorted(study.results.glob("explored_*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))["explore"]


def _tiers(study: Study) -> list[Literal[2, 3]]:
    """Of the versions that lie in the study's folder."""
    there = {path.name for path in (study.folder / "share").glob("v*")}
    released = [event for event in ledger.read(study.ledger) if event["event"] == "released"]
    return sorted({event["tier"] for event in released if f"v{event['version']}" in there})
