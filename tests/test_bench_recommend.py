from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench import recommend
from tests.recommend.worlds import camps


def test_each_protocol_hides_what_it_says() -> None:
    world = camps()
    for protocol, (validation, judged) in recommend.cases(world).items():
        assert validation.train.nnz
        assert validation.hidden.nnz
        for case in judged:
            assert case.known.multiply(case.hidden).nnz == 0
        if protocol == "split":
            assert judged[0].hidden.nnz == pytest.approx(world.nnz / 5, rel=0.05)
            assert judged[0].train.multiply(judged[0].hidden).nnz == 0
        else:
            assert sum(case.known.shape[0] for case in judged) == world.shape[0]
            assert all((np.diff(case.known.indptr) == 5).all() for case in judged)
            assert all(case.train.shape[0] + case.known.shape[0] == world.shape[0] for case in judged)


def test_an_oracle_gets_all_and_a_fool_nothing() -> None:
    case = recommend.split(camps(), 0.2, np.random.default_rng(1))
    hidden = case.hidden.toarray()

    def oracle(train: object) -> recommend.Score:
        rows = iter(hidden[np.flatnonzero(hidden.sum(axis=1))])
        return lambda items, weights: next(rows)

    def fool(train: object) -> recommend.Score:
        rows = iter(hidden[np.flatnonzero(hidden.sum(axis=1))])
        return lambda items, weights: -next(rows)

    assert recommend.answer(oracle, case).ndcg == pytest.approx(1)
    assert recommend.answer(oracle, case).recall == pytest.approx(1)
    assert recommend.answer(fool, case).ndcg == pytest.approx(0)


def test_a_folder_without_the_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"user_artists\.dat is not there"):
        recommend.hetrec(tmp_path)
