"""Answers about mood into one table: who by code, when in UTC, what by the names of the plan."""

from __future__ import annotations

import csv
import hashlib
import math
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import yaml

from ritornello.errors import StudyError
from ritornello.histories import zones
from ritornello.study import consent, exports, roster, scales
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ritornello.study.exports import Format
    from ritornello.study.folder import Study

NIGHT = range(2, 6)
"""Hours in which hardly anybody answers questions: many answers then mean a wrong time zone."""
_ALARM = 0.05
_NOTHING = frozenset({"", "na", "n/a", "nan", "null", "-", "-99", "-999"})


@dataclass(frozen=True)
class Columns:
    """``survey_map.yaml``: which column is what."""

    format: Format = "plain"
    kind: Literal["prompts", "people"] = "prompts"
    """One row an occasion, or one a person."""
    person: str = ""
    """The column with the id that the consent form had."""
    sent: str = ""
    """When the prompt came."""
    answered: str = ""
    """When it was answered; empty: the same."""
    zone: str = "participant"
    """In which clock the times are: ``participant``, ``UTC``, a zone such as Europe/Berlin, or ``column:NAME`` for a
    column with
    seconds that local time is ahead of UTC."""
    time_format: str = ""
    """As strptime takes it, or ``unix``; empty: ISO 8601."""
    items: dict[str, str] = field(default_factory=dict)
    """Names of the plan to columns."""
    scales: dict[str, list[str]] = field(default_factory=dict)
    """Scoring keys to columns, in the order of the questionnaire."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One row that can be used."""

    code: str
    sent_at: int
    """Unix milliseconds, UTC; 0 in tables of people."""
    answered_at: int | None
    local_hour: float
    values: dict[str, float | None]
    items: dict[str, list[float | None]]
    """Answers to each item of a scale, as given."""


@dataclass(slots=True)
class Read:
    """A table read through a mapping."""

    answers: list[Answer]
    refused: Counter[str]
    dropped: list[str]
    """Columns thrown away."""
    twice_in_the_night: int = 0
    """Local times that happened twice, when clocks went back; taken for the first."""


def guess(path: Path) -> Columns:
    """Propose a mapping, from names of columns that tools and people use."""
    form, rows, _ = exports.read(path)
    columns = list(rows[0])
    plain = {name.lower().strip(): name for name in columns}

    def first(*names: str) -> str:
        return next((plain[name] for name in names if name in plain), "")

    known: dict[str, dict[str, str]] = {
        "m-path": {"zone": "column:timeZoneOffset", "time_format": "unix"},
        "limesurvey": {"time_format": "%Y-%m-%d %H:%M:%S"},
        "qualtrics": {"time_format": "%Y-%m-%d %H:%M:%S"},
        "redcap": {"time_format": "%Y-%m-%d %H:%M"},
    }
    told = known.get(form, {})
    person = first(
        "connectionid", "participant", "participant_id", "id", "person", "token", "record_id", "pid", "subject"
    )
    sent = first(
        "timestampsent", "timestampscheduled", "sent", "prompt", "prompted_at", "startdate", "time", "timestamp"
    )
    answered = first("timestampstop", "answered", "answered_at", "enddate", "recordeddate", "submitdate", "datestamp")
    items = {
        name: column
        for name in ("valence", "arousal", "mood", "stress", "reason")
        if (column := next((one for low, one in plain.items() if low == name or low.startswith(f"{name}_")), ""))
    }
    return Columns(
        format=form,
        kind="prompts" if sent or answered else "people",
        person=person,
        sent=sent or answered,
        answered=answered if sent else "",
        zone=told.get("zone", "participant"),
        time_format=told.get("time_format", ""),
        items=items,
    )


def write_map(path: Path, columns: Columns) -> None:
    """Write a mapping to be looked at and changed."""
    words = (
        "# Which column is what. Times that carry no zone are in the clock that `zone` names: look at the preview.\n"
    )
    path.write_text(words + yaml.safe_dump(asdict(columns), sort_keys=False, allow_unicode=True), encoding="utf-8")


def read_map(path: Path) -> Columns:
    """Read a mapping."""
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        columns = Columns(**told)
    except (OSError, yaml.YAMLError, TypeError) as error:
        known = ", ".join(one.name for one in fields(Columns))
        raise StudyError(f"{path} is no mapping ({error}): expected lines with {known}") from error
    if columns.format not in exports.FORMATS or columns.kind not in ("prompts", "people"):
        raise StudyError(f"{path}: format is one of {', '.join(exports.FORMATS)}, kind is prompts or people")
    if not columns.zone.startswith("column:") and columns.zone != "participant":
        zones.check(columns.zone)
    for name in columns.scales:
        scales.get(name)
    return columns


def read(study: Study, path: Path, columns: Columns) -> Read:
    """Read a table through a mapping; rows of people who did not agree are counted, and nothing of them is kept."""
    _, rows, dropped = exports.read(path, columns.format)
    _check(path, columns, rows)
    people = roster.read(study)
    codes = roster.by_survey_id(study, people)
    agreeing = set(consent.agreeing(study, "link_survey"))
    healthy = set(consent.agreeing(study, "health_items"))
    found = Read([], Counter(), dropped)
    for number, row in enumerate(rows, 2):
        id_ = row[columns.person].strip()
        code = codes.get(study.key.name("survey", id_), "") if id_ else ""
        if not id_:
            found.refused["no id"] += 1
        elif not code:
            found.refused["nobody enrolled with this id"] += 1
        elif code not in agreeing:
            found.refused["no consent to link answers"] += 1
        else:
            _take(found, path, number, row, columns, code, people[code]["zone"], code in healthy)
    return found


def step(study: Study, path: Path, mapping: Path | None, *, preview: bool) -> Summary:
    """Propose a mapping where there is none, show it where that is asked for, else keep the answers."""
    place = mapping or study.folder / "survey_map.yaml"
    proposed = not place.exists()
    if proposed:
        write_map(place, guess(path))
    columns = read_map(place)
    if not proposed and not preview:
        return keep(study, path, columns)
    told = show(study, path, columns)
    last = (
        f"{place} says which column is what: look at it and at the above, then say the same again to keep the answers"
    )
    return Summary([*told.lines, last] if proposed else told.lines, told.facts, told.warnings)


def show(study: Study, path: Path, columns: Columns) -> Summary:
    """What the mapping makes of a table, before anything is kept: clock, prompts by local hour, rows answered."""
    found = read(study, path, columns)
    lines = [f"{columns.format} file, {len(found.answers)} rows of people who agreed"]
    lines += [f"  {count} left out: {reason}" for reason, count in found.refused.most_common()]
    if found.dropped:
        lines.append(f"  thrown away unread: {', '.join(found.dropped)}")
    if columns.kind == "prompts":
        lines.append(f"times are read as {columns.zone}; in the participants' clocks prompts came at")
        lines += _clock(found.answers)
        lines += _rates(found.answers)
    names = [*columns.items, *(f"{scale}_{part}" for scale in columns.scales for part in scales.get(scale).subscales)]
    lines.append(f"the first rows, as {', '.join(names) or 'nothing: name items in the mapping'}:")
    lines += ["  " + ", ".join(_shown(one.values.get(name)) for name in names) for one in found.answers[:5]]
    warnings = alarms(found)
    return Summary(lines, {"rows": len(found.answers), "refused": dict(found.refused), "alarms": warnings}, warnings)


def keep(study: Study, path: Path, columns: Columns) -> Summary:
    """Add a table to the study's; rows that are there already, by person and prompt, are replaced."""
    found = read(study, path, columns)
    if not found.answers:
        raise StudyError(f"{path} has no row that may be used: {dict(found.refused)}")
    name = "survey.csv" if columns.kind == "prompts" else "people.csv"
    rows = {(row["code"], row["sent_at"]): row for row in table(study, name)}
    for one in found.answers:
        answered = "" if one.answered_at is None else one.answered_at
        key = (one.code, str(one.sent_at))
        before = rows.get(key, {})
        rows[key] = {
            **before,
            "code": one.code,
            "sent_at": str(one.sent_at),
            "answered_at": str(answered),
            "local_hour": f"{one.local_hour:.4f}",
            **{name: "" if value is None else f"{value:.10g}" for name, value in one.values.items()},
        }
    write_table(study.work / name, _ordered(rows))
    for scale in columns.scales:
        _keep_items(study, scale, found.answers)
    study.log("survey_received", rows=len(found.answers), file_hmac=_fingerprint(study, path))
    lines = [f"{len(found.answers)} rows kept, {found.refused.total()} left out"]
    lines += [f"  {count} left out: {reason}" for reason, count in found.refused.most_common()]
    warnings = alarms(found)
    facts = {"kept": len(found.answers), "refused": dict(found.refused), "alarms": warnings}
    return Summary(lines, facts, warnings)


def _keep_items(study: Study, scale: str, answers: Sequence[Answer]) -> None:
    """Answers to single items, from which reliability is told; models see scores alone."""
    name = f"items_{scale}.csv"
    rows = {(row["code"], row["sent_at"]): row for row in table(study, name)}
    for one in answers:
        given = one.items.get(scale, [])
        if given and None not in given:
            told = {f"item_{number}": f"{value:.10g}" for number, value in enumerate(given, 1)}
            rows[one.code, str(one.sent_at)] = {"code": one.code, "sent_at": str(one.sent_at), **told}
    if rows:
        write_table(study.work / name, _ordered(rows))


def _ordered(rows: dict[tuple[str, str], dict[str, str]]) -> list[dict[str, str]]:
    return [rows[key] for key in sorted(rows, key=lambda key: (key[0], int(key[1])))]


def alarms(found: Read) -> list[str]:
    """What looks as if the times were read in a wrong clock."""
    said = at_night([one.local_hour for one in found.answers if one.answered_at is not None and one.sent_at])
    if found.twice_in_the_night:
        said.append(f"{found.twice_in_the_night} times happened twice, when clocks went back: the first was taken")
    return said


def at_night(hours: Sequence[float]) -> list[str]:
    """A warning where too many answers were given when people sleep."""
    night = sum(int(hour) in NIGHT for hour in hours)
    if night <= _ALARM * len(hours):
        return []
    return [
        f"{night} of {len(hours)} answers were given between 2 and 6 o'clock at night: the time zone of the "
        f"file is probably "
        "another one; look at the prompts by hour, and mend `zone` in the mapping"
    ]


def table(study: Study, name: str) -> list[dict[str, str]]:
    """A table of the study's; empty where there is none."""
    path = study.work / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_table(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows, all of a file or nothing of it; the code is the first column."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    with beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    beside.replace(path)


# Rows --------------------------------------------------------------------------------------------------------------


def _check(path: Path, columns: Columns, rows: list[dict[str, str]]) -> None:
    if not rows:
        raise StudyError(f"{path} has no rows")
    wanted = [columns.person, *columns.items.values(), *(name for names in columns.scales.values() for name in names)]
    if columns.kind == "prompts":
        wanted += [columns.sent, *([columns.answered] if columns.answered else [])]
    if columns.zone.startswith("column:"):
        wanted.append(columns.zone.removeprefix("column:"))
    for name in wanted:
        if not name:
            raise StudyError("the mapping has no column for the person, or none for the time of the prompt: fill it in")
        if exports.PERSONAL.fullmatch(name):
            raise StudyError(
                f"column {name!r} tells who somebody is, and is never read: name another one in the mapping"
            )
        if name not in rows[0]:
            raise StudyError(f"{path} has no column {name!r}: it has {', '.join(list(rows[0])[:20])}")


def _take(
    found: Read, path: Path, number: int, row: dict[str, str], columns: Columns, code: str, zone: str, healthy: bool
) -> None:
    """Add one row, or say why not."""
    values, items = _values(path, number, row, columns, healthy=healthy)
    if columns.kind == "people":
        found.answers.append(Answer(code, 0, None, 0.0, values, items))
        return
    sent = _moment(found, row[columns.sent], row, columns, zone, path, number)
    if sent is None:
        found.refused["no time"] += 1
        return
    answered = _moment(found, row[columns.answered], row, columns, zone, path, number) if columns.answered else sent
    if all(value is None for value in values.values()):
        answered = None
    local = datetime.fromtimestamp((answered or sent) / 1000, ZoneInfo(zone))
    hour = local.hour + local.minute / 60
    found.answers.append(Answer(code, sent, answered, hour, values, items))


def _values(
    path: Path, number: int, row: dict[str, str], columns: Columns, *, healthy: bool
) -> tuple[dict[str, float | None], dict[str, list[float | None]]]:
    found = {name: _number(path, number, column, row[column]) for name, column in columns.items.items()}
    items: dict[str, list[float | None]] = {}
    for name, its in columns.scales.items():
        scale = scales.get(name)
        if scale.health and not healthy:
            found |= {f"{name}_{part}": None for part in scale.subscales}
            continue
        answers = [_number(path, number, column, row[column]) for column in its]
        found |= {f"{name}_{part}": value for part, value in scales.score(scale, answers).items()}
        items[name] = answers
    return found, items


def _number(path: Path, line: int, column: str, text: str) -> float | None:
    plain = text.strip()
    if plain.lower() in _NOTHING:
        return None
    try:
        number = float(plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain)
    except ValueError as error:
        raise StudyError(
            f"{path}, line {line}: {column} is {plain[:30]!r}, expected a number: export codes, not labels"
        ) from error
    if not math.isfinite(number):
        raise StudyError(f"{path}, line {line}: {column} is {plain!r}, expected a number")
    return number


def _moment(
    found: Read, text: str, row: dict[str, str], columns: Columns, zone: str, path: Path, number: int
) -> int | None:
    """A time of the file as Unix milliseconds in UTC."""
    plain = text.strip()
    if plain.lower() in _NOTHING or plain == "0":
        return None
    clock = {"participant": zone}.get(columns.zone, columns.zone)
    try:
        if columns.time_format == "unix":
            seconds = float(plain)
            moment = datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
            if clock.startswith("column:"):
                return round((moment.timestamp() - float(row[clock.removeprefix("column:")])) * 1000)
            return _as_local(found, moment.replace(tzinfo=None), columns, clock)
        told = datetime.strptime(plain, columns.time_format) if columns.time_format else datetime.fromisoformat(plain)
        if told.tzinfo is not None:
            return round(told.timestamp() * 1000)
        if clock.startswith("column:"):
            offset = float(row[clock.removeprefix("column:")])
            return round((told.replace(tzinfo=UTC).timestamp() - offset) * 1000)
        return _as_local(found, told, columns, clock)
    except (ValueError, OverflowError, OSError) as error:
        expected = columns.time_format or "such as 2024-03-01T18:20:00"
        raise StudyError(f"{path}, line {number}: {plain[:40]!r} is no time, expected {expected}") from error


def _as_local(found: Read, told: datetime, columns: Columns, clock: str) -> int:
    """The moment when a clock showed this; Unix seconds that are no local time are in UTC already."""
    if columns.time_format == "unix" and columns.zone != "participant" and clock == "UTC":
        return round(told.replace(tzinfo=UTC).timestamp() * 1000)
    zone = ZoneInfo(clock)
    first, second = (told.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    found.twice_in_the_night += first.utcoffset() > second.utcoffset()  # type: ignore[operator]
    return round(first.timestamp() * 1000)


def _clock(answers: list[Answer]) -> list[str]:
    hours = Counter(int(one.local_hour) for one in answers)
    most = max(hours.values(), default=1)
    return [f"  {hour:02} h {'█' * round(40 * hours[hour] / most)} {hours[hour]}" for hour in range(24) if hours[hour]]


def _rates(answers: list[Answer]) -> list[str]:
    """How many prompts were answered: of all, and of the person who answered least and most often."""
    by: dict[str, list[bool]] = defaultdict(list)
    for one in answers:
        by[one.code].append(one.answered_at is not None)
    shares = sorted(sum(given) / len(given) for given in by.values())
    if not shares:
        return []
    middle = shares[len(shares) // 2]
    return [
        f"answered by {len(shares)} people: {shares[0]:.0%} at least, {middle:.0%} in the middle, "
        f"{shares[-1]:.0%} at most"
    ]


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _fingerprint(study: Study, path: Path) -> str:
    return study.key.name("file", hashlib.sha256(path.read_bytes()).hexdigest())
