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
_LEAST = 0.6


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


def bars(here: Columns, name: str, found: NDArray[np.int64] | None = None) -> tuple[Bar, ...]:
    """The bars of a feature: of the whole library, and of what is found, if anything is sought."""
    every = columns.histogram(here, name)
    some = every if found is None else columns.histogram(here, name, found)
    tallest = max(1, *every)
    width = 100 / len(every)
    return tuple(
        Bar(round(at * width + _GAP / 2, 2), round(width - _GAP, 2), _tall(one / tallest), _tall(other / tallest))
        for at, (one, other) in enumerate(zip(every, some, strict=True))
    )


def _tall(share: float) -> float:
    # A bar of a single track must be seen beside one of thousands.
    return round(max(share * HEIGHT, _LEAST), 2) if share else 0.0


def _filter(here: Columns, wanted: Wanted, name: str, found: NDArray[np.int64]) -> Filter:
    scale = here.scales[name]
    low = (wanted.floors or {}).get(name, scale.low)
    high = (wanted.ceilings or {}).get(name, scale.high)
    return Filter(name, name.replace("_", " ").capitalize(), scale, low, high, bars(here, name, found))


def _varies(here: Columns, name: str) -> bool:
    return bool(len(here.ids)) and bool((here.values[name] > here.scales[name].low).any())
