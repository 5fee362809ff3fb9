"""Spotify's "Extended streaming history": ``endsong_0.json``, later ``Streaming_History_Audio_….json``.

``ts`` is when the stream ended, in UTC. ``offline_timestamp`` is in truth when it began, in seconds in newer exports,
in milliseconds in older ones, and zero, null or nonsense at times. The same recording has several ids over the years.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ritornello.histories import fields, moments
from ritornello.play import Heard, Quality, Refused, Song

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "spotify_extended"
MARKS = frozenset({"ts", "ms_played", "master_metadata_track_name", "spotify_track_uri"})
"""Keys that no other format has."""

_FOUNDED = 1_136_073_600_000
"""2006-01-01: no stream of Spotify began before."""
_SLACK = 120_000
"""Clocks of phone and server differ."""
_PAUSED = 6 * 3600 * 1000
"""Who paused for longer did not listen at that time in any useful sense."""
_REASONS = frozenset(
    (
        "appload",
        "autoplay",
        "backbtn",
        "clickrow",
        "clickside",
        "endplay",
        "fwdbtn",
        "logout",
        "nextbtn",
        "persisted",
        "playbtn",
        "popup",
        "remote",
        "reload",
        "search",
        "switched-to-audio",
        "switched-to-video",
        "trackdone",
        "trackerror",
        "unexpected-exit",
        "unexpected-exit-while-paused",
        "unknown",
        "uriopen",
    )
)


def heard(row: Mapping[str, Any]) -> Heard | Refused:
    """One row."""
    get = row.get
    if fields.flag(get("incognito_mode")):
        return Refused("private session")
    song = _song(
        get("master_metadata_track_name"),
        get("master_metadata_album_artist_name"),
        get("master_metadata_album_album_name"),
        get("spotify_track_uri"),
    )
    if song is None:
        return Refused(_what_else(row))
    ended = moments.iso(get("ts"))
    if ended is None:
        return Refused("bad time")
    ms = fields.milliseconds(get("ms_played"))
    if ms is None:
        return Refused("bad length")
    started, quality = _start(get("offline_timestamp"), ended, ms)
    return Heard(
        song,
        SOURCE,
        started,
        ended,
        ms,
        quality,
        _reason(get("reason_start")),
        _reason(get("reason_end")),
        fields.flag(get("shuffle")),
        fields.flag(get("skipped")),
        fields.flag(get("offline")),
    )


def country(row: Mapping[str, Any]) -> str | None:
    """Where the stream went, to infer a time zone from; it is not part of a play."""
    given = row.get("conn_country")
    return given if isinstance(given, str) and len(given) == 2 and given.isalpha() and given != "ZZ" else None


def _song(title: object, artist: object, album: object, uri: object) -> Song | None:
    """What a row is of; None without a title or an artist. People hear the same songs again, so most are remembered."""
    if isinstance(title, str) and isinstance(artist, str):
        return _read(title, artist, album if isinstance(album, str) else None, uri if isinstance(uri, str) else None)
    return None


@functools.lru_cache(maxsize=20_000)
def _read(title: str, artist: str, album: str | None, uri: str | None) -> Song | None:
    called, by = fields.text(title), fields.text(artist)
    if called is None or by is None:
        return None
    return Song(called, by, fields.text(album), fields.spotify(uri))


def _start(told: object, ended: int, ms: int) -> tuple[int, Quality]:
    """When the stream began, and how well its time is known."""
    if isinstance(told, bool) or not isinstance(told, (int, float)) or not 0 < told < 1e14:
        return ended - ms, "exact"
    began = round(told if told > 1e11 else told * 1000)
    if not _FOUNDED <= began <= ended + _SLACK:
        return ended - ms, "exact"
    began = min(began, ended)
    return began, "doubtful" if ended - began - ms > _PAUSED else "exact"


def _reason(given: object) -> str | None:
    if not isinstance(given, str) or given in ("", "none"):
        return None
    return given if given in _REASONS else "other"


def _what_else(row: Mapping[str, Any]) -> str:
    """What a row without a title is of."""
    if any(row.get(key) for key in ("spotify_episode_uri", "episode_name", "episode_show_name")):
        return "podcast"
    if any(row.get(key) for key in ("audiobook_uri", "audiobook_title", "audiobook_chapter_uri")):
        return "audiobook"
    return "no title"
