"""Channels of any layout and rate to one signal at 22,050 Hz."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from ritornello.sound.decimation import Halver
from ritornello.sound.decode import Block
from ritornello.sound.spectrum import RATE

Floats = NDArray[np.float32]


def mono(block: Block) -> Floats:
    """The mean of all channels but the subwoofer, shape ``(n,)``."""
    full_range = [
        samples for samples, name in zip(block.samples, block.layout, strict=True) if not name.startswith("LFE")
    ]
    first, *others = full_range or block.samples
    if not others:
        return first
    mean = first + others[0]
    for samples in others[1:]:
        mean += samples
    mean *= np.float32(1 / (1 + len(others)))
    return mean


class Resampler:
    """Brings a stream of samples to 22,050 Hz; its rate may change on the way."""

    def __init__(self) -> None:
        self._rate = RATE
        self._stream: Halver | _Soxr | None = None

    def feed(self, samples: Floats, rate: int) -> Floats:
        """Take samples and give what is ready, shape ``(n,)``; n may be 0."""
        rest = np.zeros(0, np.float32)
        if rate != self._rate:
            rest = self.finish()
            self._rate = rate
            self._stream = None if rate == RATE else Halver() if rate == 2 * RATE else _Soxr(rate)
        ready = samples if self._stream is None else self._stream.feed(samples)
        return np.concatenate([rest, ready]) if len(rest) else ready

    def finish(self) -> Floats:
        """What is still held."""
        return np.zeros(0, np.float32) if self._stream is None else self._stream.finish()


class _Soxr:
    """From any rate."""

    def __init__(self, rate: int) -> None:
        self._stream = soxr.ResampleStream(rate, RATE, 1, dtype="float32", quality="MQ")

    def feed(self, samples: Floats) -> Floats:
        return np.asarray(self._stream.resample_chunk(samples))

    def finish(self) -> Floats:
        return np.asarray(self._stream.resample_chunk(np.zeros(0, np.float32), last=True))
