"""The 42 tunables of recommendations: a floor, a ceiling and a target for each of fourteen attributes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ritornello.errors import BadRequest
from ritornello.spotify.rounding import level, milliseconds, trait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ritornello.track import AudioFeatures, Track

TRAITS = ("acousticness", "danceability", "energy", "instrumentalness", "liveness", "speechiness", "valence")
LEVELS = ("loudness", "tempo")
WHOLE = ("duration_ms", "key", "mode", "popularity", "time_signature")
ATTRIBUTES = tuple(sorted((*TRAITS, *LEVELS, *WHOLE)))

PARAMETERS = tuple(f"{kind}_{attribute}" for attribute in ATTRIBUTES for kind in ("min", "max", "target"))


@dataclass(frozen=True, slots=True)
class Tunables:
    """What is wanted; every floor and ceiling holds, every target counts the same."""

    floors: Mapping[str, float] = field(default_factory=dict)
    ceilings: Mapping[str, float] = field(default_factory=dict)
    targets: Mapping[str, float] = field(default_factory=dict)


def parse(given: Mapping[str, str]) -> Tunables:
    """Read the parameters of a request; those that are empty or not known are passed over."""
    found: dict[str, dict[str, float]] = {"min": {}, "max": {}, "target": {}}
    for name in PARAMETERS:
        text = given.get(name, "").strip()
        if text:
            kind, attribute = name.split("_", 1)
            found[kind][attribute] = _number(name, text)
    return Tunables(found["min"], found["max"], found["target"])


def served(track: Track, features: AudioFeatures) -> dict[str, float]:
    """What clients are told of each attribute; floors and ceilings go by this."""
    return {
        **{name: trait(getattr(features, name)) for name in TRAITS},
        **{name: level(getattr(features, name)) for name in LEVELS},
        "duration_ms": milliseconds(track.duration),
        "key": features.key,
        "mode": features.mode,
        "popularity": track.popularity,
        "time_signature": features.time_signature,
    }


def passes(values: Mapping[str, float], wanted: Tunables) -> bool:
    """Whether a track is between all floors and ceilings."""
    return all(values[name] >= floor for name, floor in wanted.floors.items()) and all(
        values[name] <= ceiling for name, ceiling in wanted.ceilings.items()
    )


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadRequest(f"Invalid {name}: {text!r} was given, expected a number")
    return number
