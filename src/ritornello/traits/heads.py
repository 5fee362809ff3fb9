"""From the outline of a sound to a value in 0..1 and how far to trust it: the arithmetic that the seven traits share.

Each head is a kernel ridge regression: the value is a weighted sum over the training tracks, whose weights fall off
with the distance between outlines, added to the mean of all labels. So sound unlike anything in the training set gets
that mean rather than an extrapolation. ``training/traits.py`` makes the weights and measures the errors.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ritornello import errors
from ritornello.traits.descriptors import SECONDS, Descriptors

MODEL_VERSION = "fma-mfcc-1"
"""Names the weights that spoke; raised whenever they change."""

TOLERANCE = 0.15
"""An estimate this close to its label counts as a hit."""

CLIP = 3.0
"""Standard deviations beyond which an outline is taken for the edge."""
NEIGHBOURS = 10
_BAND = 0.05
_DOUBT_OF_VALUE = 1
_DOUBT_OF_DISTANCE = 5

_WEIGHTS = Path(__file__).parent / "weights" / f"{MODEL_VERSION}.npz"

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a head says of one track."""

    value: float
    """0..1, on the scale of the trait."""
    confidence: float
    """0..1: how often held-out training tracks with estimates like this one were within 0.15 of their label, discounted
    where few of them lay as far from the training set, and for silence. See :func:`confidence`."""


@dataclass(frozen=True, slots=True)
class Head:
    """One trait's part of the weights."""

    width: float
    """How fast a training track's say falls off: its kernel is ``exp(-width · distance)``."""
    prior: float
    """Mean of all 13,129 labels; what is answered far from every training track."""
    coefficients: Array
    """Shape ``(tracks,)``."""
    held_out: Array
    """What cross-validation estimated for each training track without its album, shape ``(tracks,)``."""
    hits: Array
    """1 where that was within :data:`TOLERANCE` of the label, else 0."""


@dataclass(frozen=True, slots=True)
class Weights:
    """All seven heads and the training tracks that they share."""

    centre: Array
    scale: Array
    outlines: Array
    """Standardised descriptors of the training tracks, shape ``(tracks, 80)``."""
    remoteness: Array
    """:func:`remoteness` of each training track from those of other albums, shape ``(tracks,)``."""
    heads: Mapping[str, Head]


def estimate(name: str, statistics: Descriptors) -> Estimate:
    """Value and confidence of the trait called ``name``."""
    weights = load()
    head = weights.heads[name]
    outline = standardise(statistics.values, weights.centre, weights.scale)
    distance = distances(outline[None], weights.outlines)
    value = float(np.clip(head.prior + np.exp(-head.width * distance[0]) @ head.coefficients, 0, 1))
    support = confidence(np.array([value]), remoteness(distance), head.held_out, weights.remoteness, head.hits)
    return Estimate(value, float(support[0]) * min(1.0, statistics.sounding / SECONDS))


def standardise(values: NDArray[np.floating], centre: Array, scale: Array) -> Array:
    """Descriptors in standard deviations of the training set, clipped to ±3, so that no single statistic runs away."""
    return np.clip((values - centre) / scale, -CLIP, CLIP)


def distances(outlines: Array, others: Array) -> Array:
    """Mean squared difference of standardised descriptors, shape ``(len(outlines), len(others))``; 2 if unrelated."""
    squares = (outlines**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * outlines @ others.T
    return np.asarray(np.maximum(squares, 0) / outlines.shape[1])


def remoteness(distance: Array) -> Array:
    """How far each row is from the training set: the mean distance to its ten nearest tracks."""
    return np.asarray(np.partition(distance, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS].mean(axis=1))


def confidence(value: Array, remote: Array, held_out: Array, held_remote: Array, hits: Array) -> Array:
    """Share of hits among the held-out tracks with estimates like these, discounted far from the training set.

    A held-out track counts the more the closer its estimate (Gaussian, 0.05 wide), and one imagined miss is added. The
    share is then multiplied by ``n / (n + 5)``, where ``n`` held-out tracks were at least as remote: nearly 1 within
    the training set, a half at its edge, 0 beyond it. The share is measured; the discount is a rule, because what lies
    beyond the data cannot be measured with it.

    Returns
    -------
    Shape ``(len(value),)``, 0..1.
    """
    nearness = np.exp(-0.5 * ((value[:, None] - held_out) / _BAND) ** 2)
    share = nearness @ hits / (nearness.sum(axis=1) + _DOUBT_OF_VALUE)
    beyond = np.count_nonzero(held_remote >= remote[:, None], axis=1)
    return np.asarray(share * beyond / (beyond + _DOUBT_OF_DISTANCE))


@cache
def load(path: Path = _WEIGHTS) -> Weights:
    """Read the weights beside the card that carries their SHA-256.

    Raises
    ------
    BadWeights
        If either file is missing or the weights are not those of the card.
    """
    card = path.with_suffix(".json")
    for file in (path, card):
        if not file.is_file():
            raise errors.BadWeights(f"no trait weights at {file}: install ritornello again, or run training/traits.py")
    content = path.read_bytes()
    expected = json.loads(card.read_text(encoding="utf-8"))["sha256"]
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise errors.BadWeights(
            f"{path} has SHA-256 {found}, its card says {expected}: install ritornello again, or run training/traits.py"
        )
    with np.load(BytesIO(content), allow_pickle=False) as arrays:
        shared = {name: arrays[name].astype(np.float64) for name in ("centre", "scale", "outlines", "remoteness")}
        heads = {
            str(name): Head(
                width=float(arrays["widths"][i]),
                prior=float(arrays["priors"][i]),
                coefficients=arrays["coefficients"][i].astype(np.float64),
                held_out=arrays["held_out"][i].astype(np.float64),
                hits=arrays["hits"][i].astype(np.float64),
            )
            for i, name in enumerate(arrays["names"])
        }
    return Weights(**shared, heads=heads)
