"""A tune: short rhythms that come back, steps on the scale, chord tones on the accents, rests to breathe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ritornello.pieces.harmony import Chord, scale
from ritornello.pieces.patterns import Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from ritornello.pieces.score import Meter

_CELLS = {
    4: (((4,), 0.2), ((2, 2), 0.5), ((3, 1), 0.55), ((2, 1, 1), 0.85), ((1, 1, 2), 0.85), ((1, 1, 1, 1), 1.0)),
    6: (((6,), 0.15), ((4, 2), 0.5), ((2, 4), 0.45), ((2, 2, 2), 0.9), ((2, 1, 1, 2), 1.0)),
}
_PHRASE = 4
"""Bars."""


def rhythm(meter: Meter, busy: float, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Onsets and lengths in steps for one bar; ``busy`` is 0..1."""
    found: list[tuple[int, int]] = []
    for start, size in zip(meter.accents, meter.groups, strict=True):
        cells = _CELLS[size]
        nearness = [2.0 ** (-8 * abs(density - busy)) for _, density in cells]
        weights = [n / sum(nearness) for n in nearness]
        cell = cells[int(rng.choice(len(cells), p=weights))][0]
        step = start
        for length in cell:
            found.append((step, length))
            step += length
    if meter.steps >= 14 and rng.random() < 0.4 and len(found) > 2:
        joined = int(rng.integers(1, len(found)))
        step, length = found[joined - 1]
        found[joined - 1 : joined + 1] = [(step, length + found[joined][1])]
    return found


def section(
    meter: Meter,
    chords: Sequence[Chord],
    key: int,
    mode: int,
    *,
    low: int,
    high: int,
    busy: float,
    rng: np.random.Generator,
) -> list[list[Event]]:
    """A melody over the chords of a section, one list of events per bar."""
    motifs = (rhythm(meter, busy, rng), rhythm(meter, busy, rng), rhythm(meter, min(busy + 0.1, 1.0), rng))
    steps = [int(rng.choice((-2, -1, -1, 1, 1, 2, 3))) for _ in range(12)]
    bars: list[list[Event]] = []
    pitch = (low + high) // 2
    for index, over in enumerate(chords):
        place = index % _PHRASE
        last = index == len(chords) - 1
        if place == _PHRASE - 1 or last:
            bars.append(_cadence(meter, over, key, low, high, pitch, final=last))
            pitch = bars[-1][-1].pitch
            continue
        classes = scale(key, mode, over)
        events = []
        for i, (step, length) in enumerate(motifs[(0, 1, 0)[place] if index < 2 * _PHRASE else (2, 1, 2)[place]]):
            accent = step in meter.accents
            # The contour rises through the phrase and falls back: an arch.
            wish = pitch + steps[(i + 3 * place) % len(steps)] + (1 if place == 0 else -1 if place == 2 else 0)
            wish = min(max(wish, low), high)
            pitch = _nearest(wish, over.tones if accent else classes, low, high)
            events.append(Event(step, length * 0.92, pitch, 0.8 if step == 0 else 0.7 if accent else 0.58))
        bars.append(events)
    return bars


def _cadence(meter: Meter, over: Chord, key: int, low: int, high: int, pitch: int, *, final: bool) -> list[Event]:
    """One long tone, reached by one short one, then a breath."""
    tones = (key,) if final and key in over.tones else over.tones[:3]
    target = _nearest(pitch - 1, tones, low, high)
    second = meter.accents[1]
    if abs(target - pitch) > 2:
        between = _nearest((target + pitch) // 2, over.tones, low, high)
        return [Event(0, second * 0.95, between, 0.7), Event(second, (meter.steps - second) * 0.6, target, 0.72)]
    return [Event(0, meter.steps * 0.7, target, 0.75)]


def _nearest(wish: int, classes: Sequence[int], low: int, high: int) -> int:
    candidates = [p for p in range(low, high + 1) if p % 12 in classes]
    return min(candidates, key=lambda p: (abs(p - wish), p))
