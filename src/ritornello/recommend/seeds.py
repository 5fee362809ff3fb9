"""What to start from: a track, an artist or a genre, as rows of the shelf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ritornello.recommend.heard import Floats, Ints
from ritornello.recommend.kinds import GENRES
from ritornello.recommend.shelf import COLUMNS, Shelf
from ritornello.spotify import genres

LIKELY = 0.2
"""Probability from which a track counts as of a genre."""
_SAME_ARTIST, _SAME_GENRE = 1.0, 0.5
_UNHEARD = 0.3
"""How near a track can be by its names alone, where others are compared by sound."""
_BY_FEATURES = 0.8
"""And by features alone; others are compared by embeddings."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed; :attr:`rows` is empty for one that is not known here."""

    kind: str
    """``artist``, ``track`` or ``genre``."""
    id: str
    is_known: bool
    rows: Ints
    """The tracks it stands for."""

    @property
    def own(self) -> Ints:
        """Tracks that must not come back: the seed itself."""
        return self.rows if self.kind == "track" else np.empty(0, np.int64)


def find(shelf: Shelf, kind: str, id: str, own: str | None = None) -> Seed:  # noqa: A002
    """Find a seed; ``own`` is a track's id here where ``id`` is an external one."""
    if kind == "track":
        at = shelf.place.get(own or id)
        return Seed(kind, id, at is not None, np.array([] if at is None else [at], np.int64))
    if kind == "artist":
        return Seed(kind, id, id in shelf.artist_ids, shelf.of_artist(id))
    rows = np.flatnonzero(of_genre(shelf, id) >= LIKELY)
    return Seed(kind, id, len(rows) > 0 or id in genres.SEEDS, rows)


def reach(shelf: Shelf, seeds: Sequence[Seed]) -> NDArray[np.bool_]:
    """Which tracks seeds can lead to: all but themselves; from genres alone, those of the genres. Shape ``(n,)``."""
    if seeds and all(one.kind == "genre" for one in seeds):
        reached = np.zeros(len(shelf.ids), bool)
        for one in seeds:
            reached[one.rows] = True
        return reached
    reached = np.ones(len(shelf.ids), bool)
    for one in seeds:
        reached[one.own] = False
    return reached


def nearness(shelf: Shelf, seeds: Sequence[Seed], rows: Ints | None = None) -> Floats:
    """How alike rows, or all, are to each seed, 0..1, shape ``(seeds, n)``: by sound where known, else by names."""
    at_: Any = slice(None) if rows is None else rows
    analysed, embedded_ = shelf.analysed[at_], shelf.embedded[at_]
    heard = [one.rows[shelf.analysed[one.rows]] for one in seeds]
    embedded = [one.rows[shelf.embedded[one.rows]] for one in seeds]
    out = np.empty((len(seeds), len(analysed)), np.float32)
    for at, one in enumerate(seeds):
        if not analysed.all() or not len(heard[at]):
            out[at] = _kinship(shelf, one)[at_] * (_UNHEARD if len(heard[at]) else 1)
        if len(heard[at]):
            gap = shelf.steps[at_] - shelf.steps[heard[at]].mean(axis=0)
            features = _BY_FEATURES / (1 + np.einsum("ij,ij->i", gap, gap) / gap.shape[1])
            out[at] = np.where(analysed, features, out[at])
    if embedded_.any():
        centres = np.stack([centre(shelf.vectors[rows_]) for rows_ in embedded], axis=1)
        cosines = (shelf.vectors[at_] @ centres).T
        for at in range(len(seeds)):
            if len(embedded[at]):
                np.copyto(out[at], np.maximum(cosines[at], 0), where=embedded_)
    for at, one in enumerate(seeds):
        if one.kind == "genre":
            out[at] *= of_genre(shelf, one.id)[at_]
    return out


def centre(vectors: Floats) -> Floats:
    """The middle of some directions, of length 1; zeros of none."""
    total = vectors.sum(axis=0)
    return np.asarray(total / max(float(np.linalg.norm(total)), 1e-9), np.float32)


def _kinship(shelf: Shelf, seed: Seed) -> Floats:
    """By names: the same artist, a genre in common, then popularity."""
    if seed.kind == "genre":
        base = of_genre(shelf, seed.id)
    else:
        base = np.zeros(len(shelf.ids), np.float32)
        same = shelf.credits[np.isin(shelf.credits[:, 1], by(shelf, seed.rows)), 0]
        mine = np.zeros(len(shelf.ids), bool)
        mine[same] = True
        # Genres are those of the artist as a whole: a single track often has none.
        for rows in shelf.labels.values():
            if mine[rows].any():
                base[rows] = _SAME_GENRE
        base[same] = _SAME_ARTIST
    popularity = shelf.values[:, COLUMNS["popularity"]] / 100
    return np.asarray(0.9 * base + 0.1 * popularity, np.float32)


def by(shelf: Shelf, rows: Ints) -> Ints:
    """The artists of some tracks."""
    chosen = np.zeros(len(shelf.ids), bool)
    chosen[rows] = True
    return np.unique(shelf.credits[chosen[shelf.credits[:, 0]], 1])


def of_genre(shelf: Shelf, name: str) -> Floats:
    """The probability of a genre, a seed of Spotify's or a name of this library's own, shape ``(n,)``."""
    normal = genres.normal(name)
    out = shelf.genres[:, GENRES[normal]].copy() if normal in GENRES else np.zeros(len(shelf.ids), np.float32)
    if normal in shelf.labels:
        out[shelf.labels[normal]] = 1
    return out
