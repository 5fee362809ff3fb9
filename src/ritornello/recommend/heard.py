"""Who heard what: a matrix with a row for each listener or playlist, a column for each track, and counts in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Matrix = Any
"""``scipy.sparse.csr_matrix`` of 32-bit floats; scipy ships no types."""


def matrix(rows: Sequence[int] | Ints, columns: Sequence[int] | Ints, counts: Any, shape: tuple[int, int]) -> Matrix:
    """Gather counts; those of the same row and column are added up."""
    return sparse.csr_matrix((np.asarray(counts, np.float32), (rows, columns)), shape=shape)


def heads(heard: Matrix) -> Floats:
    """How many rows each column is in, shape ``(columns,)``."""
    return np.bincount(heard.indices, minlength=heard.shape[1]).astype(np.float32)


def binary(heard: Matrix) -> Matrix:
    """One for everything that was heard, however often."""
    ones = heard.copy()
    ones.data = np.ones_like(ones.data)
    return ones


def ranked(heard: Matrix) -> Matrix:
    """Counts by their rank within the row: just over 0.5 for the least played to 1.5 for the most, 1 on the mean.

    People differ in how often they play anything, by orders of magnitude; ranks do not.
    """
    lengths = np.diff(heard.indptr)
    row = np.repeat(np.arange(heard.shape[0]), lengths)
    order = np.lexsort((heard.data, row))
    data = heard.data[order]
    starts = np.flatnonzero(np.r_[True, (row[order][1:] != row[order][:-1]) | (data[1:] != data[:-1])])
    sizes = np.diff(np.r_[starts, len(data)])
    # Equals share the middle of the ranks that they take up together.
    place = np.repeat(starts + (sizes - 1) / 2, sizes) - np.repeat(heard.indptr[:-1], lengths)
    ranks = heard.copy()
    ranks.data = np.empty(len(data), np.float32)
    ranks.data[order] = 0.5 + (place + 0.5) / np.repeat(lengths, lengths)
    return ranks
