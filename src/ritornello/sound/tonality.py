"""Key and mode, after Krumhansl: pitch-class content held against a profile of each of the 24 keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MAJOR = np.array([0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081])
MINOR = np.array([0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052])
"""Probabilities of scale degrees in the common-practice corpus of Albrecht and Shanahan (2013), table 2."""

_SHARPNESS = 18.0
"""Turns a difference of correlations into odds."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key and how sure it is.

    Attributes
    ----------
    pitch_class
        0 = C .. 11 = B.
    mode
        1 major, 0 minor.
    confidence
        0..1, that tonic and mode are both right.
    mode_confidence
        0..1, that the mode is right, whatever the tonic.
    """

    pitch_class: int
    mode: int
    confidence: float
    mode_confidence: float


def key(chroma: Floats) -> Key | None:
    """The key of a track or of a part of it.

    Parameters
    ----------
    chroma
        Shape ``(n, 12)``, C first, in which louder frames weigh more.

    Returns
    -------
    None when nothing in it has a pitch.
    """
    content = _content(chroma)
    if content is None:
        return None
    fit = correlations(content)
    odds = np.exp(_SHARPNESS * (fit - fit.max()))
    chance = odds / odds.sum()
    best = int(fit.argmax())
    is_major = best < 12
    evidence = float(np.clip(fit[best], 0.0, 1.0))
    modes = chance[:12].sum() if is_major else chance[12:].sum()
    return Key(best % 12, int(is_major), float(chance[best]) * evidence, float(modes) * evidence)


def correlations(content: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson correlation with each key.

    Returns
    -------
    Shape ``(24,)``: C to B major, then C to B minor.
    """
    profiles = np.stack([np.roll(profile, tonic) for profile in (MAJOR, MINOR) for tonic in range(12)])
    profiles = profiles - profiles.mean(axis=1, keepdims=True)
    centred = content - content.mean()
    scale = np.linalg.norm(profiles, axis=1) * max(float(np.linalg.norm(centred)), 1e-12)
    return np.asarray(profiles @ centred / scale)


def _content(chroma: Floats) -> NDArray[np.float64] | None:
    """Mean pitch content, shape ``(12,)``; compressed per frame so that a loud bar does not decide alone."""
    loudest = chroma.max(axis=1, initial=0.0)
    if not len(chroma) or loudest.max() <= 0:
        return None
    sounding = loudest > 0.02 * np.percentile(loudest, 95)
    frames = chroma[sounding].astype(np.float64)
    return np.asarray((frames / np.sqrt(loudest[sounding, None])).mean(axis=0))
