"""The styles that Ritornello composes in: who plays, what they play, over which chords."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Voice:
    """One part of the band."""

    instruments: tuple[str, str]
    """One for each palette."""
    pattern: str
    gain: float = 1.0
    pan: float = 0.0
    reverb: float = 0.15
    register: tuple[int, int] = (52, 74)
    """Lowest and highest MIDI pitch."""
    sections: tuple[str, ...] = ("intro", "verse", "chorus", "bridge", "outro")
    """Where it plays."""


@dataclass(frozen=True, slots=True)
class Style:
    """How to write a piece."""

    tempo: tuple[float, float]
    """Usual tempo, slowest and fastest, in quarters a minute."""
    meters: tuple[str, ...]
    """The first is the default."""
    voices: tuple[Voice, ...]
    major: tuple[tuple[str, ...], tuple[str, ...]]
    """Chords of the verse and of the chorus, one a bar."""
    minor: tuple[tuple[str, ...], tuple[str, ...]]
    drums: str = ""
    """Name of a groove in :mod:`ritornello.pieces.drumming`; empty for none."""
    kits: tuple[str, str] = ("acoustic", "acoustic")
    swing: float = 0.5
    swung: int = 4
    busy: float = 0.5
    """0..1, how many notes the melody has."""
    looseness: float = 0.006
    """Seconds by which players miss the metronome, standard deviation."""
    level: float = -17.0
    """RMS, dB below full scale."""
    room: float = 0.9
    """Seconds of reverb."""
    modes: tuple[int, ...] = field(default=(1, 0))


def _lead(first: str, second: str, *, gain: float = 0.8, low: int = 64, high: int = 84, reverb: float = 0.2) -> Voice:
    return Voice((first, second), "melody", gain, 0.1, reverb, (low, high), ("verse", "chorus", "bridge"))


_LOW = (28, 46)

STYLES: dict[str, Style] = {
    "rock": Style(
        tempo=(104, 152),
        meters=("4/4", "3/4", "6/8", "5/4"),
        voices=(
            Voice(("finger bass", "pick bass"), "eighths", 0.9, 0, 0.02, _LOW),
            Voice(("overdriven guitar", "steel guitar"), "power", 0.55, -0.5, 0.08, (40, 64)),
            Voice(("steel guitar", "overdriven guitar"), "strum", 0.4, 0.55, 0.1, (52, 72), ("chorus", "outro")),
            Voice(("organ", "strings"), "pad", 0.3, 0.25, 0.2, (55, 74), ("chorus",)),
            _lead("lead", "clarinet", gain=0.7),
        ),
        major=(("I", "IV", "I", "V"), ("IV", "V", "I", "vi", "IV", "V", "I", "I")),
        minor=(("i", "i", "VI", "V"), ("iv", "VII", "i", "VI", "iv", "V", "i", "i")),
        drums="rock",
        level=-14.5,
        busy=0.5,
    ),
    "folk": Style(
        tempo=(84, 124),
        meters=("4/4", "3/4", "6/8"),
        voices=(
            Voice(("upright bass", "finger bass"), "roots", 0.75, 0, 0.05, _LOW),
            Voice(("nylon guitar", "steel guitar"), "fingerpick", 0.75, -0.3, 0.12, (48, 72)),
            Voice(("steel guitar", "nylon guitar"), "strum", 0.45, 0.45, 0.1, (52, 74), ("chorus", "outro")),
            _lead("flute", "clarinet", gain=0.6, low=67, high=86, reverb=0.3),
        ),
        major=(("I", "V", "vi", "IV", "I", "IV", "V", "I"), ("IV", "I", "V", "I", "IV", "I", "V7", "I")),
        minor=(("i", "iv", "i", "V", "i", "iv", "V", "i"), ("VI", "III", "iv", "V", "VI", "iv", "V7", "i")),
        drums="brushes",
        looseness=0.009,
        level=-20,
        room=1.1,
    ),
    "waltz": Style(
        tempo=(96, 176),
        meters=("3/4",),
        voices=(
            Voice(("upright bass", "cello"), "downbeat", 0.9, 0, 0.1, (31, 48)),
            Voice(("piano", "accordion"), "oompah", 0.6, -0.2, 0.2, (52, 70)),
            Voice(("strings", "strings"), "pad", 0.3, 0.3, 0.35, (55, 76), ("chorus", "bridge")),
            _lead("flute", "violin", gain=0.65, low=67, high=88, reverb=0.3),
        ),
        major=(("I", "I", "V7", "V7", "V7", "V7", "I", "I"), ("IV", "IV", "I", "I", "ii", "V7", "I", "I")),
        minor=(("i", "i", "V7", "V7", "iv", "V7", "i", "i"), ("VI", "VI", "III", "III", "iv", "V7", "i", "i")),
        looseness=0.007,
        level=-20,
        room=1.6,
    ),
    "house": Style(
        tempo=(118, 132),
        meters=("4/4",),
        voices=(
            Voice(("synth bass", "sub bass"), "offbeat", 0.85, 0, 0.0, (31, 45)),
            Voice(("electric piano", "organ"), "stabs", 0.5, -0.25, 0.25, (55, 74)),
            Voice(("pad", "strings"), "pad", 0.4, 0.0, 0.4, (52, 72), ("intro", "chorus", "bridge", "outro")),
            Voice(("bells", "lead"), "arpeggio", 0.3, 0.35, 0.3, (64, 84), ("chorus",)),
            _lead("lead", "bells", gain=0.5, reverb=0.3),
        ),
        major=(("I", "vi", "IV", "V"), ("IV", "V", "iii", "vi", "IV", "V", "I", "I")),
        minor=(("i", "VI", "iv", "V"), ("i", "VII", "VI", "V", "i", "iv", "V", "i")),
        drums="house",
        kits=("electronic", "electronic"),
        looseness=0.0,
        level=-13.5,
        busy=0.4,
        room=1.3,
    ),
    "ballad": Style(
        tempo=(60, 84),
        meters=("4/4", "3/4", "6/8"),
        voices=(
            Voice(("piano", "electric piano"), "broken", 0.8, -0.1, 0.25, (50, 74)),
            Voice(("cello", "upright bass"), "roots", 0.55, 0.15, 0.2, (36, 52)),
            Voice(("strings", "pad"), "pad", 0.35, 0.2, 0.4, (55, 76), ("chorus", "bridge", "outro")),
            _lead("violin", "flute", gain=0.6, reverb=0.35),
        ),
        major=(("I", "V", "vi", "iii", "IV", "I", "ii7", "V7"), ("vi", "IV", "I", "V", "vi", "ii7", "V7", "I")),
        minor=(("i", "VI", "iv", "V", "i", "VI", "iv", "V7"), ("VI", "VII", "III", "i", "iv", "iio", "V7", "i")),
        looseness=0.012,
        level=-22,
        busy=0.35,
        room=1.9,
    ),
    "ambient": Style(
        tempo=(60, 90),
        meters=("4/4", "3/4"),
        voices=(
            Voice(("pad", "strings"), "pad", 0.7, 0.0, 0.6, (48, 72)),
            Voice(("sub bass", "cello"), "downbeat", 0.6, 0.0, 0.1, (33, 46)),
            Voice(("bells", "electric piano"), "sparse", 0.45, 0.3, 0.7, (64, 88)),
            Voice(("electric piano", "nylon guitar"), "arpeggio", 0.3, -0.35, 0.6, (60, 80), ("chorus", "bridge")),
        ),
        major=(("Imaj7", "Imaj7", "IVmaj7", "IVmaj7"), ("vi7", "IVmaj7", "V", "Imaj7")),
        minor=(("i7", "i7", "VImaj7", "iv7"), ("VImaj7", "iv7", "V", "i")),
        looseness=0.01,
        level=-23,
        busy=0.2,
        room=3.2,
    ),
    "funk": Style(
        tempo=(92, 116),
        meters=("4/4",),
        voices=(
            Voice(("slap bass", "finger bass"), "funk", 0.95, 0, 0.02, (28, 48)),
            Voice(("steel guitar", "clavinet"), "scratch", 0.5, 0.45, 0.05, (57, 76)),
            Voice(("electric piano", "organ"), "charleston", 0.45, -0.4, 0.12, (53, 74)),
            Voice(("brass", "brass"), "punches", 0.45, 0.1, 0.15, (58, 79), ("chorus", "outro")),
            _lead("clarinet", "lead", gain=0.6),
        ),
        major=(("I7", "I7", "IV7", "I7"), ("IV7", "IV7", "I7", "I7", "ii7", "V7", "I", "I")),
        minor=(("i7", "i7", "iv7", "i7"), ("VImaj7", "VImaj7", "i7", "i7", "iv7", "V7", "i", "i")),
        drums="funk",
        swing=0.53,
        swung=2,
        busy=0.6,
        level=-15.5,
        room=0.6,
    ),
    "hip-hop": Style(
        tempo=(76, 96),
        meters=("4/4",),
        voices=(
            Voice(("sub bass", "upright bass"), "syncopated", 1.0, 0, 0.0, (28, 43)),
            Voice(("electric piano", "piano"), "charleston", 0.6, -0.2, 0.2, (53, 72)),
            Voice(("vibraphone", "bells"), "sparse", 0.4, 0.35, 0.3, (64, 84), ("intro", "chorus", "outro")),
            _lead("flute", "vibraphone", gain=0.5, reverb=0.3),
        ),
        major=(("Imaj7", "vi7", "ii7", "V7"), ("IVmaj7", "V7", "iii7", "vi7", "ii7", "V7", "Imaj7", "Imaj7")),
        minor=(("i7", "VImaj7", "iv7", "V7"), ("VImaj7", "VImaj7", "i7", "i7", "iv7", "V7", "i7", "i7")),
        drums="hip-hop",
        kits=("electronic", "dusty"),
        swing=0.58,
        swung=2,
        busy=0.4,
        level=-15.5,
    ),
    "drum and bass": Style(
        tempo=(168, 178),
        meters=("4/4",),
        voices=(
            Voice(("reese bass", "sub bass"), "long", 0.8, 0, 0.0, (29, 43)),
            Voice(("pad", "strings"), "pad", 0.45, 0.0, 0.5, (52, 74)),
            Voice(("electric piano", "bells"), "sparse", 0.45, -0.3, 0.4, (60, 82)),
            _lead("bells", "lead", gain=0.45, reverb=0.4),
        ),
        major=(("I", "I", "vi", "vi", "IV", "IV", "V", "V"), ("IV", "V", "vi", "I", "IV", "V", "I", "I")),
        minor=(("i", "i", "VI", "VI", "iv", "iv", "V", "V"), ("i", "VII", "VI", "V", "i", "iv", "V", "i")),
        drums="drum and bass",
        kits=("electronic", "acoustic"),
        looseness=0.001,
        busy=0.25,
        level=-14,
        room=1.6,
    ),
    "jazz": Style(
        tempo=(116, 200),
        meters=("4/4", "3/4", "5/4"),
        voices=(
            Voice(("upright bass", "upright bass"), "walking", 0.95, 0, 0.06, (28, 50)),
            Voice(("piano", "electric piano"), "charleston", 0.5, -0.35, 0.15, (53, 72)),
            _lead("clarinet", "vibraphone", gain=0.7, low=60, high=82),
        ),
        major=(
            ("Imaj7", "vi7", "ii7", "V7", "Imaj7", "vi7", "ii7", "V7"),
            ("IVmaj7", "IVmaj7", "Imaj7", "Imaj7", "ii7", "V7", "I6", "I6"),
        ),
        minor=(
            ("i7", "i7", "iio7", "V7", "i7", "i7", "iio7", "V7"),
            ("iv7", "iv7", "i7", "i7", "iio7", "V7", "i", "i"),
        ),
        drums="jazz",
        swing=0.64,
        busy=0.65,
        looseness=0.008,
        level=-19,
    ),
    "jig": Style(
        tempo=(144, 189),
        meters=("6/8",),
        voices=(
            Voice(("upright bass", "upright bass"), "roots", 0.7, 0, 0.05, (31, 48)),
            Voice(("steel guitar", "accordion"), "strum", 0.5, 0.35, 0.12, (50, 72)),
            Voice(("accordion", "strings"), "pad", 0.25, -0.3, 0.2, (55, 74), ("chorus", "outro")),
            _lead("violin", "flute", gain=0.75, low=66, high=86),
        ),
        major=(("I", "I", "IV", "V", "I", "I", "V", "I"), ("I", "IV", "I", "V", "IV", "I", "V", "I")),
        minor=(("i", "i", "VII", "V", "i", "i", "V", "i"), ("III", "VII", "i", "V", "VI", "iv", "V", "i")),
        drums="frame drum",
        busy=0.95,
        level=-18,
    ),
    "progressive": Style(
        tempo=(84, 110),
        meters=("7/8", "5/4"),
        voices=(
            Voice(("pick bass", "synth bass"), "riff", 0.9, 0, 0.02, _LOW),
            Voice(("overdriven guitar", "clavinet"), "riff", 0.45, -0.45, 0.08, (45, 64)),
            Voice(("organ", "electric piano"), "accents", 0.4, 0.4, 0.15, (55, 74)),
            _lead("lead", "flute", gain=0.65),
        ),
        major=(("I", "I", "bVII", "IV", "I", "I", "V", "V"), ("vi", "IV", "I", "V", "vi", "IV", "V", "I")),
        minor=(("i", "i", "VI", "V", "i", "i", "iv", "V"), ("VI", "VII", "i", "i", "VI", "iv", "V", "i")),
        drums="progressive",
        busy=0.55,
        level=-15,
    ),
    "bossa nova": Style(
        tempo=(112, 144),
        meters=("4/4",),
        voices=(
            Voice(("upright bass", "finger bass"), "bossa bass", 0.8, 0, 0.05, (31, 48)),
            Voice(("nylon guitar", "nylon guitar"), "bossa", 0.7, -0.3, 0.12, (50, 70)),
            Voice(("strings", "electric piano"), "pad", 0.22, 0.3, 0.3, (55, 74), ("chorus",)),
            _lead("flute", "vibraphone", gain=0.6, low=65, high=84),
        ),
        major=(
            ("Imaj7", "Imaj7", "ii7", "V7", "Imaj7", "vi7", "ii7", "V7"),
            ("IVmaj7", "IVmaj7", "Imaj7", "vi7", "ii7", "V7", "Imaj7", "I6"),
        ),
        minor=(
            ("i7", "i7", "iio7", "V7", "i7", "i7", "iio7", "V7"),
            ("iv7", "VII7", "IIImaj7", "VImaj7", "iio7", "V7", "i7", "i7"),
        ),
        drums="bossa nova",
        busy=0.45,
        level=-20,
        looseness=0.007,
    ),
    "reggae": Style(
        tempo=(68, 84),
        meters=("4/4",),
        voices=(
            Voice(("finger bass", "sub bass"), "reggae", 1.0, 0, 0.0, (28, 45)),
            Voice(("clavinet", "steel guitar"), "skank", 0.5, 0.4, 0.15, (57, 76)),
            Voice(("organ", "piano"), "skank", 0.35, -0.4, 0.15, (53, 72)),
            _lead("clarinet", "lead", gain=0.6, reverb=0.3),
        ),
        major=(("I", "IV", "V", "I"), ("vi", "IV", "V", "I", "IV", "I", "V", "I")),
        minor=(("i", "iv", "V", "i"), ("VI", "VII", "i", "i", "iv", "i", "V", "i")),
        drums="reggae",
        busy=0.4,
        level=-16,
        room=1.2,
    ),
}
