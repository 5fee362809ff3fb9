"""Why a track is there, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ritornello.recommend.shelf import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ritornello.recommend.heard import Ints, Matrix
    from ritornello.recommend.picks import Pick
    from ritornello.recommend.seeds import Seed
    from ritornello.recommend.shelf import Shelf
    from ritornello.spotify.tunables import Tunables

_FEWEST = 3
"""Of fewer people is not told, for they could be known."""


def of(
    picks: Sequence[Pick], shelf: Shelf, heard: Matrix | None, seeds: Sequence[Seed], wanted: Tunables
) -> list[tuple[str, ...]]:
    """Say what spoke for each track, the weightiest first."""
    of_all, both = _company(heard, seeds)
    return [_one(pick, shelf, of_all, both, seeds[pick.seed], wanted) for pick in picks]


def _one(pick: Pick, shelf: Shelf, of_all: int, both: Ints, seed: Seed, wanted: Tunables) -> tuple[str, ...]:
    parts = [(pick.sound, f"{_likeness(shelf, pick, seed)} {seed.kind} {seed.id} ({pick.sound:.2f})")]
    if pick.taste > 0:
        company = f"{both[pick.row]} of {of_all} listeners and playlists with the seeds have it too"
        few = both[pick.row] < _FEWEST
        told = "goes with what is played together with the seeds" if few else company
        parts.append((pick.taste * pick.trust, told))
    for name, target in wanted.targets.items():
        value = shelf.values[pick.row, COLUMNS[name]]
        told = "unknown" if np.isnan(value) else f"{float(f'{value:.3g}'):g}"
        parts.append((0.0, f"{name} is {told}, {target:g} was wished for"))
    return tuple(text for _, text in sorted(parts, key=lambda part: -part[0]))


def _likeness(shelf: Shelf, pick: Pick, seed: Seed) -> str:
    if pick.row in seed.rows:
        return "is one of"
    return "sounds like" if shelf.analysed[pick.row] and shelf.analysed[seed.rows].any() else "is of the kind of"


def _company(heard: Matrix | None, seeds: Sequence[Seed]) -> tuple[int, Ints]:
    """How many listeners and playlists have a seed, and of those how many have each track."""
    if heard is None:
        return 0, np.empty(0, np.int64)
    rows = np.unique(np.concatenate([one.rows for one in seeds]))
    with_seeds = np.flatnonzero(np.asarray(heard[:, rows].sum(axis=1)).ravel())
    return len(with_seeds), np.bincount(heard[with_seeds].indices, minlength=heard.shape[1])
