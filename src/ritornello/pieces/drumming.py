"""What the drums play: one line per drum, one character per sixteenth.

``X`` accent, ``x`` stroke, ``o`` ghost stroke, ``.`` nothing. A groove may have a line of two bars.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from ritornello.pieces.score import Meter

STROKES = {"X": 1.0, "x": 0.72, "o": 0.3}

Groove = dict[str, str]

GROOVES: dict[str, dict[str, tuple[Groove, Groove]]] = {
    "rock": {
        "4/4": (
            {"kick": "X.....x.X.......", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
            {"kick": "X.....x.X.x...x.", "snare": "....X.......X...", "ride": "X.x.X.x.X.x.X.x."},
        ),
        "3/4": (
            {"kick": "X...........", "snare": "....x...X...", "hat": "x.x.x.x.x.x."},
            {"kick": "X.....x...x.", "snare": "....x...X...", "ride": "X.x.X.x.X.x."},
        ),
        "6/8": (
            {"kick": "X.........x.", "snare": "......X.....", "hat": "X.x.x.x.x.x."},
            {"kick": "X...x.....x.", "snare": "......X.....", "ride": "X.x.x.X.x.x."},
        ),
        "5/4": (
            {"kick": "X.....x.....X.......", "snare": "....X...........X...", "hat": "x.x.x.x.x.x.x.x.x.x."},
            {"kick": "X.....x.x...X.....x.", "snare": "....X...........X...", "ride": "X.x.X.x.X.x.X.x.X.x."},
        ),
    },
    "brushes": {
        "4/4": (
            {"kick": "x.......x.......", "brush": "o.o.x.o.o.o.x.o."},
            {"kick": "x.....o.x.......", "brush": "o.o.X.o.o.o.X.oo", "shaker": "x.x.x.x.x.x.x.x."},
        ),
        "3/4": (
            {"kick": "x...........", "brush": "o.o.x.o.x.o."},
            {"kick": "x.........o.", "brush": "o.o.x.o.X.o.", "shaker": "x.x.x.x.x.x."},
        ),
        "6/8": (
            {"kick": "x...........", "brush": "o.o.o.x.o.o."},
            {"kick": "x.........o.", "brush": "o.o.o.X.o.o.", "shaker": "x.o.o.x.o.o."},
        ),
    },
    "house": {
        "4/4": (
            {"kick": "X...X...X...X...", "clap": "....x.......x...", "hat": "..X...X...X...X."},
            {
                "kick": "X...X...X...X...",
                "clap": "....X.......X...",
                "open hat": "..x...x...x...x.",
                "hat": "x.ox.oxox.oxx.ox",
                "shaker": "oxoxoxoxoxoxoxox",
            },
        ),
    },
    "funk": {
        "4/4": (
            {"kick": "X.x.......x..x..", "snare": "....X..o.o..X..o", "hat": "x.x.x.x.x.x.x.x."},
            {
                "kick": "X.x....x..x...x.",
                "snare": "....X..o.o.oX..o",
                "hat": "xoxoxoxoxoxoxoxo",
                "tambourine": "....x.......x...",
            },
        ),
    },
    "hip-hop": {
        "4/4": (
            {"kick": "X......x..x.....", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.xo"},
            {
                "kick": "X..x......x..x..",
                "snare": "....X.......X..o",
                "hat": "x.x.xox.x.x.x.xo",
                "open hat": "..............x.",
            },
        ),
    },
    "drum and bass": {
        "4/4": (
            {"kick": "X.........X.....", "snare": "....X..o.o..X...", "hat": "x.x.x.x.x.x.x.x."},
            {
                "kick": "X.........X....x",
                "snare": "....X..o.o..X..o",
                "hat": "xoxoxoxoxoxoxoxo",
                "ride": "x...x...x...x...",
            },
        ),
    },
    "jazz": {
        "4/4": (
            {"ride": "x...X.o.x...X.o.", "hi-hat foot": "....X.......X..."},
            {
                "ride": "x...X.o.x...X.o.",
                "hi-hat foot": "....X.......X...",
                "snare": "......o.......o.",
                "kick": "o...o...o...o...",
            },
        ),
        "3/4": (
            {"ride": "X...x.o.x...", "hi-hat foot": "....X...X..."},
            {
                "ride": "X...x.o.x.o.",
                "hi-hat foot": "....X...X...",
                "snare": "......o...o.",
                "kick": "x...........",
            },
        ),
        "5/4": (
            {"ride": "x...x.o.x...x...x.o.", "hi-hat foot": "....X...........X...", "kick": "x...........x......."},
            {
                "ride": "X...x.o.x...X...x.o.",
                "hi-hat foot": "....X...........X...",
                "snare": "......o...o.......o.",
                "kick": "x...........x.......",
            },
        ),
    },
    "frame drum": {
        "6/8": (
            {"tom low": "X.....x.....", "shaker": "x.o.o.x.o.o."},
            {"tom low": "X...o.X...o.", "shaker": "x.o.o.x.o.o.", "tambourine": "....x.....x."},
        ),
    },
    "progressive": {
        "7/8": (
            {"kick": "X.....x.......", "snare": "....X.....x...", "hat": "x.x.x.x.x.x.x."},
            {"kick": "X.....x.X.....", "snare": "....X.....X...", "ride": "X.x.X.x.X.x.x."},
        ),
        "5/4": (
            {"kick": "X.....x.....X.......", "snare": "....X...X.......X...", "hat": "x.x.x.x.x.x.x.x.x.x."},
            {"kick": "X..x..x.....X..x..x.", "snare": "....X...X.......X...", "ride": "X.x.X.x.X.x.X.x.X.x."},
        ),
    },
    "bossa nova": {
        "4/4": (
            {
                "kick": "X.....o.X.....o.",
                "rim": "o..o..o...o..o..",
                "shaker": "XoxoXoxoXoxoXoxo",
                "hi-hat foot": "....x.......x...",
            },
            {
                "kick": "X.....o.X.....o.",
                "rim": "x..x..x...x..x..",
                "hat": "xoxoxoxoxoxoxoxo",
                "hi-hat foot": "....x.......x...",
            },
        ),
    },
    "reggae": {
        "4/4": (
            {"kick": "........X.......", "rim": "........X.......", "hat": "x.o.x.o.x.o.x.o."},
            {
                "kick": "........X.......",
                "snare": "........X.....o.",
                "hat": "x.oox.o.x.o.x.ox",
                "tambourine": "....o.......o...",
            },
        ),
    },
}
"""Groove and its fuller form, for chorus and bridge, by name and meter."""


class Stroke(NamedTuple):
    """A drum hit inside a bar."""

    step: float
    drum: str
    velocity: float


def strokes(groove: str, meter: Meter, *, full: bool) -> list[Stroke]:
    """One bar of a groove."""
    lines = GROOVES[groove][meter.name][full]
    return [
        Stroke(step, drum, STROKES[letter])
        for drum, line in lines.items()
        for step, letter in enumerate(line)
        if letter != "."
    ]


def fill(groove: str, meter: Meter, rng: np.random.Generator) -> list[Stroke]:
    """The last bar of a section: the groove, then a fill over its last accents."""
    start = meter.steps - (8 if meter.steps >= 14 else 6)
    kept = [s for s in strokes(groove, meter, full=False) if s.step < start]
    if groove in {"house", "brushes", "jazz", "bossa nova", "frame drum"}:
        drums = {"house": "clap", "frame drum": "tom low", "bossa nova": "rim"}.get(groove, "brush")
        roll = [
            Stroke(step, drums, 0.35 + 0.05 * (step - start))
            for step in range(start, meter.steps, 1 if groove == "house" else 2)
        ]
        kept += [
            s for s in strokes(groove, meter, full=False) if s.step >= start and s.drum in {"kick", "ride", "shaker"}
        ]
        return kept + roll
    toms = ("snare", "snare", "tom high", "tom high", "tom low", "tom low", "snare", "kick")
    busy = rng.random(meter.steps - start) < 0.8
    roll = [
        Stroke(start + i, toms[i % len(toms)], 0.6 + 0.35 * (i % 2 == 0))
        for i in range(meter.steps - start)
        if busy[i] or i % 4 == 0
    ]
    return [*kept, Stroke(start, "kick", 0.7), *roll]


def is_soft(groove: str) -> bool:
    """Whether a crash would be out of place."""
    return groove in {"brushes", "bossa nova", "frame drum", "jazz"}


def ending(groove: str) -> tuple[str, ...]:
    """The drums of the last stroke."""
    if groove == "frame drum":
        return ("tom low",)
    return ("kick", "ride") if is_soft(groove) else ("kick", "crash")


def has_meter(groove: str, meter: Meter) -> bool:
    """Whether the groove is written for this meter."""
    return meter.name in GROOVES[groove]
