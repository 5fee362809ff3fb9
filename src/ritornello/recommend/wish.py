"""The nouns of a request and its answer; they load no arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ritornello.spotify.tunables import Tunables


@dataclass(frozen=True, slots=True)
class Wish:
    """A request: seeds, what is wanted of the tracks, and what must not come."""

    seeds: tuple[tuple[str, str], ...]
    """Kind (``artist``, ``track``, ``genre``) and id of each, one to five."""
    wanted: Tunables
    limit: int = 20
    own: Mapping[str, str] = field(default_factory=dict)
    """From ids of seeds that are external ones to the library's own."""
    left_out: frozenset[str] = frozenset()
    """Ids of tracks."""
    explained: bool = False
    """Whether to put reasons into words."""


@dataclass(frozen=True, slots=True)
class Pool:
    """A seed and how many tracks it leads to."""

    kind: str
    id: str
    is_known: bool
    initial: int
    filtered: int
    """Between all floors and ceilings."""


@dataclass(frozen=True, slots=True)
class Recommended:
    """A track and why it is there."""

    track_id: str
    score: float
    sound: float
    """How alike it sounds to the seeds, 0..1."""
    taste: float
    """How well it goes with the seeds for those who play them, 0..1."""
    trust: float
    """How much taste counted beside sound, 0..4."""
    off_target: float
    """Steps from the targets, the mean over them."""
    seed: str
    """The one that it is most like."""
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a wish leads to."""

    pools: tuple[Pool, ...]
    tracks: tuple[Recommended, ...]
    """The best first."""
