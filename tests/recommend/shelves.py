"""Small shelves whose sound is known."""

from __future__ import annotations

import numpy as np

from ritornello.recommend import shelf
from ritornello.recommend.shelf import COLUMNS, Shelf

ATTRIBUTES = tuple(COLUMNS)


def made(tracks: int = 120, camps: int = 4, seed: int = 0, unheard: int = 0, dimensions: int = 16) -> Shelf:
    """Tracks in camps of sound, one after the other; each camp has a genre, and artists of five tracks each.

    The last ``unheard`` tracks were never analysed.
    """
    rng = np.random.default_rng(seed)
    size = tracks // camps
    centres = rng.normal(size=(camps, dimensions))
    vectors = centres[np.arange(tracks) // size % camps] + 0.3 * rng.normal(size=(tracks, dimensions))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    values = np.empty((tracks, len(ATTRIBUTES)))
    for name, at in COLUMNS.items():
        values[:, at] = {
            "duration_ms": rng.integers(60_000, 400_000, tracks),
            "key": rng.integers(0, 12, tracks),
            "loudness": rng.uniform(-30, 0, tracks).round(3),
            "mode": rng.integers(0, 2, tracks),
            "popularity": rng.integers(0, 101, tracks),
            "tempo": rng.uniform(50, 200, tracks).round(3),
            "time_signature": rng.integers(3, 8, tracks),
        }.get(name, rng.uniform(0, 1, tracks).round(3))
    last = tracks - unheard
    heard_only = [at for name, at in COLUMNS.items() if name not in ("duration_ms", "popularity")]
    values[last:, heard_only] = np.nan
    vectors[last:] = 0
    names = ("jazz", "techno", "folk", "metal", "tango")
    return shelf.build(
        ids=[f"t{row}" for row in range(tracks)],
        values=values,
        vectors=vectors.astype(np.float32),
        credited=[(row, row // 5) for row in range(tracks)],
        artists=[(f"a{at}", f"Artist {at}") for at in range((tracks + 4) // 5)],
        tags=[(row, names[row // size % camps]) for row in range(tracks)],
    )
