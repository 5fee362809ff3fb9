"""When something starts: onset strength, and the picking of its peaks.

Onset strength is the spectral flux of Böck and Widmer (2013, SuperFlux): the rise of each mel band over the loudest of
its neighbours two frames before, so that vibrato and glides do not count as onsets.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ritornello.sound.quantiles import quantile
from ritornello.sound.spectrum import FRAME_RATE

Floats = NDArray[np.float32]

LAG = 2
"""Frames between the two that are compared (23 ms)."""
RANGE_DB = 55.0
"""Below the loudest band of the track; what is quieter is taken as background."""
_BASS = 3
"""Mel bands up to about 230 Hz."""
_CHUNK = 4096
"""Frames worked on at once, which keeps memory flat for long tracks."""


def flux(bands: Floats, floor: float) -> Floats:
    """How much each band rises.

    Parameters
    ----------
    bands
        dB, shape ``(frames, bands)``.
    floor
        dB; what is quieter is taken as background (:func:`background`).

    Returns
    -------
    dB, not below 0, same shape; 0 in the first two frames.
    """
    rise = np.zeros_like(bands)
    if len(bands) <= LAG:
        return rise
    audible = np.maximum(bands, np.float32(floor))
    before = audible[:-LAG].copy()
    np.maximum(before[:, 1:], audible[:-LAG, :-1], out=before[:, 1:])
    np.maximum(before[:, :-1], audible[:-LAG, 1:], out=before[:, :-1])
    np.subtract(audible[LAG:], before, out=rise[LAG:])
    return np.asarray(np.clip(rise, 0.0, 25.0, out=rise))


def background(bands: Floats) -> float:
    """The level in dB below which a track is background: :data:`RANGE_DB` under its loudest bands."""
    return float(quantile(bands.max(axis=1), 0.95)) - RANGE_DB


def strength(bands: Floats) -> Floats:
    """Onset strength of each frame: the mean rise over all bands, and half as much again of the bass.

    Bass counts twice because it is where beats are, and a few low bands drown among forty.

    Parameters
    ----------
    bands
        dB, shape ``(frames, bands)``.

    Returns
    -------
    Shape ``(frames,)``, not below 0, of unit variance; all 0 where nothing ever starts.
    """
    floor = background(bands)
    whole, bass = np.zeros(len(bands), np.float32), np.zeros(len(bands), np.float32)
    for start in range(LAG, len(bands), _CHUNK):
        rise = flux(bands[start - LAG : start + _CHUNK], floor)[LAG:]
        whole[start : start + _CHUNK] = rise.mean(axis=1)
        bass[start : start + _CHUNK] = rise[:, :_BASS].mean(axis=1)
    both = _prominence(whole) + np.float32(0.5) * _prominence(bass)
    return np.asarray(both / max(float(both.std()), 1e-9), np.float32)


def _prominence(raw: Floats) -> Floats:
    """What rises over the running mean, of unit variance."""
    above = np.maximum(raw - running_mean(raw, 1.0), np.float32(0.0))
    deviation = float(above.std())
    return np.asarray(above / deviation if deviation > 1e-3 else np.zeros_like(above), np.float32)


def activity(bands: Floats) -> float:
    """How much starts while a track sounds: the flux of its bands.

    A count of picked onsets says the same of music with a beat, but moves more with the master.

    Parameters
    ----------
    bands
        dB, shape ``(frames, bands)``.

    Returns
    -------
    dB a second by which a band rises on average, 0 to about 100; what sounds for less than a second counts as a second.
    """
    if len(bands) <= LAG:
        return 0.0
    floor = background(bands)
    starts = range(LAG, len(bands), _CHUNK)
    risen = sum(float(flux(bands[start - LAG : start + _CHUNK], floor)[LAG:].sum(dtype=float)) for start in starts)
    sounding = np.count_nonzero(bands.max(axis=1) > floor) / FRAME_RATE
    return float(risen / LAG / bands.shape[1] / max(sounding, 1.0))


def running_mean(values: Floats, seconds: float) -> Floats:
    """Mean over a window centred on each frame, shorter at both ends."""
    half = max(int(seconds * FRAME_RATE / 2), 1)
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
