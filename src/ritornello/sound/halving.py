"""Half the rate of a stream: all that most music needs, for two thirds of what a resampler for any rate takes.

Every other tap of a half-band filter is zero, so one half of the samples passes as it is and the other goes through a
short filter. A filter is a product of what comes in with its shifted taps, and products are what computers are best at.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_SHAPE = 6.0
"""Of the Kaiser window: what is stopped is 60 dB down."""


class Halver:
    """Halves the rate of a stream.

    Parameters
    ----------
    taps
        To either side, of those that are not zero. With 16 the passband ends at 0.91 of the new Nyquist frequency
        (0.3 dB down), and what folds back below 0.89 of it is 60 dB down; with 8 it is 0.83 and 0.77.
    """

    def __init__(self, taps: int) -> None:
        self._filters = _shifted(taps)
        self._odd, self._even = np.zeros(taps, np.float32), np.zeros(0, np.float32)
        self._single = np.zeros(0, np.float32)
        self._owed = 0

    def feed(self, samples: Floats) -> Floats:
        """Take samples and give what is ready, shape ``(n,)``; n may be 0."""
        self._owed += len(samples)
        ready = self._filtered(samples)
        self._owed -= 2 * len(ready)
        return ready

    def finish(self) -> Floats:
        """What is still held: with it, half as many samples as were fed, rounded up."""
        return self._filtered(np.zeros(8 * len(self._filters[0]), np.float32))[: (self._owed + 1) // 2]

    def _filtered(self, samples: Floats) -> Floats:
        if len(self._single):
            samples = np.concatenate([self._single, samples])
        pairs = len(samples) // 2
        self._single = samples[2 * pairs :]
        odd = np.concatenate([self._odd, samples[1::2]])
        even = np.concatenate([self._even, samples[: 2 * pairs : 2]])
        this, after = self._filters
        rows = odd[: len(odd) // len(this) * len(this)].reshape(-1, len(this))
        halved = (rows[:-1] @ this).reshape(-1)
        halved += (rows[1:] @ after).reshape(-1)
        halved += even[: len(halved)]
        halved *= np.float32(0.5)
        self._odd, self._even = odd[len(halved) :].copy(), even[len(halved) :].copy()
        return halved


def half_band(taps: int) -> NDArray[np.float64]:
    """The filter of the samples between those that are kept, shape ``(2 * taps,)``, adding up to 1."""
    away = 2 * np.arange(-taps, taps) + 1
    found = np.sinc(away / 2) * np.kaiser(4 * taps + 1, _SHAPE)[away + 2 * taps]
    return np.asarray(found / found.sum())


@cache
def _shifted(taps: int) -> tuple[Floats, Floats]:
    """The filter as products with a block of samples and with the next: a column for each sample of a block."""
    count = 2 * taps
    columns = np.zeros((2 * count, count), np.float32)
    for column in range(count):
        columns[column : column + count, column] = half_band(taps)
    return columns[:count], columns[count:]
