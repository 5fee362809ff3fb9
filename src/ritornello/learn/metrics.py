"""How good answers are, on rows that nothing was fitted to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def average_precision(truth: NDArray[np.bool_], said: Floats) -> float:
    """Mean precision at the place of each true row, rows ordered by what was said; ties share their mean place.

    The share of true rows is what saying the same of all rows is worth.
    """
    order = np.argsort(-said, kind="stable")
    # Of equal answers the true ones come last: an order within ties is luck.
    order = order[np.lexsort((truth[order], -said[order]))]
    hits = truth[order]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean())


def area(truth: NDArray[np.bool_], said: Floats) -> float:
    """Area under the ROC curve: how often a true row is said to be more so than a false one; ties count half."""
    true, false = said[truth], said[~truth]
    order = np.sort(false)
    below, up_to = np.searchsorted(order, true, "left"), np.searchsorted(order, true, "right")
    return float((below + up_to).mean() / (2 * len(false)))


def pearson(truth: Floats, said: Floats) -> float:
    """Correlation; 0 where either never changes."""
    if truth.std() < 1e-9 or said.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(truth, said)[0, 1])


def ranks(chances: Floats, wanted: NDArray[np.int64]) -> Floats:
    """The place of the wanted column in each row, from 1; of equals the middle."""
    own = chances[np.arange(len(wanted)), wanted][:, None]
    return np.asarray((chances > own).sum(axis=1) + ((chances == own).sum(axis=1) + 1) / 2)
