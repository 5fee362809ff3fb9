"""Single fields of a row, taken only where they are what they should be."""

from __future__ import annotations

import re

_LONGEST = 1000
"""No title is longer; what is, is cut."""
_MOST_MS = 2**31 - 1
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
_MBID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SPOTIFY = re.compile(r"(?:spotify:track:|https?://open\.spotify\.com/(?:intl-\w+/)?track/)?([0-9A-Za-z]{22})(?:\?.*)?")
_UNKNOWN = frozenset({"unknown artist", "unknown track", "unknown album"})


def text(given: object) -> str | None:
    """A name; None for what is empty, no text, or Spotify's word for not knowing."""
    if not isinstance(given, str):
        return None
    found = given.strip()[:_LONGEST]
    if not found or found.lower() in _UNKNOWN:
        return None
    return found if found.isascii() else found.encode("utf-8", "replace").decode()


def flag(given: object) -> bool | None:
    """True or false, also as 0 or 1 as in the oldest exports; None for what is not known."""
    return bool(given) if given in (True, False, 0, 1) else None


def milliseconds(given: object) -> int | None:
    """A length of time; None for what is none."""
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 <= given <= _MOST_MS:
        return None
    return round(given)


def spotify(given: object) -> str | None:
    """The id in a URI or an address of a track at Spotify."""
    found = _SPOTIFY.fullmatch(given) if isinstance(given, str) else None
    return found[1] if found else None


def isrc(given: object) -> str | None:
    """An ISRC without its hyphens."""
    if not isinstance(given, str):
        return None
    found = given.replace("-", "").strip().upper()
    return found if _ISRC.fullmatch(found) else None


def musicbrainz(given: object) -> str | None:
    """An id of MusicBrainz."""
    found = given.strip().lower() if isinstance(given, str) else ""
    return found if _MBID.fullmatch(found) else None
