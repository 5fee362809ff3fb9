"""Where beats and bars start: a small network that listens to bands and harmony.

It is a temporal convolutional network after Davies and Böck (2019): two convolutions over the bands, one over the
chroma, and eight dilated ones that see twelve seconds to both sides. ``training/pulse.py`` makes it from music whose
beats are known exactly; docs/pulse.md is its card.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ritornello import weights
from ritornello.sound.quantiles import quantile

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = NDArray[np.float32]

VERSION = "pulse-2"
RANGE_DB = 60.0
"""Below the loudest bands of the track; what is quieter is background."""
REACH = 520
"""Frames to both sides on which an answer may depend."""
ONSETS = 0.3
"""How much onsets count beside the network, in standard deviations of each."""
WEIGHTS = Path(__file__).parent / "weights"

_PIECE = 12288
"""Frames answered at once, which keeps memory flat for long tracks."""
_FRONT_REACH, _FRONT_PIECE = 8, 1024


def activations(bands: Floats, chroma: Floats) -> Floats:
    """How likely each moment is a beat, and how likely a downbeat.

    Parameters
    ----------
    bands
        Mel bands in dB, shape ``(frames, 40)``.
    chroma
        Shape ``(m, 12)``, a row for every four of ``bands``.

    Returns
    -------
    Shape ``(frames, 2)``, 0..1.
    """
    front, body = networks()
    floor = np.float32(quantile(bands.max(axis=1), 0.95) - RANGE_DB)
    quietest = np.float32(1e-4 * chroma.max(initial=0.0) + 1e-12)

    def hear(start: int, stop: int) -> Floats:
        some = scaled(bands[start:stop], floor)
        rows = np.minimum((np.arange(start, stop) + 2) // 4, len(chroma) - 1)
        return run(front, {"bands": some[None], "chroma": evened(chroma[rows], quietest)[None]})

    hidden = in_pieces(hear, len(bands), _FRONT_PIECE, _FRONT_REACH)
    return in_pieces(lambda start, stop: run(body, {"hidden": hidden[None, start:stop]}), len(bands), _PIECE, REACH)


def drive(said: Floats, strength: Floats, downbeats: float = 0.0) -> Floats:
    """What the pulse is looked for in: what the network says of beats, and a little of the onsets themselves.

    Parameters
    ----------
    said
        As :func:`activations` gives it.
    strength
        Onset strength, shape ``(frames,)``.
    downbeats
        How much a downbeat counts beside a beat.

    Returns
    -------
    Shape ``(frames,)``, not below 0; all 0 where nothing ever starts.
    """
    if not strength.any():
        return strength
    likely = said[:, 0] + np.float32(downbeats) * said[:, 1]
    return np.asarray(likely / max(float(likely.std()), 1e-3) + ONSETS * strength, np.float32)


def scaled(bands: Floats, floor: np.float32) -> Floats:
    """Bands as the network takes them: -1 for background, 1 for the loudest."""
    return np.asarray((np.maximum(bands, floor) - floor) / np.float32(RANGE_DB / 2) - 1, np.float32)


def evened(chroma: Floats, quietest: np.float32) -> Floats:
    """Chroma as the network takes it: the strongest pitch class of every frame is 1, of silence 0."""
    return np.asarray(chroma / np.maximum(chroma.max(axis=1, keepdims=True), quietest), np.float32)


def run(network: InferenceSession, inputs: dict[str, Floats]) -> Floats:
    """What a network makes of one piece of a track, shape ``(frames, channels)``."""
    return np.asarray(network.run(None, inputs)[0][0], np.float32)


def in_pieces(answer: Callable[[int, int], Floats], count: int, piece: int, reach: int) -> Floats:
    """Rows ``0 .. count`` of an answer whose rows depend on no more than ``reach`` frames to both sides."""
    found = []
    for start in range(0, count, piece):
        stop = min(start + piece, count)
        first = max(start - reach, 0)
        # A copy: an answer of ONNX Runtime keeps all memory of its run, a megabyte for every three seconds of music.
        found.append(answer(first, min(stop + reach, count))[start - first : stop - first].copy())
    return np.concatenate(found)


@cache
def networks() -> tuple[InferenceSession, InferenceSession]:
    """The convolutions over bands and chroma, and those over time."""
    hashes = weights.card(WEIGHTS / f"{VERSION}.json")["sha256"]
    front, body = (
        weights.session(weights.checked(WEIGHTS / f"{VERSION}-{part}.onnx", hashes[part])) for part in ("front", "body")
    )
    return front, body
