"""What a piece is before it sounds: notes, hits, and the truth about its time and its tones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

PITCH_CLASSES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True, slots=True)
class Meter:
    """How a bar is divided. A step is a sixteenth note."""

    name: str
    groups: tuple[int, ...]
    """Steps between accents; they add up to the bar."""
    beat: int
    """Steps in the note value that the tempo counts."""

    @property
    def steps(self) -> int:
        """Steps in a bar."""
        return sum(self.groups)

    @property
    def accents(self) -> tuple[int, ...]:
        """Steps on which a group starts."""
        return tuple(int(step) for step in np.cumsum((0, *self.groups[:-1])))

    @property
    def time_signature(self) -> int:
        """The upper number: 3 to 7."""
        return int(self.name.split("/")[0])


METERS = {
    meter.name: meter
    for meter in (
        Meter("3/4", (4, 4, 4), 4),
        Meter("4/4", (4, 4, 4, 4), 4),
        Meter("5/4", (4, 4, 4, 4, 4), 4),
        Meter("6/8", (6, 6), 6),
        Meter("7/8", (4, 4, 6), 2),
    )
}
"""In 6/8 the tempo counts dotted quarters, two a bar; in 7/8 eighths, seven a bar; else quarters."""


@dataclass(frozen=True, slots=True)
class Note:
    """One tone of one part."""

    start: float
    """Seconds."""
    duration: float
    """Seconds until it is released."""
    pitch: int
    """MIDI number; 69 is A at 440 Hz."""
    velocity: float
    """0..1."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one instrument plays."""

    instrument: str
    notes: tuple[Note, ...]
    gain: float
    """Linear."""
    pan: float
    """-1 left to 1 right."""
    reverb: float
    """0..1 of the sound that goes into the room."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One stroke on the drum kit."""

    start: float
    drum: str
    velocity: float


@dataclass(frozen=True, slots=True)
class Truth:
    """What an analysis of the piece should find.

    Times are those of the metronome, which players miss by some milliseconds.
    """

    tempo: float
    """BPM, as a musician would write it; where it changes, the one that lasts longest."""
    beats: tuple[float, ...]
    """Seconds, up to the last chord."""
    downbeats: tuple[float, ...]
    meter: str
    time_signature: int
    key: int
    """Pitch class, 0 = C."""
    mode: int
    """1 major, 0 minor."""
    sections: tuple[tuple[float, str], ...]
    """Start in seconds and name, such as ``verse``."""
    chords: tuple[tuple[float, str], ...]
    """Start in seconds and label in the syntax of Harte and others (ISMIR 2005), such as ``A:min7``."""
    tempo_changes: tuple[tuple[float, float], ...]
    """Start in seconds and BPM; one entry where the tempo is steady."""

    @property
    def key_name(self) -> str:
        """Such as ``F# minor``."""
        return f"{PITCH_CLASSES[self.key]} {'major' if self.mode else 'minor'}"


@dataclass(frozen=True, slots=True)
class Score:
    """A whole piece."""

    style: str
    seed: int
    parts: tuple[Part, ...]
    kit: str
    hits: tuple[Hit, ...]
    duration: float
    """Seconds, with the last sound's decay."""
    level: float
    """RMS in dB below full scale that the mix is brought to."""
    room: float
    """Seconds until the reverb has fallen by 60 dB."""
    tuning: float
    """Hz of the A above middle C."""
    truth: Truth


class Clock:
    """From bar and step to seconds.

    Parameters
    ----------
    meter
        The bar.
    tempos
        BPM of each bar.
    swing
        Where the off-beat falls between two beats: 0.5 straight, 0.67 triplets.
    swung
        Steps over which the swing stretches: 4 for swung eighths, 2 for swung sixteenths.
    lead_in
        Seconds of silence before the first bar.
    """

    def __init__(
        self, meter: Meter, tempos: Sequence[float], *, swing: float = 0.5, swung: int = 4, lead_in: float = 0.0
    ) -> None:
        self.meter = meter
        self.tempos = tuple(tempos)
        self._swing = swing
        self._swung = swung
        self._step_seconds = np.array([60.0 / bpm / meter.beat for bpm in tempos])
        self._bar_starts = lead_in + np.concatenate(([0.0], np.cumsum(self._step_seconds * meter.steps)))

    def time(self, bar: int, step: float) -> float:
        """Seconds; steps beyond the bar belong to the next."""
        bar, step = bar + int(step // self.meter.steps), step % self.meter.steps
        if bar >= len(self.tempos):
            return float(self._bar_starts[-1] + step * self._step_seconds[-1])
        return float(self._bar_starts[bar] + self._swing_step(step) * self._step_seconds[bar])

    def _swing_step(self, step: float) -> float:
        if self._swing == 0.5 or self.meter.beat != 4:
            return step
        whole, part = divmod(step / self._swung, 1.0)
        part = part * 2 * self._swing if part < 0.5 else self._swing + (part - 0.5) * 2 * (1 - self._swing)
        return (whole + part) * self._swung

    def beats(self, bars: int) -> tuple[float, ...]:
        """Beat times of the first ``bars`` bars."""
        return tuple(
            self.time(bar, step) for bar in range(bars) for step in range(0, self.meter.steps, self.meter.beat)
        )
