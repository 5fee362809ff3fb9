"""Tempo: which readings of the pulse there are, and how it drifts.

Ranked by the product of the autocorrelation and the spectrum of onset strength (after Peeters 2006: one has peaks at
the multiples of the true period, the other at its fractions, so only the true one has both) with a prior for tempos at
which people tap.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ritornello.sound.spectrum import FRAME_RATE
from ritornello.track import TempoCandidate

Floats = NDArray[np.float32]

SLOWEST, FASTEST = 40.0, 240.0
"""BPM."""
PREFERRED = 105.0
"""BPM; where the prior for tapping peaks."""
OCTAVES = 0.9
"""Standard deviation of that prior, in octaves."""
WINDOW = 8.0
"""Seconds in which tempo is taken as constant."""
STEP = 1.0
"""Seconds between such windows."""

_GRID = 120
"""Tempos to the octave of the grid."""
_CHUNK = 32
"""Windows transformed at once, which keeps memory flat for long tracks."""


def tempo_grid() -> NDArray[np.float64]:
    """The tempos that are weighed, BPM, equally spaced in octaves."""
    return np.asarray(SLOWEST * 2.0 ** (np.arange(int(np.log2(FASTEST / SLOWEST) * _GRID) + 1) / _GRID))


def tempogram(strength: Floats) -> NDArray[np.float64]:
    """How well each tempo explains the onsets around each second.

    Parameters
    ----------
    strength
        Onset strength, shape ``(frames,)``.

    Returns
    -------
    Shape ``(seconds, tempos)``, tempos as :func:`tempo_grid`; not below 0.
    """
    size = int(WINDOW * FRAME_RATE)
    padded = np.pad(strength.astype(np.float64), (size // 2, size // 2 + 1))
    hops = np.arange(0, len(strength), int(STEP * FRAME_RATE))
    windows = sliding_window_view(padded, size)
    return np.concatenate([_salience(windows[hops[i : i + _CHUNK]]) for i in range(0, len(hops), _CHUNK)])


def _salience(windows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Salience of each tempo in each window of onset strength."""
    size = windows.shape[1]
    windows = (windows - windows.mean(axis=1, keepdims=True)) * np.hanning(size)
    length = 4096
    magnitude = np.abs(np.fft.rfft(windows, length, axis=1))
    correlation = np.fft.irfft(magnitude**2, axis=1)[:, : length // 2]
    correlation /= np.maximum(correlation[:, :1], 1e-9)
    magnitude /= np.maximum(np.sqrt((magnitude**2).sum(axis=1, keepdims=True)), 1e-9)
    periods = 60.0 * FRAME_RATE / tempo_grid()
    fade = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(size), length)) ** 2)[: length // 2]
    correlation /= np.maximum(fade / fade[0], 0.1)
    by_period = np.maximum(_at(correlation, periods), 0.0)
    by_bar = np.maximum(_at(correlation, periods * 2), 0.0)
    by_rate = sum(_at(magnitude, length / periods * k) * w for k, w in ((1, 1.0), (2, 0.5), (3, 0.25), (4, 0.3)))
    return by_period * (0.5 + by_bar) * by_rate


def rank(salience: NDArray[np.float64]) -> tuple[TempoCandidate, ...]:
    """The most likely tempos of a track, best first.

    Parameters
    ----------
    salience
        As :func:`tempogram` gives it.
    """
    tempos = tempo_grid()
    prior = np.exp(-0.5 * (np.log2(tempos / PREFERRED) / OCTAVES) ** 2)
    weight = salience.mean(axis=0) * prior
    found = []
    remaining = weight.copy()
    for _ in range(4):
        best = int(remaining.argmax())
        if remaining[best] <= 0:
            break
        found.append((float(tempos[best]), float(weight[best])))
        remaining[np.abs(np.log2(tempos / tempos[best])) < 0.12] = 0.0
    total = sum(score**2 for _, score in found)
    if total <= 0:
        return ()
    if len(found) == 1:  # a bare metronome: the octave towards the preferred tempo is the only other reading
        found.append((found[0][0] * (2.0 if found[0][0] < PREFERRED else 0.5), 0.0))
    clarity = min(1.0, float(weight.max()) / 0.25)
    return tuple(TempoCandidate(bpm, 0.999 * score**2 / total * clarity) for bpm, score in found)


def follow(salience: NDArray[np.float64], around: float) -> NDArray[np.float64]:
    """The tempo at each second: the smoothest strong path within a third of an octave of ``around``.

    Returns
    -------
    BPM, shape ``(seconds,)``.
    """
    tempos = tempo_grid()
    near = np.flatnonzero(np.abs(np.log2(tempos / around)) < 0.34)
    scores = np.log(salience[:, near] + 0.02 * salience.max() + 1e-9)
    jump = -8.0 * np.abs(np.log2(tempos[near, None] / tempos[None, near])) / 0.1
    total, back = scores[0], []
    for row in scores[1:]:
        reach = total[None, :] + jump
        back.append(reach.argmax(axis=1))
        total = reach.max(axis=1) + row
    path = [int(total.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return np.asarray(tempos[near][path[::-1]])


def _at(rows: NDArray[np.float64], positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns of ``rows`` at fractional positions, linearly interpolated; 0 beyond the last."""
    inside = np.clip(positions, 0, rows.shape[1] - 2)
    low = inside.astype(np.intp)
    share = inside - low
    values = rows[:, low] * (1 - share) + rows[:, low + 1] * share
    return np.where(positions <= rows.shape[1] - 2, values, 0.0)
