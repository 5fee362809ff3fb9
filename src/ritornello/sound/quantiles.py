"""Quantiles. NumPy's own load its masked arrays, which takes as long as a minute of music to analyse."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def quantile(values: NDArray[np.floating], share: float) -> NDArray[Any]:
    """The value that ``share`` of all do not exceed, linearly interpolated.

    Parameters
    ----------
    values
        Shape ``(n, …)``, n at least 1; along the first axis.
    share
        0..1.

    Returns
    -------
    Shape ``(…)``; equal to ``numpy.quantile(values, share, axis=0)``.
    """
    position = share * (len(values) - 1)
    low = int(position)
    high = min(low + 1, len(values) - 1)
    ordered = np.partition(values, (low, high), axis=0)
    return np.asarray(ordered[low] + (ordered[high] - ordered[low]) * (position - low))


def median(values: NDArray[np.floating]) -> NDArray[Any]:
    """The middle value along the first axis; of an even number, the mean of the two in the middle."""
    return quantile(values, 0.5)
