"""Tracks, features and analyses to fill a library with."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from ritornello.library import tracks
from ritornello.spotify import ids, shapes
from ritornello.track import (
    FEATURES,
    Album,
    Artist,
    AudioAnalysis,
    AudioFeatures,
    Interval,
    Section,
    Segment,
    TempoCandidate,
    Track,
)

PROVENANCE = {"source": "audio file", "licence": "unknown"}


def artist(name: str) -> Artist:
    return Artist(ids.of_name("artist", name), name)


def album(name: str, *artists: str, **changes: Any) -> Album:
    made = Album(ids.of_name("album", f"{artists}/{name}"), name, tuple(artist(one) for one in artists))
    return replace(made, **changes)


def track(name: str, *artists: str, on: Album | None = None, **changes: Any) -> Track:
    made = Track(
        id=ids.of_name("track", f"{artists}/{name}"),
        name=name,
        artists=tuple(artist(one) for one in artists),
        album=on or album(f"{name} (single)", *artists, album_type="single"),
        duration=10.0,
    )
    return replace(made, **changes)


def features(**changes: Any) -> AudioFeatures:
    made = AudioFeatures(
        acousticness=0.0024249,
        danceability=0.58512,
        duration=10.0,
        energy=0.842,
        instrumentalness=0.0,
        key=0,
        liveness=0.0866,
        loudness=-5.88312,
        mode=0,
        speechiness=0.0556,
        tempo=118.2114,
        time_signature=4,
        valence=0.428,
        tempo_candidates=(TempoCandidate(118.2114, 0.7), TempoCandidate(59.1057, 0.2)),
        confidence=dict.fromkeys(FEATURES, 0.5),
        analysis_version=1,
        model_version="2026-11",
    )
    return replace(made, **changes)


def intervals(step: float, end: float) -> tuple[Interval, ...]:
    starts = [index * step for index in range(int(end / step))]
    ends = [*starts[1:], end]
    return tuple(Interval(start, end - start, 0.5) for start, end in zip(starts, ends, strict=True))


def analysis(of: AudioFeatures | None = None) -> AudioAnalysis:
    """An analysis that agrees with the features, with beats a third of a second apart."""
    of = of or features()
    end, tatum = of.duration, 1 / 6
    segments = tuple(
        Segment(
            each.start, each.duration, 0.25, -30.0, -10.0, 0.01, -30.0, (1.0,) + (0.5,) * 11, (40.0,) + (-1.23456,) * 11
        )
        for each in intervals(0.3, end)
    )
    sections = tuple(
        Section(each.start, each.duration, 1.0, -6.0, of.tempo, 0.5, of.key, 0.5, of.mode, 0.5, of.time_signature, 1.0)
        for each in intervals(4.0, end)
    )
    return AudioAnalysis(
        num_samples=int(end * 22050),
        duration=end,
        end_of_fade_in=0.0,
        start_of_fade_out=end,
        loudness=of.loudness,
        tempo=of.tempo,
        tempo_confidence=0.5,
        time_signature=of.time_signature,
        time_signature_confidence=1.0,
        key=max(of.key, 0),
        key_confidence=0.5,
        mode=of.mode,
        mode_confidence=0.5,
        synchstring="eJwz",
        rhythmstring="eJwz",
        bars=intervals(tatum * 8, end),
        beats=intervals(tatum * 2, end),
        tatums=intervals(tatum, end),
        sections=sections,
        segments=segments,
        input_process="wav L+R 44100->22050",
    )


def document(of: AudioFeatures | None = None) -> bytes:
    shaped = shapes.audio_analysis(analysis(of), analysis_time=1.5, timestamp=1_700_000_000)
    return json.dumps(shaped, allow_nan=False, separators=(",", ":")).encode()


def put(connection: Connection, made: Track, **changes: Any) -> Track:
    """Store a track with features and analysis; returns it."""
    numbers = features(**changes)
    tracks.put(connection, made, numbers, document(numbers), PROVENANCE)
    return made
