"""Channels of any layout and rate to the signals that analysis needs, at 22,050 Hz.

The first signal is the mono mix that everything is computed from. The others are there for loudness alone, which adds
up energies of channels: for stereo the side signal, for more channels each of them.
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from ritornello.sound.decode import Block
from ritornello.sound.loudness import STEP
from ritornello.sound.spectrum import RATE

Floats = NDArray[np.float32]

_SURROUND = ("SL", "SR", "BL", "BR", "BC", "SDL", "SDR")


def mixing(layout: tuple[str, ...]) -> tuple[Floats, Floats]:
    """How channels become signals, and what each signal counts in loudness (ITU-R BS.1770-4, table 3).

    Returns
    -------
    matrix
        Shape ``(signals, channels)``; the first row is the mean of all channels but the subwoofer.
    weights
        Shape ``(signals,)``, for the signals' energies.
    """
    channels = len(layout)
    if channels == 1:
        return np.ones((1, 1), np.float32), np.ones(1, np.float32)
    if channels == 2:
        return np.array([[0.5, 0.5], [0.5, -0.5]], np.float32), np.array([2, 2], np.float32)
    full_range = np.array([not name.startswith("LFE") for name in layout], np.float32)
    counts = full_range * np.array([1.41 if name in _SURROUND else 1.0 for name in layout], np.float32)
    mono = full_range / max(full_range.sum(), 1.0)
    return np.vstack([mono, np.eye(channels, dtype=np.float32)]), np.concatenate([[0.0], counts]).astype(np.float32)


class Downmix:
    """Mixes and resamples a stream of blocks, and keeps count of the energy that resampling removes."""

    def __init__(self, layout: tuple[str, ...], rate: int) -> None:
        self.layout, self.rate = layout, rate
        self._matrix, self.weights = mixing(layout)
        self._start(rate)
        self._above: list[NDArray[np.float64]] = []

    def _start(self, rate: int) -> None:
        self._now = rate
        # One stream a signal: interleaving for a common one costs more than the resampling.
        self._resamplers = [soxr.ResampleStream(rate, RATE, 1, dtype="float32", quality="MQ") for _ in self.weights]
        self._before, self._after = _StepEnergy(rate, self.weights), _StepEnergy(RATE, self.weights)

    def feed(self, block: Block) -> tuple[list[Floats], Floats]:
        """Take a block.

        Returns
        -------
        signals
            One array a signal, shape ``(n,)`` at 22,050 Hz; n may be 0.
        mono
            The mono mix of the block at its own rate.
        """
        flushed = None
        if block.rate != self._now:
            flushed = self.finish()
            self._start(block.rate)
        signals = self._signals(block)
        if self._now == RATE:
            resampled = list(signals)
        else:
            resampled = [
                stream.resample_chunk(signal) for stream, signal in zip(self._resamplers, signals, strict=True)
            ]
        self._before.feed(signals)
        self._after.feed(resampled)
        if flushed is not None:
            resampled = [np.concatenate(parts) for parts in zip(flushed, resampled, strict=True)]
        return resampled, signals[0]

    def finish(self) -> list[Floats]:
        """What the resamplers still hold, one array a signal."""
        empty = np.zeros(0, np.float32)
        if self._now == RATE:
            rest = [empty for _ in self.weights]
        else:
            rest = [stream.resample_chunk(empty, last=True) for stream in self._resamplers]
        self._after.feed(rest)
        before, after = self._before.steps(), self._after.steps()
        steps = min(len(before), len(after))
        # A thousandth of the energy is within the resampler's ripple, and no evidence of anything above the band.
        self._above.append(np.maximum(0.999 * before[:steps] - after[:steps], 0.0))
        return rest

    def energy_above_band(self) -> NDArray[np.float64]:
        """Channel-weighted energy above 11 kHz in steps of 0.1 s, mean square times seconds; after :meth:`finish`."""
        return np.concatenate([np.zeros(0), *self._above])

    def _signals(self, block: Block) -> Floats:
        if block.layout == self.layout:
            samples = block.samples
            if len(self.layout) == 1:
                return samples
            if len(self.layout) == 2:
                signals = np.empty_like(samples)
                np.add(samples[0], samples[1], out=signals[0])
                np.subtract(samples[0], samples[1], out=signals[1])
                signals *= np.float32(0.5)
                return signals
            return self._matrix @ samples
        signals = np.zeros((len(self._matrix), block.samples.shape[1]), np.float32)
        matrix, _ = mixing(block.layout)
        signals[0] = matrix[0] @ block.samples
        return signals


class _StepEnergy:
    """Weighted energy of a stream in steps of 0.1 s."""

    def __init__(self, rate: int, weights: Floats) -> None:
        self._rate, self._weights = rate, weights
        self._step = round(STEP * rate)
        self._rest = [np.zeros(0, np.float32) for _ in weights]
        self._energies: list[NDArray[np.float64]] = [np.zeros(0)]

    def feed(self, signals: Floats | list[Floats]) -> None:
        streams = [np.concatenate(parts) for parts in zip(self._rest, signals, strict=True)]
        steps = len(streams[0]) // self._step
        energy = np.zeros(steps)
        for weight, stream in zip(self._weights, streams, strict=True):
            rows = stream[: steps * self._step].reshape(steps, self._step)
            energy += weight * np.einsum("ij,ij->i", rows, rows)
        self._energies.append(energy)
        self._rest = [stream[steps * self._step :] for stream in streams]

    def steps(self) -> NDArray[np.float64]:
        return np.concatenate(self._energies) / self._rate
