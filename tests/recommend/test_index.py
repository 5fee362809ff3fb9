from __future__ import annotations

import sys

import numpy as np
import pytest

from ritornello.recommend import index, picks, seeds
from ritornello.recommend.index import Index
from ritornello.recommend.shelf import COLUMNS, Shelf
from ritornello.spotify.tunables import Tunables
from tests.recommend import shelves


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return shelves.made(6000, camps=5)


@pytest.fixture(scope="module")
def cells(shelf: Shelf) -> Index:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "LARGE", 2500)
        made = index.build(shelf.vectors, shelf.embedded)
    assert made is not None
    return made


def test_what_is_near_is_found_among_what_may_come(shelf: Shelf, cells: Index) -> None:
    for share in (1.0, 0.3, 0.02):
        allowed = np.random.default_rng(4).random(len(shelf.ids)) < share
        for row in range(0, 6000, 500):
            found = index.near(cells, shelf.vectors[row], allowed, 20)
            assert allowed[found].all()
            close = np.where(allowed, shelf.vectors @ shelf.vectors[row], -1)
            assert len(set(found) & set(np.argsort(-close)[:20])) >= 16


@pytest.mark.parametrize(
    "wanted",
    [Tunables({}, {}, {}), Tunables({"energy": 0.3}, {"tempo": 150.0}, {}), Tunables({}, {}, {"valence": 0.5})],
    ids=["free", "filtered", "targets"],
)
def test_a_large_library_has_nearly_the_same_answer(
    shelf: Shelf, cells: Index, wanted: Tunables, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = []
    for row in range(0, 6000, 500):
        started = [seeds.find(shelf, "track", f"t{row}"), seeds.find(shelf, "track", f"t{(row + 3000) % 6000}")]
        exact = {one.row for one in picks.pick(shelf, None, started, wanted, 20)}
        with monkeypatch.context() as patch:
            patch.setattr(index, "LARGE", 2500)
            found = picks.pick(shelf, None, started, wanted, 20, index=cells)
        assert len(found) == 20
        for one in found:
            assert not (wanted.floors and shelf.values[one.row, COLUMNS["energy"]] < 0.3)
            assert not (wanted.ceilings and shelf.values[one.row, COLUMNS["tempo"]] > 150)
        shared.append(len({one.row for one in found} & exact) / 20)
    assert np.mean(shared) > 0.9


def test_a_small_library_and_one_without_faiss_are_searched_through(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert index.build(shelf.vectors, shelf.embedded) is None
    monkeypatch.setattr(index, "LARGE", 2500)
    monkeypatch.setitem(sys.modules, "faiss", None)
    assert index.build(shelf.vectors, shelf.embedded) is None
    found = picks.pick(shelf, None, [seeds.find(shelf, "track", "t7")], Tunables({}, {}, {}), 20)
    assert len(found) == 20
