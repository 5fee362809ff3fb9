"""A folder of music for someone who has none at hand: twelve short pieces with their answers in their tags."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ritornello.pieces.compose import compose
from ritornello.pieces.render import render
from ritornello.sound.encode import write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ritornello.pieces.score import Score, Truth

ALBUM = "Twelve Known Answers"
LICENCE = "CC0-1.0"


@dataclass(frozen=True, slots=True)
class Piece:
    """What to compose, and what to call it."""

    title: str
    artist: str
    suffix: str
    style: str
    tempo: float
    meter: str
    key: int
    mode: int
    seed: int
    seconds: float = 52.0
    codec: str | None = None
    swing: float | None = None
    palette: int = 0
    tempo_changes: Mapping[int, float] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        """Number and title, as music folders have it."""
        return f"{DEMO.index(self) + 1:02} {self.title}{self.suffix}"

    def score(self) -> Score:
        """The piece on paper."""
        return compose(
            self.style,
            tempo=self.tempo,
            meter=self.meter,
            key=self.key,
            mode=self.mode,
            seed=self.seed,
            seconds=self.seconds,
            swing=self.swing,
            tempo_changes=self.tempo_changes,
            palette=self.palette,
        )


DEMO = (
    Piece("Garage Door", "The Metronomes", ".mp3", "rock", 132, "4/4", 4, 0, seed=11),
    Piece("River Path", "Nylon and Reed", ".flac", "folk", 96, "4/4", 7, 1, seed=12),
    Piece("Sunday Waltz", "Nylon and Reed", ".ogg", "waltz", 138, "3/4", 2, 1, seed=13, palette=1),
    Piece("Four Walls", "Square Wave Society", ".m4a", "house", 124, "4/4", 9, 0, seed=14, seconds=64),
    Piece("Letter, Unsent", "Nylon and Reed", ".opus", "ballad", 66, "4/4", 5, 1, seed=15, seconds=58),
    Piece("Tide Tables", "Square Wave Society", ".flac", "ambient", 72, "4/4", 10, 1, seed=16, seconds=66),
    Piece("Elbow Room", "The Metronomes", ".mp3", "funk", 104, "4/4", 2, 0, seed=17),
    Piece("Last Bus Home", "Square Wave Society", ".m4a", "hip-hop", 84, "4/4", 0, 0, seed=18, palette=1),
    Piece("Underpass", "Square Wave Society", ".ogg", "drum and bass", 174, "4/4", 6, 0, seed=19),
    Piece("Five Flights Up", "The Metronomes", ".m4a", "jazz", 160, "5/4", 3, 1, seed=20, codec="alac"),
    Piece("The Miller's Goat", "Nylon and Reed", ".wav", "jig", 112, "6/8", 7, 1, seed=21, seconds=44),
    Piece("Uneven Stairs", "The Metronomes", ".mp3", "progressive", 196, "7/8", 11, 0, seed=22),
)
"""The pieces of the album, in order."""


def write_demo(folder: Path, on_piece: Callable[[Path], None] | None = None) -> list[Path]:
    """Write :data:`DEMO` into a folder; what is there already is left alone.

    Parameters
    ----------
    folder
        Made if it does not exist.
    on_piece
        Called with each file's path once it is there, for a progress bar over ``len(DEMO)``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, piece in enumerate(DEMO, start=1):
        path = folder / piece.file_name
        if not path.exists():
            score = piece.score()
            waveform = render(score, 48_000 if piece.suffix == ".opus" else 44_100)
            partial = path.with_name(f".partial{piece.suffix}")
            write(partial, waveform, codec=piece.codec, tags=_tags(piece, number, score.truth))
            partial.replace(path)
        paths.append(path)
        if on_piece is not None:
            on_piece(path)
    return paths


def _tags(piece: Piece, number: int, truth: Truth) -> dict[str, str]:
    counted = {"6/8": "dotted quarters", "7/8": "eighths"}.get(truth.meter, "quarters")
    tags = {
        "title": piece.title,
        "artist": piece.artist,
        "album": ALBUM,
        "album_artist": "Ritornello",
        "track": f"{number}/{len(DEMO)}",
        "disc": "1/1",
        "date": "2026",
        "genre": piece.style.title(),
        "copyright": LICENCE,
        "license": LICENCE,
        "comment": f"{truth.tempo:g} BPM in {counted}, {truth.meter}, {truth.key_name}. "
        f"Composed and played by Ritornello; {LICENCE}.",
    }
    tempo, key = f"{truth.tempo:g}", _short_key(truth)
    if piece.suffix in {".mp3", ".m4a"}:
        return tags | {"TBPM": tempo, "TKEY": key}
    return tags | {"BPM": tempo, "INITIALKEY": key}


def _short_key(truth: Truth) -> str:
    """As ID3 wants it: ``F#m``."""
    return truth.key_name.split()[0] + ("" if truth.mode else "m")
