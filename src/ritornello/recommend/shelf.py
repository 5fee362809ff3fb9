"""All tracks of a library as arrays: one row a track, the same in all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ritornello.recommend.heard import Floats, Ints
from ritornello.recommend.kinds import probabilities
from ritornello.spotify import genres, tunables

COLUMNS = {name: at for at, name in enumerate(tunables.ATTRIBUTES)}
"""Of :attr:`Shelf.values`."""

STEPS = {
    "acousticness": 0.3,
    "danceability": 0.17,
    "energy": 0.25,
    "instrumentalness": 0.35,
    "liveness": 0.2,
    "loudness": 6.0,
    "speechiness": 0.1,
    "tempo": 30.0,
    "valence": 0.25,
}
"""About how far two songs lie apart in each feature."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is known of ``n`` tracks by ``k`` artists."""

    ids: tuple[str, ...]
    place: dict[str, int]
    """From id to row."""
    values: NDArray[np.float64]
    """Shape ``(n, 14)``: the attributes as clients see them, as :data:`COLUMNS` are ordered; NaN if not analysed."""
    steps: Floats
    """Nine features in :data:`STEPS`, shape ``(n, 9)``; zeros where not analysed."""
    analysed: NDArray[np.bool_]
    vectors: Floats
    """Embeddings of length 1, shape ``(n, d)``; zeros where there is none, and ``d`` may be 0."""
    embedded: NDArray[np.bool_]
    credits: Ints
    """Pairs of row and artist, for all artists of all tracks, shape ``(m, 2)``."""
    artists: Ints
    """The first artist of each track, shape ``(n,)``; -1 where there is none."""
    artist_ids: tuple[str, ...]
    artist_names: tuple[str, ...]
    genres: Floats
    """Probabilities, shape ``(n, 126)``, in the order of :data:`ritornello.recommend.kinds.GENRES`."""
    labels: dict[str, Ints]
    """The library's own names of genres, written as seeds are, and the rows under each."""

    def of_artist(self, artist_id: str) -> Ints:
        """Rows of an artist's tracks."""
        if artist_id not in self.artist_ids:
            return np.empty(0, np.int64)
        return np.asarray(self.credits[self.credits[:, 1] == self.artist_ids.index(artist_id), 0])


def build(
    ids: Sequence[str],
    values: NDArray[np.float64],
    vectors: Floats,
    credited: Sequence[tuple[int, int]],
    artists: Sequence[tuple[str, str]],
    tags: Sequence[tuple[int, str]],
    odds: Mapping[int, Mapping[str, float]] | None = None,
) -> Shelf:
    """Put a shelf together.

    Parameters
    ----------
    ids, values, vectors
        As they are kept, one row a track.
    credited
        Pairs of row and number in ``artists``, the first artist of a track first.
    artists
        Ids and names.
    tags
        Pairs of row and the name of a genre, as the library has it.
    odds
        By row, the genres that a track is heard to be of and how likely they are.
    """
    pairs = np.array(credited, np.int64).reshape(-1, 2)
    first = np.full(len(ids), -1)
    first[pairs[::-1, 0]] = pairs[::-1, 1]
    columns = [COLUMNS[name] for name in STEPS]
    analysed = np.asarray(~np.isnan(values[:, columns]).any(axis=1))
    steps = np.nan_to_num(values[:, columns] / np.array(list(STEPS.values()))).astype(np.float32)
    embedded = np.asarray(np.abs(vectors).sum(axis=1) > 0)
    labels: dict[str, list[int]] = {}
    for row, name in tags:
        labels.setdefault(genres.normal(name), []).append(row)
    listed = {name: np.unique(np.array(rows, np.int64)) for name, rows in labels.items()}
    return Shelf(
        ids=tuple(ids),
        place={id_: row for row, id_ in enumerate(ids)},
        values=values,
        steps=steps,
        analysed=analysed,
        vectors=vectors,
        embedded=embedded,
        credits=pairs,
        artists=first,
        artist_ids=tuple(id_ for id_, _ in artists),
        artist_names=tuple(name for _, name in artists),
        genres=probabilities(listed, odds or {}, vectors, embedded, len(ids)),
        labels=listed,
    )
