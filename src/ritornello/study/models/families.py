"""Many questions at once: p values held to a false discovery rate or to a familywise error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def adjust(p: Sequence[float], method: Literal["bh", "holm"]) -> list[float]:
    """Adjust p values: Benjamini and Hochberg 1995 (``bh``) or Holm 1979 (``holm``).

    Returns
    -------
    list of float
        In the order given; one that is at most alpha is a finding of its family.
    """
    if not len(p):
        return []
    values = np.asarray(p, float)
    order = np.argsort(values)
    count = len(values)
    ranks = np.arange(1, count + 1)
    if method == "bh":
        stepped = np.minimum.accumulate((values[order] * count / ranks)[::-1])[::-1]
    else:
        stepped = np.maximum.accumulate(values[order] * (count - ranks + 1))
    found = np.empty(count)
    found[order] = np.minimum(stepped, 1)
    return [float(one) for one in found]
