"""Small worlds of listeners whose tastes are known."""

from __future__ import annotations

import numpy as np

from ritornello.recommend import heard
from ritornello.recommend.heard import Matrix

CAMPS, TRACKS, LISTENERS = 4, 30, 25


def camps(seed: int = 0, stray: float = 0.1) -> Matrix:
    """Four camps of 25 listeners; each plays twelve of its own thirty tracks, and a few of others."""
    rng = np.random.default_rng(seed)
    rows, columns = [], []
    for listener in range(CAMPS * LISTENERS):
        camp = listener // LISTENERS
        own = camp * TRACKS + rng.choice(TRACKS, 12, replace=False)
        strays = np.flatnonzero(rng.random(CAMPS * TRACKS) < stray / CAMPS)
        for column in {*own, *strays}:
            rows.append(listener)
            columns.append(int(column))
    return heard.matrix(rows, columns, rng.integers(1, 50, len(rows)), (CAMPS * LISTENERS, CAMPS * TRACKS))
