"""How far a study is: each participant by code, each step, and whether outcomes may be looked at; no outcome itself."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ritornello.library import Library, listeners
from ritornello.study import consent, folder, ledger, plans, quality, roster

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ritornello.study.folder import Study
    from ritornello.study.summary import Summary

_SEEN = "quality_seen.json"


@dataclass(frozen=True, slots=True)
class Participant:
    """One person, by code."""

    code: str
    refusal: str | None
    """Why nothing of them may be used; None where it may."""
    scopes: tuple[str, ...]
    files: int
    plays: int
    prompts: int
    answers: int
    """Prompts with an answer to what the plan asks first; what the answer is, is not looked at."""
    coverage: float | None
    """Of what they heard, the share whose features are known; None before ``features``."""
    flags: tuple[str, ...]
    """What quality says of them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the workflow."""

    name: str
    says: str
    command: str
    done: bool


@dataclass(frozen=True, slots=True)
class Shared:
    """One version of what was shared."""

    name: str
    made: str
    files: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole study."""

    people: list[Participant]
    withdrawn: int
    steps: list[Step]
    quality: Summary | None
    """None before there are tables to look at."""
    closed: str | None
    """Why outcomes are not shown; None where they are."""
    fitted: Mapping[str, Any] | None
    """Of the last fit: when, and how it is called."""
    shared: list[Shared]


def look(study: Study) -> Overview:
    """Look at a study, at its outcomes not."""
    events = ledger.read(study.ledger)
    kinds = Counter(event["event"] for event in events)
    checked = quality.check(study) if _tables(study) else None
    people = _people(study, events, checked)
    fits = [event for event in events if event["event"] == "fitted"]
    shared = _shared(study)
    steps = _steps(study, people, kinds, looked=seen(study), shared=len(shared))
    withdrawn = sum(one.withdrawn for one in consent.standings(study).values())
    return Overview(people, withdrawn, steps, checked, closed(study), fits[-1] if fits else None, shared)


def closed(study: Study) -> str | None:
    """Why outcomes are not shown yet; None where the plan was fixed and quality was looked at."""
    if plans.frozen(study.folder) is None:
        return "the plan is not fixed: what is seen before cannot be unseen (ritornello study freeze)"
    if not _tables(study):
        return "there are no tables yet (ritornello study features)"
    if not seen(study):
        return "the quality of these data was not looked at yet"
    return None


def see(study: Study) -> None:
    """Note that somebody looked at the quality of the tables as they are now."""
    told = {"occasions_sha256": _hash(study), "ts": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    folder.write_json(study.derived / _SEEN, told)


def seen(study: Study) -> bool:
    """Whether the quality of the tables as they are now was looked at."""
    path = study.derived / _SEEN
    if not path.exists() or not _tables(study):
        return False
    told: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return told["occasions_sha256"] == _hash(study)


def check(study: Study) -> Summary:
    """Check the quality, which then was looked at."""
    found = quality.check(study)
    see(study)
    return found


def _tables(study: Study) -> bool:
    return (study.derived / "occasions.csv").exists() and (study.derived / "people.csv").exists()


def _hash(study: Study) -> str:
    return hashlib.sha256((study.derived / "occasions.csv").read_bytes()).hexdigest()


def _people(study: Study, events: list[dict[str, Any]], checked: Summary | None) -> list[Participant]:
    files: Counter[str] = Counter()
    for event in events:
        if event["event"] == "data_received":
            files[event["pid_hmac"]] += 1
        elif event["event"] == "erased":
            files[event["pid_hmac"]] = 0
    flags = _flags(checked)
    plays, (prompts, answers), covered = _plays(study), _answers(study), _covered(study)
    standings = consent.standings(study)
    found = []
    for code in sorted(roster.read(study)):
        person = study.person(code)
        standing = standings.get(person)
        scopes = tuple(scope for scope in consent.SCOPES if standing and scope in standing.scopes)
        refusal = "invited, and did not answer yet" if standing is None else consent.refusal(study, code)
        numbers = files[person], plays[code], prompts[code], answers[code], covered.get(code)
        found.append(Participant(code, refusal, scopes, *numbers, tuple(flags[code])))
    return found


def _flags(checked: Summary | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    told: Any = checked.facts["flags"] if checked else {}
    for what, codes in told.items():
        for code in codes:
            found[code].append(what)
    return found


def _plays(study: Study) -> Counter[str]:
    if not study.library.exists():
        return Counter()
    with Library.open(study.library) as library, library.connect() as connection:
        return Counter({one.name: one.plays for one in listeners.all(connection)})


def _answers(study: Study) -> tuple[Counter[str], Counter[str]]:
    """Prompts and answers of each."""
    rows, outcome = _rows(study.work / "survey.csv"), plans.read(study.folder).outcome
    return Counter(row["code"] for row in rows), Counter(row["code"] for row in rows if row.get(outcome))


def _covered(study: Study) -> dict[str, float]:
    return {row["code"]: float(row["coverage"] or 0) for row in _rows(study.derived / "people.csv")}


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _shared(study: Study) -> list[Shared]:
    found = []
    for place in sorted((study.folder / "share").glob("v*")):
        files = [path for path in place.rglob("*") if path.is_file()]
        if files:
            made = datetime.fromtimestamp(max(path.stat().st_mtime for path in files), UTC)
            found.append(Shared(place.name, f"{made:%Y-%m-%d}", len(files)))
    return found


def _steps(
    study: Study, people: list[Participant], kinds: Mapping[str, int], *, looked: bool, shared: int
) -> list[Step]:
    """The workflow in its order, each step with what was done and the command that does it."""
    standing = sum(one.refusal is None for one in people)
    gave, answered = sum(one.files > 0 for one in people), sum(one.answers > 0 for one in people)
    tables, report = _tables(study), (study.results / "report.html").exists()
    frozen = plans.frozen(study.folder) is not None
    return [
        Step("Plan", "fixed" if frozen else "not fixed yet", "ritornello study freeze", frozen),
        Step(
            "Consent",
            f"{standing} of {len(people)} people agree",
            "ritornello study enrol consents.csv --letters ../letters.csv",
            standing > 0,
        ),
        Step("Histories", f"of {gave} people", "ritornello study receive inbox --remove", gave > 0),
        Step("Answers", f"of {answered} people", "ritornello study survey answers.csv", answered > 0),
        Step("Features", "computed" if tables else "not yet", "ritornello study features", tables),
        Step("Quality", "looked at" if looked else "not looked at yet", "ritornello study qc", looked),
        Step("Models", f"fitted {kinds['fitted']} times", "ritornello study fit", kinds["fitted"] > 0),
        Step("Report", "written" if report else "not yet", "ritornello study report", report),
        Step("Risk", "measured on demand", "ritornello study risk", shared > 0),
        Step("Share", f"{shared} versions", "ritornello study share --tier 2", shared > 0),
    ]
