"""Frames, power spectra and bands: the arithmetic of the one short-time spectrum that everything shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ritornello.sound.rows import Rows

Floats = NDArray[np.float32]

RATE = 22050
"""Hz; analysis is mono at this rate, as Spotify's was."""
WINDOW = 1024
"""Samples in a frame (46 ms)."""
HOP = 512
"""Samples between the frames from which features are read (23 ms)."""
FRAME_RATE = RATE / HOP
"""Frames a second, 43.1."""
FINE_HOP = HOP // 2
"""Samples between the frames from which segments are read (11.6 ms); every other one is one of the former."""
FINE_RATE = RATE / FINE_HOP
"""Frames a second, 86.1."""
BANDS = 40
"""Mel bands between 30 Hz and the Nyquist frequency."""
FLOOR_DB = -100.0
"""What a band with nothing in it reads."""

_TOGETHER = 48.0
"""Seconds of mono, 4 MB."""
_AT_ONCE = 1 << 17
"""Samples transformed at once: enough to amortise the calls, few enough for the processor's cache."""


class Frames:
    """Cuts a stream of samples into centred, overlapping frames.

    Frame ``i`` is centred on sample ``first + i * hop``; the stream is padded with silence at both ends, so n samples
    give ``1 + (n - first) // hop`` frames. They are given :data:`_TOGETHER` seconds at a time: what decoding and
    measuring need in the processor's cache they take from one another, so it pays to take turns rarely.
    """

    def __init__(self, window: int, hop: int, rate: float, first: int = 0) -> None:
        self.window, self.hop = window, hop
        self._least = max(int(_TOGETHER * rate), window)
        self._held = [np.zeros(window // 2 - first, np.float32)]
        self._count = window // 2 - first

    def feed(self, samples: Floats) -> Floats:
        """Give the frames that are ready, shape ``(n, window)``; n may be 0. A view; samples are not copied."""
        if len(samples):  # a view of none would still hold all that it is a view of
            self._held.append(samples)
            self._count += len(samples)
        if self._count < self._least:
            return np.zeros((0, self.window), np.float32)
        return self._cut()

    def finish(self) -> Floats:
        """Give the last frames, which reach into the silence after the end."""
        self._held.append(np.zeros(self.window - self.window // 2, np.float32))
        return self._cut()

    def _cut(self) -> Floats:
        stream = np.concatenate(self._held)
        if len(stream) < self.window:
            return np.zeros((0, self.window), np.float32)
        frames = sliding_window_view(stream, self.window)[:: self.hop]
        self._held = [stream[len(frames) * self.hop :].copy()]
        self._count = len(self._held[0])
        return frames


def hann(window: int) -> Floats:
    """The periodic Hann window, shape ``(window,)``."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)).astype(np.float32)


class Power:
    """One-sided power spectra whose bins add up to the mean square of the frame.

    Frames are filled up with zeros to :attr:`size`, a power of two or three quarters of one. The arrays in between are
    made once: fresh ones would be handed back to the system and fetched again for every few frames, which can cost more
    than the transform.
    """

    def __init__(self, taper: Floats) -> None:
        power = 1 << (len(taper) - 1).bit_length()
        self.size = 3 * power // 4 if len(taper) <= 3 * power // 4 else power
        scale = np.sqrt(2.0 / np.sum(taper.astype(np.float64) ** 2))
        self._taper = (taper * scale).astype(np.float32)
        self._tapered = np.zeros((_AT_ONCE // self.size, self.size), np.float32)
        self._spectra = np.empty((len(self._tapered), self.size // 2 + 1), np.complex64)
        self._power = np.empty(self._spectra.shape, np.float32)
        self._imaginary = np.empty(self._spectra.shape, np.float32)

    def each(self, frames: Floats) -> Iterator[Floats]:
        """Give the spectra of some frames at a time.

        Parameters
        ----------
        frames
            Shape ``(n, window)``, full scale ±1.

        Yields
        ------
        Shape ``(some, size // 2 + 1)``, valid until the next is asked for; a full-scale sine adds up to 0.5.
        """
        for start in range(0, len(frames), len(self._tapered)):
            some = frames[start : start + len(self._tapered)]
            tapered, spectra = self._tapered[: len(some)], self._spectra[: len(some)]
            power, imaginary = self._power[: len(some)], self._imaginary[: len(some)]
            np.multiply(some, self._taper, out=tapered[:, : len(self._taper)])
            # Without a norm NumPy computes in float64, whatever it is given, which takes twice as long.
            np.fft.rfft(tapered, norm="ortho", out=spectra)  # type: ignore[arg-type]  # its stubs know complex128 alone
            np.square(spectra.real, out=power)
            np.square(spectra.imag, out=imaginary)
            power += imaginary
            power[:, :: self.size // 2] *= np.float32(0.5)
            yield power


class Bands:
    """Sums over bins, for bands that lie in ascending order.

    Few bins count for any band, so the low and the high half of the bands are summed apart, each over its own bins.

    Parameters
    ----------
    weights
        Shape ``(bins, bands)``.
    """

    def __init__(self, weights: Floats) -> None:
        self.count = weights.shape[1]
        self._halves = []
        for bands in (slice(0, self.count // 2), slice(self.count // 2, self.count)):
            counted = np.flatnonzero(weights[:, bands].any(axis=1))
            if len(counted):
                bins = slice(counted[0], counted[-1] + 1)
                self._halves.append((bins, bands, np.ascontiguousarray(weights[bins, bands])))

    def sum(self, power: Floats, out: Floats) -> None:
        """Sum spectra, shape ``(n, bins)``, into ``out``, shape ``(n, bands)``."""
        for bins, bands, weights in self._halves:
            np.matmul(power[:, bins], weights, out=out[:, bands])


class Kept(NamedTuple):
    """Bands, the scale on which their sums are kept, and the rows that keep them."""

    bands: Bands
    scale: Callable[[Floats], Floats]
    rows: Rows


class BandStream:
    """Collects bands of a stream of mono samples at :data:`RATE`.

    Parameters
    ----------
    kinds
        What is kept of every frame.
    stream
        Which stream of those rows this is: 0 has its first frame at the first sample, 1 :data:`FINE_HOP` after it;
        others follow every :data:`HOP`.
    """

    def __init__(self, kinds: list[Kept], stream: int = 0) -> None:
        self._frames, self._power = Frames(WINDOW, HOP, RATE, first=stream * FINE_HOP), Power(hann(WINDOW))
        self._kinds, self._stream = kinds, stream

    def feed(self, samples: Floats) -> None:
        """Take the next samples."""
        self._sum(self._frames.feed(samples))

    def finish(self) -> None:
        """Take what lies beyond the last sample."""
        self._sum(self._frames.finish())

    def _sum(self, frames: Floats) -> None:
        sums = [np.zeros((len(frames), kind.bands.count), np.float32) for kind in self._kinds]
        done = 0
        for power in self._power.each(frames):
            for kind, found in zip(self._kinds, sums, strict=True):
                kind.bands.sum(power, out=found[done : done + len(power)])
            done += len(power)
        for kind, found in zip(self._kinds, sums, strict=True):
            kind.rows.add(kind.scale(found), self._stream)


def mel_weights(bands: int = BANDS, low: float = 30.0, high: float = RATE / 2) -> Floats:
    """Triangular filters, equally spaced on the mel scale of O'Shaughnessy (1987).

    Returns
    -------
    Shape ``(WINDOW // 2 + 1, bands)``; every filter takes at least the bin nearest to its centre.
    """
    frequencies = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
    edges = _hz(np.linspace(_mel(low), _mel(high), bands + 2))
    rising = (frequencies[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - frequencies[:, None]) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0.0, np.minimum(rising, falling))
    nearest = np.abs(frequencies[:, None] - edges[1:-1]).argmin(axis=0)
    weights[nearest, np.arange(bands)] = np.maximum(weights[nearest, np.arange(bands)], 0.5)
    return weights.astype(np.float32)


def decibels(power: NDArray[np.floating], floor: float = FLOOR_DB) -> Floats:
    """Power to dB, not below ``floor``."""
    # NumPy computes natural logarithms of many numbers at once on every processor, others only on some.
    level = np.log(np.maximum(power, np.float32(10.0 ** (floor / 10.0))))
    level *= np.float32(10.0 / np.log(10.0))
    return np.asarray(level, np.float32)


def _mel(hz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hz / 700.0))


def _hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))
