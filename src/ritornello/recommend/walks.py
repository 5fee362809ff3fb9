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
    row = np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
    block.data[block.indices == row + first] = 0
    order = np.lexsort((block.indices, -block.data, row))
    place = np.arange(len(row)) - np.repeat(block.indptr[:-1], np.diff(block.indptr))
    kept = order[(place < NEIGHBOURS) & (block.data[order] > 0)]
    return sparse.csr_matrix((block.data[kept], (row[kept], block.indices[kept])), shape=block.shape)
