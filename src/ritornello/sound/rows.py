"""Rows of features over time, and their means between any two moments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CHUNK = 64
"""Stretches averaged at once, which keeps memory flat for long tracks."""


def slice_means(rows: NDArray[np.floating], cuts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of rows between fractional positions.

    Parameters
    ----------
    rows
        Shape ``(frames, columns)``; row ``i`` covers positions ``i .. i + 1``.
    cuts
        Ascending positions, shape ``(n, slices + 1)``.

    Returns
    -------
    Shape ``(n, slices, columns)``.
    """
    inside = np.clip(cuts, 0, len(rows))
    means = np.empty((*(cuts.shape - np.array([0, 1])), rows.shape[1]))
    for start in range(0, len(cuts), _CHUNK):
        piece = inside[start : start + _CHUNK]
        first, stop = min(int(piece.min()), len(rows) - 1), min(int(piece.max()) + 2, len(rows))
        means[start : start + _CHUNK] = _slice_means(rows[first:stop], piece - first)
    return means


def _slice_means(rows: NDArray[np.floating], inside: NDArray[np.float64]) -> NDArray[np.float64]:
    cumulated = np.zeros((len(rows) + 1, rows.shape[1]))
    np.cumsum(rows, axis=0, out=cumulated[1:])
    low = np.minimum(inside.astype(np.intp), len(rows) - 1)
    at_cuts = cumulated[low] + (inside - low)[..., None] * rows[low]
    widths = np.diff(inside, axis=1)[..., None]
    nearest = rows[np.minimum(inside[:, :-1].astype(np.intp), len(rows) - 1)]
    return np.where(widths > 1e-6, np.diff(at_cuts, axis=1) / np.maximum(widths, 1e-6), nearest)
