"""Sections: where sound, harmony or rhythm change for good.

Novelty is that of Foote (2000): a checkerboard slid along the self-similarity of the track. With inner products as
similarity the checkerboard equals the squared distance between the tapered means of what comes before and after, which
is what is computed here, so that time and memory grow with the track and not with its square.
"""

from __future__ import annotations

from collections.abc import Sequence

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
_AROUND = 20.0
"""Seconds to both sides in which a change is held against what is usual."""
_COARSE = 0.5
"""Seconds in one row of features."""


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
        Seconds at which bars start; a boundary moves to the nearest one within a second and a half.
    duration
        Seconds.

    Returns
    -------
    starts
        Seconds, the first being 0.
    confidence
        0..1, the first being 1.
    """
    rows = features(bands, frame_rate, chroma, chroma_rate, duration)
    change = novelty(rows, int(REACH / _COARSE))
    if not len(change):
        return np.zeros(1), np.ones(1)
    threshold = np.maximum(CLEARER * usual(change), LEAST)
    apart = int(SHORTEST / _COARSE)
    inner = np.flatnonzero((change[1:-1] > change[:-2]) & (change[1:-1] >= change[2:])) + 1
    starts, confidence = [0.0], [1.0]
    for row in sorted(_strongest(change, inner[change[inner] > threshold[inner]], apart)):
        second = row * _COARSE
        bar = min(bars, key=lambda start: abs(start - second), default=second)
        if abs(bar - second) < 1.5:
            second = bar
        if second - starts[-1] >= SHORTEST and duration - second >= SHORTEST:
            starts.append(second)
            confidence.append(float(change[row] / (change[row] + 1.0)))
    return np.array(starts), np.array(confidence)


def features(
    bands: Floats, frame_rate: float, chroma: Floats, chroma_rate: float, duration: float
) -> NDArray[np.float64]:
    """Timbre, level and harmony in rows of half a second, each kind of equal weight.

    Returns
    -------
    Shape ``(rows, columns)``, standardised over the track.
    """
    edges = np.arange(int(duration / _COARSE) + 1) * _COARSE
    cuts = np.stack([edges[:-1], edges[1:]], axis=1)
    if not len(cuts):
        return np.zeros((0, 1))
    surface = slice_means(bands, cuts * frame_rate, -70.0)[:, 0]
    order = np.arange(12)[:, None]
    cosines = np.cos(np.pi * order * (np.arange(bands.shape[1]) + 0.5) / bands.shape[1])
    timbre = surface @ cosines.T
    harmony = slice_means(chroma, cuts * chroma_rate)[:, 0]
    harmony /= np.maximum(np.linalg.norm(harmony, axis=1, keepdims=True), 1e-9)
    return np.hstack([_standardised(timbre), _standardised(harmony)])


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


def _standardised(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = columns - columns.mean(axis=0)
    return np.asarray(centred / np.maximum(centred.std(axis=0), 0.05 * centred.std() + 1e-6))


def _strongest(change: NDArray[np.float64], peaks: NDArray[np.intp], apart: int) -> list[int]:
    kept: list[int] = []
    for row in peaks[np.argsort(-change[peaks], kind="stable")]:
        if all(abs(int(row) - other) >= apart for other in kept):
            kept.append(int(row))
    return kept
