"""The pulse of a track: beats along a tempo that may drift, and what they group and divide into.

A network says how likely each moment is a beat. Of these, dynamic programming (Ellis 2007) takes those that are as
likely as can be had about one period after the one before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ritornello.sound import meter, onsets, pulse, tempo
from ritornello.sound.quantiles import median
from ritornello.sound.spectrum import FRAME_RATE
from ritornello.track import Interval, TempoCandidate

Floats = NDArray[np.float32]

TIGHTNESS = 400.0
"""What a beat off the tempo costs, against the strength it may gain (Ellis's alpha)."""
DOWNBEATS = 1.0
"""How much a downbeat counts beside a beat: it tells beats from what lies halfway between them. Both were chosen on the
development split of the bench."""
SHORTEST = 2.0
"""Seconds in which a pulse can show."""
UNLIKELY = 1e-5
"""A pulse less likely than this is none."""

_STRETCHES = 100
"""Of the shortest lag, weighed at once, which keeps memory flat for long tracks."""
_ONSET_DELAY = 0.2
"""Frames by which a click is later than the peak of its onset strength."""
_ATTACK = 0.4
"""Frames by which notes start before a click of the same onset strength: they rise for a while. Chosen on the
development split of the bench, where otherwise every kind of music had its beats some 10 ms late."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The pulse of a track.

    Attributes
    ----------
    tempo, tempo_confidence
        BPM, 0 without a pulse.
    candidates
        Readings of the pulse, best first; at least two when there is a pulse.
    time_signature, time_signature_confidence
        Beats to the bar, 3..7.
    bars, beats
        Each list is contiguous; bars start on beats.
    division
        Tatums to a beat.
    """

    tempo: float
    tempo_confidence: float
    candidates: tuple[TempoCandidate, ...]
    time_signature: int
    time_signature_confidence: float
    bars: tuple[Interval, ...]
    beats: tuple[Interval, ...]
    division: int

    @property
    def tatums(self) -> tuple[Interval, ...]:
        """What beats divide into; contiguous, and every beat starts on one."""
        return meter.tatums(self.beats, self.division)

    def tempo_between(self, start: float, end: float) -> tuple[float, float]:
        """BPM and confidence of a stretch of the track; both 0 where fewer than two beats fall into it."""
        inside = [beat for beat in self.beats if start <= beat.start < end]
        if len(inside) < 2:
            return 0.0, 0.0
        sure = self.tempo_confidence * 2 * float(np.mean([beat.confidence for beat in inside]))
        return overall_tempo(np.array([beat.start for beat in inside])), min(sure, 1.0)


NO_PULSE = Rhythm(0.0, 0.0, (), 4, 0.0, (), (), 2)


def rhythm(risen: onsets.Rises, bands: Floats, chroma: Floats, chroma_rate: float, duration: float) -> Rhythm:
    """Find the pulse of a track.

    Parameters
    ----------
    risen
        As :func:`~ritornello.sound.onsets.rises` gives it.
    bands
        Mel bands in dB, shape ``(frames, bands)``.
    chroma
        Shape ``(m, 12)`` at ``chroma_rate`` frames a second.
    duration
        Seconds.
    """
    onset = onsets.strength(risen)
    if not onset.any() or duration < SHORTEST:
        return NO_PULSE
    said = pulse.activations(bands, chroma)
    strength = pulse.drive(said, onset)
    salience = tempo.tempogram(strength)
    candidates = tempo.rank(salience, strength, risen, chroma, chroma_rate)
    if sum(reading.confidence for reading in candidates) < UNLIKELY:
        return NO_PULSE
    curve = tempo.follow(salience, candidates[0].bpm)
    frames = track_beats(pulse.drive(said, onset, DOWNBEATS), curve)
    if len(frames) < 4:
        return NO_PULSE
    attacks, sure = _refine(onset, frames) / FRAME_RATE, _beat_confidence(strength, frames)
    division, compound = meter.division(onset, attacks)
    found = meter.meter(meter.accents(said[:, 1], attacks), compound)
    beats = _intervals(np.maximum(attacks - _ATTACK / FRAME_RATE, 0.0), sure, duration)
    bpm = overall_tempo(attacks)
    return Rhythm(
        tempo=bpm,
        tempo_confidence=candidates[0].confidence,
        candidates=(TempoCandidate(bpm, candidates[0].confidence), *candidates[1:]),
        time_signature=found.time_signature,
        time_signature_confidence=found.confidence * min(1.0, 2.0 * sum(reading.confidence for reading in candidates)),
        bars=meter.bars(beats, found),
        beats=beats,
        division=division,
    )


def track_beats(strength: Floats, curve: NDArray[np.float64]) -> NDArray[np.intp]:
    """Beat frames by dynamic programming (Ellis 2007), a stretch of the shortest lag at a time.

    Parameters
    ----------
    strength
        Onset strength, shape ``(frames,)``.
    curve
        BPM at each second.

    Returns
    -------
    Frames, ascending.
    """
    frames = len(strength)
    periods = 60.0 * FRAME_RATE / np.interp(np.arange(frames) / FRAME_RATE, np.arange(len(curve)) * tempo.STEP, curve)
    shortest, longest = int(periods.min() * 0.6), int(periods.max() * 1.6) + 1
    lags = np.arange(longest, shortest - 1, -1)
    local = _smooth(strength, float(median(periods)))
    score = np.concatenate([np.zeros(longest), local])
    choice = np.zeros(frames, np.intp)
    logs, due = np.log(lags), np.log(periods)
    reaches = sliding_window_view(score, len(lags))  # a view: what is scored in one stretch is seen by the next
    for first in range(0, frames, _STRETCHES * shortest):
        last = min(first + _STRETCHES * shortest, frames)
        worth = -TIGHTNESS * (due[first:last, None] - logs) ** 2
        for start in range(first, last, shortest):
            stop = min(start + shortest, last)
            stretch = worth[start - first : stop - first]
            stretch += reaches[start:stop]
            choice[start:stop] = stretch.argmax(axis=1)
            score[longest + start : longest + stop] += stretch.max(axis=1)
    back = np.arange(frames) - lags[choice]
    tail = score[longest + frames - min(frames, int(periods[-1])) :]
    at = frames - len(tail) + int(tail.argmax())
    path = []
    while at >= 0:
        path.append(at)
        at = int(back[at])
    return _trim(local, np.array(path[::-1], np.intp))


def overall_tempo(times: NDArray[np.float64]) -> float:
    """BPM from the average beat duration, beats that jump left out."""
    gaps = np.diff(times)
    usual = float(median(gaps))
    steady = gaps[np.abs(gaps - usual) <= 0.1 * usual]
    return 60.0 / (float(steady.mean()) if len(steady) else usual)


def _smooth(strength: Floats, period: float) -> NDArray[np.float64]:
    width = np.arange(-int(period), int(period) + 1)
    kernel = np.exp(-0.5 * (width * 32.0 / period) ** 2)
    return np.convolve(strength, kernel, "same")


def _trim(local: NDArray[np.float64], path: NDArray[np.intp]) -> NDArray[np.intp]:
    """Leave out beats before the first and after the last sound."""
    path = path[path < len(local)]
    loud = local[path] > 0.1 * np.sqrt(np.mean(local[path] ** 2)) if len(path) else np.zeros(0, bool)
    kept = np.flatnonzero(loud)
    return path[kept[0] : kept[-1] + 1] if len(kept) else path[:0]


def _refine(onset: Floats, frames: NDArray[np.intp]) -> NDArray[np.float64]:
    """Beat positions between frames: at the strongest onset within a frame, by a parabola through its neighbours."""
    near = np.clip(frames[:, None] + np.arange(-1, 2), 1, len(onset) - 2)
    rows = np.arange(len(frames))
    strongest = near[rows, onset[near].argmax(axis=1)]
    inner = np.where(onset[strongest] > 0, strongest, near[:, 1])
    a, b, c = onset[inner - 1], onset[inner], onset[inner + 1]
    bend = a - 2 * b + c
    peak = (bend < 0) & (b >= a) & (b >= c)
    offset = np.where(peak, 0.5 * (a - c) / np.where(peak, bend, 1.0), 0.0)
    return np.maximum(_steadied(inner + offset + _ONSET_DELAY), 0.0)


def _steadied(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Beats a little nearer to halfway between their neighbours, by half a frame at most: most music is steady."""
    steadied = positions.copy()
    steadied[1:-1] += np.clip((positions[:-2] - 2 * positions[1:-1] + positions[2:]) / 4, -0.5, 0.5)
    return steadied


def _intervals(starts: NDArray[np.float64], confidence: NDArray[np.float64], duration: float) -> tuple[Interval, ...]:
    ends = np.append(starts[1:], min(2 * starts[-1] - starts[-2], duration))
    return tuple(
        Interval(float(start), float(end - start), float(sure))
        for start, end, sure in zip(starts, ends, confidence, strict=True)
        if end > start
    )


def _beat_confidence(strength: Floats, frames: NDArray[np.intp]) -> NDArray[np.float64]:
    window = np.clip(frames[:, None] + np.arange(-1, 2), 0, len(strength) - 1)
    peak = strength[window].max(axis=1)
    return np.asarray(peak / (peak + 1.5), np.float64)
