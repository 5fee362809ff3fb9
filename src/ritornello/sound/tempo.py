"""Tempo: which readings of the pulse there are, and how it drifts.

The pulse is found by the product of the autocorrelation and the spectrum of onset strength (after Peeters 2006: one has
peaks at the multiples of the true period, the other at its fractions, so only the true one has both). Which of its
multiples people would tap is a question of style rather than of strength, so it is learned: docs/tempo.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ritornello.sound import onsets
from ritornello.sound.quantiles import median
from ritornello.sound.spectrum import FRAME_RATE
from ritornello.track import TempoCandidate

Floats = NDArray[np.float32]

SLOWEST, FASTEST = 40.0, 240.0
"""BPM."""
PREFERRED = 115.0
"""BPM; around it the strongest reading is looked for, from which the others are reckoned."""
OCTAVES = 0.6
"""Standard deviation of that preference, in octaves."""
MULTIPLES = (1 / 3, 1 / 2, 2 / 3, 1.0, 3 / 2, 2.0, 3.0)
"""The readings of a pulse, as multiples of the strongest."""
SLOWER = 0.5
"""Logits by which a reading counts more than one an octave faster, beside what is learned: by that alone many more
pieces are counted too fast than too slow. Chosen on the development split of the bench."""
WINDOW = 8.0
"""Seconds in which tempo is taken as constant."""
STEP = 1.0
"""Seconds between such windows."""

READING = (
    "octaves from 110, squared",
    "salience",
    "onsets half a beat on",
    "bass four beats on",
    "harmony one and a half beats on",
    "harmony two beats on",
    "harmony four beats on",
    "middle at three to a beat",
    "middle at four to a beat",
    "bass onsets to a beat, log squared",
    "middle onsets to a beat, log",
    "top onsets to a beat, log",
    "top onsets to a beat, log squared",
)
"""What is measured of each reading."""
DOUBT = ("constant", "salience", "salience over its median, log", "steadiness")
"""What is measured of the pulse as a whole."""
ODDS = Path(__file__).with_name("tempo_odds.json")

_JUMP = 80.0
"""What a step by an octave costs in the logarithm of salience, from one second to the next."""
_SPAN = int(12 * FRAME_RATE)
_LENGTH = 1024
_KEPT = 4
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
    padded = np.pad(strength, (size // 2, size // 2 + 1))
    hops = np.arange(0, len(strength), int(STEP * FRAME_RATE))
    windows = sliding_window_view(padded, size)
    return np.concatenate([_salience(windows[hops[i : i + _CHUNK]]) for i in range(0, len(hops), _CHUNK)])


def _salience(windows: Floats) -> NDArray[np.float64]:
    """Salience of each tempo in each window of onset strength."""
    size = windows.shape[1]
    windows = (windows - windows.mean(axis=1, keepdims=True)) * np.hanning(size).astype(np.float32)
    length = 2048
    magnitude = np.abs(np.fft.rfft(windows, length, axis=1, norm="ortho"))
    # Every fourth bin is the spectrum of a quarter of the length, which still has room for two of the longest periods.
    lags = length // 8
    correlation = np.fft.irfft(magnitude[:, ::4] ** 2, axis=1, norm="ortho")[:, :lags]
    correlation /= np.maximum(correlation[:, :1], 1e-9)
    magnitude /= np.maximum(np.sqrt((magnitude**2).sum(axis=1, keepdims=True)), 1e-9)
    periods = 60.0 * FRAME_RATE / tempo_grid()
    fade = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(size), length // 4)) ** 2)[:lags]
    correlation /= np.maximum(fade / fade[0], 0.1)
    by_period = np.maximum(_at(correlation, periods), 0.0)
    by_bar = np.maximum(_at(correlation, periods * 2), 0.0)
    by_rate = sum(_at(magnitude, length / periods * k) * w for k, w in ((1, 1.0), (2, 0.5), (3, 0.25), (4, 0.3)))
    return by_period * (0.5 + by_bar) * by_rate


def rank(
    salience: NDArray[np.float64], strength: Floats, risen: onsets.Rises, chroma: Floats, chroma_rate: float
) -> tuple[TempoCandidate, ...]:
    """The readings of the pulse of a track, best first; at least two where there is a pulse at all.

    Confidences are the odds of a conditional logit (McFadden 1974) between the readings and the case that none is
    right, so they add up to less than 1 and are all low where nobody could tap. ``training/tempo.py`` fits it.

    Parameters
    ----------
    salience
        As :func:`tempogram` gives it.
    strength
        Onset strength, shape ``(frames,)``.
    risen
        As :func:`~ritornello.sound.onsets.rises` gives it.
    chroma
        Shape ``(m, 12)`` at ``chroma_rate`` frames a second.
    """
    if salience.mean(axis=0).max() <= 0:
        return ()
    found = evidence(salience, strength, risen, chroma, chroma_rate)
    reading, no_pulse = odds()
    preference = -SLOWER * np.log2(found.bpm / 110)
    logits = np.append(found.readings @ reading + preference, found.doubt @ no_pulse)
    shares = np.exp(logits - logits.max())
    shares *= 0.999 / shares.sum()
    best = np.argsort(-shares[:-1], kind="stable")[:_KEPT]
    return tuple(TempoCandidate(float(found.bpm[i]), float(shares[i])) for i in best)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for each reading of the pulse.

    Attributes
    ----------
    bpm
        The readings, shape ``(n,)``.
    readings
        Shape ``(n, len(READING))``.
    doubt
        What speaks against any steady pulse, shape ``(len(DOUBT),)``.
    """

    bpm: NDArray[np.float64]
    readings: NDArray[np.float64]
    doubt: NDArray[np.float64]


def evidence(
    salience: NDArray[np.float64], strength: Floats, risen: onsets.Rises, chroma: Floats, chroma_rate: float
) -> Evidence:
    """Measure each reading of the pulse; parameters as for :func:`rank`."""
    tempos, mean = tempo_grid(), salience.mean(axis=0)
    prior = np.exp(-0.5 * (np.log2(tempos / PREFERRED) / OCTAVES) ** 2)
    bpm = tempos[(mean * prior).argmax()] * np.array(MULTIPLES)
    bpm = bpm[(bpm >= SLOWEST) & (bpm <= FASTEST)]
    near = np.abs(np.log2(tempos / bpm[:, None]))
    periods = 60.0 * FRAME_RATE / bpm
    bass, middle, top = (onsets.over_mean(risen.of(part), FRAME_RATE) for part in ("bass", "middle", "top"))
    spectrum = _spectrum(np.stack([strength, bass, middle, _harmony(chroma, chroma_rate, len(strength))]))
    onset, low, _, harmony = _correlation(spectrum)
    rates = np.sqrt(spectrum[2:3] / max(float(spectrum[2].sum()), 1e-9))
    bass_density, middle_density, top_density = (_density(rise) - np.log2(bpm / 60) for rise in (bass, middle, top))
    measured = {
        "octaves from 110, squared": np.log2(bpm / 110) ** 2,
        "salience": np.log(np.where(near < 0.03, mean, 0).max(axis=1) + 1e-3),
        "onsets half a beat on": _at(onset[None], periods / 2)[0],
        "bass four beats on": _at(low[None], periods * 4)[0],
        "harmony one and a half beats on": _at(harmony[None], periods * 1.5)[0],
        "harmony two beats on": _at(harmony[None], periods * 2)[0],
        "harmony four beats on": _at(harmony[None], periods * 4)[0],
        "middle at three to a beat": _at(rates, _LENGTH / periods * 3)[0],
        "middle at four to a beat": _at(rates, _LENGTH / periods * 4)[0],
        "bass onsets to a beat, log squared": bass_density**2,
        "middle onsets to a beat, log": middle_density,
        "top onsets to a beat, log": top_density,
        "top onsets to a beat, log squared": top_density**2,
    }
    steady = salience[:, (near < 0.06).any(axis=0)].max(axis=1) / np.maximum(salience.max(axis=1), 1e-9)
    doubt = {
        "constant": 1.0,
        "salience": float(np.log(mean.max() + 1e-3)),
        "salience over its median, log": float(np.log((mean.max() + 1e-4) / (float(median(mean)) + 1e-4))),
        "steadiness": float(steady.mean()),
    }
    return Evidence(
        bpm, np.stack([measured[name] for name in READING], axis=1), np.array([doubt[name] for name in DOUBT])
    )


@cache
def odds() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The weights of :data:`READING` and of :data:`DOUBT`."""
    kept = json.loads(ODDS.read_text(encoding="utf-8"))
    return np.array([kept["reading"][name] for name in READING]), np.array([kept["doubt"][name] for name in DOUBT])


def _harmony(chroma: Floats, rate: float, frames: int) -> Floats:
    """How much the harmony differs from that of 0.2 s before, 0..1, at the rate of the onsets."""
    lag = round(0.19 * rate)
    change = np.zeros(len(chroma), np.float32)
    if len(chroma) > lag:
        unit = chroma / np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), np.float32(1e-6))
        change[lag:] = 1 - (unit[lag:] * unit[:-lag]).sum(axis=1)
    at = np.arange(frames) * (rate / FRAME_RATE)
    return np.asarray(np.interp(at, np.arange(len(change)), change), np.float32)


def _spectrum(curves: Floats) -> NDArray[np.float64]:
    """Mean power spectrum of each curve over windows of :data:`_SPAN` frames."""
    padded = np.pad(curves, ((0, 0), (_SPAN // 2, _SPAN // 2 + 1)))
    hops = np.arange(0, curves.shape[1], int(3 * FRAME_RATE))
    windows = sliding_window_view(padded, _SPAN, axis=1)
    total = np.zeros((len(curves), _LENGTH // 2 + 1))
    for start in range(0, len(hops), _CHUNK):
        some = windows[:, hops[start : start + _CHUNK]]
        some = (some - some.mean(axis=2, keepdims=True)) * np.hanning(_SPAN).astype(np.float32)
        total += (np.abs(np.fft.rfft(some, _LENGTH, axis=2, norm="ortho")) ** 2).sum(axis=1)
    return total / len(hops)


def _correlation(spectrum: NDArray[np.float64]) -> NDArray[np.float64]:
    """Autocorrelation by frames of lag, 1 at none, corrected for the fading window."""
    found = np.fft.irfft(spectrum, axis=1)[:, : _LENGTH // 2]
    fade = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(_SPAN), _LENGTH)) ** 2)[: _LENGTH // 2]
    return np.asarray(found / np.maximum(found[:, :1], 1e-9) / np.maximum(fade / fade[0], 0.1))


def _density(rise: Floats) -> float:
    """Clear onsets a second, as a logarithm to base 2."""
    peaks = onsets.peaks(rise, max(float(rise.std()), 1e-6), 2)
    return float(np.log2(len(peaks) / len(rise) * FRAME_RATE + 0.1))


def follow(salience: NDArray[np.float64], around: float) -> NDArray[np.float64]:
    """The tempo at each second: the smoothest strong path within a third of an octave of ``around``.

    Returns
    -------
    BPM, shape ``(seconds,)``.
    """
    tempos = tempo_grid()
    near = np.flatnonzero(np.abs(np.log2(tempos / around)) < 0.34)
    scores = np.log(salience[:, near] + 0.02 * salience.max() + 1e-9)
    slope = _JUMP * np.log2(tempos[near])
    totals = [scores[0]]
    for row in scores[1:]:
        # The best step from any slower and from any faster tempo: its cost grows evenly with the distance, so that one
        # running maximum each way finds it (Felzenszwalb and Huttenlocher 2012).
        rising = np.maximum.accumulate(totals[-1] + slope) - slope
        falling = np.maximum.accumulate((totals[-1] - slope)[::-1])[::-1] + slope
        totals.append(np.maximum(rising, falling) + row)
    path = [int(totals[-1].argmax())]
    for total in reversed(totals[:-1]):
        path.append(int((total - np.abs(slope - slope[path[-1]])).argmax()))
    return np.asarray(tempos[near][path[::-1]])


def _at(rows: NDArray[np.floating], positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns of ``rows`` at fractional positions, linearly interpolated; 0 beyond the last."""
    inside = np.clip(positions, 0, rows.shape[1] - 2)
    low = inside.astype(np.intp)
    share = (inside - low).astype(rows.dtype)  # float64 would make it and all that follows twice as large
    values = rows[:, low] * (1 - share) + rows[:, low + 1] * share
    return np.where(positions <= rows.shape[1] - 2, values, 0.0)
