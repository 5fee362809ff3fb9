"""How each kind of accompaniment fills a bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from ritornello.pieces.harmony import Chord
    from ritornello.pieces.score import Meter


class Event(NamedTuple):
    """A note inside a bar."""

    step: float
    """Sixteenths after the bar line; small fractions are strums."""
    length: float
    """Sixteenths."""
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True)
class Bar:
    """What a player knows when a bar begins."""

    meter: Meter
    chord: Chord
    following: Chord
    """The chord of the next bar."""
    voicing: tuple[int, ...]
    """Chord tones in the part's register, low to high."""
    low: int
    """Lowest pitch of the register."""
    index: int
    """Bar number in the piece."""
    shape: int
    """A number that stays the same through a section, for players who choose a figure."""
    rng: np.random.Generator


def _above(pitch_class: int, low: int) -> int:
    return low + (pitch_class - low) % 12


def _root(bar: Bar) -> int:
    return _above(bar.chord.root, bar.low)


def _fifth(bar: Bar) -> int:
    return _root(bar) + (6 if bar.chord.quality in {"dim", "hdim7"} else 7)


def _strokes(bar: Bar, steps: tuple[float, ...], length: float, velocity: float) -> list[Event]:
    return [Event(step, length, pitch, velocity) for step in steps if step < bar.meter.steps for pitch in bar.voicing]


def _beats(meter: Meter) -> list[int]:
    """Counted beats: accents in compound and odd meters, quarters elsewhere."""
    return list(meter.accents)


# Bass


def roots(bar: Bar) -> list[Event]:
    """Root, then fifth on the later accents, with a step into the next bar."""
    accents = bar.meter.accents
    middle = accents[len(accents) // 2]
    first = Event(0, middle, _root(bar), 0.85)
    return [first, Event(middle, bar.meter.steps - middle, _fifth(bar), 0.7)]


def downbeat(bar: Bar) -> list[Event]:
    """One long root; the fifth in every other bar of a held chord."""
    low = _fifth(bar) - 12 if bar.index % 2 and bar.chord == bar.following else _root(bar)
    return [Event(0, bar.meter.steps * 0.9, low if low >= bar.low else low + 12, 0.8)]


def eighths(bar: Bar) -> list[Event]:
    """Driving eighths on the root with a walk-up at the end."""
    steps = range(0, bar.meter.steps, 2)
    events = [Event(s, 1.8, _root(bar), 0.9 if s in bar.meter.accents else 0.72) for s in steps]
    if bar.following != bar.chord:
        target = _above(bar.following.root, bar.low)
        events[-1] = Event(steps[-1], 1.8, target - 1 if target > _root(bar) else target + 2, 0.75)
    return events


def walking(bar: Bar) -> list[Event]:
    """Quarters: root, chord tones, and a semitone or whole tone into the next root."""
    beats = _beats(bar.meter)
    pitches = [_root(bar)]
    for _ in beats[1:-1]:
        choices = [
            p for p in range(bar.low, bar.low + 20) if p % 12 in bar.chord.tones and 1 < abs(p - pitches[-1]) < 8
        ]
        pitches.append(int(bar.rng.choice(choices)))
    target = _above(bar.following.root, bar.low)
    pitches.append(target + int(bar.rng.choice((-1, 1, 2 if target > bar.low + 5 else 1))))
    ends = [*beats[1:], bar.meter.steps]
    return [Event(s, (e - s) * 0.95, p, 0.8) for s, e, p in zip(beats, ends, pitches, strict=True)]


def offbeat(bar: Bar) -> list[Event]:
    """Between the beats, as in house, with an octave at the end of the bar."""
    events = [Event(s + 2, 1.6, _root(bar), 0.85) for s in range(0, bar.meter.steps, 4)]
    return [*events, Event(bar.meter.steps - 1, 0.8, _root(bar) + 12, 0.6)]


def funk(bar: Bar) -> list[Event]:
    """The one, then sixteenths around it; three figures."""
    root, fifth, octave = _root(bar), _fifth(bar), _root(bar) + 12
    seventh = root + 10
    figures = (
        (
            (0, 2, root),
            (3, 0.8, root),
            (6, 1, octave),
            (7, 1, seventh),
            (10, 1.5, root),
            (12, 1, fifth),
            (14, 1, seventh),
        ),
        ((0, 1.5, root), (4, 0.8, octave), (6, 1, root), (8, 1.5, fifth), (11, 0.8, seventh), (14, 1.5, octave)),
        ((0, 2.5, root), (5, 0.8, root), (6, 1, octave), (10, 1, fifth), (11, 1, seventh), (13, 1, octave)),
    )
    figure = figures[(bar.shape + bar.index % 2) % len(figures)]
    return [Event(s, d, p, 0.95 if s == 0 else 0.75) for s, d, p in figure]


def syncopated(bar: Bar) -> list[Event]:
    """Long low notes that answer the kick of a slow beat."""
    figures = (((0, 5), (7, 2), (10, 5)), ((0, 6), (6, 3), (11, 3)), ((0, 3), (3, 5), (10, 5)))
    figure = figures[bar.shape % len(figures)]
    return [Event(s, d, _root(bar) if i < 2 else _fifth(bar), 0.9) for i, (s, d) in enumerate(figure)]


def long(bar: Bar) -> list[Event]:
    """Two long notes, the second short of the bar's middle."""
    return [Event(0, 9, _root(bar), 0.9), Event(10, 5, _root(bar) if bar.index % 2 else _root(bar) + 12, 0.75)]


def bossa_bass(bar: Bar) -> list[Event]:
    """Root and fifth in dotted rhythm."""
    return [
        Event(0, 5.5, _root(bar), 0.85),
        Event(6, 1.8, _fifth(bar), 0.45),
        Event(8, 5.5, _fifth(bar), 0.8),
        Event(14, 1.8, _above(bar.following.root, bar.low), 0.45),
    ]


def reggae(bar: Bar) -> list[Event]:
    """A figure with room in it, heavy on the third beat."""
    root, third, fifth = _root(bar), _root(bar) + (bar.chord.tones[1] - bar.chord.root) % 12, _fifth(bar)
    figures = (
        ((0, 3, root), (4, 1.8, third), (6, 1.8, fifth), (8, 5, root), (14, 1.8, fifth)),
        ((0, 1.8, root), (3, 1, root), (6, 1.8, fifth), (8, 3, root), (12, 3, third)),
    )
    return [Event(s, d, p, 0.85) for s, d, p in figures[bar.shape % 2]]


def riff(bar: Bar) -> list[Event]:
    """An ostinato of root, octave and fifth on eighths that spells out the groups of the meter."""
    events = []
    for start, size in zip(bar.meter.accents, bar.meter.groups, strict=True):
        figure = (_root(bar), _root(bar) + 12, _fifth(bar))
        events += [Event(start + 2 * i, 1.7, figure[i % 3], 0.92 if i == 0 else 0.65) for i in range(size // 2)]
    return events


# Chords


def pad(bar: Bar) -> list[Event]:
    """Held through the bar."""
    return _strokes(bar, (0,), bar.meter.steps, 0.7)


def accents(bar: Bar) -> list[Event]:
    """On every accent of the bar."""
    return [
        Event(s, g * 0.9, pitch, 0.85 if s == 0 else 0.6)
        for s, g in zip(bar.meter.accents, bar.meter.groups, strict=True)
        for pitch in bar.voicing
    ]


def power(bar: Bar) -> list[Event]:
    """Root, fifth and octave in muted eighths, ringing on the accents of the chorus."""
    root = _above(bar.chord.root, bar.low)
    chord = (root, _fifth(bar) - _root(bar) + root, root + 12)
    events = []
    for step in range(0, bar.meter.steps, 2):
        accent = step in bar.meter.accents[:: 2 if len(bar.meter.accents) > 2 else 1]
        events += [Event(step, 1.9 if accent else 1.1, p, 0.9 if accent else 0.55) for p in chord]
    return events


def strum(bar: Bar) -> list[Event]:
    """Down on the beat, up between; the strings follow one another within a few hundredths."""
    events: list[Event] = []
    skipped = (2, 8, 14, 6)[bar.shape % 4]
    for step in range(0, bar.meter.steps, 2):
        accent = step in bar.meter.accents
        if not accent and step == skipped:
            continue
        strings = bar.voicing if accent or step % 4 == 0 else bar.voicing[::-1][:3]
        velocity = 0.8 if step == 0 else 0.65 if accent else 0.42
        events += [Event(step + 0.09 * i, 2.6, pitch, velocity) for i, pitch in enumerate(strings)]
    return events


def fingerpick(bar: Bar) -> list[Event]:
    """Thumb on the accents between two low strings, fingers between."""
    low = _above(bar.chord.root, bar.low)
    events = []
    for i, step in enumerate(range(0, bar.meter.steps, 2)):
        if step in bar.meter.accents:
            thumb = low if bar.meter.accents.index(step) % 2 == 0 else bar.voicing[0]
            events.append(Event(step, 5, thumb, 0.8 if step == 0 else 0.65))
        else:
            events.append(Event(step, 4, bar.voicing[-1 - (i * 2 + bar.shape) % 3], 0.55))
    top = bar.voicing[-1]
    return [*events, Event(0, 4, top, 0.5)]


def broken(bar: Bar) -> list[Event]:
    """Low root, then the chord up and down in eighths."""
    tones = (*bar.voicing, *bar.voicing[-2:0:-1])
    low = _above(bar.chord.root, bar.low - 12)
    events = [Event(0, bar.meter.steps * 0.95, low, 0.75)]
    for i, step in enumerate(range(0, bar.meter.steps, 2)):
        events.append(Event(step, 3.5, tones[i % len(tones)], 0.62 if step in bar.meter.accents else 0.45))
    return events


def arpeggio(bar: Bar) -> list[Event]:
    """The chord over and over, in sixteenths where the bar is long enough."""
    tones = (*bar.voicing, bar.voicing[0] + 12)
    order = ((0, 1, 2, 3), (3, 2, 1, 0), (0, 2, 1, 3))[bar.shape % 3]
    return [
        Event(step, 2.5, tones[order[i % 4] % len(tones)], 0.6 if step in bar.meter.accents else 0.45)
        for i, step in enumerate(range(0, bar.meter.steps, 2))
    ]


def oompah(bar: Bar) -> list[Event]:
    """Short chords on every accent but the first."""
    return [e for step in bar.meter.accents[1:] for e in _strokes(bar, (step,), 2.6, 0.6)]


def stabs(bar: Bar) -> list[Event]:
    """Short and syncopated."""
    figures = ((2, 5, 10, 13), (0, 3, 6, 10), (2, 6, 11, 14))
    return _strokes(bar, figures[bar.shape % 3], 1.2, 0.7)


def scratch(bar: Bar) -> list[Event]:
    """A rhythm guitar's sixteenths, most of them muted to almost nothing."""
    loud = ((2, 5, 7, 10, 13), (0, 3, 6, 8, 11, 14), (2, 4, 7, 10, 12, 15))[bar.shape % 3]
    return [
        Event(step, 0.9 if step in loud else 0.35, pitch, 0.7 if step in loud else 0.22)
        for step in range(bar.meter.steps)
        for pitch in bar.voicing[-3:]
    ]


def charleston(bar: Bar) -> list[Event]:
    """On the first beat and before the second, or late; the answer differs from bar to bar."""
    figures = ((0, 6), (4, 10), (0, 6, 12), (2, 10), (0, 10))
    figure = figures[(bar.shape + 2 * (bar.index % 2)) % len(figures)]
    if bar.meter.steps != 16:
        figure = (0, bar.meter.accents[-1] - 2)
    return [e for s in figure for e in _strokes(bar, (s,), 3.0 if s == 0 else 1.8, 0.65)]


def punches(bar: Bar) -> list[Event]:
    """A horn section at the end of every second bar."""
    if bar.index % 2 == 0:
        return _strokes(bar, (0,), 2, 0.75)
    return _strokes(bar, (6,), 0.9, 0.8) + _strokes(bar, (8,), 0.9, 0.7) + _strokes(bar, (11,), 3, 0.85)


def skank(bar: Bar) -> list[Event]:
    """Short chords on the second and fourth beat, and their echo."""
    return _strokes(bar, (4, 12), 1.1, 0.75) + _strokes(bar, (6, 14), 0.7, 0.4)


def bossa(bar: Bar) -> list[Event]:
    """The guitar's two-bar rhythm over a thumb on one and three."""
    figure = (0, 3, 6, 10, 12) if bar.index % 2 == 0 else (2, 6, 8, 12, 14)
    thumb = _above(bar.chord.root, bar.low - 5)
    low = [Event(0, 7, thumb, 0.8), Event(8, 7, thumb, 0.75)]
    return low + [e for s in figure for e in _strokes(bar, (s,), 1.9, 0.5 if s % 4 == 0 else 0.4)]


def sparse(bar: Bar) -> list[Event]:
    """Two or three chord tones here and there."""
    count = int(bar.rng.integers(1, 4))
    steps = sorted(bar.rng.choice(range(0, bar.meter.steps, 2), size=count, replace=False))
    return [Event(int(s), 5, int(bar.rng.choice(bar.voicing)), 0.55) for s in steps]


PATTERNS: dict[str, Callable[[Bar], list[Event]]] = {
    "accents": accents,
    "arpeggio": arpeggio,
    "bossa": bossa,
    "bossa bass": bossa_bass,
    "broken": broken,
    "charleston": charleston,
    "downbeat": downbeat,
    "eighths": eighths,
    "fingerpick": fingerpick,
    "funk": funk,
    "long": long,
    "offbeat": offbeat,
    "oompah": oompah,
    "pad": pad,
    "power": power,
    "punches": punches,
    "reggae": reggae,
    "riff": riff,
    "roots": roots,
    "scratch": scratch,
    "skank": skank,
    "sparse": sparse,
    "stabs": stabs,
    "strum": strum,
    "syncopated": syncopated,
    "walking": walking,
}
