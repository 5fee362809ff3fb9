"""Where a track lies among all music: one vector, near those of tracks that sound alike.

The layers before the answers of MusiCNN (twice) and YAMNet, joined, centred and turned so that the first directions
are those in which music differs most; every direction is then shrunk to the same spread. ``training/projection.py``
makes the turn from a corpus without any label, and the card in ``docs/traits/embedding.md`` says what comes of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ritornello import weights
from ritornello.track import Embedding
from ritornello.traits.networks import RATE, WINDOW, Heard

Floats = NDArray[np.float32]

EMBEDDING_VERSION = "embedding-1"
"""Names the networks and the turn; vectors of different versions must not be compared."""
DIMENSIONS = 128

_WEIGHTS = Path(__file__).parent / "weights" / f"{EMBEDDING_VERSION}.npz"
_HALF = WINDOW / RATE / 2


def embed(heard: Heard, sections: Iterable[tuple[float, float]]) -> Embedding:
    """Embed a track and its sections.

    Parameters
    ----------
    heard
        What the networks heard, window by window.
    sections
        Start and end of each in seconds. One without a window of its own is given the nearest.
    """
    windows = joined(heard)
    middles = heard.starts + _HALF
    parts = []
    for start, end in sections:
        inside = (middles >= start) & (middles < end)
        if not inside.any():
            inside = np.arange(len(middles)) == np.abs(middles - (start + end) / 2).argmin()
        parts.append(pack(project(windows[inside].mean(axis=0))))
    return Embedding(EMBEDDING_VERSION, pack(project(windows.mean(axis=0))), tuple(parts))


def joined(heard: Heard) -> Floats:
    """The three layers side by side, shape ``(windows, 1424)``."""
    return np.hstack([heard.mtt_embedding, heard.msd_embedding, heard.yamnet_embedding])


def project(layers: Floats) -> Floats:
    """Bring 1,424 numbers to a vector of length 1, shape ``(128,)``."""
    mean, turn = _turn()
    vector = (layers - mean) @ turn
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)


def pack(vector: Floats) -> bytes:
    """As it is stored: 128 numbers in half precision, little-endian."""
    return vector.astype("<f2").tobytes()


def unpack(stored: bytes) -> Floats:
    """Read one vector or several, shape ``(n, 128)``."""
    return np.frombuffer(stored, "<f2").astype(np.float32).reshape(-1, DIMENSIONS)


@cache
def _turn() -> tuple[Floats, Floats]:
    with np.load(BytesIO(weights.read(_WEIGHTS)), allow_pickle=False) as arrays:
        return arrays["mean"].astype(np.float32), arrays["turn"].astype(np.float32)
