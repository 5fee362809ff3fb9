"""Playlists that make themselves: what is on them. Each gives rows of the shelf, in the order to play them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ritornello.recommend import picks, sequence, wishes
from ritornello.recommend import taste as taste_
from ritornello.recommend.heard import Floats, Ints
from ritornello.spotify.tunables import Tunables

if TYPE_CHECKING:
    from ritornello.recommend.known import Known
    from ritornello.recommend.shelf import Shelf

LONG, SHORT = 50, 30
FEWEST = 5
"""Tracks of which a playlist is worth having."""
_FAVOURITES = 200
_CLUSTERS = 6
_CLUSTER_SIZE = 12
"""A cluster of taste has so many tracks of the listener's, at least."""
_NEW_ARTISTS_FIRST = 0.3
_CHANCE = 0.15
"""How much the draw of an edition moves a score of 0..1, so that no two editions are alike."""


@dataclass(frozen=True, slots=True)
class Mood:
    """A mood or an activity: what it asks of tracks, and how its energy goes."""

    key: str
    name: str
    wanted: Tunables
    arc: str


MOODS = (
    Mood(
        "calm",
        "Calm",
        Tunables(ceilings={"energy": 0.5, "tempo": 125}, targets={"energy": 0.2, "acousticness": 0.8}),
        "fall",
    ),
    Mood(
        "focus",
        "Focus",
        Tunables(
            floors={"instrumentalness": 0.5},
            ceilings={"speechiness": 0.33},
            targets={"instrumentalness": 0.9, "energy": 0.4},
        ),
        "level",
    ),
    Mood("happy", "Happy", Tunables(floors={"valence": 0.5}, targets={"valence": 0.9, "energy": 0.7}), "rise"),
    Mood(
        "party",
        "Party",
        Tunables(floors={"danceability": 0.5}, targets={"danceability": 0.85, "energy": 0.85}),
        "hill",
    ),
    Mood("sad", "Melancholy", Tunables(ceilings={"valence": 0.4}, targets={"valence": 0.1, "energy": 0.3}), "level"),
    Mood(
        "sleep",
        "Sleep",
        Tunables(ceilings={"energy": 0.35, "loudness": -10}, targets={"energy": 0.05, "tempo": 65}),
        "fall",
    ),
    Mood(
        "workout",
        "Workout",
        Tunables(floors={"energy": 0.6, "tempo": 110}, targets={"energy": 0.9, "tempo": 140}),
        "hill",
    ),
)


def mood(shelf: Shelf, which: Mood, draw: np.random.Generator) -> Ints:
    """What fits a mood best, artists spread."""
    rows = np.flatnonzero(wishes.passes(shelf.values, which.wanted) & shelf.analysed)
    fit = 1 - wishes.distance(shelf.values[rows], which.wanted) / 3
    return sequence.ordered(shelf, _chosen(shelf, rows, fit, draw, LONG), which.arc)


def discover(known: Known, listener: str, draw: np.random.Generator, before: Sequence[int] = ()) -> Ints:
    """Tracks that are new to a listener and near their taste, artists that are new to them first; two of an artist.

    What the edition before had (``before``) does not come again.
    """
    shelf = known.shelf
    mine, weights = profile(known, listener)
    if not len(mine):
        return mine
    scores = liking(known, mine, weights)
    new = np.ones(len(shelf.ids), bool)
    new[mine] = False
    new[list(before)] = False
    familiar = np.isin(shelf.artists, shelf.artists[mine])
    scores = scores / max(float(scores.max(initial=0)), 1e-9) + _NEW_ARTISTS_FIRST * ~familiar
    rows = np.flatnonzero(new & (scores > 0))
    return sequence.ordered(shelf, _chosen(shelf, rows, scores[rows], draw, SHORT, cap=2, window=SHORT), "hill")


def radar(known: Known, listener: str, released: Mapping[str, str], since: str, draw: np.random.Generator) -> Ints:
    """What the artists of a listener released since a day (ISO 8601), the newest and the most loved artists first."""
    shelf = known.shelf
    mine, weights = profile(known, listener)
    loved = np.bincount(shelf.artists[mine] + 1, weights=weights, minlength=len(shelf.artist_ids) + 1)[1:]
    rows = np.array([at for at, id_ in enumerate(shelf.ids) if released.get(id_, "") >= since], np.int64)
    rows = rows[loved[shelf.artists[rows]] > 0] if len(rows) else rows
    score = np.log1p(loved[shelf.artists[rows]]) if len(rows) else np.empty(0)
    return _chosen(shelf, rows, score / max(float(score.max(initial=0)), 1e-9), draw, SHORT)


def daily(known: Known, listener: str, draw: np.random.Generator) -> list[Ints]:
    """Clusters of a listener's taste, each half of favourites and half of what lies near them."""
    shelf = known.shelf
    mine, weights = profile(known, listener)
    known_sound = shelf.embedded if shelf.embedded.any() else shelf.analysed
    kept = known_sound[mine]
    mine, weights = mine[kept], weights[kept]
    if len(mine) < _CLUSTER_SIZE:
        return []
    found = []
    for members in clusters(place(shelf, mine), min(_CLUSTERS, len(mine) // _CLUSTER_SIZE), draw):
        own, much = mine[members], weights[members]
        favourites = _chosen(shelf, own, much / much.max(), draw, LONG // 2)
        near = liking(known, own[np.argsort(-much, kind="stable")[:_FAVOURITES]], np.ones(min(len(own), _FAVOURITES)))
        near[mine] = 0
        others = np.flatnonzero(near)
        more = _chosen(shelf, others, near[others] / max(float(near.max()), 1e-9), draw, LONG - len(favourites))
        found.append(sequence.ordered(shelf, np.concatenate([favourites, more]), "hill"))
    return found


def repeat(shelf: Shelf, counts: Mapping[int, int]) -> Ints:
    """What was played most, most first; a single play is no repetition."""
    often = sorted((row for row, count in counts.items() if count > 1), key=lambda row: (-counts[row], row))
    return np.array(often[:SHORT], np.int64)


def rewind(shelf: Shelf, before: Mapping[int, int], lately: Mapping[int, int]) -> Ints:
    """What was played much once and not lately."""
    return repeat(shelf, {row: count for row, count in before.items() if row not in lately})


def profile(known: Known, listener: str) -> tuple[Ints, Floats]:
    """What a listener likes: rows, and how much, by the logarithm of how often."""
    if known.heard is None or listener not in known.listeners:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    row = known.heard[known.listeners[listener]]
    return np.asarray(row.indices, np.int64), np.log1p(row.data)


def liking(known: Known, rows: Ints, weights: NDArray[np.floating]) -> Floats:
    """How well everything goes with some tracks, 0 and more, shape ``(n,)``: by sound, and by taste as far as known."""
    shelf = known.shelf
    best = np.argsort(-weights, kind="stable")[:_FAVOURITES]
    where = place(shelf, rows[best])
    everything = place(shelf, np.arange(len(shelf.ids)))
    # Nearest favourites, not their middle: one listens to more than one kind of music.
    near = np.maximum((everything @ where.T).max(axis=1), 0) if len(where) else np.zeros(len(shelf.ids))
    out = near / max(float(near.max(initial=0)), 1e-9)
    if known.taste is not None:
        # The listener's own row says nothing of what others like with it.
        others = float(np.maximum(known.taste.listeners[rows[best]] - 1, 0).sum())
        liked = taste_.score(known.taste, rows[best], np.ones(len(best), np.float32))
        out = out + picks.trust(others) * liked / max(float(liked.max(initial=0)), 1e-9)
    return np.asarray(out, np.float32)


def place(shelf: Shelf, rows: Ints) -> Floats:
    """Directions in which tracks lie, of length 1: embeddings, else features about their mean; zeros if unknown."""
    if shelf.embedded.any():
        return np.asarray(shelf.vectors[rows])
    centred = (shelf.steps - shelf.steps[shelf.analysed].mean(axis=0)) * shelf.analysed[:, None]
    chosen = centred[rows]
    return np.asarray(chosen / np.maximum(np.linalg.norm(chosen, axis=1, keepdims=True), 1e-9), np.float32)


def clusters(points: Floats, count: int, draw: np.random.Generator) -> list[Ints]:
    """k-means on directions; returns the members of each cluster, the largest first."""
    centres = points[draw.choice(len(points), count, replace=False)]
    for _ in range(20):
        nearest = (points @ centres.T).argmax(axis=1)
        sums = np.stack([points[nearest == one].sum(axis=0) for one in range(count)])
        centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    found = [np.flatnonzero(nearest == one) for one in range(count)]
    return sorted((one for one in found if len(one) >= FEWEST), key=lambda one: (-len(one), int(one[0])))


def _chosen(
    shelf: Shelf,
    rows: Ints,
    scores: NDArray[np.floating],
    draw: np.random.Generator,
    limit: int,
    cap: int = picks.CAP,
    window: int = picks.WINDOW,
) -> Ints:
    """The best of an edition: scores moved by chance, artists spread, no song twice."""
    order = rows[np.argsort(-(scores + _CHANCE * draw.random(len(rows))), kind="stable")][: 20 * limit]
    shown = picks.spread(shelf.artists[order], limit, cap, window)
    return np.asarray(order[shown], np.int64)
