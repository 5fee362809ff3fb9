"""All tracks on a plane: the two directions in which they differ most, named by the features that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ritornello.recommend.shelf import STEPS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ritornello.recommend.heard import Floats, Ints

_OUTLIERS = 0.1
"""Per cent at each end of an axis that are put on its edge, for a few odd tracks would press all others together."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction."""

    share: float
    """Of all the difference between tracks, how much lies along it, 0..1."""
    features: tuple[tuple[str, float], ...]
    """The features that go with it and their Pearson correlations, the strongest first; the first one is positive."""


@dataclass(frozen=True, slots=True)
class Plane:
    """``m`` tracks that have a place."""

    rows: Ints
    """Of the shelf, shape ``(m,)``."""
    places: Floats
    """Across and up, 0..1, shape ``(m, 2)``."""
    axes: tuple[Axis, Axis]
    by_sound: bool
    """Whether embeddings told the places; features alone where there are none."""


def draw(vectors: Floats, features: NDArray[np.float64]) -> Plane | None:
    """Put tracks on a plane by principal components.

    Parameters
    ----------
    vectors
        Embeddings, shape ``(n, d)``; zeros where there is none. Tracks without one have no place; where there are
        none at all the features count instead.
    features
        The nine continuous features in their steps, shape ``(n, 9)``, in the order of
        :data:`ritornello.recommend.shelf.STEPS`; NaN where nothing was analysed.

    Returns
    -------
    Plane or None
        None where fewer than three tracks could have a place.
    """
    embedded = np.asarray(np.abs(vectors).sum(axis=1) > 0)
    analysed = np.asarray(~np.isnan(features).any(axis=1))
    by_sound = bool(embedded.sum() > 2)
    rows = np.flatnonzero(embedded if by_sound else analysed)
    if len(rows) < 3:
        return None
    table = (vectors if by_sound else features)[rows].astype(np.float32)
    centred = table - table.mean(axis=0)
    variances, directions = np.linalg.eigh(centred.T @ centred)
    scores = centred @ directions[:, [-1, -2]]
    known = analysed[rows]
    axes = []
    for at in (0, 1):
        named = _correlations(scores[known, at], features[rows[known]].astype(np.float32))
        if named and named[0][1] < 0:
            scores[:, at] *= -1
            named = tuple((name, -value) for name, value in named)
        axes.append(Axis(float(variances[-1 - at] / max(float(variances.sum()), 1e-12)), named))
    return Plane(rows, _spread(scores), (axes[0], axes[1]), by_sound)


def _correlations(scores: Floats, features: Floats) -> tuple[tuple[str, float], ...]:
    if len(scores) < 3:
        return ()
    centred = features - features.mean(axis=0)
    mine = scores - scores.mean()
    below = np.sqrt((centred**2).sum(axis=0) * (mine**2).sum())
    found = np.divide(centred.T @ mine, below, out=np.zeros(features.shape[1], np.float32), where=below > 0)
    named = zip(STEPS, (float(one) for one in found), strict=True)
    return tuple(sorted(named, key=lambda one: -abs(one[1])))


def _spread(scores: NDArray[np.float32]) -> Floats:
    low, high = np.percentile(scores, (_OUTLIERS, 100 - _OUTLIERS), axis=0)
    spread = (scores - low) / np.maximum(high - low, 1e-9)
    return np.asarray(np.clip(spread, 0, 1), np.float32)
