"""Sections: where sound, harmony or rhythm change for good.

Novelty is that of Foote (2000): a checkerboard slid along the self-similarity of the track. With inner products as
similarity the checkerboard equals the squared distance between the tapered means of what comes before and after, which
is what is computed here, so that time and memory grow with the track and not with its square.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ritornello.sound.rows import slice_means

Floats = NDArray[np.float32]

SHORTEST = 6.0
"""Seconds; a boundary this close to another, or to the ends, is part of the same change."""
REACH = 16.0
"""Seconds looked at on each side of a boundary."""
CLEARER = 1.3
"""How many times as large as usual around it a change must be."""
LEAST = 0.2
"""What is less is no change, in units of the features' variance: steady noise stays below."""
NEAR = 1.5
"""Seconds by which a boundary may move to a bar."""
LOCAL = 1.5
"""Seconds looked at on each side when it is asked whether it should."""
_AROUND = 20.0
"""Seconds to both sides in which a change is held against what is usual."""
_COARSE, _FINE = 0.5, 0.1
"""Seconds in one row of features, for the changes and for which bar they are at."""
_TIMBRE = 12
"""Coefficients of the cosine transform of the mel bands, the level being the first."""


def boundaries(
    bands: Floats,
    frame_rate: float,
    chroma: Floats,
    chroma_rate: float,
    bars: Sequence[float],
    duration: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where sections start and how clear each change is.

    Parameters
    ----------
    bands
        Mel bands in dB.
    chroma
        Shape ``(m, 12)``.
    bars
        Seconds at which bars start. A boundary moves to the one within :data:`NEAR` at which most changes, if more does
        than where it was, or if it is so near that nothing tells the two apart.
    duration
        Seconds.

    Returns
    -------
    starts
        Seconds, the first being 0.
    confidence
        0..1, the first being 1.
    """
    sound = _Sound(bands, frame_rate, chroma, chroma_rate)
    rows = sound.rows(np.arange(0.0, duration + 1e-9, _COARSE))
    if len(rows) < 4:
        return np.zeros(1), np.ones(1)
    scale = _scale(rows)
    change = novelty(scale.of(rows), int(REACH / _COARSE))
    threshold = np.maximum(CLEARER * usual(change), LEAST)
    apart = int(SHORTEST / _COARSE)
    inner = np.flatnonzero((change[1:-1] > change[:-2]) & (change[1:-1] >= change[2:])) + 1
    starts, confidence = [0.0], [1.0]
    for row in sorted(_strongest(change, inner[change[inner] > threshold[inner]], apart)):
        near = [bar for bar in bars if abs(bar - row * _COARSE) < NEAR]
        second = _at_bar(row * _COARSE, near, sound, scale, duration) if near else row * _COARSE
        if second - starts[-1] >= SHORTEST and duration - second >= SHORTEST:
            starts.append(second)
            confidence.append(float(change[row] / (change[row] + 1.0)))
    return np.array(starts), np.array(confidence)


@dataclass(frozen=True, slots=True)
class _Sound:
    """What sections differ in: mel bands in dB and chroma, at their own rates."""

    bands: Floats
    frame_rate: float
    chroma: Floats
    chroma_rate: float

    def rows(self, edges: NDArray[np.float64]) -> NDArray[np.float64]:
        """Timbre, level and harmony between these seconds, shape ``(len(edges) - 1, columns)``."""
        cuts = np.stack([edges[:-1], edges[1:]], axis=1)
        if not len(cuts):
            return np.zeros((0, 1))
        surface = slice_means(self.bands, cuts * self.frame_rate, -70.0)[:, 0]
        count = self.bands.shape[1]
        cosines = np.cos(np.pi * np.arange(_TIMBRE)[:, None] * (np.arange(count) + 0.5) / count)
        harmony = slice_means(self.chroma, cuts * self.chroma_rate)[:, 0]
        harmony /= np.maximum(np.linalg.norm(harmony, axis=1, keepdims=True), 1e-9)
        return np.hstack([surface @ cosines.T, harmony])


@dataclass(frozen=True, slots=True)
class _Scale:
    """What columns are on average, and how far from it."""

    centre: NDArray[np.float64]
    spread: NDArray[np.float64]

    def of(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows in units of the spread."""
        return np.asarray((rows - self.centre) / self.spread)


def _scale(rows: NDArray[np.float64]) -> _Scale:
    """The scale on which each kind of feature has equal weight, and columns that hardly move next to none."""
    centre, spread = rows.mean(axis=0), rows.std(axis=0)
    kinds = slice(0, _TIMBRE), slice(_TIMBRE, None)
    least = [0.05 * (rows[:, kind] - centre[kind]).std() + 1e-6 for kind in kinds]
    return _Scale(
        centre, np.concatenate([np.maximum(spread[kind], one) for kind, one in zip(kinds, least, strict=True)])
    )


def _at_bar(second: float, bars: Sequence[float], sound: _Sound, scale: _Scale, duration: float) -> float:
    """The one of these bars at which most changes; ``second`` itself if more does there, unless the bar is at it."""
    edges = np.arange(max(second - NEAR - LOCAL, 0.0), min(second + NEAR + LOCAL, duration), _FINE)
    change = novelty(scale.of(sound.rows(edges)), int(LOCAL / _FINE))
    if not len(change):
        return second

    def at(place: float, within: float) -> float:
        return float(change[np.abs(edges[:-1] - place) < within].max(initial=0.0))

    best = max(bars, key=lambda bar: at(bar, 1.5 * _FINE))
    there = abs(best - second) <= _COARSE / 2  # no more is known of where a change is
    return best if there or at(best, 1.5 * _FINE) > at(second, 2.5 * _FINE) else second


def novelty(rows: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """How different the rows before and after each row are.

    Returns
    -------
    Shape ``(rows,)``; mean squared difference in units of the features' variance.
    """
    count = len(rows)
    if count < 4:
        return np.zeros(0)
    taper = np.exp(-0.5 * (np.arange(reach) / (0.6 * reach)) ** 2)
    after = _tapered(rows, taper)
    before = _tapered(rows[::-1], taper)[::-1]
    difference = np.zeros(count)
    difference[1:] = ((after[1:] - before[:-1]) ** 2).mean(axis=1)
    return difference


def usual(change: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median of the changes around each row, so that a lively part of a track has boundaries as a calm one has."""
    reach = min(int(_AROUND / _COARSE), len(change) - 1)
    windows = sliding_window_view(np.pad(change, reach, "reflect"), 2 * reach + 1)
    return np.asarray(np.partition(windows, reach, axis=1)[:, reach])


def _tapered(rows: NDArray[np.float64], taper: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted mean of each row and those after it."""
    total = np.zeros_like(rows)
    weight = np.zeros((len(rows), 1))
    for lag, share in enumerate(taper[: len(rows)]):
        total[: len(rows) - lag] += share * rows[lag:]
        weight[: len(rows) - lag] += share
    return np.asarray(total / weight)


def _strongest(change: NDArray[np.float64], peaks: NDArray[np.intp], apart: int) -> list[int]:
    kept: list[int] = []
    for row in peaks[np.argsort(-change[peaks], kind="stable")]:
        if all(abs(int(row) - other) >= apart for other in kept):
            kept.append(int(row))
    return kept
