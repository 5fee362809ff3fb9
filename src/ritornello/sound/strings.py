"""synchstring and rhythmstring, in the encoding that The Echo Nest published.

Both are base64 (URL-safe) of zlib of space-separated integers. The format of the synchstring is that of the synchdata
project, the rhythmstring's that of The Echo Nest's sample code; each holds its own rate, so readers need no constants.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ritornello.sound import onsets
from ritornello.sound.spectrum import FINE_HOP, FINE_RATE, RATE

Floats = NDArray[np.float32]

_CHUNK = 4096
"""Frames worked on at once, which keeps memory flat for long tracks."""


def synchstring(chunks: tuple[Floats, ...]) -> str:
    """Upward and downward zero crossings of short pieces of sound.

    Parameters
    ----------
    chunks
        Mono samples at 22,050 Hz; Spotify's were one second each from begin, middle and end.

    Returns
    -------
    ``rate chunks {crossings first step step …}`` per chunk, encoded.
    """
    numbers = [RATE, len(chunks)]
    for samples in chunks:
        numbers += _steps(np.flatnonzero(np.signbit(samples[1:]) != np.signbit(samples[:-1])) + 1)
    return _encode(numbers)


def rhythmstring(bands: Floats) -> str:
    """Onsets in bands of equal width.

    Parameters
    ----------
    bands
        dB, shape ``(frames, bands)``, :data:`~ritornello.sound.spectrum.FINE_RATE` frames a second.

    Returns
    -------
    ``rate hop bands {onsets first step step …}`` per band in frames of ``hop`` samples, encoded.
    """
    rise, floor, lag = np.zeros_like(bands), onsets.background(bands), onsets.frames_of_lag(FINE_RATE)
    for start in range(lag, len(bands), _CHUNK):
        rise[start : start + _CHUNK] = onsets.flux(bands[start - lag : start + _CHUNK], floor, lag)[lag:]
    numbers = [RATE, FINE_HOP, bands.shape[1]]
    for band in range(bands.shape[1]):
        numbers += _steps(onsets.peaks(rise[:, band], 6.0, 6))
    return _encode(numbers)


def decode(text: str) -> list[int]:
    """The integers in a synchstring or rhythmstring."""
    return [int(number) for number in zlib.decompress(base64.urlsafe_b64decode(text)).split()]


def _steps(positions: NDArray[np.intp]) -> list[int]:
    if not len(positions):
        return [0, 0]
    return [len(positions), int(positions[0]), *np.diff(positions).tolist()]


def _encode(numbers: Iterable[int]) -> str:
    return base64.urlsafe_b64encode(zlib.compress(" ".join(map(str, numbers)).encode("ascii"))).decode("ascii")
