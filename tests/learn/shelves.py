"""A library in which some genres sound as they do, and listeners keep to one."""

from __future__ import annotations

import random

from ritornello.library import Library, files
from ritornello.rights import Use
from tests.datasets.shelves import MUSIC, agree, hear
from tests.library import rows

GENRES = {"dub": (0.2, 70.0), "folk": (0.5, 110.0), "techno": (0.9, 135.0)}
"""Energy and tempo of each."""


def fill(library: Library, artists: int = 120, licence: str = "CC-BY-4.0") -> dict[str, list[str]]:
    """Three tracks of each artist, who plays one genre; returns ids by genre."""
    drawn = random.Random(1)
    found: dict[str, list[str]] = {genre: [] for genre in GENRES}
    with library.begin() as connection:
        for number in range(artists * 3):
            genre = list(GENRES)[number % artists % 3]
            energy, tempo = GENRES[genre]
            made = rows.track(f"Track {number}", f"Artist {number % artists}", genres=(genre,))
            numbers = {
                "energy": min(max(energy + drawn.gauss(0, 0.08), 0), 1),
                "tempo": tempo + drawn.gauss(0, 8),
                "valence": drawn.random(),
            }
            rows.put(connection, made, model_version="fma-mfcc-1", **numbers)
            path = MUSIC / f"{number}.flac"
            files.put(
                connection, files.File(path, 1, 1, made.id, "analysed", None, (), 1, "fma-mfcc-1", licence, "2020")
            )
            found[genre].append(made.id)
    return found


def listen(library: Library, by_genre: dict[str, list[str]], listeners: int = 20) -> None:
    """Each listener hears one genre, four hours of it."""
    drawn = random.Random(2)
    for number in range(listeners):
        genre = list(GENRES)[number % 3]
        agree(library, f"listener {number}", Use.TRAIN_COMMERCIAL, Use.TRAIN_RESEARCH)
        hear(library, f"listener {number}", drawn.choices(by_genre[genre], k=60))
