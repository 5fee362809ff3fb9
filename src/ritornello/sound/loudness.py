"""Loudness after ITU-R BS.1770-4 and the fades at both ends of a track.

K-weighting is applied to power spectra instead of samples. For loudness they are taken of every channel at its own
rate, and only of its low end, because above that the K-curve is flat: all energy is counted at the gain of the top, and
what the curve takes off below is taken off again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ritornello.sound.decode import Block
from ritornello.sound.quantiles import quantile
from ritornello.sound.spectrum import FINE_RATE, Power

Floats = NDArray[np.float32]

STEP = 0.1
"""Seconds between gating blocks, which last four steps."""
FLOOR = -60.0
"""LUFS reported for silence, the bottom of the scale that Spotify documented."""
TOP_GAIN = 10 ** (3.99984385397 / 10)
"""Power gain of the K-curve far above its corner."""
LOW_RATE = 7000
"""Hz; the spectrum is taken of means of so many samples that their rate is at least this. What folds back in them comes
from where the curve is nearly flat, so that from 100 Hz up every frequency counts within 0.11 dB of what it should."""
_SURROUND = ("SL", "SR", "BL", "BR", "BC", "SDL", "SDR")
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0


def k_weights(frequencies: NDArray[np.float64]) -> Floats:
    """Power response of the K-weighting filter.

    Parameters
    ----------
    frequencies
        Hz.

    Returns
    -------
    Same shape, linear power gain. Analogue prototypes of the two biquads of BS.1770-4, annex 1.
    """
    s = 2j * np.pi * np.maximum(frequencies, 1e-3)
    w0, q, gain = 2 * np.pi * 1681.974450955533, 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    middle = gain**0.4996667741545416
    shelf = (gain * s**2 + middle * w0 / q * s + w0**2) / (s**2 + w0 / q * s + w0**2)
    w1, q1 = 2 * np.pi * 38.13547087602444, 0.5003270373238773
    high_pass = s**2 / (s**2 + w1 / q1 * s + w1**2)
    return np.asarray(np.abs(shelf * high_pass) ** 2, np.float32)


class Meter:
    """Adds up the K-weighted energy of a stream of blocks in steps of 0.1 s."""

    def __init__(self) -> None:
        self._energy = [np.zeros(0)]
        self._rate = 0

    def feed(self, block: Block) -> None:
        """Take a block."""
        if block.rate != self._rate:
            self._start(block.rate)
        count = len(block.samples[0]) // self._step
        squares = np.empty((len(block.samples), count), np.float32)
        means = np.empty((len(block.samples), count, self._step // len(self._mean)), np.float32)
        for channel, samples in enumerate(block.samples):
            rows = samples[: count * self._step].reshape(count, self._step)
            np.vecdot(rows, rows, out=squares[channel])
            np.matmul(rows.reshape(-1, len(self._mean)), self._mean, out=means[channel].reshape(-1))
        low = [power @ self._removed for power in self._power.each(means.reshape(-1, means.shape[2]))]
        removed = np.concatenate([np.zeros(0, np.float32), *low]).reshape(squares.shape)
        kept = np.maximum(TOP_GAIN / self._step * squares - removed, 0.0)
        self._energy.append(np.array(weights(block.layout)) @ kept * STEP)

    def steps(self) -> NDArray[np.float64]:
        """Channel-weighted energy in each whole step, mean square times seconds."""
        return np.concatenate(self._energy)

    def _start(self, rate: int) -> None:
        self._rate, self._step = rate, round(STEP * rate)
        few = max(n for n in range(1, max(rate // LOW_RATE, 1) + 1) if self._step % n == 0)
        self._mean = np.full(few, 1 / few, np.float32)
        self._power = Power(np.ones(self._step // few, np.float32))
        frequencies = np.maximum(np.fft.rfftfreq(self._power.size, few / rate), 1e-3)
        turn = np.pi * frequencies / rate
        response = (np.sin(few * turn) / (few * np.sin(turn))) ** 2
        self._removed = ((TOP_GAIN - k_weights(frequencies)) / response).astype(np.float32)


def weights(layout: tuple[str, ...]) -> list[float]:
    """What each channel counts (BS.1770-4, table 3): surround more than front, the subwoofer nothing."""
    if len(layout) == 1:
        return [1.0]
    return [0.0 if name.startswith("LFE") else 1.41 if name in _SURROUND else 1.0 for name in layout]


def integrated(energy: NDArray[np.float64]) -> float:
    """Gated loudness of a whole track or of a part of it.

    Parameters
    ----------
    energy
        K-weighted and channel-weighted energy in each step of 0.1 s (:meth:`Meter.steps`).

    Returns
    -------
    LUFS, not below :data:`FLOOR`. Sounds shorter than a gating block of 0.4 s count as one block.
    """
    if len(energy) >= 4:
        blocks = np.convolve(energy, np.ones(4), "valid") / (4 * STEP)
    else:
        blocks = np.array([energy.sum() / (max(len(energy), 1) * STEP)])
    loud = blocks[_lufs(blocks) > _ABSOLUTE_GATE]
    if not len(loud):
        return FLOOR
    gate = _lufs(loud.mean(keepdims=True))[0] + _RELATIVE_GATE
    return max(FLOOR, float(_lufs(loud[_lufs(loud) > gate].mean(keepdims=True))[0]))


def momentary(energy: Floats) -> Floats:
    """K-weighted level of each frame.

    Returns
    -------
    dB, :data:`FLOOR` to about 0, same shape.
    """
    return np.asarray(np.maximum(_lufs(energy), FLOOR), np.float32)


def fades(level: Floats, duration: float) -> tuple[float, float]:
    """Where the fade-in ends and the fade-out starts.

    The level, smoothed over a second, is held against its own 75th percentile in the half minute at that end; the fade
    is the run from the edge that stays more than 4 dB below, drawn out along its slope to the full level.

    Parameters
    ----------
    level
        dB in each frame.
    duration
        Seconds.

    Returns
    -------
    end_of_fade_in, start_of_fade_out
        Seconds; 0 and the duration when there is none.
    """
    if level.max(initial=FLOOR) <= FLOOR:
        return 0.0, duration
    fade_in = _fade(level)
    return min(fade_in, duration / 2), max(duration - _fade(level[::-1]), duration / 2)


def _fade(level: Floats, depth: float = 4.0) -> float:
    """Seconds from the start of ``level`` until it is up."""
    end = level[: int(30 * FINE_RATE)]
    width = min(len(end), int(0.5 * FINE_RATE))
    smooth = np.convolve(np.pad(end, (width // 2, width - width // 2), "edge"), np.ones(width) / width, "valid")
    full = quantile(smooth, 0.75)
    up = int(np.argmax(smooth >= full - depth))
    if up == 0:
        return 0.0
    below = smooth[:up]
    rise = (smooth[up] - below.min()) / max(up - int(below.argmin()), 1)
    return float((up + min(depth / max(rise, 1e-6), up)) / FINE_RATE)


def _lufs(energy: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(energy, 1e-12)))
