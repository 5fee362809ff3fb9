"""What people who like these also like: three models that err differently, and their sum.

Regression finds what explains what, factors find what the sparse rows hide, walks keep to what was really heard
together. ``bench/recommend.py`` measures each alone and the sum; docs/recommendations.md has the figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ritornello.recommend import factors, ridge, walks
from ritornello.recommend.heard import Floats, Ints, Matrix, heads

_WALKS = 0.5
"""How much walks count beside the other two."""
_DISCOUNT = 0.1
_HALF_KNOWN = 10
"""Scores are divided by popularity to a power: of n known items it is ``_DISCOUNT * n / (n + _HALF_KNOWN)``.

Of whom more is known, more can be shown that is less known.
"""


@dataclass(frozen=True, slots=True)
class Taste:
    """What was learned from plays and playlists."""

    ridge: ridge.Ridge
    factors: factors.Factors
    walks: walks.Walks
    listeners: Floats
    """How many rows each column was in, shape ``(columns,)``."""


def fit(heard: Matrix) -> Taste:
    """Learn from counts, shape ``(listeners, columns)``; there must be at least one."""
    return Taste(ridge.fit(heard), factors.fit(heard), walks.fit(heard), heads(heard))


def score(model: Taste, items: Ints, weights: Floats) -> Floats:
    """How well everything goes with some items.

    Parameters
    ----------
    items
        Columns.
    weights
        How much each of them counts, shape of ``items``; 1 is usual.

    Returns
    -------
    Shape ``(columns,)``, 0 and more; 0 for what nobody heard, and for the items themselves.
    """
    ones = np.ones(len(items), np.float32)
    parts = (
        (1.0, ridge.score(model.ridge, items, weights)),
        (1.0, factors.score(model.factors, items, ones)),
        (_WALKS, walks.score(model.walks, items, ones)),
    )
    total = np.sum([weight * _largest_is_one(part, items) for weight, part in parts], axis=0)
    power = _DISCOUNT * len(items) / (len(items) + _HALF_KNOWN)
    known = model.listeners > 0
    least = total[known].min(initial=0.0)
    out = np.where(known, (total - least) * np.maximum(model.listeners, 1) ** -power, 0)
    out[items] = 0
    return out.astype(np.float32)


def _largest_is_one(scores: Floats, items: Ints) -> Floats:
    others = scores.copy()
    others[items] = 0
    return scores / max(float(others.max(initial=0)), 1e-9)
