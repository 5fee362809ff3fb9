"""Chords from Roman numerals, scales that fit them, and voicings that move little."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ritornello.pieces.score import PITCH_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 10)
_NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii")
_QUALITIES = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "7": (0, 4, 7, 10),
    "hdim7": (0, 3, 6, 10),
    "maj6": (0, 4, 7, 9),
    "sus4": (0, 5, 7),
}


@dataclass(frozen=True, slots=True)
class Chord:
    """Pitch classes above a root."""

    root: int
    quality: str

    @property
    def tones(self) -> tuple[int, ...]:
        """Pitch classes, root first."""
        return tuple((self.root + interval) % 12 for interval in _QUALITIES[self.quality])

    @property
    def label(self) -> str:
        """Such as ``A:min7``."""
        return f"{PITCH_CLASSES[self.root]}:{self.quality}"


def chord(numeral: str, key: int, mode: int) -> Chord:
    """Read a Roman numeral: capitals are major, small letters minor, ``o`` diminished; 7, maj7, 6 and sus4 may follow.

    Degrees are those of the major or the natural minor scale; ``b`` lowers one.
    """
    match = re.fullmatch(r"(b?)([ivIV]+)(o?)(7|maj7|6|sus4)?", numeral)
    if match is None or match[2].lower() not in _NUMERALS:
        raise ValueError(f"{numeral!r} is no Roman numeral; write such as I, ii7, bVII, viio or V7")
    flat, degree, diminished, extra = match.groups()
    root = (key + (MAJOR if mode else MINOR)[_NUMERALS.index(degree.lower())] - len(flat)) % 12
    minor = degree.islower()
    if diminished:
        quality = "hdim7" if extra == "7" else "dim"
    elif extra == "7":
        quality = "min7" if minor else "7"
    elif extra == "6":
        quality = "maj6"
    else:
        quality = extra or ("min" if minor else "maj")
    return Chord(root, quality)


def scale(key: int, mode: int, over: Chord) -> tuple[int, ...]:
    """Pitch classes of the key; in minor with the raised seventh wherever the chord has it."""
    classes = [(key + step) % 12 for step in (MAJOR if mode else MINOR)]
    if not mode and (key + 11) % 12 in over.tones:
        classes[6] = (key + 11) % 12
    return tuple(classes)


def voice(over: Chord, previous: Sequence[int], low: int, high: int, size: int) -> tuple[int, ...]:
    """Choose ``size`` pitches of the chord in ``low..high`` that lie nearest to the previous ones.

    The third and the highest extension are kept; the fifth goes first where there is no room.
    """
    tones = list(over.tones)
    if len(tones) > size:
        tones.remove(tones[2])
    wanted = [tones[i % len(tones)] for i in range(size)]
    choices = [[pitch for pitch in range(low, high + 1) if pitch % 12 == tone] for tone in wanted]
    middle = previous or [low + (high - low) * (2 * i + 1) // (2 * size) for i in range(size)]

    def cost(pitches: Iterable[int]) -> int:
        ordered = sorted(pitches)
        move = sum(abs(a - b) for a, b in zip(ordered, sorted(middle), strict=False))
        crowding = sum(8 for a, b in itertools.pairwise(ordered) if b - a < 2)
        return move + crowding

    return tuple(sorted(min(itertools.product(*choices), key=cost)))
