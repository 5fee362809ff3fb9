"""What is near a direction among very many tracks, without looking at each: cells of like vectors, by faiss.

Used only for libraries that are too large to go through at each request, and only where faiss is installed
(``ritornello[index]``). What is found is weighed exactly afterwards, so a track can be missed, not misjudged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ritornello.recommend.heard import Floats, Ints

LARGE = 100_000
"""Up to so many tracks all are looked at."""
_CELLS = 4.0
"""Times the root of how many vectors there are."""
_TAUGHT = 40
"""Vectors by which each cell is placed."""
_LOOKED_INTO = 24
"""Cells; more where few tracks may come."""
_NARROW = 0.7
_FULL = 2
_SEED = 1


@dataclass(frozen=True, slots=True)
class Index:
    """Vectors in cells, kept in one byte a number."""

    rows: Ints
    """Of the shelf, one a vector."""
    cells: Any
    """``faiss.IndexIVF``."""


def build(vectors: Floats, embedded: NDArray[np.bool_]) -> Index | None:
    """Sort vectors into cells; None where there are too few, or without faiss."""
    rows = np.flatnonzero(embedded)
    if len(rows) <= LARGE:
        return None
    try:
        import faiss
    except ImportError:
        return None
    count = int(_CELLS * np.sqrt(len(rows)))
    cells = faiss.index_factory(vectors.shape[1], f"IVF{count},SQ8", faiss.METRIC_INNER_PRODUCT)
    drawn = np.random.default_rng(_SEED).permutation(len(rows))[: count * _TAUGHT]
    cells.train(np.ascontiguousarray(vectors[rows[np.sort(drawn)]]))
    for start in range(0, len(rows), LARGE):
        cells.add(np.ascontiguousarray(vectors[rows[start : start + LARGE]]))
    return Index(rows, cells)


def near(index: Index, centre: Floats, allowed: NDArray[np.bool_], count: int) -> Ints:
    """About the ``count`` rows nearest to a direction among those that may come, in no order.

    Parameters
    ----------
    centre
        Shape ``(d,)``.
    allowed
        Shape ``(n,)``, as the shelf's rows.
    """
    import faiss

    inside = allowed[index.rows]
    share = max(float(np.count_nonzero(inside)) / len(inside), 1e-6)
    bits = np.packbits(inside, bitorder="little")
    # Enough for the nearest to lie in them, and enough to hold what is asked for a few times over.
    full = _FULL * count * index.cells.nlist / max(np.count_nonzero(inside), 1)
    cells = min(int(max(_LOOKED_INTO / share**_NARROW, full)) + 1, int(index.cells.nlist))
    library: Any = faiss  # its stubs know the C++ names alone
    wanted = library.SearchParametersIVF(sel=library.IDSelectorBitmap(bits), nprobe=cells)
    _, found = index.cells.search(np.ascontiguousarray(centre[None, :], np.float32), count, params=wanted)
    return np.asarray(index.rows[found[0][found[0] >= 0]])
