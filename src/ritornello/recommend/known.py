"""All that is known of a library at one moment, and what answers to a wish from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ritornello.recommend import picks, reasons, seeds, wishes
from ritornello.recommend.index import LARGE
from ritornello.recommend.wish import Answer, Pool, Recommended

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ritornello.recommend.heard import Matrix
    from ritornello.recommend.index import Index
    from ritornello.recommend.seeds import Seed
    from ritornello.recommend.shelf import Shelf
    from ritornello.recommend.taste import Taste
    from ritornello.recommend.wish import Wish

_SMALL, _FEW = 5_000, 50
"""Entries, and listeners or tracks, up to which learning takes less than a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Known:
    """Tracks, who likes them, and what was learned from that."""

    shelf: Shelf
    heard: Matrix | None
    """Listeners and playlists by tracks, columns as the shelf's rows; None where there are none."""
    listeners: dict[str, int]
    """From a listener's name to a row of :attr:`heard`."""
    taste: Taste | None
    rows: tuple[str, ...] = ()
    """Whose rows of :attr:`heard` these are."""
    index: Index | None = None
    learned: bool = True
    """Whether the taste is that of all of :attr:`heard`; else one of before, of the same people, or None."""

    @property
    def is_small(self) -> bool:
        """Whether learning takes a moment only."""
        if len(self.shelf.ids) > LARGE:
            return False
        return self.heard is None or bool(self.heard.nnz <= _SMALL and min(self.heard.shape) <= _FEW)

    def contains(self, older: Known) -> bool:
        """Whether everybody and everything that an older state learned from is still here, and no less of it."""
        if self.heard is None or older.heard is None or self.shelf.ids != older.shelf.ids:
            return False
        place = {name: at for at, name in enumerate(self.rows)}
        if any(name not in place for name in older.rows):
            return False
        now = self.heard[[place[name] for name in older.rows]]
        return bool(((older.heard - now) > 0).nnz == 0)


def answer(known: Known, wish: Wish) -> Answer:
    """Find the best tracks for a wish, and say why."""
    shelf = known.shelf
    started = [seeds.find(shelf, kind, id_, wish.own.get(id_, id_)) for kind, id_ in wish.seeds]
    left_out = np.zeros(len(shelf.ids), bool)
    left_out[[shelf.place[id_] for id_ in wish.left_out if id_ in shelf.place]] = True
    chosen = picks.pick(shelf, known.taste, started, wish.wanted, wish.limit, left_out, known.index)
    passing = wishes.passes(shelf.values, wish.wanted) & ~left_out
    told: list[tuple[str, ...]] = [()] * len(chosen)
    if wish.explained:
        told = reasons.of(chosen, shelf, known.heard, started, wish.wanted)
    return Answer(
        pools=tuple(_pool(shelf, one, left_out, passing) for one in started),
        tracks=tuple(
            Recommended(
                track_id=shelf.ids[one.row],
                score=one.score,
                sound=one.sound,
                taste=one.taste,
                trust=one.trust,
                off_target=one.off_target,
                seed=started[one.seed].id,
                reasons=why,
            )
            for one, why in zip(chosen, told, strict=True)
        ),
    )


def _pool(shelf: Shelf, one: Seed, left_out: NDArray[np.bool_], passing: NDArray[np.bool_]) -> Pool:
    pool = seeds.reach(shelf, [one]) & ~left_out & bool(len(one.rows))
    return Pool(one.kind, one.id, one.is_known, int(np.count_nonzero(pool)), int(np.count_nonzero(pool & passing)))
