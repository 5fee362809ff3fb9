"""The nouns of listening: a song as an export names it, one listening, and a row that is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Quality: TypeAlias = Literal["exact", "minute", "doubtful"]
"""How well the time of a play is known: to the second, to the minute, or not well (paused for hours or days)."""


@dataclass(frozen=True, slots=True)
class Play:
    """One listening."""

    listener: str
    played_at: int
    """Unix milliseconds, UTC."""
    track_id: str
    """Ours or an external one."""
    ms_played: int | None = None
    """None where it is not known."""
    source: str = ""
    """Where the row comes from."""


@dataclass(frozen=True, slots=True)
class Song:
    """What was played, as an export names it; there need be no audio of it."""

    title: str
    artist: str
    album: str | None = None
    spotify: str | None = None
    """Spotify's id of the track."""
    isrc: str | None = None
    musicbrainz: str | None = None
    """MusicBrainz's id of the recording."""
    duration: float | None = None
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One row of an export that is a play.

    There is no field for address, user name, device or country: they cannot get any further.
    """

    song: Song
    source: str
    """Which export told it, by the name of its reader."""
    started_at: int
    """Unix milliseconds, UTC."""
    ended_at: int | None = None
    """Unix milliseconds, UTC; None where the export tells when plays began, and nothing else."""
    ms_played: int | None = None
    quality: Quality = "exact"
    reason_start: str | None = None
    """Spotify's word for why it began, such as ``clickrow``; None where it is not known."""
    reason_end: str | None = None
    shuffle: bool | None = None
    skipped: bool | None = None
    """None is unknown, which is not False."""
    offline: bool | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """One row of an export that is left out."""

    reason: str
    """Such as ``podcast`` or ``private session``; never anything that the row says."""
