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


class Spread:
    """Keeps ``count`` stretches of ``length`` samples of a stream that is said to have ``total``, equally far apart.

    The first is at the start and the last ends :data:`TAIL` before the end, so that the same music played faster is
    heard at the same places. ``total`` counts in whole ``steps``, because copies of one recording differ by hundredths
    of a second. Of a stream that is shorter than ``count`` stretches as many are kept as cover it; they overlap.
    """

    TAIL = 0.025
    """Share of the stream: so much fades out, or is not there because its length was estimated."""

    def __init__(self, length: int, count: int, total: int, step: int) -> None:
        self._length, self._step = length, step
        self._total = total = (total + step // 8) // step * step
        count = max(min(count, -(-total // length)), 1)
        self._starts = np.linspace(0, max((1 - self.TAIL) * total - length, 0), count).astype(int).tolist()
        self._kept = np.empty((count, length), np.float32)
        self._seen = 0

    def feed(self, samples: Samples) -> None:
        """Take the next samples of the stream."""
        end = self._seen + len(samples)
        for start, kept in zip(self._starts, self._kept, strict=True):
            first, last = max(start, self._seen), min(start + self._length, end)
            if first < last:
                kept[first - start : last - start] = samples[first - self._seen : last - self._seen]
        self._seen = end

    def windows(self) -> list[tuple[int, Samples]]:
        """First sample and samples of each; none if the stream was not as long as it was said to be."""
        as_said = abs(self._seen - self._total) <= self.TAIL * self._total + self._step
        if not as_said or self._seen < self._starts[-1] + self._length:
            return []
        return list(zip(self._starts, self._kept, strict=True))


class Windows:
    """Keeps stretches of ``length`` samples, equally far apart and all over a stream whose end is not known beforehand.

    They start side by side; whenever there would be more than ``most``, every other one is dropped and the distance
    doubles. So a stream of any length leaves between half of ``most`` and all of it.
    """

    def __init__(self, length: int, most: int) -> None:
        self._length, self._most = length, most
        self._apart = length
        self._kept: list[tuple[int, list[Samples]]] = []
        self._seen = 0

    def feed(self, samples: Samples) -> None:
        """Take the next samples of the stream."""
        while len(samples):
            start = self._seen - self._seen % self._apart
            left = start + self._length - self._seen
            if left <= 0:
                skipped = min(start + self._apart - self._seen, len(samples))
                samples, self._seen = samples[skipped:], self._seen + skipped
                continue
            if not self._kept or self._kept[-1][0] != start:
                self._kept.append((start, []))
            self._kept[-1][1].append(samples[:left].copy())
            taken = min(left, len(samples))
            samples, self._seen = samples[taken:], self._seen + taken
            if taken == left and len(self._kept) == self._most:
                self._kept, self._apart = self._kept[::2], 2 * self._apart

    def windows(self) -> list[tuple[int, Samples]]:
        """First sample and samples of each; one that the end cut short is left out, unless it is the only one."""
        found = [(start, np.concatenate(pieces)) for start, pieces in self._kept]
        return [window for window in found if len(window[1]) == self._length] or found[:1]
