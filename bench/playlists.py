"""Playlists that make themselves, on a library of one's own.

::

    ritornello scan --library music.sqlite ~/Music
    uv run --group bench python -m bench.playlists music.sqlite

Every mood and, of everybody who has played something, the Daily Mixes. ``jump`` is the mean step from one track to the
next, in octaves of tempo and in steps on Camelot's wheel, beside the mean of 200 shuffles of the same tracks.
``artists`` is how many artists are among the first twenty and how many tracks one of them has at most. ``apart`` is
one less the cosine of embeddings, the mean over pairs: of the list, of as many tracks drawn from the library, and of
the tracks nearest to the list's first one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ritornello.library import Library
from ritornello.library.neighbours import Neighbours
from ritornello.recommend import mixes, sequence
from ritornello.recommend.heard import Ints
from ritornello.recommend.known import Known
from ritornello.recommend.shelf import COLUMNS, Shelf

SHUFFLES = 200
FIRST = 20
SEED = 3
FEWEST = 5


@dataclass(frozen=True)
class Figures:
    """One playlist."""

    name: str
    tracks: int
    tempo_jump: float
    tempo_shuffled: float
    key_jump: float
    key_shuffled: float
    artists: int
    most_of_one: int
    neighbours_by_one: int
    """Places where an artist follows themselves."""
    apart: float
    apart_random: float
    apart_nearest: float


def lists(known: Known) -> dict[str, Ints]:
    """All there are, by name."""
    draw = np.random.default_rng(SEED)
    found = {mood.name: mixes.mood(known.shelf, mood, draw) for mood in mixes.MOODS}
    for listener in known.listeners:
        for number, rows in enumerate(mixes.daily(known, listener, draw), start=1):
            found[f"Daily Mix {number} for {listener}"] = rows
    return {name: rows for name, rows in found.items() if len(rows) >= FEWEST}


def judge(name: str, shelf: Shelf, rows: Ints) -> Figures:
    """Measure one list."""
    rng = np.random.default_rng(SEED)
    values = shelf.values[rows]
    tempo = sequence.tempo_steps(values[:, COLUMNS["tempo"]])
    key = sequence.key_steps(values[:, COLUMNS["key"]], values[:, COLUMNS["mode"]])
    straight = np.arange(len(rows))
    shuffles = [rng.permutation(len(rows)) for _ in range(SHUFFLES)]
    first = Counter(shelf.artists[rows[:FIRST]].tolist())
    by = shelf.artists[rows]
    embedded = np.flatnonzero(shelf.embedded)
    near = embedded[np.argsort(-(shelf.vectors[embedded] @ shelf.vectors[rows[0]]), kind="stable")[: len(rows)]]
    drawn = [_apart(shelf, rng.choice(embedded, min(len(rows), len(embedded)), replace=False)) for _ in range(20)]
    return Figures(
        name=name,
        tracks=len(rows),
        tempo_jump=_step(tempo, straight),
        tempo_shuffled=round(float(np.mean([_step(tempo, one) for one in shuffles])), 3),
        key_jump=_step(key, straight),
        key_shuffled=round(float(np.mean([_step(key, one) for one in shuffles])), 3),
        artists=len(first),
        most_of_one=max(first.values()),
        neighbours_by_one=int(np.count_nonzero(by[1:] == by[:-1])),
        apart=_apart(shelf, rows),
        apart_random=round(float(np.mean(drawn)), 3),
        apart_nearest=_apart(shelf, near),
    )


def _step(pairs: np.ndarray[tuple[int, ...], np.dtype[np.float64]], order: Ints) -> float:
    return round(float(pairs[order[:-1], order[1:]].mean()), 3)


def _apart(shelf: Shelf, rows: Ints) -> float:
    vectors = shelf.vectors[rows[shelf.embedded[rows]]]
    cosines = vectors @ vectors.T
    return round(float(1 - cosines[np.triu_indices(len(vectors), 1)].mean()), 3) if len(vectors) > 1 else float("nan")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--json", action="store_true", help="print a list, one entry a playlist")
    given = parser.parse_args()
    if not given.library.is_file():
        sys.exit(f"{given.library} is not there: scan a folder of music into a library first")
    with Library.open(given.library) as shelf:
        known = Neighbours(shelf).known()
    if not known.shelf.embedded.any():
        sys.exit(f"{given.library}: nothing in it was analysed, so there is nothing to choose by")
    found = [judge(name, known.shelf, rows) for name, rows in lists(known).items()]
    if given.json:
        print(json.dumps([asdict(one) for one in found], indent=1))
        return
    heads = ("playlist", "tracks", "tempo jump (shuffled)", "key jump (shuffled)", "artists, most of one, in a row")
    print(f"| {' | '.join(heads)} | apart (random, nearest) |")
    print("|---|---|---|---|---|---|")
    for one in found:
        print(
            f"| {one.name} | {one.tracks} | {one.tempo_jump:.3f} ({one.tempo_shuffled:.3f}) "
            f"| {one.key_jump:.2f} ({one.key_shuffled:.2f}) "
            f"| {one.artists}, {one.most_of_one}, {one.neighbours_by_one} "
            f"| {one.apart:.3f} ({one.apart_random:.3f}, {one.apart_nearest:.3f}) |"
        )


if __name__ == "__main__":
    main()
