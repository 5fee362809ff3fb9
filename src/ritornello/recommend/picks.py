"""From seeds and wishes to a list: sound and taste weighed by how much is known, artists spread, reasons kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ritornello.recommend import index as index_
from ritornello.recommend import seeds as seeds_
from ritornello.recommend import taste as taste_
from ritornello.recommend import wishes
from ritornello.recommend.heard import Floats, Ints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ritornello.recommend.index import Index
    from ritornello.recommend.seeds import Seed
    from ritornello.recommend.shelf import Shelf
    from ritornello.recommend.taste import Taste
    from ritornello.spotify.tunables import Tunables

MOST_TRUST = 4.0
"""How much more taste counts than sound when very many play the seeds."""
HALF_TRUST = 30.0
"""Listeners of the seeds, all together, at which it counts half of that."""
_TARGETS = 2.0
"""What one step from the targets costs, where the best by sound or taste is 1."""
CAP, WINDOW = 3, 20
"""Of one artist, in so many places."""
_LOOKED_AT = 2_000
"""Of the best, when artists are spread."""
_MOST_ROWS = 20
"""Tracks that stand for an artist or a genre where taste is asked."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A track and why it is there."""

    row: int
    score: float
    sound: float
    """How alike it sounds to the seeds, 0..1."""
    taste: float
    """How well people who play the seeds like it, 0..1; 0 where nobody is known to."""
    trust: float
    """How much taste counted beside sound, 0..4."""
    off_target: float
    """Steps from the targets, the mean over them."""
    seed: int
    """The number of the seed that it sounds most like."""


def trust(listeners: float) -> float:
    """How much taste counts beside sound, where the seeds have so many listeners in all."""
    return MOST_TRUST * listeners**2 / (listeners**2 + HALF_TRUST**2)


def by_sound(near: Floats) -> Floats:
    """Put the nearness to several seeds together: the mean, which found more of what people play than the nearest."""
    return np.asarray(near.mean(axis=0), np.float32)


def by_taste(taste: Taste | None, seeds: Sequence[Seed], size: int) -> tuple[Floats, float]:
    """What those who play the seeds like, 0..1, and how much that counts."""
    if taste is None:
        return np.zeros(size, np.float32), 0.0
    chosen = [_most_heard(taste, one.rows) for one in seeds]
    items = np.unique(np.concatenate([*chosen, np.empty(0, np.int64)]).astype(np.int64))
    listeners = sum(float(taste.listeners[rows].max(initial=0)) for rows in chosen)
    weight = trust(listeners)
    if weight == 0:
        return np.zeros(size, np.float32), 0.0
    scores = taste_.score(taste, items, np.ones(len(items), np.float32))
    for one in seeds:
        if one.kind != "track":
            # What stands for an artist is not left out of the answer, only what was asked for by name.
            scores[one.rows] = np.maximum(scores[one.rows], 0.5 * scores.max(initial=0))
    return scores / max(float(scores.max(initial=0)), 1e-9), weight


def pick(
    shelf: Shelf,
    taste: Taste | None,
    seeds: Sequence[Seed],
    wanted: Tunables,
    limit: int,
    left_out: NDArray[np.bool_] | None = None,
    index: Index | None = None,
) -> list[Pick]:
    """The best tracks for some seeds.

    Parameters
    ----------
    shelf
        What there is.
    taste
        Fitted to the same rows; None where nobody played anything.
    seeds
        One to five.
    wanted
        Floors and ceilings hold exactly; all targets weigh the same.
    limit
        How many at most.
    left_out
        Rows that must not come, shape ``(n,)``.
    index
        Of the shelf's vectors, where it is large; only what it finds is looked at then.
    """
    known = [one for one in seeds if len(one.rows)]
    if not known:
        return []
    allowed = seeds_.reach(shelf, known) & wishes.passes(shelf.values, wanted)
    if left_out is not None:
        allowed &= ~left_out
    rows = np.flatnonzero(allowed)
    if not len(rows):
        return []
    liked, weight = by_taste(taste, known, len(shelf.ids))
    off = wishes.distance(shelf.values[rows], wanted)
    if len(rows) > index_.LARGE:
        kept = _promising(shelf, known, rows, off, liked, index)
        rows, off = rows[kept], off[kept]
    near = seeds_.nearness(shelf, known, rows)
    sound, liked = by_sound(near), liked[rows]
    # The unheard come last where others can be compared by sound, unless people like them.
    heard = shelf.analysed[rows] | (not any(shelf.analysed[one.rows].any() for one in known))
    total = sound / max(float(sound.max()), 1e-9) + weight * liked
    total = total - _TARGETS * (1 + weight) * off - (~heard & (liked == 0)) * 100
    best = np.argpartition(-total, _LOOKED_AT)[:_LOOKED_AT] if len(total) > _LOOKED_AT else np.arange(len(total))
    order = best[np.lexsort((best, -total[best]))]
    chosen = order[spread(shelf.artists[rows[order]], limit)]
    return [
        Pick(
            row=int(rows[at]),
            score=float(total[at]),
            sound=float(sound[at]),
            taste=float(liked[at]),
            trust=weight,
            off_target=float(off[at]),
            seed=seeds.index(known[int(near[:, at].argmax())]),
        )
        for at in chosen
    ]


def _promising(
    shelf: Shelf, seeds: Sequence[Seed], rows: Ints, off: NDArray[np.float64], liked: Floats, index: Index | None
) -> Ints:
    """Which places among very many rows are worth looking at: near the targets, and near a seed or liked."""
    # Sound and taste together gain at most 1 + weight, which is what being half a step further off costs.
    kept = np.flatnonzero(off <= np.partition(off, _LOOKED_AT)[_LOOKED_AT] + 1 / _TARGETS)
    if len(kept) <= index_.LARGE or index is None:
        return kept
    allowed = np.zeros(len(shelf.ids), bool)
    allowed[rows[kept]] = True
    found = np.zeros(len(shelf.ids), bool)
    for one in seeds:
        embedded = one.rows[shelf.embedded[one.rows]]
        if len(embedded):
            found[index_.near(index, seeds_.centre(shelf.vectors[embedded]), allowed, _LOOKED_AT)] = True
        else:
            # Nothing is known of how it sounds, so there is no direction to look in.
            return kept
    most = liked[rows[kept]]
    found[rows[kept[np.argpartition(-most, _LOOKED_AT)[:_LOOKED_AT]]]] |= most.max(initial=0) > 0
    return kept[found[rows[kept]]]


def spread(artists: Ints, limit: int, cap: int = CAP, window: int = WINDOW) -> Ints:
    """Choose places so that no artist takes more than ``cap`` of any ``window`` in a row, while others are left.

    Parameters
    ----------
    artists
        The artist of each place, the best first.

    Returns
    -------
    Places in the order to show them, at most ``limit``.
    """
    waiting: list[int] = []
    shown: list[int] = []
    following = iter(range(len(artists)))
    while len(shown) < limit:
        recent = [int(artists[at]) for at in shown[-(window - 1) :]]
        at = next((one for one in waiting if recent.count(int(artists[one])) < cap), None)
        if at is not None:
            waiting.remove(at)
        else:
            for one in following:
                if recent.count(int(artists[one])) < cap:
                    at = one
                    break
                waiting.append(one)
            else:
                if not waiting:
                    break
                at = waiting.pop(0)
        shown.append(at)
    return np.array(shown, np.int64)


def _most_heard(taste: Taste, rows: Ints) -> Ints:
    return rows[np.argsort(-taste.listeners[rows], kind="stable")[:_MOST_ROWS]]
