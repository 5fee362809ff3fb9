"""Meter, bars and tatums: how beats group, and how they divide.

The bar is the length at which the network of :mod:`~ritornello.sound.pulse` says again and again that one starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ritornello.sound.spectrum import FRAME_RATE
from ritornello.track import Interval

Floats = NDArray[np.float32]

PRIOR = {4: 0.15, 3: 0.0, 5: -0.1, 6: -0.2, 7: -0.1}
"""Beats to the bar, and what speaks for each before anything is heard."""
COMPOUND = {2: 0.3, 4: -0.2}
"""The same where every beat divides into three: 6/8 is common, 12/8 is not."""
_OFFSET, _SLOPE = 0.82, 1.38
"""Of the logistic curve from the product of all doubts to how often such a meter is right; ``bench.reliability --fit``
on the development material of ``bench.accuracy``."""


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
        Shape ``(beats,)``, as :func:`accents` gives them.
    compound
        Whether every beat divides into three.
    """
    priors = PRIOR | COMPOUND if compound else PRIOR
    scores = {}
    for beats, prior in priors.items():
        if len(accents) < 2 * beats:
            continue
        means = np.array([accents[phase::beats].mean() for phase in range(beats)])
        phase = int(means.argmax())
        # A bar whose middle is as strong as its start is two bars.
        halves = beats == 6 or (beats == 4 and compound)
        rivals = means[[(phase + beats // 2) % beats]] if halves else np.delete(means, phase)
        contrast = float(means[phase] - rivals.mean())
        scores[beats, phase] = contrast / 2 + _repetition(accents, beats) + _explained(accents, beats) + prior
    if not scores:
        return Meter(4, 4, 0, 0.0)
    (beats, phase), best = max(scores.items(), key=lambda item: item[1])
    odds = np.exp(4.0 * (np.array(list(scores.values())) - best))
    heard_bars = len(accents) / beats
    trust = float(np.clip(best, 0.0, 1.0) / odds.sum()) * heard_bars / (heard_bars + 3.0)
    return Meter(6 if beats == 2 else beats, beats, phase, _probability(trust))


def accents(downbeat: Floats, beats: NDArray[np.float64]) -> Floats:
    """How much each beat is like a downbeat.

    Parameters
    ----------
    downbeat
        How likely each frame starts a bar, shape ``(frames,)``.
    beats
        Seconds.

    Returns
    -------
    Log-odds, standardised over the track, shape ``(beats,)``.
    """
    frames = np.rint(beats * FRAME_RATE).astype(np.intp)
    window = np.clip(frames[:, None] + np.arange(-1, 2), 0, len(downbeat) - 1)
    chance = np.clip(downbeat[window].max(axis=1), 0.01, 0.99)
    odds = np.log(chance / (1 - chance))
    odds -= odds.mean()
    deviation = float(odds.std())
    return np.asarray(odds / deviation if deviation > 1e-3 else np.zeros_like(odds), np.float32)


def bars(beats: tuple[Interval, ...], found: Meter) -> tuple[Interval, ...]:
    """Group beats into bars from the first downbeat on; the last bar may be short."""
    grouped = []
    for first in range(found.phase, len(beats), found.beats):
        inside = beats[first : first + found.beats]
        sure = found.confidence * sum(beat.confidence for beat in inside) / len(inside)
        grouped.append(Interval(inside[0].start, _end(inside) - inside[0].start, sure))
    return tuple(grouped)


def division(strength: Floats, beats: NDArray[np.float64]) -> tuple[int, bool]:
    """Into how many tatums a beat divides, and whether the time is compound.

    Parameters
    ----------
    strength
        Onset strength, shape ``(frames,)``.
    beats
        Seconds, at least two.

    Returns
    -------
    tatums
        2, or 3 where onsets between beats fall on thirds.
    compound
        Both thirds are played, as in 6/8, and not only the late one of swing.
    """

    def played(share: float) -> float:
        positions = (beats[:-1] + share * np.diff(beats)) * FRAME_RATE
        return max(
            float(np.interp(positions + lag, np.arange(len(strength)), strength).mean()) for lag in (-0.5, 0.0, 0.5)
        )

    half, early, late = played(1 / 2), played(1 / 3), played(2 / 3)
    in_three = (early + 2 * late) / 3 > max(1.2 * half, 0.3)
    return (3 if in_three else 2), in_three and early > 0.25 * late


def tatums(beats: tuple[Interval, ...], parts: int) -> tuple[Interval, ...]:
    """Split every beat into equal parts."""
    split = []
    for beat in beats:
        edges = [beat.start + beat.duration * part / parts for part in range(parts + 1)]
        split += [Interval(start, end - start, beat.confidence) for start, end in pairwise(edges)]
    return tuple(split)


def _probability(trust: float) -> float:
    """How often a meter trusted so far is right: none at all is 0."""
    odds = trust / (1.0 - trust)
    return float(np.exp(_OFFSET) * odds**_SLOPE / (1.0 + np.exp(_OFFSET) * odds**_SLOPE))


def _repetition(accents: Floats, beats: int) -> float:
    """Correlation of the accents with themselves a bar later."""
    if len(accents) <= beats + 2:
        return 0.0
    return float((accents[beats:] * accents[:-beats]).mean() / ((accents**2).mean() + 1e-9))


def _explained(accents: Floats, beats: int) -> float:
    """Share of the variance of the accents that the place in the bar explains, corrected for the number of places."""
    left = sum(float(((accents[phase::beats] - accents[phase::beats].mean()) ** 2).sum()) for phase in range(beats))
    total = float((accents**2).sum())
    return 1 - left / (total + 1e-9) * (len(accents) - 1) / (len(accents) - beats)


def _end(intervals: tuple[Interval, ...]) -> float:
    return intervals[-1].start + intervals[-1].duration
