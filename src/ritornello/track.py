"""The nouns that every part of Ritornello shares: a track, its features, its analysis.

Inside Ritornello time is in seconds, level in dB (LUFS where loudness is meant), tempo in BPM and every likelihood in
0..1. Milliseconds, strings and rounding belong to :mod:`ritornello.spotify`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ANALYSIS_VERSION = 4
"""Raised whenever the same audio would give users different numbers; stored with every row."""

FEATURES = (
    "acousticness",
    "danceability",
    "duration",
    "energy",
    "instrumentalness",
    "key",
    "liveness",
    "loudness",
    "mode",
    "speechiness",
    "tempo",
    "time_signature",
    "valence",
)
"""The thirteen audio features, by Spotify's names (``duration`` is ``duration_ms`` there)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A bar, a beat or a tatum."""

    start: float
    """Seconds from the start of the track."""
    duration: float
    """Seconds; an interval ends where the next of its kind starts."""
    confidence: float
    """0..1; small means speculative."""


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch between two large changes of rhythm, harmony or timbre: a verse, a solo. Sections tile the track."""

    start: float
    duration: float
    confidence: float
    """How sharp the boundary at ``start`` is, 0..1; 1 for the first section."""
    loudness: float
    """LUFS, as :attr:`AudioAnalysis.loudness`."""
    tempo: float
    """BPM; 0 when no pulse was found."""
    tempo_confidence: float
    key: int
    """Pitch class, 0 = C; -1 when no key was found."""
    key_confidence: float
    mode: int
    """1 major, 0 minor, -1 when no key was found."""
    mode_confidence: float
    time_signature: int
    """Beats per bar, 3..7."""
    time_signature_confidence: float


@dataclass(frozen=True, slots=True)
class Segment:
    """About one note, chord or hit: sound that is roughly uniform. Segments tile the track."""

    start: float
    duration: float
    confidence: float
    """How sharp the onset at ``start`` is, 0..1."""
    loudness_start: float
    """dB at the onset, -60..0."""
    loudness_max: float
    """dB at the loudest moment."""
    loudness_max_time: float
    """Seconds from ``start`` to the loudest moment."""
    loudness_end: float
    """dB where the segment ends: the ``loudness_start`` of the next one."""
    pitches: tuple[float, ...]
    """12 values, C to B, relative dominance in 0..1, the largest being 1."""
    timbre: tuple[float, ...]
    """12 coefficients: average level, brightness, flatness, attack, then finer ones (see ``sound.timbre``)."""


@dataclass(frozen=True, slots=True)
class TempoCandidate:
    """One reading of the pulse."""

    bpm: float
    confidence: float
    """0..1; the candidates of a track add up to at most 1."""


@dataclass(frozen=True, slots=True)
class AudioAnalysis:
    """What can be said of a track moment by moment, and its summary."""

    num_samples: int
    """At the analysis rate of 22,050 Hz."""
    duration: float
    end_of_fade_in: float
    """Seconds; 0 when there is none."""
    start_of_fade_out: float
    """Seconds; the duration when there is none."""
    loudness: float
    """Integrated loudness, LUFS after ITU-R BS.1770-4."""
    tempo: float
    """BPM; 0 when no pulse was found."""
    tempo_confidence: float
    time_signature: int
    """Beats per bar, 3..7."""
    time_signature_confidence: float
    key: int
    """Pitch class 0..11, 0 = C; with ``key_confidence`` 0 where there is no pitch at all."""
    key_confidence: float
    mode: int
    """1 major, 0 minor."""
    mode_confidence: float
    synchstring: str
    """Zero crossings at begin, middle and end, to align copies of one recording (:mod:`ritornello.sound.strings`)."""
    rhythmstring: str
    """Onsets in eight bands (:mod:`ritornello.sound.strings`)."""
    bars: tuple[Interval, ...]
    beats: tuple[Interval, ...]
    tatums: tuple[Interval, ...]
    sections: tuple[Section, ...]
    segments: tuple[Segment, ...]
    input_process: str
    """How the file was decoded, such as ``mp3float L+R 44100->22050``."""


@dataclass(frozen=True, slots=True)
class AudioFeatures:
    """The thirteen numbers that describe a track as a whole, with how much to trust each."""

    acousticness: float
    danceability: float
    duration: float
    """Seconds."""
    energy: float
    instrumentalness: float
    key: int
    liveness: float
    loudness: float
    """LUFS."""
    mode: int
    speechiness: float
    tempo: float
    """BPM; 0 when no pulse was found."""
    time_signature: int
    valence: float
    tempo_candidates: tuple[TempoCandidate, ...]
    """Best first; empty when no pulse was found, else at least two."""
    confidence: Mapping[str, float]
    """0..1 for each of :data:`FEATURES`."""
    analysis_version: int
    model_version: str
    """Which trait weights spoke."""


@dataclass(frozen=True, slots=True)
class Embedding:
    """Where a track and its sections lie among all music; see :mod:`ritornello.traits.embedding`."""

    version: str
    """Vectors of different versions must not be compared."""
    track: bytes
    """128 numbers of length 1 together, in half precision, little-endian."""
    sections: tuple[bytes, ...]
    """The same for each section of the analysis."""


@dataclass(frozen=True, slots=True)
class Featured:
    """What one pass over one audio file gives where only its features are asked for."""

    audio_id: str
    features: AudioFeatures
    beats: tuple[Interval, ...]
    bars: tuple[Interval, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysed:
    """All that one pass over one audio file gives."""

    audio_id: str
    """22 characters in Spotify's alphabet: the hash of the encoded audio, so it survives renaming and new tags."""
    features: AudioFeatures
    analysis: AudioAnalysis
    embedding: Embedding
    genres: Mapping[str, float]
    """How likely the genres that it is heard to be of are, 0..1; see :mod:`ritornello.traits.genres`."""
    warnings: tuple[str, ...] = ()
    """What was wrong with the file and was survived, such as a truncated end."""


@dataclass(frozen=True, slots=True)
class Artist:
    """Who plays."""

    id: str
    name: str
    genres: tuple[str, ...] = ()
    popularity: int = 0
    """0..100."""


@dataclass(frozen=True, slots=True)
class Album:
    """What the track was released on."""

    id: str
    name: str
    artists: tuple[Artist, ...]
    release_date: str | None = None
    """``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``."""
    album_type: str = "album"
    """``album``, ``single`` or ``compilation``."""
    total_tracks: int = 1
    label: str | None = None
    external_ids: Mapping[str, str] = field(default_factory=dict)
    """By kind: ``upc``, ``musicbrainz_album``."""
    cover: str | None = None
    """Hash of the cover image in the library."""
    popularity: int = 0
    """0..100."""
    copyrights: tuple[tuple[str, str], ...] = ()
    """Text and kind: C for the work, P for the recording."""
    markets: tuple[str, ...] | None = None
    """Where it is available, as country codes; None is everywhere."""


@dataclass(frozen=True, slots=True)
class Track:
    """A recording, as the catalogue knows it."""

    id: str
    name: str
    artists: tuple[Artist, ...]
    album: Album
    duration: float
    """Seconds."""
    disc_number: int = 1
    track_number: int = 1
    explicit: bool = False
    popularity: int = 0
    genres: tuple[str, ...] = ()
    external_ids: Mapping[str, str] = field(default_factory=dict)
    """By kind: ``isrc``, ``spotify``, ``musicbrainz_recording``, ``musicbrainz_track``, ``acoustid``."""
    markets: tuple[str, ...] | None = None
    """Where it is available, as country codes; None is everywhere."""
    licence: str | None = None
    """Of the recording, as an SPDX name or an address; None where nobody said."""
    has_audio: bool = False
    """Whether the library knows a file of it."""
