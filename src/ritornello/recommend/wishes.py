"""What a request asks for in numbers: floors and ceilings that hold exactly, and targets that weigh the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ritornello.recommend.shelf import COLUMNS, STEPS

if TYPE_CHECKING:
    from ritornello.spotify.tunables import Tunables

_STEPS = {**STEPS, "duration_ms": 60_000.0, "key": 3.0, "mode": 1.0, "popularity": 25.0, "time_signature": 1.0}
_FARTHEST = 10.0
"""Steps; what was never analysed is as far from a target as anything."""


def passes(values: NDArray[np.float64], wanted: Tunables) -> NDArray[np.bool_]:
    """Which rows lie between all floors and ceilings; an unknown value never does."""
    kept = np.ones(len(values), bool)
    for name, floor in wanted.floors.items():
        kept &= values[:, COLUMNS[name]] >= floor
    for name, ceiling in wanted.ceilings.items():
        kept &= values[:, COLUMNS[name]] <= ceiling
    return kept


def distance(values: NDArray[np.float64], wanted: Tunables) -> NDArray[np.float64]:
    """How far rows are from the targets: the mean over targets, in steps of each attribute's usual spread."""
    if not wanted.targets:
        return np.zeros(len(values))
    total = np.zeros(len(values))
    for name, target in wanted.targets.items():
        gap = np.abs(values[:, COLUMNS[name]] - target)
        if name == "key":
            gap = np.minimum(gap % 12, 12 - gap % 12)
        total += np.minimum(np.nan_to_num(gap / _STEPS[name], nan=_FARTHEST), _FARTHEST)
    return total / len(wanted.targets)
