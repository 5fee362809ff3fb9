"""Meter, bars and tatums: how beats group, and how they divide.

A downbeat is where a new chord, a bass note and an accent recur together; the bar is the length at which they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ritornello.sound.rows import slice_means
from ritornello.sound.spectrum import FRAME_RATE
from ritornello.track import Interval

Floats = NDArray[np.float32]

PRIOR = {4: 0.15, 3: 0.0, 5: -0.1, 6: -0.4, 7: -0.1}
"""Beats to the bar, and what speaks for each before anything is heard."""
COMPOUND = {2: 0.3, 4: -0.2}
"""The same where every beat divides into three: 6/8 is common, 12/8 is not."""
WEIGHTS = {"onset": 0.5, "bass": 0.5, "bass onset": 0.6, "backbeat": -0.3, "new chord": 1.0, "new harmony": 0.8}
"""What makes a beat a downbeat: a conditional logit on pieces that we composed, rounded; none of them is delicate."""


@dataclass(frozen=True, slots=True)
class Meter:
    """How beats group.

    Attributes
    ----------
    time_signature
        3..7. In compound time (three tatums to every beat) two beats to the bar are 6, as in 6/8.
    beats
        To the bar.
    phase
        The first beat that is a downbeat.
    confidence
        0..1.
    """

    time_signature: int
    beats: int
    phase: int
    confidence: float


def meter(accents: Floats, compound: bool) -> Meter:
    """The bar length and phase at which accents recur.

    Parameters
    ----------
    accents
        Shape ``(beats, kinds)``, as :func:`accents` gives them.
    compound
        Whether every beat divides into three.
    """
    accent = accents.sum(axis=1)
    accent = accent / max(float(accent.std()), 1e-6)
    priors = PRIOR | COMPOUND if compound else PRIOR
    scores = {}
    for beats, prior in priors.items():
        if len(accent) < 2 * beats:
            continue
        means = np.array([accent[phase::beats].mean() for phase in range(beats)])
        phase = int(means.argmax())
        # A bar whose middle is as strong as its start is two bars.
        halves = beats == 6 or (beats == 4 and compound)
        rivals = means[[(phase + beats // 2) % beats]] if halves else np.delete(means, phase)
        contrast = float(means[phase] - rivals.mean())
        scores[beats, phase] = contrast + _repetition(accents, beats) + prior
    if not scores:
        return Meter(4, 4, 0, 0.0)
    (beats, phase), best = max(scores.items(), key=lambda item: item[1])
    odds = np.exp(4.0 * (np.array(list(scores.values())) - best))
    heard_bars = len(accent) / beats
    confidence = float(np.clip(best, 0.0, 1.0) / odds.sum()) * heard_bars / (heard_bars + 3.0)
    return Meter(6 if beats == 2 else beats, beats, phase, confidence)


def accents(strength: Floats, bands: Floats, chroma: Floats, chroma_rate: float, beats: tuple[Interval, ...]) -> Floats:
    """How much each beat is like a downbeat.

    Parameters
    ----------
    strength
        Onset strength, shape ``(frames,)``.
    bands
        Mel bands in dB, shape ``(frames, bands)``.
    chroma
        Shape ``(m, 12)`` at ``chroma_rate`` frames a second.

    Returns
    -------
    Shape ``(beats, kinds)``, a column for each of :data:`WEIGHTS`: standardised over the track, times its weight.
    """
    frames = np.array([round(beat.start * FRAME_RATE) for beat in beats])
    floor = bands.max() - 50.0
    low, middle = (np.maximum(part, floor).mean(axis=1) for part in (bands[:, :2], bands[:, 10:25]))
    after, before = _frames(frames, 0, 9, len(bands)), _frames(frames, -9, -1, len(bands))
    edges = np.append([beat.start for beat in beats], _end(beats)) * chroma_rate + 0.5
    content = slice_means(chroma, np.stack([edges[:-1], edges[1:]], axis=1))[:, 0]
    kinds = {
        "onset": strength[_frames(frames, -3, 4, len(bands))].max(axis=1),
        "bass": low[after].mean(axis=1),
        "bass onset": low[after].mean(axis=1) - low[before].mean(axis=1),
        "backbeat": middle[after].mean(axis=1),
        "new chord": _change(content, 1),
        "new harmony": _change(content, 2),
    }
    columns = np.stack([kinds[name] for name in WEIGHTS], axis=1)
    columns -= columns.mean(axis=0)
    deviation = columns.std(axis=0)
    columns /= np.where(deviation > 1e-3, deviation, np.inf)
    return np.asarray(columns * np.array(list(WEIGHTS.values())), np.float32)


def bars(beats: tuple[Interval, ...], found: Meter) -> tuple[Interval, ...]:
    """Group beats into bars from the first downbeat on; the last bar may be short."""
    grouped = []
    for first in range(found.phase, len(beats), found.beats):
        inside = beats[first : first + found.beats]
        sure = found.confidence * float(np.mean([beat.confidence for beat in inside]))
        grouped.append(Interval(inside[0].start, _end(inside) - inside[0].start, sure))
    return tuple(grouped)


def division(strength: Floats, beats: tuple[Interval, ...]) -> tuple[int, bool]:
    """Into how many tatums a beat divides, and whether the time is compound.

    Returns
    -------
    tatums
        2, or 3 where onsets between beats fall on thirds.
    compound
        Both thirds are played, as in 6/8, and not only the late one of swing.
    """
    starts = np.array([beat.start for beat in beats])
    lengths = np.array([beat.duration for beat in beats])

    def played(share: float) -> float:
        positions = (starts + share * lengths) * FRAME_RATE
        return max(float(np.interp(positions + lag, np.arange(len(strength)), strength).mean()) for lag in (-1, 0, 1))

    half, early, late = played(1 / 2), played(1 / 3), played(2 / 3)
    in_three = (early + 2 * late) / 3 > max(1.2 * half, 0.3)
    return (3 if in_three else 2), in_three and early > 0.25 * late


def tatums(beats: tuple[Interval, ...], parts: int) -> tuple[Interval, ...]:
    """Split every beat into equal parts."""
    split = []
    for beat in beats:
        edges = beat.start + beat.duration * np.arange(parts + 1) / parts
        split += [Interval(float(start), float(end - start), beat.confidence) for start, end in pairwise(edges)]
    return tuple(split)


def _repetition(accents: Floats, beats: int) -> float:
    """Correlation of the accents with themselves a bar later."""
    if len(accents) <= beats + 2:
        return 0.0
    return float((accents[beats:] * accents[:-beats]).mean() / ((accents**2).mean() + 1e-9))


def _change(content: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """Cosine distance of the pitch content ``span`` beats before and after each beat."""
    count = len(content)
    cumulated = np.vstack([np.zeros((1, content.shape[1])), np.cumsum(content, axis=0)])
    here = np.arange(count)
    after = _unit(cumulated[np.minimum(here + span, count)] - cumulated[here])
    before = _unit(cumulated[here] - cumulated[np.maximum(here - span, 0)])
    change = 1.0 - (after * before).sum(axis=1)
    change[0] = change[1:].mean()
    return np.asarray(change)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def _frames(centres: NDArray[np.intp], first: int, stop: int, count: int) -> NDArray[np.intp]:
    return np.asarray(np.clip(centres[:, None] + np.arange(first, stop), 0, count - 1))


def _end(intervals: tuple[Interval, ...]) -> float:
    return intervals[-1].start + intervals[-1].duration
