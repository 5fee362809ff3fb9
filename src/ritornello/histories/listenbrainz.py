"""ListenBrainz: a listen a line, in a file a month, or a list of listens in the older export.

``listened_at`` is when the play began. Listens carry MusicBrainz ids, and often an ISRC and Spotify's id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ritornello.histories import fields, moments
from ritornello.play import Heard, Refused, Song

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "listenbrainz"
MARKS = frozenset({"listened_at", "track_metadata"})
"""Keys that no other format has."""


def heard(row: Mapping[str, Any]) -> Heard | Refused:
    """One listen."""
    told = _object(row.get("track_metadata"))
    more, mapped = _object(told.get("additional_info")), _object(told.get("mbid_mapping"))
    title, artist = fields.text(told.get("track_name")), fields.text(told.get("artist_name"))
    if title is None or artist is None:
        return Refused("no title")
    started = moments.seconds(row.get("listened_at"))
    if started is None:
        return Refused("bad time")
    song = Song(
        title,
        artist,
        fields.text(told.get("release_name")),
        fields.spotify(more.get("spotify_id")) or fields.spotify(more.get("origin_url")),
        fields.isrc(more.get("isrc")),
        fields.musicbrainz(mapped.get("recording_mbid")) or fields.musicbrainz(more.get("recording_mbid")),
        _duration(more),
    )
    return Heard(song, SOURCE, started, ms_played=_played(more))


def _duration(more: Mapping[str, Any]) -> float | None:
    ms, whole = fields.milliseconds(more.get("duration_ms")), fields.milliseconds(more.get("duration"))
    if ms:
        return ms / 1000
    return float(whole) if whole else None


def _played(more: Mapping[str, Any]) -> int | None:
    """Few players tell how long they played, in seconds."""
    whole = fields.milliseconds(more.get("duration_played"))
    return None if whole is None else fields.milliseconds(whole * 1000)


def _object(given: object) -> Mapping[str, Any]:
    return given if isinstance(given, dict) else {}
