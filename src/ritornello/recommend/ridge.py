"""What is heard together, by regression of every track on all others.

The model of EASE (Steck, 2019, arXiv:1905.03375) with the penalty of a denoising autoencoder (Steck, 2020,
arXiv:2007.00307), on columns divided by a root of their popularity, so that a hit explains less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from ritornello.recommend.heard import Floats, Ints, Matrix, binary, heads, ranked

_MOST_ENTRIES = 64_000_000
"""Of the wide form's matrix: a quarter of a gigabyte."""
MOST_HEADS = 8_000
"""Of the square form: as many of the most popular columns. 6,000 of 17,000 artists lost nothing."""


@dataclass(frozen=True, slots=True)
class Ridge:
    """The inverse of the penalised Gram matrix, whole or as a product of two thin ones."""

    columns: Ints
    """Those that take part, shape ``(m,)``."""
    place: Ints
    """Of each column of all, or -1, shape ``(columns,)``."""
    scale: Floats
    """By which the columns were multiplied, shape ``(m,)``."""
    diagonal: Floats
    """Of the inverse, shape ``(m,)``."""
    inverse: Floats | None
    """Shape ``(m, m)``, where there are more listeners than columns."""
    root: Floats | None
    """Shape ``(listeners, m)`` otherwise: the inverse is ``diag(loose) - root.T @ root``."""
    loose: Floats
    """One over the penalties, shape ``(m,)``."""


def fit(
    heard: Matrix, penalty: float = 100.0, dropout: float = 2.0, discount: float = 0.25, *, by_rank: bool = True
) -> Ridge:
    """Fit to counts.

    Parameters
    ----------
    heard
        Shape ``(listeners, columns)``.
    penalty
        The same for all columns; EASE has no other.
    dropout
        A penalty in proportion to how much a column was heard, as if that share of it had been left out at random.
    discount
        Columns are divided by their number of listeners to this power.
    by_rank
        Whether the counts within each row matter, by their rank.
    """
    popularity = heads(heard)
    wide = heard.shape[0] * np.count_nonzero(popularity) <= _MOST_ENTRIES and heard.shape[0] <= MOST_HEADS
    known = np.flatnonzero(popularity)
    columns = known if wide else np.sort(known[np.argsort(-popularity[known], kind="stable")[:MOST_HEADS]])
    place = np.full(heard.shape[1], -1)
    place[columns] = np.arange(len(columns))
    count = popularity[columns].astype(np.float64)
    scale = count**-discount
    scaled = sparse.csr_matrix((ranked(heard) if by_rank else binary(heard))[:, columns] @ sparse.diags(scale))
    squares = np.asarray(scaled.multiply(scaled).sum(axis=0)).ravel()
    penalties = penalty * np.average(scale**2, weights=count) + dropout * squares
    common = {"columns": columns, "place": place, "scale": scale.astype(np.float32)}
    if wide and heard.shape[0] < len(columns):
        loose = 1 / penalties
        root = _root(scaled, loose)
        left = loose - np.einsum("ij,ij->j", root, root, dtype=np.float64)
        return Ridge(**common, diagonal=_floats(left), inverse=None, root=root, loose=_floats(loose))
    gram = (scaled.T @ scaled).toarray().astype(np.float32)
    gram[np.diag_indices_from(gram)] += penalties.astype(np.float32)
    inverse = linalg.inv(gram, overwrite_a=True, check_finite=False)
    return Ridge(**common, diagonal=inverse.diagonal().copy(), inverse=inverse, root=None, loose=_floats(1 / penalties))


def score(model: Ridge, items: Ints, weights: Floats) -> Floats:
    """What else goes with some items, shape ``(columns,)``; nothing is said of the items themselves."""
    known = model.place[items] >= 0
    at, given = model.place[items][known], weights[known] * model.scale[model.place[items][known]]
    out = np.zeros(len(model.place), np.float32)
    if model.inverse is not None:
        seen: NDArray[np.floating] = given @ model.inverse[at]
    else:
        assert model.root is not None
        seen = -((model.root[:, at] @ given) @ model.root)
        seen[at] += given * model.loose[at]
    # An item's own share in itself is taken out: the diagonal of EASE's matrix is zero.
    seen[at] -= given * model.diagonal[at]
    out[model.columns] = -seen / model.diagonal / model.scale
    return out


def _root(scaled: Matrix, loose: NDArray[np.floating]) -> Floats:
    """A factor of what the rows take off the inverse, by the matrix inversion lemma."""
    thin = sparse.csr_matrix(scaled @ sparse.diags(loose))
    kernel = (thin @ scaled.T).toarray()
    kernel[np.diag_indices_from(kernel)] += 1
    lower = linalg.cholesky(kernel, lower=True, overwrite_a=True, check_finite=False)
    dense = thin.astype(np.float32).toarray()
    return _floats(linalg.solve_triangular(lower.astype(np.float32), dense, lower=True, check_finite=False))


def _floats(values: NDArray[np.floating]) -> Floats:
    return np.asarray(values, np.float32)
