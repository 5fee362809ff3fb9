"""Half or a quarter of the rate of a stream, for two thirds of what a resampler for any rate takes.

A filter is a product of what comes in with its shifted taps, and products are what computers are best at. What comes in
is cut into blocks; what is kept of a block depends on it and on the next, so that there are two products for each.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

HALF_BAND_TAPS = 16
"""Of the filter of :class:`Halver`, to either side, of those that are not zero."""
QUARTER_BAND_TAPS = 32
"""Of the filter of :class:`Quarterer`, to either side of the one in the middle."""

_SHAPE = 6.0
"""Of the Kaiser windows: what is stopped is 60 dB down."""


class _Decimator(ABC):
    """Keeps one sample of :attr:`FACTOR` of a stream, the first among them."""

    FACTOR: int

    def __init__(self) -> None:
        self._owed = 0

    def feed(self, samples: Floats) -> Floats:
        """Take samples and give what is ready, shape ``(n,)``; n may be 0."""
        self._owed += len(samples)
        ready = self._filtered(samples)
        self._owed -= self.FACTOR * len(ready)
        return ready

    def finish(self) -> Floats:
        """What is still held: with it, one sample for every :attr:`FACTOR` that were fed, rounded up."""
        return self._filtered(np.zeros(256, np.float32))[: -(-self._owed // self.FACTOR)]

    @abstractmethod
    def _filtered(self, samples: Floats) -> Floats:
        """What is ready with these samples."""


class Halver(_Decimator):
    """Halves the rate of a stream.

    Every other tap of a half-band filter is zero, so one half of the samples passes as it is and the other goes through
    a short filter. The passband ends at 0.91 of the new Nyquist frequency (0.3 dB down), and what folds back below 0.89
    of it is 60 dB down.
    """

    FACTOR = 2

    def __init__(self) -> None:
        super().__init__()
        self._odd, self._even = np.zeros(HALF_BAND_TAPS, np.float32), np.zeros(0, np.float32)
        self._single = np.zeros(0, np.float32)

    def _filtered(self, samples: Floats) -> Floats:
        if len(self._single):
            samples = np.concatenate([self._single, samples])
        pairs = len(samples) // 2
        self._single = samples[2 * pairs :]
        odd = np.concatenate([self._odd, samples[1::2]])
        even = np.concatenate([self._even, samples[: 2 * pairs : 2]])
        halved = _products(odd, *_half_band())
        halved += even[: len(halved)]
        halved *= np.float32(0.5)
        self._odd, self._even = odd[len(halved) :].copy(), even[len(halved) :].copy()
        return halved


class Quarterer(_Decimator):
    """Quarters the rate of a stream.

    The passband ends at 0.76 of the new Nyquist frequency (0.01 dB down), and what folds back below that is 60 dB down.
    """

    FACTOR = 4

    def __init__(self) -> None:
        super().__init__()
        self._held = np.zeros(QUARTER_BAND_TAPS, np.float32)

    def _filtered(self, samples: Floats) -> Floats:
        held = np.concatenate([self._held, samples])
        quartered = _products(held, *_quarter_band())
        self._held = held[4 * len(quartered) :].copy()
        return quartered


def _products(samples: Floats, this: Floats, after: Floats) -> Floats:
    """What is kept of all blocks that have a next one."""
    rows = samples[: len(samples) // len(this) * len(this)].reshape(-1, len(this))
    kept = rows[:-1] @ this
    kept += rows[1:] @ after
    return kept.reshape(-1)


@cache
def _half_band() -> tuple[Floats, Floats]:
    away = 2 * np.arange(-HALF_BAND_TAPS, HALF_BAND_TAPS) + 1
    taps = np.sinc(away / 2) * np.kaiser(4 * HALF_BAND_TAPS + 1, _SHAPE)[away + 2 * HALF_BAND_TAPS]
    return _shifted(taps, 1)


@cache
def _quarter_band() -> tuple[Floats, Floats]:
    away = np.arange(-QUARTER_BAND_TAPS, QUARTER_BAND_TAPS + 1)
    return _shifted(np.sinc(away / 4) * np.kaiser(len(away), _SHAPE), 4)


def _shifted(taps: NDArray[np.float64], step: int) -> tuple[Floats, Floats]:
    """A filter as the products with a block and with the next: a column for each sample that is kept of a block."""
    block = len(taps) // (2 * step) * 2 * step
    columns = np.zeros((2 * block, block // step), np.float32)
    for column in range(block // step):
        columns[step * column : step * column + len(taps), column] = taps / taps.sum()
    return columns[:block], columns[block:]
