from __future__ import annotations

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from ritornello.recommend import factors, heard, ridge, taste, walks
from ritornello.recommend.heard import Matrix
from tests.recommend.worlds import CAMPS, TRACKS, camps

SEEDS = np.array([3, 40, 77])
ONES = np.ones(3, np.float32)


@pytest.fixture(scope="module")
def world() -> Matrix:
    return camps()


def test_ranks_within_a_row_share_their_place_when_equal() -> None:
    counts = heard.matrix([0, 0, 0, 0, 1], [0, 1, 2, 3, 0], [7, 1, 7, 90, 5], (2, 4))
    ranks = heard.ranked(counts).toarray()

    assert ranks[0] == pytest.approx([1.0, 0.625, 1.0, 1.375])
    assert ranks[1, 0] == 1.0
    assert counts.data.max() == 90


def test_ridge_without_our_additions_is_ease(world: Matrix) -> None:
    x = heard.binary(world).toarray().astype(float)
    inverse = np.linalg.inv(x.T @ x + 20 * np.eye(x.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    model = ridge.fit(world, 20.0, dropout=0.0, discount=0.0, by_rank=False)

    assert model.inverse is None
    assert ridge.score(model, SEEDS, ONES) == pytest.approx(weights[SEEDS].sum(axis=0), abs=1e-4)


def test_both_forms_of_the_ridge_agree(world: Matrix) -> None:
    few, many = world[:30], camps(stray=0.3)
    for counts in (few, many[:, :60]):
        model = ridge.fit(counts)
        scaled = heard.ranked(counts)[:, model.columns].toarray() * model.scale
        inverse = np.linalg.inv(scaled.T @ scaled + np.diag(1 / model.loose))
        found = np.diag(model.loose) - model.root.T @ model.root if model.root is not None else model.inverse
        assert (model.root is None) == (counts is not few)
        assert found == pytest.approx(inverse, abs=1e-5)


def test_walks_are_counted_as_in_the_paper(world: Matrix) -> None:
    x = heard.binary(world).toarray()
    there = (x / x.sum(axis=1, keepdims=True)) ** 0.7
    back = (x / x.sum(axis=0)).T ** 0.7
    ends = back @ there / x.sum(axis=0) ** 0.2
    np.fill_diagonal(ends, 0)

    found = walks.score(walks.fit(world, 0.7, 0.2), SEEDS, ONES)
    assert found == pytest.approx(ends[SEEDS].sum(axis=0), rel=1e-4)


def test_of_many_walks_the_strongest_are_kept(monkeypatch: pytest.MonkeyPatch, world: Matrix) -> None:
    whole = walks.fit(world).ends.toarray()
    monkeypatch.setattr(walks, "NEIGHBOURS", 5)
    kept = walks.fit(world).ends.toarray()

    assert (np.count_nonzero(kept, axis=1) == 5).all()
    assert kept.sum(axis=1) == pytest.approx(np.sort(whole, axis=1)[:, -5:].sum(axis=1), rel=1e-5)


def test_a_new_listener_lies_where_implicit_puts_them(world: Matrix) -> None:
    with threadpool_limits(1, "blas"):
        library = AlternatingLeastSquares(factors=16, regularization=2.0, alpha=5.0, iterations=3, random_state=1)
        library.fit(heard.binary(world), show_progress=False)
        listener = library.recalculate_user([0], heard.matrix([0, 0, 0], SEEDS, ONES, (1, world.shape[1])))
    expected = listener[0] @ library.item_factors.T

    model = factors.fit(world, factors=16, penalty=2.0, confidence=5.0, rounds=3)
    assert factors.score(model, SEEDS, ONES) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("camp", range(CAMPS))
def test_taste_stays_with_the_camp_it_started_from(world: Matrix, camp: int) -> None:
    seeds = camp * TRACKS + np.arange(4)
    scores = taste.score(taste.fit(world), seeds, np.ones(4, np.float32))
    best = np.argsort(-scores)[:20]

    assert np.count_nonzero(best // TRACKS == camp) >= 18
    assert not set(best) & set(seeds)


def test_the_same_plays_give_the_same_taste_to_the_last_bit(world: Matrix) -> None:
    first, second = (taste.score(taste.fit(world), SEEDS, ONES) for _ in range(2))

    assert (first == second).all()


def test_what_nobody_heard_has_no_score_and_hurts_nothing() -> None:
    world = camps()
    world.resize(world.shape[0], world.shape[1] + 7)
    scores = taste.score(taste.fit(world), np.array([3, 122]), np.ones(2, np.float32))

    assert (scores[120:] == 0).all()
    assert scores[:30].max() > 0


def test_one_listener_is_enough_to_learn_from() -> None:
    scores = taste.score(taste.fit(heard.matrix([0, 0], [0, 1], [1, 1], (1, 3))), np.array([0]), np.ones(1, np.float32))

    assert scores.argmax() == 1
