"""When something starts: onset strength, and the picking of its peaks.

Onset strength is the spectral flux of Böck and Widmer (2013, SuperFlux): the rise of each mel band over the loudest of
its neighbours 23 ms before, so that vibrato and glides do not count as onsets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ritornello.sound.quantiles import quantile

Floats = NDArray[np.float32]

LAG = 0.0232
"""Seconds between the two frames that are compared."""
RANGE_DB = 55.0
"""Below the loudest band of the track; what is quieter is taken as background."""
PARTS = {"all": (0, 40), "lowest": (0, 3), "bass": (0, 4), "middle": (10, 26), "top": (28, 40)}
"""Mel bands, first and after the last; the lowest three reach up to about 230 Hz."""
COUNTED = (1.0, 3.0)
"""dB between which a rise counts for activity: how often something starts, and in how many bands, follows the tempo;
how hard, the master and the marks that time-stretching leaves. Below lies the noise of textures and of stretchers."""
_CHUNK = 4096
"""Frames worked on at once, which keeps memory flat for long tracks."""


def flux(bands: Floats, floor: float, lag: int) -> Floats:
    """How much each band rises.

    Parameters
    ----------
    bands
        dB, shape ``(frames, bands)``.
    floor
        dB; what is quieter is taken as background (:func:`background`).
    lag
        Frames between the two that are compared (:func:`frames_of_lag`).

    Returns
    -------
    dB, not below 0, same shape; 0 in the first ``lag`` frames.
    """
    rise = np.zeros_like(bands)
    if len(bands) <= lag:
        return rise
    audible = np.maximum(bands, np.float32(floor))
    before = audible[:-lag].copy()
    np.maximum(before[:, 1:], audible[:-lag, :-1], out=before[:, 1:])
    np.maximum(before[:, :-1], audible[:-lag, 1:], out=before[:, :-1])
    np.subtract(audible[lag:], before, out=rise[lag:])
    return np.asarray(np.clip(rise, 0.0, 25.0, out=rise))


def frames_of_lag(rate: float) -> int:
    """:data:`LAG` at ``rate`` frames a second."""
    return max(round(LAG * rate), 1)


def background(bands: Floats) -> float:
    """The level in dB below which a track is background: :data:`RANGE_DB` under its loudest bands."""
    return _background(bands.max(axis=1))


def _background(loudest: Floats) -> float:
    return float(quantile(loudest, 0.95)) - RANGE_DB


@dataclass(frozen=True, slots=True)
class Rises:
    """How much the bands of a track rise.

    Attributes
    ----------
    parts
        dB by which the bands of each of :data:`PARTS` rise on average, shape ``(frames, len(PARTS))``.
    counted
        dB by which a band rises on average from the first frame to the last, as far as :data:`COUNTED`.
    sounding
        Seconds in which a band is louder than the background.
    rate
        Frames a second.
    """

    parts: Floats
    counted: float
    sounding: float
    rate: float

    def of(self, part: str) -> Floats:
        """The rise of one of :data:`PARTS`, shape ``(frames,)``."""
        return self.parts[:, list(PARTS).index(part)]


def rises(bands: Floats, rate: float) -> Rises:
    """The flux of all bands and of parts of them.

    Parameters
    ----------
    bands
        dB, shape ``(frames, 40)`` at ``rate`` frames a second.
    """
    lag = frames_of_lag(rate)
    parts = np.zeros((len(bands), len(PARTS)), np.float32)
    if len(bands) <= lag:
        return Rises(parts, 0.0, 0.0, rate)
    loudest = bands.max(axis=1)
    floor = _background(loudest)
    shares = np.zeros((bands.shape[1], len(PARTS)), np.float32)
    for column, (low, high) in enumerate(PARTS.values()):
        shares[low:high, column] = 1 / (high - low)
    least, most = (np.float32(bound) for bound in COUNTED)
    counted = 0.0
    for start in range(lag, len(bands), _CHUNK):
        rise = flux(bands[start - lag : start + _CHUNK], floor, lag)[lag:]
        parts[start : start + _CHUNK] = rise @ shares
        counted += float(np.clip(rise - least, 0, most - least).sum(dtype=float))
    return Rises(parts, counted / lag / bands.shape[1], np.count_nonzero(loudest > floor) / rate, rate)


def strength(risen: Rises) -> Floats:
    """Onset strength of each frame: the mean rise over all bands, and half as much again of the bass.

    Bass counts twice because it is where beats are, and a few low bands drown among forty.

    Returns
    -------
    Shape ``(frames,)``, not below 0, of unit variance; all 0 where nothing ever starts.
    """
    whole, lowest = (_prominence(risen.of(part), risen.rate) for part in ("all", "lowest"))
    both = whole + np.float32(0.5) * lowest
    return np.asarray(both / max(float(both.std()), 1e-9), np.float32)


def _prominence(raw: Floats, rate: float) -> Floats:
    """What rises over the running mean, of unit variance."""
    above = over_mean(raw, rate)
    deviation = float(above.std())
    return np.asarray(above / deviation if deviation > 1e-3 else np.zeros_like(above), np.float32)


def over_mean(raw: Floats, rate: float) -> Floats:
    """What rises over the mean of the second around it, ``rate`` frames a second."""
    return np.asarray(np.maximum(raw - running_mean(raw, rate), np.float32(0.0)))


def activity(risen: Rises) -> float:
    """How much starts while a track sounds: the flux of its bands between :data:`COUNTED`.

    A count of picked onsets says the same of music with a beat, but moves more with the master.

    Returns
    -------
    dB a second by which a band rises on average, 0 to about 20; what sounds for less than a second counts as a second.
    """
    return risen.counted / max(risen.sounding, 1.0)


def running_mean(values: Floats, frames: float) -> Floats:
    """Mean over a window of so many frames centred on each, shorter at both ends."""
    half = max(int(frames / 2), 1)
    cumulated = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    index = np.arange(len(values))
    low, high = np.maximum(index - half, 0), np.minimum(index + half + 1, len(values))
    return np.asarray((cumulated[high] - cumulated[low]) / (high - low), np.float32)


def peaks(values: Floats, threshold: float | Floats, apart: int) -> NDArray[np.intp]:
    """Local maxima above a threshold; of several closer together than ``apart`` frames, the highest.

    Returns
    -------
    Frames, ascending.
    """
    if len(values) < 3:
        return np.zeros(0, np.intp)
    inner = values[1:-1]
    candidates = np.flatnonzero((inner > values[:-2]) & (inner >= values[2:])) + 1
    limit = np.broadcast_to(np.asarray(threshold), values.shape)
    candidates = candidates[values[candidates] > limit[candidates]]
    taken, near = bytearray(len(values) + 2 * apart), b"\1" * (2 * apart - 1)
    kept = []
    for frame in candidates[np.argsort(-values[candidates], kind="stable")].tolist():
        if not taken[frame + apart]:
            kept.append(frame)
            taken[frame + 1 : frame + 2 * apart] = near
    return np.sort(np.array(kept, np.intp))
