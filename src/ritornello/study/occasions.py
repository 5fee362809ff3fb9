"""One row an occasion: what somebody felt, beside what they had heard; made from the study's tables, with a
manifest.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ritornello import __version__, open_features
from ritornello.errors import NoConsent, StudyError
from ritornello.histories import names
from ritornello.library import Library, plays, tracks
from ritornello.library import open_features as stored
from ritornello.study import consent, folder, ledger, listening, participation, plans, roster, surveys
from ritornello.study.models import multiverse
from ritornello.study.summary import Summary
from ritornello.study.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from ritornello.library.open_features import OpenFeature
    from ritornello.library.plays import Listened
    from ritornello.study.folder import Study

_HIDDEN = ("code", "sent_at", "answered_at", "local_hour")


@dataclass(frozen=True, slots=True)
class Sounds:
    """A table of features, by artist and title."""

    numbers: dict[tuple[str, str], dict[str, float]]
    source: str


def read_sounds(path: Path) -> Sounds:
    """Read features of tracks from a CSV with ``artist``, ``title`` and columns such as ``energy``; open data, for
    example.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"artist", "title"} <= set(rows[0]) or not set(listening.SOUND) & set(rows[0]):
        raise StudyError(
            f"{path} has no features: expected columns artist, title and some of {', '.join(listening.SOUND)}"
        )
    found: dict[tuple[str, str], dict[str, float]] = {}
    for number, row in enumerate(rows, 2):
        try:
            its = {name: float(row[name]) for name in listening.SOUND if (row.get(name) or "").strip()}
        except ValueError as error:
            raise StudyError(f"{path}, line {number}: a feature is no number ({error})") from error
        found[_named(row["artist"], row["title"])] = its
    return Sounds(found, f"{path.name} (SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}…)")


def build(study: Study, table: Path | None = None, dumps: Sequence[Path] = ()) -> Summary:
    """Make ``derived/occasions.csv`` and ``derived/people.csv`` from plays and answers.

    Of people whose history is not here nothing is known of what they heard: their answers are no silent prompts.

    Parameters
    ----------
    table
        Features of tracks, for :func:`read_sounds`; kept in the study, so that it need be told once. Music of the
        researcher or of participants that was scanned into the study's library counts as well, and before the table.
    dumps
        Of AcousticBrainz, and MusicBrainz's tables: what they say of songs whose MusicBrainz id or ISRC the histories
        tell is kept in the study's library, and counts after the table.
    """
    plan = plans.read(study.folder)
    answers = surveys.table(study, "survey.csv")
    if not answers:
        raise StudyError("there are no answers yet: ritornello study survey")
    kept = study.work / "sounds.csv"
    if table is not None:
        read_sounds(table)
        kept.write_bytes(table.read_bytes())
    sounds = read_sounds(kept) if kept.exists() else Sounds({}, "none")
    linked = set(consent.agreeing(study, "link_survey"))
    heard_of = set(consent.agreeing(study, "features"))
    gave = participation.givers(study)
    by_person: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in answers:
        if row["code"] in linked & gave:
            by_person[row["code"]].append(row)
    rows: list[dict[str, Any]] = []
    people: list[dict[str, Any]] = []
    tally = Tally()
    if dumps:
        with Library.open(study.library) as library:
            open_features.join(dumps, library)
    with Library.open(study.library) as library, library.connect() as connection:
        for code, its in sorted(by_person.items()):
            found = plays.listened(connection, code)
            numbers, sources = _numbers(connection, found, sounds) if code in heard_of else ({}, {})
            history = listening.prepare(found, plan.shortest_play_seconds * 1000)
            zone = ZoneInfo(roster.read(study)[code]["zone"])
            tally.add(code, history.plays, sources, zone)
            rows += _rows(plan, code, its, history, numbers, zone)
            doubtful = 1 - len(history.plays) / len(found) if found else 0.0
            people.append({**_person(code, history, numbers, zone), "doubtful_times": _written(doubtful)})
    shifts = tally.shifts()
    people = [row | {"clock_ahead": shifts.get(row["code"], 0)} for row in people]
    _add_traits(study, people)
    surveys.write_table(study.derived / "occasions.csv", rows)
    surveys.write_table(study.derived / "people.csv", people)
    surveys.write_table(study.derived / "hours.csv", tally.by_hour())
    surveys.write_table(study.derived / "coverage.csv", tally.by_hearers())
    manifest = write_manifest(study, study.derived, sorted(by_person), sounds=sounds.source)
    answered = [row for row in rows if row[plan.outcome] != ""] if rows and plan.outcome in rows[0] else []
    heard = [row for row in answered if row["plays"]]
    covered = [row for row in heard if row.get(plan.music, "") != ""]
    shares = sorted(float(row["coverage"]) for row in people if row["coverage"] != "")
    lines = [
        f"{len(people)} people, {len(rows)} prompts, {len(answered)} with {plan.outcome}",
        f"{len(heard)} of these after music in the {plan.window_minutes} minutes before, {len(covered)} of them "
        f"with {plan.music}",
    ]
    if shares:
        lines.append(
            f"features are known of {shares[0]:.0%} to {shares[-1]:.0%} of what people heard; from {sounds.source}"
        )
    lines += [
        f"  of music that {one['heard_by']} heard: {float(one['known']):.0%} of {one['minutes']} minutes"
        for one in tally.by_hearers()
    ]
    facts = {"people": len(people), "prompts": len(rows), "with_music": len(heard), "with_feature": len(covered)}
    return Summary(lines, {**facts, "manifest": manifest})


def read(study: Study, name: str = "occasions.csv") -> list[dict[str, str]]:
    """Read a derived table, if everybody in it still agrees and nothing changed since.

    Raises
    ------
    NoConsent
        Where somebody withdrew, or a consent changed: build again.
    """
    check_manifest(study, study.derived)
    with (study.derived / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_manifest(study: Study, place: Path, codes: Iterable[str], **more: object) -> dict[str, Any]:
    """Say from whom, at which line of the ledger and by which program the files of a folder were made."""
    listed = sorted(codes)
    plan = plans.read(study.folder)
    told: dict[str, Any] = {
        "people": sorted(study.person(code) for code in listed),
        "roster_hash": consent.roster_hash(study, listed),
        "ledger_head": ledger.head(study.ledger),
        "software": f"ritornello {__version__}",
        "plan_sha256": plans.digest(plan),
        "settings_sha256": hashlib.sha256((study.folder / "study.yaml").read_bytes()).hexdigest(),
        **more,
    }
    told["files"] = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(place.glob("*.csv"))}
    folder.write_json(place / "manifest.json", told)
    return told


def check_manifest(study: Study, place: Path, *scopes: str) -> dict[str, Any]:
    """Read a folder's manifest, if what it says still stands.

    Raises
    ------
    NoConsent
        Where somebody in it does not agree any more.
    StudyError
        Where there is none, or a file was changed by hand.
    """
    path = place / "manifest.json"
    if not path.exists():
        raise StudyError(f"{place} is empty: ritornello study features")
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    standing(study, told["people"], place, *scopes)
    for name, digest in told["files"].items():
        if hashlib.sha256((place / name).read_bytes()).hexdigest() != digest:
            raise StudyError(f"{place / name} was changed by hand: make it again")
    return told


def standing(study: Study, people: Iterable[str], what: Path, *scopes: str) -> None:
    """Refuse what was made from somebody who does not agree (any more)."""
    agreeing = {study.person(code) for code in consent.agreeing(study, *scopes)}
    gone = [person for person in people if person not in agreeing]
    if gone:
        raise NoConsent(
            f"{what} was made with {len(gone)} people who do not agree to that (any more): it is not loaded; "
            f"make it again"
        )


# Rows --------------------------------------------------------------------------------------------------------------


def _rows(
    plan: plans.Plan,
    code: str,
    answers: list[dict[str, str]],
    history: listening.History,
    numbers: Mapping[str, Mapping[str, float]],
    zone: ZoneInfo,
) -> list[dict[str, Any]]:
    """The prompts of one person, silent and unanswered ones too."""
    found: list[dict[str, Any]] = []
    heard = _Heard(plan, history, numbers)
    first: date | None = None
    for answer in sorted(answers, key=lambda row: int(row["sent_at"])):
        moment = int(answer["answered_at"] or answer["sent_at"])
        local = datetime.fromtimestamp(moment / 1000, UTC).astimezone(zone)
        first = first or local.date()
        row: dict[str, Any] = {
            "code": code,
            "sent_at": answer["sent_at"],
            "day": (local.date() - first).days + 1,
            "local_hour": round(local.hour + local.minute / 60, 3),
            "weekend": int(local.weekday() >= 5),
            **{name: value for name, value in answer.items() if name not in _HIDDEN},
        }
        for minutes in (plan.window_minutes, *plan.other_windows):
            window = listening.before(history, moment, minutes)
            end = "" if minutes == plan.window_minutes else f"_{minutes}"
            row |= {f"{name}{end}": _written(value) for name, value in heard.told(window).items()}
            for listen in listening.LISTENS:
                row[multiverse.column(minutes, listen)] = _written(heard.told(window, listen)[plan.music])
        window = listening.before(history, moment, plan.window_minutes)
        for name, by_hand in (("picked", True), ("autoplayed", False)):
            row[f"{name}_{plan.music}"] = _written(heard.told(listening.picked(window, by_hand=by_hand))[plan.music])
        window = listening.after(history, moment, plan.window_minutes)
        row |= {f"after_{name}": _written(value) for name, value in heard.told(window).items()}
        found.append(row)
    return found


@dataclass(frozen=True, slots=True)
class _Heard:
    """One person's history, to be asked about windows."""

    plan: plans.Plan
    history: listening.History
    numbers: Mapping[str, Mapping[str, float]]

    def told(self, window: list[Listened], listen: listening.Listen | None = None) -> dict[str, float | None]:
        """Behaviour of all of a window, sound of what counts as a listen; of a fork all by what counts."""
        shortest = self.plan.shortest_play_seconds * 1000
        some = listening.counted(self.history, window, listen or self.plan.listen, shortest)
        told = listening.behaviour(self.history, some if listen else window, shortest)
        return told | listening.sound(some, self.numbers, self.plan.least_coverage)


def _person(
    code: str, history: listening.History, numbers: Mapping[str, Mapping[str, float]], zone: ZoneInfo
) -> dict[str, Any]:
    hours = [datetime.fromtimestamp(one.started_at / 1000, UTC).astimezone(zone).hour for one in history.plays]
    told = listening.person(history, hours)
    told |= {name: value for name, value in listening.sound(history.plays, numbers, 0.0).items() if value is not None}
    told.setdefault("coverage", 0.0)
    told |= {"overlap": listening.overlap(history), "looped_plays": len(history.looped)}
    told |= {"plays": len(history.plays), "sessions": listening.sessions(history.plays)}
    return {"code": code, **{name: _written(value) for name, value in told.items()}}


def _add_traits(study: Study, people: list[dict[str, Any]]) -> None:
    """Answers that people gave once, beside their habits."""
    told = {row["code"]: row for row in surveys.table(study, "people.csv")}
    for row in people:
        its = told.get(row["code"], {})
        row |= {f"trait_{name}": value for name, value in its.items() if name not in _HIDDEN}


def _numbers(
    connection: Connection, found: list[Listened], sounds: Sounds
) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """Features by the key of a recording, and whose they are: own audio's first, else the table's, else open data."""
    whats = {one.what.key: one.what for one in found}
    told: dict[str, dict[str, float]] = {}
    own = sorted({what.track_id for what in whats.values() if what.track_id is not None})
    measured: dict[str, dict[str, float]] = {}
    for start in range(0, len(own), 500):
        some = own[start : start + 500]
        for id_, its in zip(some, tracks.features(connection, some), strict=True):
            if its is not None:
                measured[id_] = {name: float(getattr(its[0], name)) for name in listening.SOUND}
    published = stored.of_recordings(connection, sorted(whats))
    sources: dict[str, str] = {}
    for key, what in whats.items():
        if what.track_id in measured:
            told[key], sources[key] = measured[what.track_id], "own audio"
        elif (its_ := sounds.numbers.get(_named(what.artist, what.title))) is not None:
            told[key], sources[key] = its_, "table"
        if key in published:
            said = _published(published[key])
            told[key] = said | told.get(key, {})
            sources.setdefault(key, "open data")
    return told, sources


def _published(its: Mapping[str, OpenFeature]) -> dict[str, float]:
    """What open data say of a recording, under the names of columns."""
    known = {name: one.number for name, one in its.items() if one.number is not None}
    told = {f"open_{name}": known[name] for name in listening.OPEN if name in known}
    return told | ({"tempo": known["bpm"]} if "bpm" in known else {})


def _named(artist: str, title: str) -> tuple[str, str]:
    return names.plain(artist), names.plain(title)


def _written(value: float | None) -> str | float:
    return "" if value is None else round(value, 6)
