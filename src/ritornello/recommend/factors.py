"""What is heard together, by a few hidden directions of taste: implicit ALS (Hu, Koren and Volinsky, 2008)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ritornello.recommend.heard import Floats, Ints, Matrix, binary

_SEED = 1


@dataclass(frozen=True, slots=True)
class Factors:
    """Where tracks lie in the space of tastes."""

    items: Floats
    """Shape ``(columns, factors)``."""
    gram: Floats
    """``items.T @ items`` with the penalty on its diagonal."""
    confidence: float


def fit(heard: Matrix, factors: int = 48, penalty: float = 4.0, confidence: float = 8.0, rounds: int = 15) -> Factors:
    """Fit to whether something was heard; how often is not looked at.

    Parameters
    ----------
    heard
        Shape ``(listeners, columns)``.
    confidence
        How much more a heard track counts than one that was not.
    """
    # Imported here because a server starts sooner without.
    from implicit.cpu.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=factors, regularization=penalty, alpha=confidence, iterations=rounds, random_state=_SEED
        )
        model.fit(binary(heard), show_progress=False)
    items = np.asarray(model.item_factors, np.float32)
    return Factors(items, items.T @ items + penalty * np.eye(factors, dtype=np.float32), confidence)


def score(model: Factors, items: Ints, weights: Floats) -> Floats:
    """What else goes with some items, shape ``(columns,)``: where their listener would lie, one more step."""
    mine = model.items[items]
    trust = model.confidence * weights
    gram = model.gram + (mine.T * np.maximum(trust - 1, 0)) @ mine
    listener = np.linalg.solve(gram, mine.T @ trust)
    return np.asarray(model.items @ listener, np.float32)
