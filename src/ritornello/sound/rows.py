"""Rows of features over time, and their means between any two moments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CHUNK = 64
"""Stretches averaged at once, which keeps memory flat for long tracks."""


class Rows:
    """Rows of float32 that grow with the track and are never held twice.

    Parameters
    ----------
    columns
        Numbers in a row.
    streams
        From how many streams rows come in turn: row ``i`` is row ``i // streams`` of stream ``i % streams``.
    """

    def __init__(self, columns: int, streams: int = 1) -> None:
        self._array = np.empty((0, columns), np.float32)
        self._counts = [0] * streams

    def add(self, rows: NDArray[np.float32], stream: int = 0) -> None:
        """Append rows of one stream, shape ``(n, columns)``."""
        step = len(self._counts)
        start = self._counts[stream] * step + stream
        self._counts[stream] += len(rows)
        end = start + len(rows) * step
        if end > len(self._array):
            self._resize(end + end // 8)
        self._array[start:end:step] = rows

    def array(self) -> NDArray[np.float32]:
        """All rows; none may be added afterwards."""
        self._resize(sum(self._counts))
        return self._array

    def _resize(self, count: int) -> None:
        # In place: a large block is moved by the memory map, not copied.
        self._array.resize((count, self._array.shape[1]), refcheck=False)


def slice_means(
    rows: NDArray[np.floating], cuts: NDArray[np.float64], floor: float | None = None
) -> NDArray[np.float64]:
    """Means of rows between fractional positions.

    Parameters
    ----------
    rows
        Shape ``(frames, columns)``; row ``i`` covers positions ``i .. i + 1``.
    cuts
        Ascending positions, shape ``(n, slices + 1)``.
    floor
        What is less counts as this.

    Returns
    -------
    Shape ``(n, slices, columns)``.
    """
    inside = np.clip(cuts, 0, len(rows))
    means = np.empty((*(cuts.shape - np.array([0, 1])), rows.shape[1]))
    for start in range(0, len(cuts), _CHUNK):
        piece = inside[start : start + _CHUNK]
        first, stop = min(int(piece.min()), len(rows) - 1), min(int(piece.max()) + 2, len(rows))
        inside_rows = rows[first:stop] if floor is None else np.maximum(rows[first:stop], rows.dtype.type(floor))
        means[start : start + _CHUNK] = _slice_means(inside_rows, piece - first)
    return means


def _slice_means(rows: NDArray[np.floating], inside: NDArray[np.float64]) -> NDArray[np.float64]:
    cumulated = np.zeros((len(rows) + 1, rows.shape[1]))
    np.cumsum(rows, axis=0, out=cumulated[1:])
    low = np.minimum(inside.astype(np.intp), len(rows) - 1)
    at_cuts = cumulated[low] + (inside - low)[..., None] * rows[low]
    widths = np.diff(inside, axis=1)[..., None]
    nearest = rows[np.minimum(inside[:, :-1].astype(np.intp), len(rows) - 1)]
    return np.where(widths > 1e-6, np.diff(at_cuts, axis=1) / np.maximum(widths, 1e-6), nearest)
