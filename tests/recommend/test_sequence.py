from __future__ import annotations

import numpy as np
import pytest

from ritornello.recommend import sequence
from ritornello.recommend.shelf import COLUMNS
from tests.recommend.shelves import made

SHELF = made(tracks=400)


@pytest.mark.parametrize(
    ("key", "mode", "place"),
    [(0, 1, (8, 1)), (9, 0, (8, 0)), (7, 1, (9, 1)), (5, 1, (7, 1)), (4, 0, (9, 0)), (11, 1, (1, 1)), (8, 0, (1, 0))],
)
def test_keys_on_camelots_wheel(key: int, mode: int, place: tuple[int, int]) -> None:
    number, letter = sequence.camelot(np.array([key]), np.array([mode]))
    assert (number[0], letter[0]) == place


def test_a_relative_minor_is_one_step_and_a_tritone_six() -> None:
    steps = sequence.key_steps(np.array([0.0, 9.0, 7.0, 6.0]), np.array([1.0, 0.0, 1.0, 1.0]))
    assert list(steps[0]) == [0, 1, 1, 6]


def test_twice_as_fast_is_the_same_beat() -> None:
    steps = sequence.tempo_steps(np.array([70.0, 140.0, 99.0]))
    assert steps[0, 1] == pytest.approx(0)
    assert steps[0, 2] == pytest.approx(0.5, abs=1e-3)


def _jumps(rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[float, float]:
    values = SHELF.values[rows]
    after = np.arange(len(rows) - 1)
    tempo = sequence.tempo_steps(values[:, COLUMNS["tempo"]])[after, after + 1].mean()
    keys = sequence.key_steps(values[:, COLUMNS["key"]], values[:, COLUMNS["mode"]])[after, after + 1].mean()
    return float(tempo), float(keys)


def test_an_order_jumps_less_in_tempo_and_key_than_a_shuffle() -> None:
    rng = np.random.default_rng(5)
    shuffled = [rng.choice(400, 40, replace=False) for _ in range(10)]
    before = np.array([_jumps(rows) for rows in shuffled]).mean(axis=0)
    after = np.array([_jumps(sequence.ordered(SHELF, rows, "level")) for rows in shuffled]).mean(axis=0)

    assert (after < before / 2).all()


@pytest.mark.parametrize(("shape", "first", "second"), [("rise", 1, 1), ("fall", -1, -1), ("hill", 1, -1)])
def test_energy_follows_its_arc(shape: str, first: int, second: int) -> None:
    rows = np.random.default_rng(6).choice(400, 50, replace=False)
    energy = SHELF.values[sequence.ordered(SHELF, rows, shape), COLUMNS["energy"]]

    assert np.sign(energy[18:32].mean() - energy[:14].mean()) == first
    assert np.sign(energy[-14:].mean() - energy[18:32].mean()) == second


@pytest.mark.parametrize("shape", sequence.ARCS)
def test_nothing_is_lost_and_no_artist_follows_itself(shape: str) -> None:
    rows = np.arange(30)
    found = sequence.ordered(SHELF, rows, shape)

    assert sorted(found) == list(rows)
    artists = SHELF.artists[found]
    assert (artists[1:] != artists[:-1]).all()
