"""What is heard together, by walks of three steps: from a track to a listener, to another track of theirs.

RP3beta (Paudel, Christoffel, Newell and Bernstein, 2017, doi:10.1145/2955101).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ritornello.recommend.heard import Floats, Ints, Matrix, binary, heads

NEIGHBOURS = 300
"""Kept of each track."""
_BLOCK = 1_000


@dataclass(frozen=True, slots=True)
class Walks:
    """Where walks from each track end."""

    ends: Matrix
    """Shape ``(columns, columns)``, at most :data:`NEIGHBOURS` entries a row."""


def fit(heard: Matrix, alpha: float = 0.8, beta: float = 0.3) -> Walks:
    """Count walks.

    Parameters
    ----------
    heard
        Shape ``(listeners, columns)``; how often is not looked at.
    alpha
        The power of the odds of each step.
    beta
        Ends are divided by their number of listeners to this power.
    """
    ones = binary(heard)
    popularity = heads(heard)
    to_track = _power(sparse.diags(1 / np.maximum(np.diff(ones.indptr), 1)) @ ones, alpha)
    to_listener = _power(sparse.diags(1 / np.maximum(popularity, 1)) @ ones.T, alpha)
    end = sparse.csr_matrix(to_track @ sparse.diags(np.maximum(popularity, 1) ** -beta)).astype(np.float32)
    blocks = [_strongest(to_listener[at : at + _BLOCK] @ end, at) for at in range(0, heard.shape[1], _BLOCK)]
    return Walks(sparse.csr_matrix(sparse.vstack(blocks)) if blocks else sparse.csr_matrix((0, 0)))


def score(model: Walks, items: Ints, weights: Floats) -> Floats:
    """What else goes with some items, shape ``(columns,)``."""
    out = np.zeros(model.ends.shape[1], np.float32)
    for item, weight in zip(items, weights, strict=True):
        row = slice(model.ends.indptr[item], model.ends.indptr[item + 1])
        out[model.ends.indices[row]] += weight * model.ends.data[row]
    return out


def _power(steps: Matrix, alpha: float) -> Matrix:
    steps = sparse.csr_matrix(steps).astype(np.float32)
    steps.data **= alpha
    return steps


def _strongest(block: Matrix, first: int) -> Matrix:
    """Keep the strongest of each row, without the way back to where it started."""
    block = sparse.csr_matrix(block)
    block.sort_indices()
    kept = []
    for row in range(block.shape[0]):
        start, end = block.indptr[row], block.indptr[row + 1]
        data = block.data[start:end]
        data[block.indices[start:end] == first + row] = 0
        kept.append(start + _most(data))
    rows = np.repeat(np.arange(block.shape[0]), [len(one) for one in kept])
    at = np.concatenate(kept) if kept else np.empty(0, np.int64)
    return sparse.csr_matrix((block.data[at], (rows, block.indices[at])), shape=block.shape)


def _most(data: Floats) -> Ints:
    """Where the largest are that are more than 0; of equal ones the first."""
    if len(data) <= NEIGHBOURS:
        return np.flatnonzero(data > 0)
    least = np.partition(data, len(data) - NEIGHBOURS)[len(data) - NEIGHBOURS]
    above = np.flatnonzero(data > least)
    if least <= 0:
        return above
    return np.sort(np.concatenate((above, np.flatnonzero(data == least)[: NEIGHBOURS - len(above)])))
