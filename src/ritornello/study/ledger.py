"""The ledger of a study: what was agreed to, received, fitted, released and erased, and nobody's name.

One line of JSON an event, each with the hash of the line before it, so that no line can be changed, added in between or
taken away from the middle unseen. That the end was cut off shows in what was derived: it names the line it was made at.
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ritornello.errors import Tampered

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = (
    "created",
    "asked",
    "given",
    "scope_changed",
    "withdrawn",
    "data_received",
    "survey_received",
    "frozen",
    "fitted",
    "released",
    "erased",
    "key_destroyed",
)
START = "0" * 64
"""What the first line names as its predecessor."""


def read(path: Path) -> list[dict[str, Any]]:
    """All events, the oldest first.

    Raises
    ------
    Tampered
        Where a line is not the one that was written.
    """
    before, found = START, []
    for number, line in enumerate(path.read_bytes().splitlines() if path.exists() else [], 1):
        try:
            event = json.loads(line)
        except ValueError as error:
            raise Tampered(f"{path}, line {number} is no JSON: the ledger was changed by hand or cut short") from error
        if not isinstance(event, dict) or event.get("seq") != number or event.get("prev_sha256") != before:
            raise Tampered(
                f"{path}, line {number} does not follow from the line before it: the ledger was changed after it was "
                "written; restore it from a backup"
            )
        before = hashlib.sha256(line).hexdigest()
        found.append(event)
    return found


def heads(path: Path) -> list[str]:
    """The hash of every line, the oldest first."""
    return [hashlib.sha256(line).hexdigest() for line in path.read_bytes().splitlines()] if path.exists() else []


def head(path: Path) -> str:
    """The hash of the last line."""
    return (heads(path) or [START])[-1]


def append(path: Path, event: str, person: str | None = None, *, actor: str, **details: object) -> dict[str, Any]:
    """Write one event at the end, after the chain was checked, and bring it to the disk."""
    if event not in EVENTS:
        raise ValueError(f"{event!r} is no event of the ledger")
    line: dict[str, Any] = {
        "seq": len(read(path)) + 1,
        "ts": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "event": event,
        "pid_hmac": person,
        "actor": actor,
        **details,
        "prev_sha256": head(path),
    }
    with path.open("ab") as file:
        file.write(json.dumps(line, ensure_ascii=True).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return line
