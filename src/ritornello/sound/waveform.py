"""Samples and their rate, which travel together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Waveform:
    """Sound as numbers.

    Attributes
    ----------
    samples
        Shape ``(n,)`` for mono, ``(n, channels)`` otherwise; full scale is ±1.
    rate
        Samples a second, Hz.
    """

    samples: Samples
    rate: int

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.rate

    def resampled(self, rate: int) -> Waveform:
        """The same sound at another rate (soxr, high quality)."""
        if rate == self.rate:
            return self
        return Waveform(soxr.resample(self.samples, self.rate, rate, quality="HQ").astype(np.float32, copy=False), rate)


class Excerpt:
    """Keeps ``length`` samples around ``centre`` of a stream, or the last ``length`` if the stream ends before that.

    What it is fed must not be written to afterwards: it is not copied.
    """

    def __init__(self, length: int, centre: int | None = None) -> None:
        self._length = length
        self._end = None if centre is None else max(centre + (length + 1) // 2, length)
        self._kept: list[Samples] = []
        self._held = 0
        self._seen = 0

    def feed(self, samples: Samples) -> None:
        """Take the next samples of the stream."""
        if self._end is not None:
            samples = samples[: max(self._end - self._seen, 0)]
        self._seen += len(samples)
        if not len(samples):
            return
        self._kept.append(samples)
        self._held += len(samples)
        while self._held - len(self._kept[0]) >= self._length:
            self._held -= len(self._kept.pop(0))

    def samples(self) -> Samples:
        """What was kept, shape ``(at most length,)``."""
        if not self._kept:
            return np.zeros(0, np.float32)
        return np.concatenate(self._kept)[-self._length :]
