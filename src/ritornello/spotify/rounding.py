"""Spotify's rounding: 5 decimals for seconds, 3 for dB, BPM and confidence, 3 significant digits for a trait."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAME_MOMENT = 1e-4
"""Seconds within which the start of a beat is taken to be the start of its tatum."""


def seconds(value: float) -> float:
    """Round a moment or a length of time, in seconds."""
    return _decimals(value, 5)


def milliseconds(value: float) -> int:
    """Turn seconds into whole milliseconds."""
    return round(_finite(value) * 1000)


def level(value: float) -> float:
    """Round a level in dB, a tempo in BPM, a pitch or a timbre coefficient."""
    return _decimals(value, 3)


def confidence(value: float) -> float:
    """Round a confidence, 0..1."""
    return _decimals(value, 3)


def trait(value: float) -> float:
    """Round a trait, 0..1."""
    return float(f"{_finite(value):.3g}") + 0.0


def spans(starts: Sequence[float], end: float, grid: Sequence[float] = ()) -> list[tuple[float, float]]:
    """Round intervals that tile the time from the first start to ``end``, so that they still tile it.

    Starts that fall on the ``grid`` (itself rounded, ascending) take its exact values.
    """
    edges = [_on_grid(seconds(start), grid) for start in starts]
    edges.append(seconds(end))
    return [(start, seconds(after - start)) for start, after in pairwise(edges)]


def _on_grid(start: float, grid: Sequence[float]) -> float:
    at = bisect_left(grid, start)
    nearest = min(grid[max(0, at - 1) : at + 1], key=lambda tick: abs(tick - start), default=start)
    return nearest if abs(nearest - start) <= _SAME_MOMENT else start


def _decimals(value: float, digits: int) -> float:
    # Adding 0.0 turns -0.0 into 0.0.
    return round(_finite(value), digits) + 0.0


def _finite(value: float) -> float:
    value = float(value)
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be served: JSON has no such number")
    return value
