"""Why a track is there, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ritornello.recommend.shelf import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ritornello.recommend.heard import Matrix
    from ritornello.recommend.picks import Pick
    from ritornello.recommend.seeds import Seed
    from ritornello.recommend.shelf import Shelf
    from ritornello.spotify.tunables import Tunables

_FEWEST = 3
"""Of fewer people is not told, for they could be known."""


def of(pick: Pick, shelf: Shelf, heard: Matrix | None, seeds: Sequence[Seed], wanted: Tunables) -> list[str]:
    """Say what spoke for a track, the weightiest first."""
    seed = seeds[pick.seed]
    parts = [(pick.sound, f"{_likeness(shelf, pick, seed)} {seed.kind} {seed.id} ({pick.sound:.2f})")]
    if pick.taste > 0:
        parts.append((pick.taste * pick.trust, _company(heard, seeds, pick.row)))
    for name, target in wanted.targets.items():
        value = shelf.values[pick.row, COLUMNS[name]]
        told = "unknown" if np.isnan(value) else f"{value:g}"
        parts.append((0.0, f"{name} is {told}, {target:g} was wished for"))
    return [text for _, text in sorted(parts, key=lambda part: -part[0])]


def _likeness(shelf: Shelf, pick: Pick, seed: Seed) -> str:
    if pick.row in seed.rows:
        return "is one of"
    return "sounds like" if shelf.analysed[pick.row] and shelf.analysed[seed.rows].any() else "is of the kind of"


def _company(heard: Matrix | None, seeds: Sequence[Seed], row: int) -> str:
    assert heard is not None
    rows = np.unique(np.concatenate([one.rows for one in seeds]))
    with_seeds = np.asarray(heard[:, rows].sum(axis=1)).ravel() > 0
    both = int(np.count_nonzero(heard[with_seeds, row].toarray()))
    of_all = int(np.count_nonzero(with_seeds))
    if both < _FEWEST:
        return "goes with what is played together with the seeds"
    return f"{both} of {of_all} listeners and playlists with the seeds have it too"
