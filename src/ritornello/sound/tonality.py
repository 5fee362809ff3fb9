"""Key and mode: which tones and triads a track is made of, held against what each of the 24 keys is made of.

Krumhansl's method holds twelve pitch classes against a profile of each key. Here the profile has 36 places, because the
same seven tones are two keys, but their triads are not in the same places; and it is learned: ``training/key.py``,
docs/key.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ritornello.sound.quantiles import quantile

Floats = NDArray[np.float32]

CONTENT = ("tones", "major triads", "minor triads")
"""Twelve numbers of each are measured, C first."""
PROFILES = Path(__file__).with_name("key_profiles.json")

_TRIADS = ((4, 7), (3, 7))
_CHORD_FRAMES = 8
"""Frames of chroma (0.74 s) in which tones count as sounding together."""


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
        Shape ``(n, 12)``, C first.

    Returns
    -------
    None when nothing in it has a pitch.
    """
    found = content(chroma)
    if found is None:
        return None
    chance = odds(found)
    mode, tonic = divmod(int(chance.argmax()), 12)
    sure = tonal(found)
    return Key(tonic, mode, sure * float(chance.flat[mode * 12 + tonic]), sure * float(chance[mode].sum()))


def tonal(found: NDArray[np.float64]) -> float:
    """Probability that there is a key at all: in noise and drums all tones are about equally strong."""
    constant, slope = told()["tonal"]
    return float(1 / (1 + np.exp(-(constant + slope * unevenness(found)))))


def unevenness(found: NDArray[np.float64]) -> float:
    """How far the tones are from equally strong: the logarithm of their standard deviation."""
    return float(np.log(found[0].std() + 1e-6))


def odds(found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of each key: a conditional logit between the 24.

    Parameters
    ----------
    found
        As :func:`content` gives it.

    Returns
    -------
    Shape ``(2, 12)``: minor and major, C first; sums to 1.
    """
    weights, bias = profiles()
    logits = weights @ transposed(found).T + bias[:, None]
    shares = np.exp(logits - logits.max())
    return np.asarray(shares / shares.sum())


def content(chroma: Floats) -> NDArray[np.float64] | None:
    """How much of each tone and of each triad there is.

    Every frame counts alike, however loud, so that a loud bar does not decide alone; near silence does not count.

    Returns
    -------
    Shape ``(3, 12)``, rows as :data:`CONTENT`; None when nothing has a pitch.
    """
    loudest = chroma.max(axis=1, initial=0.0)
    if not len(chroma) or loudest.max() <= 0:
        return None
    tones = _unit(chroma[loudest > 0.02 * quantile(loudest, 0.95)].astype(np.float64))
    whole = len(tones) // _CHORD_FRAMES * _CHORD_FRAMES
    chords = _unit(tones[:whole].reshape(-1, _CHORD_FRAMES, 12).mean(axis=1)) if whole else tones
    triads = [
        (chords * np.roll(chords, -third, axis=1) * np.roll(chords, -fifth, axis=1)).mean(axis=0)
        for third, fifth in _TRIADS
    ]
    return np.stack([tones.mean(axis=0), *triads])


def transposed(found: NDArray[np.float64]) -> NDArray[np.float64]:
    """The content as seen from each of the twelve tonics, shape ``(12, 36)``."""
    return np.stack([np.roll(found, -tonic, axis=1).ravel() for tonic in range(12)])


@cache
def profiles() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights of the content from the tonic up, shape ``(2, 36)``, and the bias of each mode, minor first."""
    modes = [told()["minor"], told()["major"]]
    return np.array([np.concatenate([mode[kind] for kind in CONTENT]) for mode in modes]), np.array(
        [mode["bias"] for mode in modes]
    )


@cache
def told() -> dict[str, Any]:
    """What ``training/key.py`` wrote."""
    kept: dict[str, Any] = json.loads(PROFILES.read_text(encoding="utf-8"))
    return kept


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))
