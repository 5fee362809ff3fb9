"""Histograms with two handles: how many tracks have how much of a feature, and which of them are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ritornello.library import columns
from ritornello.server.site import words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ritornello.library.columns import Columns, Scale, Wanted

HEIGHT = 32
"""Of the tallest bar; a histogram is 100 wide."""
_GAP = 0.3


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the units of the picture."""

    x: float
    width: float
    all: float
    """Height for the whole library."""
    found: float
    """Height for what is found."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A feature to filter on."""

    name: str
    title: str
    scale: Scale
    low: float
    high: float
    bars: tuple[Bar, ...]

    @property
    def is_set(self) -> bool:
        """Whether it leaves anything out."""
        return self.low > self.scale.low or self.high < self.scale.high

    @property
    def told(self) -> str:
        """What is let through, in words."""
        if not self.is_set:
            return "any"
        low, high = words.say(self.name, self.low), words.say(self.name, self.high)
        if self.low == self.high:
            return low
        if self.high >= self.scale.high:
            return f"from {low}"
        return f"to {high}" if self.low <= self.scale.low else f"{low} – {high}"


def filters(here: Columns, wanted: Wanted, found: NDArray[np.int64]) -> list[Filter]:
    """All features, with how they lie in the library and among what is found."""
    return [_filter(here, wanted, name, found) for name in columns.NAMES if name != "popularity" or _varies(here, name)]


def _filter(here: Columns, wanted: Wanted, name: str, found: NDArray[np.int64]) -> Filter:
    scale = here.scales[name]
    every, some = columns.histogram(here, name), columns.histogram(here, name, found)
    tallest = max(1, *every)
    width = 100 / scale.bins
    bars = tuple(
        Bar(
            round(at * width + _GAP / 2, 2),
            round(width - _GAP, 2),
            # A bar of a single track must be seen beside one of thousands.
            round(max(one / tallest * HEIGHT, 0.6 if one else 0.0), 2),
            round(max(other / tallest * HEIGHT, 0.6 if other else 0.0), 2),
        )
        for at, (one, other) in enumerate(zip(every, some, strict=True))
    )
    low = (wanted.floors or {}).get(name, scale.low)
    high = (wanted.ceilings or {}).get(name, scale.high)
    return Filter(name, name.replace("_", " ").capitalize(), scale, low, high, bars)


def _varies(here: Columns, name: str) -> bool:
    return bool(len(here.ids)) and bool((here.values[name] > here.scales[name].low).any())
