"""Music that our composer did not write: scores of music21's corpus, performed and played through soundfonts.

A score gives its beats, its bars and its key exactly; how it is played (tempo, drift, rubato, swing, tuning,
instruments) is drawn from a seed. Only parts of the corpus that are in the public domain and whose encoding bars no use
are taken: Bach's chorales, string quartets by Haydn, Mozart, Beethoven and Schumann, some piano pieces and songs, and
the tunes of Ryan's Mammoth Collection, Aird, O'Neill, the Northumbrian Minstrelsy, American fifers and the Nottingham
music database. The Essen folk songs, distributed for non-commercial use, are left out.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import json
import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench import soundfont
from bench.material import PROCESSES, Known, write_once
from ritornello.pieces.score import PITCH_CLASSES, Note

SOUNDFONTS = {"dev": soundfont.DEV, "test": soundfont.TEST}
SHARES = {"chorale": 0.25, "quartet": 0.25, "tune": 0.4, "solo": 0.1}
"""How much of a set comes from each kind of score."""

BEATS = {"2/2": 2.0, "3/2": 2.0, "6/8": 1.5, "9/8": 1.5, "12/8": 1.5}
"""Quarters in a beat where that is not one."""
SIGNATURES = {"3/4": 3, "3/2": 3, "4/4": 4, "5/4": 5, "6/8": 6, "12/8": 4}
"""What ``time_signature`` should say. Bars of two and of nine are heard in more than one way: nobody is asked."""
TWO = ("2/2", "2/4")
"""Whether a bar starts on every second or every fourth beat is the writer's choice, so nobody is asked."""

_TEMPOS = {
    "chorale": (62, 92),
    "quartet": (72, 140),
    "tune": (92, 128),
    "solo": (66, 120),
}
"""Beats a minute as written, so that nobody would count twice or half as many."""
_INSTRUMENTS = {
    "chorale": ((19,), (52,), (48,), (60, 56, 57, 58), (71, 71, 70, 70), (40, 40, 41, 42), (0,), (16,), (88,), (24,)),
    "quartet": ((40, 40, 41, 42), (48,), (73, 71, 69, 70), (0,), (66, 65, 66, 67), (45,), (61, 60, 60, 58), (4,)),
    "tune": ((40,), (73,), (21,), (22,), (110,), (105,), (25,), (72,), (46,), (0,), (65,), (80,), (11,), (26,)),
    "solo": ((0,), (1,), (4,), (24,), (6,), (11,), (48,), (3,)),
}
"""General MIDI programs by part, from the top; the last serves all that follow."""
_QUARTETS = (
    "haydn/opus1no1",
    "haydn/opus74no1",
    "mozart/k155",
    "mozart/k156",
    "mozart/k458",
    "mozart/k80",
    "beethoven/opus18no1",
    "beethoven/opus59no1",
    "beethoven/opus59no2",
    "beethoven/opus59no3",
    "schumann_robert/opus41no1",
)
_SOLOS = (
    "joplin/maple_leaf_rag.mxl",
    "mozart/k545/movement1_exposition.mxl",
    "chopin/mazurka06-2.krn",
    "schubert/Lindenbaum.xml",
    "schumann_robert/dichterliebe_no2.xml",
    "schumann_robert/opus48no2.mxl",
    "schumann_clara/polonaise_op1n1.mxl",
    "schumann_clara/polonaise_op1n2.mxl",
    "schumann_clara/polonaise_op1n3.mxl",
    "schumann_clara/polonaise_op1n4.mxl",
    "verdi/laDonnaEMobile.mxl",
    "liliuokalani/aloha_oe.mxl",
    "leadSheet/fosterBrownHair.mxl",
    "handel/rinaldo/Lascia_chio_pianga.mxl",
    "weber/concertino_clarinet.mxl",
    "cpebach/h186.mxl",
    "beach/prayer_of_a_tired_child.musicxml",
    "johnson_j_r/lift_every_voice.mxl",
)
_TUNES = ("ryansMammoth", "airdsAirs", "oneills1850", "miscFolk", "nottingham-dataset")
_SPARE = 1.6
"""How many more scores are read than wanted: some are unfit."""
_KICK, _SNARE, _HAT, _SHAKER = 36, 38, 42, 70


@dataclass(frozen=True)
class Source:
    """A piece of the corpus: a file, and its number where the file holds many."""

    kind: str
    path: str
    """From the corpus's folder."""
    number: int | None = None
    header: str = ""
    """The meter that an ABC file names."""

    @property
    def split(self) -> str:
        """The side it falls on; movements of a work fall together."""
        work = str(Path(self.path).parent) if self.kind == "quartet" else f"{self.path} {self.number or ''}"
        return ("dev", "test")[hashlib.sha256(work.encode()).digest()[0] % 2]


@dataclass(frozen=True)
class Sheet:
    """A piece on paper; times in quarters."""

    parts: tuple[tuple[tuple[float, float, int], ...], ...]
    """Start, duration and MIDI pitch of each note."""
    downbeats: tuple[float, ...]
    end: float
    """Of the last bar, as if it were full."""
    meter: str
    key: str | None
    """Where the encoding states it, or the key signature, and the last bass note agrees."""
    bar: float
    pickup: float
    """Length of what comes before the first downbeat."""

    @property
    def beat(self) -> float:
        """Quarters."""
        return BEATS.get(self.meter, 1.0)


@dataclass(frozen=True)
class Manner:
    """How a piece is played."""

    tempo: float
    """Beats a minute."""
    drift: float
    """Standard deviation of the slow walk of the tempo."""
    rubato: float
    """Depth of the slowing at the ends of phrases of four bars."""
    swing: float
    """Where the half of a beat falls."""
    tuning: float
    """Hz."""
    drums: bool
    transpose: int
    """Semitones."""


class Unfit(Exception):
    """The score does not say beyond doubt where its beats are."""


def sources(split: str, count: int) -> list[Source]:
    """The pieces of a split, kinds in the shares of ``SHARES``, always in the same order."""
    found: list[Source] = []
    for kind, share in SHARES.items():
        candidates = [source for source in _candidates(kind) if source.split == split]
        order = [candidates[i] for i in np.random.default_rng(0).permutation(len(candidates))]
        found += _in_turn(order)[: round(_SPARE * share * count) + 2]
    return found


def _in_turn(order: list[Source]) -> list[Source]:
    """One of each meter in turn, for tunes are mostly jigs and reels."""
    place: dict[str, int] = {}
    ranks: list[tuple[int, int, Source]] = []
    for source in order:
        place[source.header] = place.get(source.header, -1) + 1
        ranks.append((place[source.header], len(ranks), source))
    return [source for _, _, source in sorted(ranks, key=lambda rank: rank[:2])]


def _corpus() -> Path:
    music21: Any = importlib.import_module("music21")
    return Path(music21.__file__).parent / "corpus"


def _candidates(kind: str) -> list[Source]:
    root = _corpus()
    if kind == "chorale":
        paths = sorted(root.glob("bach/bwv*.mxl"))
    elif kind == "quartet":
        paths = [path for work in _QUARTETS for path in sorted((root / work).glob("*.mxl"))]
    elif kind == "solo":
        paths = [root / name for name in _SOLOS]
    else:
        return [tune for name in _TUNES for path in sorted((root / name).glob("*.abc")) for tune in _tunes(path, root)]
    return [Source(kind, path.relative_to(root).as_posix()) for path in paths]


def _tunes(path: Path, root: Path) -> list[Source]:
    """The tunes of an ABC file, by their header."""
    text = path.read_text(encoding="utf-8", errors="replace")
    found = re.findall(r"^X:\s*(\d+)(?:(?!^X:).)*?^M:\s*(\S+)", text, re.MULTILINE | re.DOTALL)
    name = path.relative_to(root).as_posix()
    return [
        Source("tune", name, int(number) if len(found) > 1 else None, {"C": "4/4", "C|": "2/2"}.get(meter, meter))
        for number, meter in found
    ]


def read(source: Source) -> Sheet:
    """Parse a piece; raises :class:`Unfit` where beats or bars are in doubt."""
    music21: Any = importlib.import_module("music21")
    parsed = music21.converter.parse(_corpus() / source.path, number=source.number)
    if not parsed.parts:
        raise Unfit("no parts")
    parsed = parsed.toSoundingPitch()
    first = parsed.parts[0]
    meter = _meter(music21, first)
    bar = float(music21.meter.TimeSignature(meter).barDuration.quarterLength)
    starts = _bars(first, bar)
    parts = tuple(notes for part in parsed.parts if (notes := _notes(part)))
    if not parts or len(parts) > 8:
        raise Unfit(f"{len(parts)} parts")
    return Sheet(
        parts=parts,
        downbeats=tuple(starts),
        end=starts[-1] + bar,
        meter=meter,
        key=_key(music21, first, parts),
        bar=bar,
        pickup=starts[0],
    )


def _meter(music21: Any, part: Any) -> str:
    lengths = [float(m.duration.quarterLength) for m in part.getElementsByClass("Measure")]
    whole = float(np.median(lengths)) if lengths else 0.0
    # music21 gives pickups in ABC a signature of their own; what counts is that of full bars.
    found = {
        str(signature.ratioString)
        for signature in part.recurse().getElementsByClass(music21.meter.TimeSignature)
        if abs(float(signature.barDuration.quarterLength) - whole) < 0.01
    }
    if len(found) != 1:
        raise Unfit(f"time signatures {sorted(found)}")
    meter = found.pop()
    if meter not in BEATS and meter not in {"2/4", "3/4", "4/4", "5/4"}:
        raise Unfit(f"a bar of {meter} may be counted in more than one way")
    return meter


def _bars(part: Any, bar: float) -> list[float]:
    """Downbeats: a short bar starts one unless it is the first, or completes the short bar before it."""
    measures = [(float(m.offset), float(m.duration.quarterLength)) for m in part.getElementsByClass("Measure")]
    measures = [m for m in measures if m[1] > 0]
    starts: list[float] = []
    filled = 0.0
    for number, (offset, length) in enumerate(measures):
        if length > bar + 0.01:
            raise Unfit(f"a bar of {length} quarters, expected {bar}")
        if filled > 0:
            filled += length
            if filled > bar + 0.01:
                raise Unfit("short bars that do not add up")
        elif length > bar - 0.01 or number > 0:
            starts.append(offset)
            filled = length
        if filled > bar - 0.01:
            filled = 0.0
    gaps = np.diff(starts)
    if len(starts) < 8 or np.any(np.abs(gaps - bar) > 0.01):
        raise Unfit("bars of unequal length")
    return starts


def _notes(part: Any) -> tuple[tuple[float, float, int], ...]:
    found = []
    for note in part.stripTies().flatten().notes:
        length = float(note.duration.quarterLength)
        if length > 0 and "ChordSymbol" not in note.classes and hasattr(note, "pitches"):
            found += [(float(note.offset), length, int(pitch.midi)) for pitch in note.pitches]
    return tuple(sorted(set(found)))


def _key(music21: Any, part: Any, parts: tuple[tuple[tuple[float, float, int], ...], ...]) -> str | None:
    signatures = list(part.recurse().getElementsByClass(music21.key.KeySignature))
    if not signatures or len({signature.sharps for signature in signatures}) > 1:
        return None
    last = max(start + length for notes in parts for start, length, _ in notes)
    ending = [pitch for notes in parts for start, length, pitch in notes if start + length > last - 0.01]
    bass = min(ending) % 12
    signature = signatures[0]
    major = int(signature.sharps) * 7 % 12
    named = {("major", major), ("minor", (major + 9) % 12)}
    if isinstance(signature, music21.key.Key):
        named &= {(str(signature.mode), int(signature.tonic.pitchClass))}
    for mode, tonic in named:
        if tonic == bass:
            return f"{PITCH_CLASSES[tonic]} {mode}"
    return None


def manner(sheet: Sheet, kind: str, rng: np.random.Generator) -> Manner:
    """Draw how a piece is played: two in five strictly, the others with drift, rubato or swing."""
    way = rng.choice(["strict", "drift", "rubato", "swing"], p=[0.4, 0.25, 0.15, 0.2])
    swings = way == "swing" and kind in {"tune", "solo"} and sheet.beat == 1.0
    return Manner(
        tempo=round(float(rng.uniform(*_TEMPOS[kind])), 1),
        drift=0.03 if way == "drift" else 0.0,
        rubato=0.18 if way == "rubato" and kind != "tune" else 0.0,
        swing=round(float(rng.uniform(0.58, 0.67)), 2) if swings else 0.5,
        tuning=round(float(rng.uniform(428, 452)), 1) if rng.random() < 0.5 else 440.0,
        drums=bool(kind == "tune" and rng.random() < 0.4),
        transpose=int(rng.integers(-3, 4)),
    )


class Clock:
    """From quarters to seconds: one duration a beat."""

    def __init__(self, sheet: Sheet, how: Manner, end: float, rng: np.random.Generator) -> None:
        self._beat, self._swing = sheet.beat, how.swing
        before = int(np.ceil(sheet.pickup / sheet.beat))
        count = before + int(np.ceil((end - sheet.pickup) / sheet.beat)) + 1
        self._first = sheet.pickup - before * sheet.beat
        walk = np.cumsum(rng.normal(0, 1, count))
        walk = (walk - np.linspace(walk[0], walk[-1], count)) / np.sqrt(count)
        phrase = 4 * round(sheet.bar / sheet.beat)
        place = (np.arange(count) - before) % phrase / phrase
        slow = 1 + how.rubato * np.clip((place - 0.75) * 4, 0, 1) - 0.25 * how.rubato * np.sin(np.pi * place)
        lengths = 60 / how.tempo * np.exp(2 * how.drift * walk) * slow
        self._times = 0.25 + float(rng.uniform(0, 0.5)) + np.concatenate(([0.0], np.cumsum(lengths)))

    def seconds(self, quarters: float) -> float:
        """When it sounds."""
        beat, part = divmod((quarters - self._first) / self._beat + 1e-9, 1.0)
        part = max(part - 1e-9, 0.0)
        if self._swing != 0.5:
            part = part * 2 * self._swing if part < 0.5 else self._swing + (part - 0.5) * 2 * (1 - self._swing)
        index = min(int(beat), len(self._times) - 2)
        return float(self._times[index] + (beat - index + part) * (self._times[index + 1] - self._times[index]))


@dataclass(frozen=True)
class Performance:
    """Notes in seconds and the truth about them."""

    tracks: list[soundfont.Track]
    tuning: float
    tempo: float
    beats: tuple[float, ...]
    downbeats: tuple[float, ...]
    end: float


def perform(sheet: Sheet, kind: str, how: Manner, seconds: float, rng: np.random.Generator) -> Performance:
    """Play a sheet, again and again where it is short, and stop at a barline after about ``seconds``."""
    sheet = _repeated(sheet, seconds * how.tempo / 60 * sheet.beat)
    kept = [start for start in sheet.downbeats if start <= seconds * how.tempo / 60 * sheet.beat]
    end = kept[-1] + sheet.bar if len(kept) == len(sheet.downbeats) else kept[-1]
    clock = Clock(sheet, how, end, rng)
    programs = _INSTRUMENTS[kind][int(rng.integers(len(_INSTRUMENTS[kind])))]
    tracks = []
    for number, part in enumerate(sheet.parts):
        notes = tuple(_played(note, sheet, how, clock, rng) for note in part if note[0] < end - 0.01)
        pan = (number - (len(sheet.parts) - 1) / 2) / max(len(sheet.parts), 2)
        program = programs[min(number, len(programs) - 1)]
        tracks.append(soundfont.Track(program, notes, 0.8, pan, float(rng.uniform(0.15, 0.7))))
    if how.drums:
        tracks.append(_drums(sheet, clock, end, rng))
    first = sheet.pickup - sheet.beat * np.floor(sheet.pickup / sheet.beat + 1e-6)
    grid = np.arange(first, end - 0.01, sheet.beat)
    # Where the last bar rings on, no beat is struck: ask for none after the last note.
    struck = max(note[0] for part in sheet.parts for note in part if note[0] < end - 0.01)
    beats = tuple(clock.seconds(float(q)) for q in grid if q <= struck + 0.01)
    return Performance(
        tracks=tracks,
        tuning=how.tuning,
        tempo=float(60 / np.median(np.diff(beats))),
        beats=beats,
        downbeats=tuple(clock.seconds(q) for q in sheet.downbeats if q < end - 0.01 and q <= struck + 0.01),
        end=clock.seconds(end),
    )


def _repeated(sheet: Sheet, quarters: float) -> Sheet:
    """Play it over, the pickup falling in the last bar's rest where there is room, else a bar later."""
    last = max(start + length for part in sheet.parts for start, length, _ in part)
    step = sheet.end - sheet.pickup
    if last > step + 0.01:
        step += sheet.bar
    times = int(np.clip(np.ceil(0.8 * quarters / step), 1, 6))
    return replace(
        sheet,
        parts=tuple(tuple((s + k * step, d, p) for k in range(times) for s, d, p in part) for part in sheet.parts),
        downbeats=tuple(
            float(start) for start in np.arange(sheet.pickup, (times - 1) * step + sheet.end - 0.01, sheet.bar)
        ),
        end=(times - 1) * step + sheet.end,
    )


def _played(note: tuple[float, float, int], sheet: Sheet, how: Manner, clock: Clock, rng: np.random.Generator) -> Note:
    start, length, pitch = note
    beat = (start - sheet.pickup) / sheet.beat
    strong = 0.1 if (start - sheet.pickup) % sheet.bar < 0.01 else 0.04 if beat % 1 < 0.01 else 0.0
    begins = clock.seconds(start) + float(np.clip(rng.normal(0, 0.007), -0.02, 0.02))
    lasts = 0.93 * (clock.seconds(start + length) - clock.seconds(start))
    velocity = float(np.clip(rng.normal(0.6 + strong, 0.05), 0.2, 1))
    return Note(max(begins, 0.0), max(lasts, 0.05), int(np.clip(pitch + how.transpose, 21, 108)), velocity)


def _drums(sheet: Sheet, clock: Clock, end: float, rng: np.random.Generator) -> soundfont.Track:
    """A plain beat: low on the first, high on the second or third, something small in between."""
    per_bar = round(sheet.bar / sheet.beat)
    small = int(rng.choice([_HAT, _SHAKER]))
    divisions = 3 if sheet.beat == 1.5 else 2
    notes = []
    for number, quarter in enumerate(np.arange(sheet.pickup, end - 0.01, sheet.beat / divisions)):
        beat, part = divmod(number, divisions)
        place = beat % per_bar
        keys = [small]
        if part == 0 and place == 0:
            keys.append(_KICK)
        elif part == 0 and (place % 2 == 1 if per_bar % 2 == 0 else place > 0):
            keys.append(_SNARE)
        start = clock.seconds(float(quarter))
        notes += [
            Note(start, 0.1, key, float(np.clip(rng.normal(0.55 - 0.1 * (part > 0), 0.05), 0.2, 1))) for key in keys
        ]
    return soundfont.Track(0, tuple(notes), 0.65, reverb=0.2, drums=True)


def moved(key: str | None, semitones: int) -> str | None:
    """A key, transposed."""
    if key is None:
        return None
    tonic, mode = key.split()
    return f"{PITCH_CLASSES[(PITCH_CLASSES.index(tonic) + semitones) % 12]} {mode}"


def performed(source: Source, seconds: float) -> tuple[Sheet, Manner, Performance]:
    """Read and play a piece; the same source always gives the same performance."""
    sheet = read(source)
    return sheet, *_performed(source, sheet, seconds)


def _performed(source: Source, sheet: Sheet, seconds: float) -> tuple[Manner, Performance]:
    digest = hashlib.sha256(f"{source.path} {source.number or ''}".encode()).digest()
    rng = np.random.default_rng(list(digest[:8]))
    how = manner(sheet, source.kind, rng)
    return how, perform(sheet, source.kind, how, seconds, rng)


def rendered(
    split: str, count: int, cache: Path, soundfonts: tuple[Path, ...] | None = None, seconds: float = 45.0
) -> list[Known]:
    """Play ``count`` pieces of a split into FLAC files, or take those that are there."""
    fonts = soundfonts or SOUNDFONTS[split]
    soundfont.check(fonts)
    if importlib.util.find_spec("music21") is None:
        raise soundfont.Missing("music21 is not installed; install it with: uv sync --group bench")
    cache.mkdir(parents=True, exist_ok=True)
    chosen = sources(split, count)
    with ProcessPoolExecutor(PROCESSES) as pool:
        made = list(pool.map(partial(_render, fonts=fonts, cache=cache, seconds=seconds), chosen))
    found: list[Known] = []
    for kind, share in SHARES.items():
        fit = [known for known in made if known is not None and known.group == kind]
        found += fit[: round(share * count)]
    return found


def _render(source: Source, fonts: tuple[Path, ...], cache: Path, seconds: float) -> Known | None:
    sheet = _sheet(source, cache / "sheets")
    if sheet is None:
        return None
    how, played = _performed(source, sheet, seconds)
    notes = soundfont.midi(played.tracks, played.tuning)
    digest = hashlib.sha256(notes).digest()
    font = fonts[digest[0] % len(fonts)]
    number = f" {source.number}" if source.number else ""
    path = cache / f"{source.kind} {Path(source.path).stem}{number} {font.stem} {digest.hex()[:12]}.flac"
    if not path.exists():
        write_once(path, soundfont.render(notes, font, seconds=played.end + 1.0))
    return Known(
        path=path,
        group=source.kind,
        tempo=played.tempo,
        beats=played.beats,
        downbeats=None if sheet.meter in TWO else played.downbeats,
        key=moved(sheet.key, how.transpose),
        time_signature=SIGNATURES.get(sheet.meter),
        meter=sheet.meter,
    )


def _sheet(source: Source, cache: Path) -> Sheet | None:
    """Read a piece, or take what was read of it; None where it is unfit. Parsing a quartet takes some ten seconds."""
    music21: Any = importlib.import_module("music21")
    code = "".join(inspect.getsource(function) for function in (read, _meter, _bars, _notes, _key))
    digest = hashlib.sha256(f"{source} {music21.__version__} {code}".encode()).hexdigest()
    path = cache / f"{digest[:24]}.json"
    if not path.exists():
        try:
            sheet: Sheet | None = read(source)
        except (Unfit, music21.exceptions21.Music21Exception):
            sheet = None
        cache.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(sheet and asdict(sheet)))
    kept: dict[str, Any] | None = json.loads(path.read_text())
    if kept is None:
        return None
    parts = tuple(tuple((start, length, pitch) for start, length, pitch in part) for part in kept["parts"])
    return Sheet(**{**kept, "parts": parts, "downbeats": tuple(kept["downbeats"])})
