"""What a participant may ask for: a copy of everything that is held about them (Article 15 GDPR)."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ritornello.errors import StudyError
from ritornello.library import Library, plays
from ritornello.study import ledger, receiving, roster
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from pathlib import Path

    from ritornello.study.folder import Study


def copy(study: Study, code: str, to: Path) -> Summary:
    """Write a zip with consents, answers, plays and what was sent, all of it readable."""
    people = roster.read(study)
    if code not in people:
        raise StudyError(f"{code} is nobody in this study")
    if to.resolve().is_relative_to(study.folder.resolve()):
        raise StudyError(f"{to} lies in the study's folder: give a path outside of it")
    person = study.person(code)
    events = [event for event in ledger.read(study.ledger) if event["pid_hmac"] == person]
    sent = sorted((study.folder / "private" / "raw").glob(f"{code}-*.age"))
    tables = [*sorted(study.work.glob("*.csv")), *sorted(study.derived.glob("*.csv"))]
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("about.json", json.dumps(people[code], indent=2))
        package.writestr("consents.json", json.dumps(events, indent=2))
        package.writestr("plays.csv", _plays(study, code))
        for path in tables:
            rows = _rows(path, code)
            if rows:
                package.writestr(f"{path.parent.name}_{path.name}", rows)
        for number, path in enumerate(sent, 1):
            package.writestr(f"as_sent_{number}", receiving.unseal(study, code, path))
    lines = [f"{to}: {len(events)} entries of the ledger, {len(sent)} files as they were sent, plays and answers"]
    lines.append("hand it to the participant over a safe way, and delete it here")
    return Summary(lines, {"file": str(to), "events": len(events), "sent": len(sent)})


def _rows(path: Path, code: str) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    own = [row for row in rows if row[:1] == [code]]
    return _table([header, *own]) if own and header[:1] == ["code"] else ""


def _plays(study: Study, code: str) -> str:
    rows: list[list[object]] = [["started_at_utc", "ms_played", "artist", "title", "skipped", "reason_start"]]
    with Library.open(study.library) as library, library.connect() as connection:
        for one in plays.listened(connection, code):
            moment = datetime.fromtimestamp(one.started_at / 1000, UTC).isoformat()
            rows.append([moment, one.ms_played, one.what.artist, one.what.title, one.skipped, one.reason_start])
    return _table(rows)


def _table(rows: list[list[object]] | list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
