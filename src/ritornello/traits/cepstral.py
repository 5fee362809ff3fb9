"""What labels taught: from the outline of a sound to the values that tracks of the Free Music Archive with such
outlines have.

Each witness is a kernel ridge regression: the value is a weighted sum over the training tracks, whose weights fall off
with the distance between outlines, added to the mean of all labels. So sound unlike anything in the training set gets
that mean rather than an extrapolation. ``training/cepstral.py`` makes the weights and measures the errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ritornello import weights
from ritornello.traits.descriptors import Descriptors

CEPSTRAL_VERSION = "fma-mfcc-1"
"""Names the weights; raised whenever they change."""

CLIP = 3.0
"""Standard deviations beyond which an outline is taken for the edge."""

_WEIGHTS = Path(__file__).parent / "weights" / f"{CEPSTRAL_VERSION}.npz"

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Head:
    """One trait's part of the weights."""

    width: float
    """How fast a training track's say falls off: its kernel is ``exp(-width · distance)``."""
    prior: float
    """Mean of all 13,129 labels; what is answered far from every training track."""
    coefficients: Array
    """Shape ``(tracks,)``."""


@dataclass(frozen=True, slots=True)
class Weights:
    """All seven heads and the training tracks that they share."""

    centre: Array
    scale: Array
    outlines: Array
    """Standardised descriptors of the training tracks, shape ``(tracks, 80)``."""
    heads: Mapping[str, Head]


def estimate(name: str, statistics: Descriptors) -> float:
    """What the labelled tracks say of the trait called ``name``, 0..1."""
    weights = load()
    head = weights.heads[name]
    outline = standardise(statistics.values, weights.centre, weights.scale)
    distance = distances(outline[None], weights.outlines)
    return float(np.clip(head.prior + np.exp(-head.width * distance[0]) @ head.coefficients, 0, 1))


def standardise(values: NDArray[np.floating], centre: Array, scale: Array) -> Array:
    """Descriptors in standard deviations of the training set, clipped to ±3, so that no single statistic runs away."""
    return np.clip((values - centre) / scale, -CLIP, CLIP)


def distances(outlines: Array, others: Array) -> Array:
    """Mean squared difference of standardised descriptors, shape ``(len(outlines), len(others))``; 2 if unrelated."""
    squares = (outlines**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * outlines @ others.T
    return np.asarray(np.maximum(squares, 0) / outlines.shape[1])


@cache
def load(path: Path = _WEIGHTS) -> Weights:
    """Read the weights beside the card that carries their SHA-256.

    Raises
    ------
    BadWeights
        If either file is missing or the weights are not those of the card.
    """
    with np.load(BytesIO(weights.read(path)), allow_pickle=False) as arrays:
        shared = {name: arrays[name].astype(np.float64) for name in ("centre", "scale", "outlines")}
        heads = {
            str(name): Head(
                width=float(arrays["widths"][i]),
                prior=float(arrays["priors"][i]),
                coefficients=arrays["coefficients"][i].astype(np.float64),
            )
            for i, name in enumerate(arrays["names"])
        }
    return Weights(**shared, heads=heads)
