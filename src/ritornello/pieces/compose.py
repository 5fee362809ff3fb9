"""From a style and a seed to a score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ritornello.pieces import drumming, melody
from ritornello.pieces.harmony import Chord, chord, voice
from ritornello.pieces.patterns import PATTERNS, Bar, Event
from ritornello.pieces.score import METERS, Clock, Hit, Meter, Note, Part, Score, Truth
from ritornello.pieces.styles import STYLES, Style, Voice

if TYPE_CHECKING:
    from collections.abc import Mapping

FORM = ("intro", "verse", "chorus", "verse", "bridge", "chorus", "outro")
_BASSES = (
    "roots",
    "downbeat",
    "eighths",
    "walking",
    "offbeat",
    "funk",
    "syncopated",
    "long",
    "bossa bass",
    "reggae",
    "riff",
)


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    first: int
    """Bar."""
    chords: tuple[Chord, ...]
    """One a bar."""


def compose(
    style: str,
    *,
    tempo: float | None = None,
    meter: str | None = None,
    key: int | None = None,
    mode: int | None = None,
    seed: int = 0,
    seconds: float = 45.0,
    swing: float | None = None,
    tempo_changes: Mapping[int, float] | None = None,
    palette: int = 0,
    drums: bool = True,
    tuning: float = 440.0,
) -> Score:
    """Write a piece; the same arguments give the same piece.

    Parameters
    ----------
    style
        One of :data:`~ritornello.pieces.styles.STYLES`.
    tempo
        BPM of the meter's beat (6/8: dotted quarters, 7/8: eighths); default: usual for the style.
    meter
        3/4, 4/4, 5/4, 6/8 or 7/8, where the style's drums know it; default: the style's first.
    key
        Pitch class 0..11 of the tonic, 0 = C; default: drawn.
    mode
        1 major, 0 minor; default: drawn.
    seed
        Anything else that is drawn depends on it.
    seconds
        How long the piece should last; it is rounded to whole phrases.
    swing
        Where the off-beat falls, 0.5 to 0.75; default: the style's.
    tempo_changes
        New BPM by number of the bar where it starts.
    palette
        0 or 1: which of two sets of instruments plays.
    drums
        Whether drums play at all.
    tuning
        Hz of the A above middle C.
    """
    if style not in STYLES:
        raise ValueError(f"no style {style!r}; use one of {', '.join(STYLES)}")
    rules = STYLES[style]
    rng = np.random.default_rng([seed, *style.encode()])
    grid = _meter(style, rules, meter, drums=drums)
    drawn_key, drawn_mode, drawn_tempo = int(rng.integers(12)), int(rng.choice(rules.modes)), rng.uniform(*rules.tempo)
    key = drawn_key if key is None else key
    mode = drawn_mode if mode is None else mode
    tempo = float(round(drawn_tempo * 4 / grid.beat)) if tempo is None else tempo
    if not 0 <= key <= 11 or mode not in (0, 1):
        raise ValueError(f"key {key} and mode {mode}: expected key 0 to 11 (0 = C) and mode 1 (major) or 0 (minor)")

    sections = _sections(rules, grid, key, mode, tempo, seconds, rng)
    bars = sections[-1].first + len(sections[-1].chords)
    tempos = [tempo] * bars
    for bar, bpm in sorted((tempo_changes or {}).items()):
        tempos[bar:] = [bpm] * (bars - bar)
    clock = Clock(
        grid,
        tempos,
        swing=rules.swing if swing is None else swing,
        swung=rules.swung if swing is None else 4,
        lead_in=float(rng.uniform(0.1, 0.6)),
    )

    parts = tuple(
        Part(v.instruments[palette % 2], _perform(v, rules, sections, clock, key, mode, rng), v.gain, v.pan, v.reverb)
        for v in rules.voices
    )
    hits = _drum(rules, sections, clock, rng) if drums and rules.drums else ()
    return Score(
        style=style,
        seed=seed,
        parts=parts,
        kit=rules.kits[palette % 2],
        hits=hits,
        duration=clock.time(bars, 0) + 0.6 + rules.room * 0.7,
        level=rules.level,
        room=rules.room,
        tuning=tuning,
        truth=_truth(sections, clock, key, mode),
    )


def _meter(style: str, rules: Style, name: str | None, *, drums: bool) -> Meter:
    meter = METERS.get(name or rules.meters[0])
    if meter is None or meter.name not in rules.meters:
        raise ValueError(f"{style} in {name!r}: this style is written in {', '.join(rules.meters)}")
    if drums and rules.drums and not drumming.has_meter(rules.drums, meter):
        raise ValueError(f"{style} has no drums in {name}; use drums=False")
    return meter


def _sections(
    rules: Style, meter: Meter, key: int, mode: int, tempo: float, seconds: float, rng: np.random.Generator
) -> list[_Section]:
    """Lay out intro, verses, choruses and outro so that they last about ``seconds``; the last bar is one long chord."""
    bar_seconds = 60 / tempo * meter.steps / meter.beat
    unit = 4 if seconds / bar_seconds >= 20 else 2
    units = max(round((seconds / bar_seconds - 1) / unit), 4)
    form = (
        [name for name in FORM if units >= 9 or name != "bridge"]
        if units >= 6
        else ["verse", "chorus", "verse", "chorus"]
    )
    lengths = [1] * len(form)
    order = [i for i, name in enumerate(form) if name not in {"intro", "outro"}]
    for extra in range(units - len(form)):
        lengths[order[extra % len(order)]] += 1
    verse, chorus = rules.major if mode else rules.minor
    bridge = chorus[len(chorus) // 2 :] + verse[len(verse) // 2 :]
    numerals = {"verse": verse, "chorus": chorus, "bridge": bridge, "intro": verse, "outro": chorus}
    found: list[_Section] = []
    first = 0
    for name, length in zip(form, lengths, strict=True):
        row = numerals[name]
        names = [row[i % len(row)] for i in range(length * unit)]
        if name != "intro":
            names[-1] = row[-1] if len(names) % len(row) == 0 else "V7"
        found.append(_Section(name, first, tuple(chord(n, key, mode) for n in names)))
        first += len(names)
    last = found[-1]
    ending = [*last.chords[:-1], chord("V7", key, mode), chord("I" if mode else "i", key, mode)]
    found[-1] = _Section(last.name, last.first, tuple(ending))
    return found


def _perform(
    part: Voice, rules: Style, sections: list[_Section], clock: Clock, key: int, mode: int, rng: np.random.Generator
) -> tuple[Note, ...]:
    """What one player plays: the pattern of each bar, then a human hand."""
    meter = clock.meter
    low, high = part.register
    voicing: tuple[int, ...] = ()
    notes: list[Note] = []
    tunes: dict[tuple[str, int], list[list[Event]]] = {}
    seed = int(rng.integers(1 << 32))
    figure = int(rng.integers(12))
    all_chords = [c for s in sections for c in s.chords]
    for section in sections:
        loud = {"chorus": 1.0, "bridge": 0.95, "verse": 0.86}.get(section.name, 0.8)
        tune = (section.name, len(section.chords))
        if part.pattern == "melody" and tune not in tunes:
            hand = np.random.default_rng([seed, *section.name.encode()])
            tunes[tune] = melody.section(
                meter, section.chords, key, mode, low=low, high=high, busy=rules.busy, rng=hand
            )
        for offset, over in enumerate(section.chords):
            bar = section.first + offset
            final = bar == len(all_chords) - 1
            if not final and section.name not in part.sections:
                continue
            if part.pattern not in _BASSES:
                voicing = voice(over, voicing, low, high, 3 if part.pattern in {"power", "stabs", "pad"} else 4)
            else:
                voicing = (low,)
            following = all_chords[min(bar + 1, len(all_chords) - 1)]
            if final:
                events = _last(part, over, voicing, meter, key)
            elif part.pattern == "melody":
                events = tunes[tune][offset]
            else:
                state = Bar(meter, over, following, voicing, low, bar, figure + len(section.name), rng)
                events = PATTERNS[part.pattern](state)
            notes += [_note(event, bar, clock, loud, rules.looseness, rng) for event in events]
    return tuple(sorted(notes, key=lambda n: (n.start, n.pitch)))


def _last(part: Voice, over: Chord, voicing: tuple[int, ...], meter: Meter, key: int) -> list[Event]:
    low, high = part.register
    if part.pattern in _BASSES:
        pitches: tuple[int, ...] = (low + (over.root - low) % 12,)
    elif part.pattern == "melody":
        middle = (low + high) // 2 - 6
        pitches = (middle + (key - middle) % 12,)
    else:
        pitches = voicing
    return [Event(0, meter.steps, pitch, 0.75) for pitch in pitches]


def _note(event: Event, bar: int, clock: Clock, loud: float, looseness: float, rng: np.random.Generator) -> Note:
    whole, fraction = divmod(event.step, 1.0)
    start = clock.time(bar, whole) + fraction * 60 / clock.tempos[bar] / clock.meter.beat
    end = clock.time(bar, event.step + event.length)
    late = float(np.clip(rng.normal(0, looseness), -3 * looseness, 3 * looseness))
    velocity = float(np.clip(event.velocity * loud * rng.normal(1, 0.06), 0.05, 1))
    return Note(max(start + late, 0.0), max(end - start, 0.04), event.pitch, velocity)


def _drum(rules: Style, sections: list[_Section], clock: Clock, rng: np.random.Generator) -> tuple[Hit, ...]:
    meter = clock.meter
    hits: list[Hit] = []
    last_bar = sections[-1].first + len(sections[-1].chords) - 1
    for number, section in enumerate(sections):
        for offset in range(len(section.chords)):
            bar = section.first + offset
            if bar == last_bar:
                strokes = [drumming.Stroke(0, drum, 0.8) for drum in drumming.ending(rules.drums)]
            elif offset == len(section.chords) - 1:
                strokes = drumming.fill(rules.drums, meter, rng)
            else:
                full = section.name in {"chorus", "bridge"}
                strokes = drumming.strokes(rules.drums, meter, full=full)
                if section.name == "intro":
                    strokes = [s for s in strokes if s.drum not in {"snare", "clap"} or rules.drums == "jazz"]
                if offset == 0 and number and not drumming.is_soft(rules.drums):
                    strokes = [*strokes, drumming.Stroke(0, "crash", 0.8)]
            for stroke in strokes:
                late = rng.normal(0, rules.looseness * 0.6)
                velocity = float(np.clip(stroke.velocity * rng.normal(1, 0.07), 0.05, 1))
                hits.append(Hit(max(clock.time(bar, stroke.step) + late, 0.0), stroke.drum, velocity))
    return tuple(sorted(hits, key=lambda h: h.start))


def _truth(sections: list[_Section], clock: Clock, key: int, mode: int) -> Truth:
    bars = len(clock.tempos)
    # Nothing is struck after the first beat of the last bar, so neither truth nor tracker need go on.
    beats = (*clock.beats(bars - 1), clock.time(bars - 1, 0))
    chords = [c for s in sections for c in s.chords]
    durations: dict[float, float] = {}
    for bpm in clock.tempos:
        durations[bpm] = durations.get(bpm, 0.0) + 1 / bpm
    changed = [bar for bar in range(bars) if bar == 0 or clock.tempos[bar] != clock.tempos[bar - 1]]
    return Truth(
        tempo=max(durations, key=durations.__getitem__),
        beats=beats,
        downbeats=tuple(clock.time(bar, 0) for bar in range(bars)),
        meter=clock.meter.name,
        time_signature=clock.meter.time_signature,
        key=key,
        mode=mode,
        sections=tuple((clock.time(s.first, 0), s.name) for s in sections),
        chords=tuple((clock.time(i, 0), c.label) for i, c in enumerate(chords) if i == 0 or c != chords[i - 1]),
        tempo_changes=tuple((clock.time(bar, 0), clock.tempos[bar]) for bar in changed),
    )
