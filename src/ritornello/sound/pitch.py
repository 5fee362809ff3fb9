"""Which pitches sound when: spectral peaks folded into one octave, and the tuning they share.

Pitch needs long windows and no high frequencies, so it has a spectrum of its own on a quarter of the rate: 0.37 s
windows cost a tenth there of what they would at 22,050 Hz. Peaks, not bins, are folded, because a peak's interpolated
frequency tells neighbouring semitones apart down to about 80 Hz (after Gómez 2006, HPCP).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ritornello.sound.decimation import Quarterer
from ritornello.sound.rows import Rows
from ritornello.sound.spectrum import RATE, Frames, Power, hann

Floats = NDArray[np.float32]

WINDOW = 2048
HOP = 512
SLOW_RATE = RATE / 4
"""Hz."""
PITCH_RATE = SLOW_RATE / HOP
"""Frames a second, 10.8."""
BINS = 36
"""To the octave; bin 0 is C at 440 Hz tuning."""
LOWEST, HIGHEST = 65.0, 2100.0
"""Hz; peaks outside say more about drums and overtones than about harmony."""

_MARGIN = 12
"""Bins to either side that a peak must stand out from: 25 with its own, which are added up as 16 + 8 + 1."""
_HARMONICS = {0: 1.0, 7: 0.25, 4: 0.1}
"""Semitones above the note at which its third and fifth partials fall, with their share of a typical note's energy."""


class PitchStream:
    """Collects the pitch content of a stream of mono samples at 22,050 Hz."""

    def __init__(self) -> None:
        self._quarterer = Quarterer()
        self._frames, self._power = Frames(WINDOW, HOP, SLOW_RATE), Power(hann(WINDOW))
        self.tuning = np.zeros(100)
        """Amplitude of peaks by cents above the equal-tempered semitone below, shape ``(100,)``."""
        self._rows = Rows(BINS + 1)

    def feed(self, samples: Floats) -> None:
        """Take the next samples."""
        self._fold(self._frames.feed(self._quarterer.feed(samples)))

    def finish(self) -> None:
        """Take what lies beyond the last sample."""
        self._fold(self._frames.feed(self._quarterer.finish()))
        self._fold(self._frames.finish())

    def pitches(self) -> Floats:
        """What was collected.

        Returns
        -------
        Shape ``(frames, 37)``, :data:`PITCH_RATE` frames a second: folded peak amplitudes, and last the amplitude of
        the noise between the peaks, spread over twelve pitch classes.
        """
        return self._rows.array()

    def _fold(self, frames: Floats) -> None:
        for power in self._power.each(frames):
            rows, cents, amplitudes, noise = peaks(power)
            above = cents - 100 * np.floor(cents / 100)
            self.tuning += np.bincount(np.minimum(above.astype(np.intp), 99), amplitudes, 100)
            bins = np.rint(cents * np.float32(BINS / 1200)).astype(np.intp) % BINS
            folded = np.bincount(rows * BINS + bins, amplitudes, len(power) * BINS)
            self._rows.add(np.column_stack([folded.reshape(len(power), BINS), noise]).astype(np.float32))


def peaks(spectrum: Floats) -> tuple[NDArray[np.intp], Floats, Floats, Floats]:
    """Spectral peaks that stand out from the noise around them.

    Parameters
    ----------
    spectrum
        Power, shape ``(frames, 1025)`` at :data:`SLOW_RATE`.

    Returns
    -------
    rows
        The frame of each peak.
    cents
        Above C of octave 0 at 440 Hz tuning.
    amplitudes
        Square root of power, less the noise around the peak.
    noise
        What lies between the peaks in each frame: the mean amplitude around every bin, in units of one peak (four bins
        wide) for each of twelve pitch classes.
    """
    first, last = int(LOWEST * WINDOW / SLOW_RATE), int(HIGHEST * WINDOW / SLOW_RATE)
    count, width = last - first + 1, last - first + 1 + 2 * _MARGIN
    magnitude = np.sqrt(spectrum[:, first - _MARGIN : last + _MARGIN + 1])
    around = _around(magnitude)
    # As one long row: what is found across the seam of two frames lies in their margins, and is left out.
    heights = magnitude.ravel()
    left, middle, right = (heights[_MARGIN + side : len(heights) - _MARGIN + side] for side in (-1, 0, 1))
    found = np.flatnonzero((middle > left) & (middle >= right) & (middle > around.ravel()[: len(middle)]))
    rows, columns = np.divmod(found, width)
    least = np.maximum(magnitude[:, _MARGIN:-_MARGIN].max(axis=1) * np.float32(0.01), np.float32(1e-5))
    clear = (columns < count) & (middle[found] > least[rows])
    found, rows, columns = found[clear], rows[clear], columns[clear]
    height = middle[found]
    a, b, c = np.log(np.stack([left[found], height, right[found]]) + np.float32(1e-12))
    offset = np.clip(0.5 * (a - c) / np.minimum(a - 2 * b + c, np.float32(-1e-9)), -0.5, 0.5)
    frequency = (columns + first + offset).astype(np.float32) * np.float32(SLOW_RATE / WINDOW / 440.0)
    cents = np.log(frequency) * np.float32(1200 / np.log(2)) + np.float32(5700)
    noise = around[:, :count].sum(axis=1) / np.float32(2 * 4 * 12)
    return rows, cents, height - around.ravel()[found] / 2, noise


def _around(magnitude: Floats) -> Floats:
    """What a peak must be above: twice the mean of the bins up to :data:`_MARGIN` to both sides.

    Parameters
    ----------
    magnitude
        Shape ``(frames, bins)``, in one piece.

    Returns
    -------
    Same shape; column ``i`` is about column ``i + _MARGIN``, and the last ``2 * _MARGIN`` columns mean nothing.
    """
    # Sums of 1, 2, 4, 8 and 16 bins, across the seams of frames: a row for each would take twice as long.
    sums = [magnitude.ravel()]
    for width in (1, 2, 4, 8):
        sums.append(sums[-1][:-width] + sums[-1][width:])
    around = np.zeros(magnitude.size, np.float32)
    inner = around[: -2 * _MARGIN]
    np.add(sums[4][: len(inner)], sums[3][16 : 16 + len(inner)], out=inner)
    inner += sums[0][2 * _MARGIN :]
    inner *= np.float32(2 / (2 * _MARGIN + 1))
    return around.reshape(magnitude.shape)


def tuning_cents(tuning: NDArray[np.float64]) -> float:
    """How far the track is tuned from A = 440 Hz.

    Parameters
    ----------
    tuning
        :attr:`PitchStream.tuning`.

    Returns
    -------
    Cents, -50..50: the circular mean of the histogram; 0 for an empty one.
    """
    angles = 2 * np.pi * (np.arange(100) + 0.5) / 100
    mean = np.sum(tuning * np.exp(1j * angles))
    if abs(mean) < 0.02 * tuning.sum() or not tuning.any():
        return 0.0
    cents = float(np.angle(mean) / (2 * np.pi) * 100)
    return cents if cents <= 50 else cents - 100


def chroma(pitches: Floats, cents: float) -> Floats:
    """Fold 36 bins into twelve pitch classes, undoing the tuning and the overtones.

    Parameters
    ----------
    pitches
        Shape ``(n, 37)``, as :meth:`PitchStream.pitches` gives them.
    cents
        Tuning, as :func:`tuning_cents` gives it.

    Returns
    -------
    Shape ``(n, 12)``, C first, not below 0, not normalised.
    """
    centres = np.arange(BINS) * (1200 / BINS) - cents
    distance = (centres[:, None] - np.arange(12) * 100 + 600) % 1200 - 600
    fold = np.maximum(0.0, 1.0 - np.abs(distance) / 75.0)
    raw = pitches[:, :BINS] @ fold.astype(np.float32)
    partials = np.zeros(12)
    for semitones, share in _HARMONICS.items():
        partials[semitones] = share
    spread = np.stack([np.roll(partials, note) for note in range(12)])
    return np.asarray(np.maximum(raw @ np.linalg.inv(spread), 0.0), np.float32)
