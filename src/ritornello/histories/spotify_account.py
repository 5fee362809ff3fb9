"""Spotify's "Account data": ``StreamingHistory…json``, about a year of plays.

A row tells when the stream ended, in UTC and to the minute, and names without ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ritornello.histories import fields, moments
from ritornello.play import Heard, Refused, Song

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "spotify_account"
MARKS = frozenset({"endTime", "msPlayed", "podcastName", "episodeName"})
"""Keys that no other format has."""


def heard(row: Mapping[str, Any]) -> Heard | Refused:
    """One row."""
    if "podcastName" in row or "episodeName" in row:
        return Refused("podcast")
    if "audiobookName" in row or "chapterName" in row:
        return Refused("audiobook")
    title, artist = fields.text(row.get("trackName")), fields.text(row.get("artistName"))
    if title is None or artist is None:
        return Refused("no title")
    ended = moments.written(row.get("endTime"), "%Y-%m-%d %H:%M")
    if ended is None:
        return Refused("bad time")
    ms = fields.milliseconds(row.get("msPlayed"))
    if ms is None:
        return Refused("bad length")
    return Heard(Song(title, artist), SOURCE, ended - ms, ended, ms, "minute")
