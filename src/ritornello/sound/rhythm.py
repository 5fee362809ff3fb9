"""Tempo, beats, bars and tatums from onset strength.

Tempo is ranked by the product of the autocorrelation and the spectrum of onset strength (after Peeters 2006: one has
peaks at the multiples of the true period, the other at its fractions, so only the true one has both) with a prior for
tempos at which people tap. Beats follow by dynamic programming (Ellis 2007) along a tempo that may drift. Meter and
downbeat are the bar length and phase at which accents, bass and changes of harmony recur.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ritornello.sound.spectrum import FRAME_RATE
from ritornello.track import Interval, TempoCandidate

Floats = NDArray[np.float32]

SLOWEST, FASTEST = 40.0, 240.0
"""BPM."""
PREFERRED = 118.0
"""BPM; where the prior for tapping peaks."""
OCTAVES = 0.8
"""Standard deviation of that prior, in octaves."""
WINDOW = 8.0
"""Seconds in which tempo is taken as constant."""
STEP = 1.0
"""Seconds between such windows."""
TIGHTNESS = 300.0
"""What a beat off the tempo costs, against the onset strength it may gain (Ellis's alpha)."""
METERS = (4, 3, 5, 6, 7)
"""Beats to the bar, most common first."""

_GRID = 120
"""Tempos to the octave of the tempo grid."""


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
    bars, beats, tatums
        Each list is contiguous; bars start on beats, beats on tatums.
    """

    tempo: float
    tempo_confidence: float
    candidates: tuple[TempoCandidate, ...]
    time_signature: int
    time_signature_confidence: float
    bars: tuple[Interval, ...]
    beats: tuple[Interval, ...]
    tatums: tuple[Interval, ...]

    def tempo_between(self, start: float, end: float) -> tuple[float, float]:
        """BPM and confidence of a stretch of the track; both 0 where fewer than two beats fall into it."""
        inside = [beat for beat in self.beats if start <= beat.start < end]
        if len(inside) < 2:
            return 0.0, 0.0
        sure = self.tempo_confidence * 2 * float(np.mean([beat.confidence for beat in inside]))
        return overall_tempo(np.array([beat.start for beat in inside])), min(sure, 1.0)


NO_PULSE = Rhythm(0.0, 0.0, (), 4, 0.0, (), (), ())


def rhythm(strength: Floats, rise: Floats, chroma: Floats, chroma_rate: float, duration: float) -> Rhythm:
    """Find the pulse of a track.

    Parameters
    ----------
    strength
        Onset strength, shape ``(frames,)``.
    rise
        Rise of each mel band in dB, shape ``(frames, bands)``.
    chroma
        Shape ``(m, 12)`` at ``chroma_rate`` frames a second.
    duration
        Seconds.
    """
    if not strength.any() or duration < 2.0:
        return NO_PULSE
    salience = tempogram(strength)
    candidates = rank(salience)
    if len(candidates) < 2:
        return NO_PULSE
    curve = follow(salience, candidates[0].bpm)
    frames = track_beats(strength, curve)
    if len(frames) < 4:
        return NO_PULSE
    times = _refine(strength, frames) / FRAME_RATE
    beats = _intervals(times, _beat_confidence(strength, frames), duration)
    accents = _accents(strength, rise, chroma, chroma_rate, frames)
    meter, phase, meter_confidence = find_meter(accents)
    bars = _bars(beats, meter, phase, meter_confidence)
    tatums = _tatums(strength, beats)
    tempo = overall_tempo(times)
    return Rhythm(
        tempo,
        candidates[0].confidence,
        (TempoCandidate(tempo, candidates[0].confidence), *candidates[1:]),
        meter,
        meter_confidence,
        bars,
        beats,
        tatums,
    )


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
    windows = sliding_window_view(padded, size)[hops]
    windows = (windows - windows.mean(axis=1, keepdims=True)) * np.hanning(size)
    length = 4096
    magnitude = np.abs(np.fft.rfft(windows, length, axis=1))
    correlation = np.fft.irfft(magnitude**2, axis=1)[:, : length // 2]
    correlation /= np.maximum(correlation[:, :1], 1e-9)
    magnitude /= np.maximum(np.sqrt((magnitude**2).sum(axis=1, keepdims=True)), 1e-9)
    periods = 60.0 * FRAME_RATE / tempo_grid()
    by_period = sum(_at(correlation, periods * k) * w for k, w in ((1, 1.0), (2, 0.6), (4, 0.3)))
    by_rate = sum(_at(magnitude, length / periods * k) * w for k, w in ((1, 1.0), (2, 0.7), (3, 0.3), (4, 0.5)))
    return np.maximum(by_period, 0.0) * by_rate


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
    clarity = min(1.0, float(weight.max()) / 0.25)
    return tuple(TempoCandidate(bpm, score**2 / total * clarity) for bpm, score in found)


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
    periods = 60.0 * FRAME_RATE / np.interp(np.arange(frames) / FRAME_RATE, np.arange(len(curve)) * STEP, curve)
    shortest, longest = int(periods.min() * 0.6), int(periods.max() * 1.6) + 1
    lags = np.arange(longest, shortest - 1, -1)
    local = _smooth(strength, float(np.median(periods)))
    score = np.concatenate([np.full(longest, -1e9), local])
    score[:longest] = 0.0
    back = np.zeros(frames, np.intp)
    logs = np.log(lags)
    for start in range(0, frames, shortest):
        stop = min(start + shortest, frames)
        reach = sliding_window_view(score[start : stop - 1 + longest - shortest + 1], len(lags))[: stop - start]
        cost = TIGHTNESS * (logs - np.log(periods[start:stop, None])) ** 2 / 100.0 * 3.0
        choice = (reach - cost).argmax(axis=1)
        rows = np.arange(stop - start)
        best = reach[rows, choice] - cost[rows, choice]
        score[longest + start : longest + stop] += best
        back[start:stop] = np.arange(start, stop) - lags[choice]
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
    usual = np.median(gaps)
    return float(60.0 / gaps[np.abs(gaps - usual) <= 0.1 * usual].mean())


def find_meter(accents: Floats) -> tuple[int, int, float]:
    """The bar length and phase at which accents recur.

    Parameters
    ----------
    accents
        Shape ``(beats, kinds)``, standardised; larger is more like a downbeat.

    Returns
    -------
    meter
        Beats to the bar.
    phase
        The first beat that is a downbeat.
    confidence
        0..1.
    """
    accent = accents.sum(axis=1)
    beats = len(accent)
    scores = {}
    for meter in METERS:
        if beats < 2 * meter:
            continue
        means = np.array([accent[phase::meter].mean() for phase in range(meter)])
        phase = int(means.argmax())
        contrast = means[phase] - np.delete(means, phase).mean()
        noise = accent.std() * np.sqrt(meter / beats) + 1e-6
        repeat = _lag_correlation(accents, meter)
        scores[meter, phase] = contrast / (accent.std() + 1e-6) + repeat + 0.0 * noise + (0.15 if meter == 4 else 0.0)
    if not scores:
        return 4, 0, 0.0
    (meter, phase), best = max(scores.items(), key=lambda item: item[1])
    odds = np.exp(4.0 * (np.array(list(scores.values())) - best))
    return meter, phase, float(np.clip(1.0 / odds.sum() * np.clip(best, 0.0, 1.0), 0.0, 1.0))


def _lag_correlation(accents: Floats, lag: int) -> float:
    if len(accents) <= lag + 2:
        return 0.0
    return float((accents[lag:] * accents[:-lag]).mean() / ((accents**2).mean() + 1e-9))


def _accents(strength: Floats, rise: Floats, chroma: Floats, chroma_rate: float, frames: NDArray[np.intp]) -> Floats:
    """What makes a beat a downbeat: onset, bass and a new chord, each standardised over the track."""
    reach = 3
    window = frames[:, None] + np.arange(-reach, reach + 1)
    window = np.clip(window, 0, len(strength) - 1)
    onset = strength[window].max(axis=1)
    bass = rise[:, :4].mean(axis=1)[window].max(axis=1)
    edges = np.clip((np.append(frames, len(strength)) / FRAME_RATE * chroma_rate).astype(np.intp), 0, len(chroma))
    cumulated = np.vstack([np.zeros((1, 12)), np.cumsum(chroma, axis=0, dtype=np.float64)])
    content = cumulated[edges[1:]] - cumulated[edges[:-1]]
    content /= np.maximum(np.linalg.norm(content, axis=1, keepdims=True), 1e-9)
    change = np.concatenate([[0.0], 1.0 - (content[1:] * content[:-1]).sum(axis=1)])
    kinds = np.stack([onset, bass, change], axis=1).astype(np.float32)
    kinds -= kinds.mean(axis=0)
    return np.asarray(kinds / np.maximum(kinds.std(axis=0), 1e-6))


def _at(rows: NDArray[np.float64], positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns of ``rows`` at fractional positions, linearly interpolated; 0 beyond the last."""
    inside = np.clip(positions, 0, rows.shape[1] - 2)
    low = inside.astype(np.intp)
    share = inside - low
    values = rows[:, low] * (1 - share) + rows[:, low + 1] * share
    return np.where(positions <= rows.shape[1] - 2, values, 0.0)


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


def _refine(strength: Floats, frames: NDArray[np.intp]) -> NDArray[np.float64]:
    """Beat positions between frames, by a parabola through the neighbours."""
    inner = np.clip(frames, 1, len(strength) - 2)
    a, b, c = strength[inner - 1], strength[inner], strength[inner + 1]
    bend = a - 2 * b + c
    peak = (bend < 0) & (b >= a) & (b >= c)
    offset = np.where(peak, 0.5 * (a - c) / np.where(peak, bend, 1.0), 0.0)
    return np.asarray(np.maximum(frames + offset, 0.0))


def _intervals(starts: NDArray[np.float64], confidence: NDArray[np.float64], duration: float) -> tuple[Interval, ...]:
    ends = np.append(starts[1:], min(2 * starts[-1] - starts[-2], duration))
    return tuple(
        Interval(float(start), float(end - start), float(sure))
        for start, end, sure in zip(starts, ends, confidence, strict=True)
        if end > start
    )


def _beat_confidence(strength: Floats, frames: NDArray[np.intp]) -> NDArray[np.float64]:
    window = np.clip(frames[:, None] + np.arange(-2, 3), 0, len(strength) - 1)
    peak = strength[window].max(axis=1)
    return np.asarray(peak / (peak + 1.5), np.float64)


def _bars(beats: tuple[Interval, ...], meter: int, phase: int, confidence: float) -> tuple[Interval, ...]:
    bars = []
    for first in range(phase, len(beats), meter):
        inside = beats[first : first + meter]
        end = inside[-1].start + inside[-1].duration
        sure = confidence * float(np.mean([beat.confidence for beat in inside]))
        bars.append(Interval(inside[0].start, end - inside[0].start, sure))
    return tuple(bars)


def _tatums(strength: Floats, beats: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """Split every beat in two, or in three where the onsets between beats fall on thirds."""
    starts = np.array([beat.start for beat in beats])
    lengths = np.array([beat.duration for beat in beats])
    frames = np.arange(len(strength))

    def energy(share: float) -> float:
        return float(np.interp((starts + share * lengths) * FRAME_RATE, frames, strength).mean())

    halves, thirds = energy(1 / 2), (energy(1 / 3) + 2 * energy(2 / 3)) / 3
    parts = 3 if thirds > 1.2 * halves and thirds > 0.3 else 2
    tatums = []
    for beat in beats:
        edges = beat.start + beat.duration * np.arange(parts + 1) / parts
        edges[-1] = beat.start + beat.duration
        tatums += [Interval(float(a), float(b - a), beat.confidence) for a, b in zip(edges, edges[1:], strict=False)]
    return tuple(tatums)
