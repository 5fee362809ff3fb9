"""Times as exports write them, to Unix milliseconds in UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime

EARLIEST = 1_009_843_200_000
"""2002-01-01, the year in which the first of these services began to count; earlier times are clocks gone wrong."""
_TOMORROW = 24 * 3600 * 1000


def iso(text: object) -> int | None:
    """``2023-03-19T18:20:49Z`` and its likes; UTC where no zone is told. None for what is no time."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return plausible(round(moment.timestamp() * 1000))
    except OverflowError:
        return None


def written(text: object, form: str) -> int | None:
    """A time in UTC in the form that ``strptime`` is told."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.strptime(text.strip(), form)
    except ValueError:
        return None
    return plausible(round(moment.replace(tzinfo=UTC).timestamp() * 1000))


def seconds(given: object) -> int | None:
    """Unix seconds, as a number or in digits."""
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 16:
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not -1e12 < given < 1e12:
        return None
    return plausible(round(given * 1000))


def plausible(moment: int) -> int | None:
    """The moment, unless it lies before there were such services or in the future."""
    return moment if EARLIEST <= moment <= time.time() * 1000 + _TOMORROW else None
