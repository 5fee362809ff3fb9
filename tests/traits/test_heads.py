"""The arithmetic of the heads, on numbers whose answer is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ritornello import errors
from ritornello.traits import heads
from ritornello.traits.descriptors import Descriptors

WEIGHTS = Path(heads.__file__).parent / "weights" / f"{heads.MODEL_VERSION}.npz"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped weights and their card, where a test may change them."""
    for file in (WEIGHTS, WEIGHTS.with_suffix(".json")):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path / WEIGHTS.name


def test_untouched_weights_are_read(copy: Path) -> None:
    assert set(heads.load(copy).heads) == set(heads.load().heads)


def test_weights_that_are_not_the_cards_are_refused(copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    with pytest.raises(errors.BadWeights, match=r"SHA-256 .* its card says"):
        heads.load(copy)


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_missing_weights_are_named(copy: Path, suffix: str) -> None:
    copy.with_suffix(suffix).unlink()
    with pytest.raises(errors.BadWeights, match=f"no trait weights at .*{suffix}"):
        heads.load(copy)


def test_an_estimate_is_the_prior_plus_what_each_training_track_says() -> None:
    weights = heads.load()
    head = weights.heads["energy"]
    values = weights.outlines * weights.scale + weights.centre
    answers = [heads.estimate("energy", Descriptors(v.astype(np.float32), 30.0)).value for v in values[:40]]
    kernel = np.exp(-head.width * heads.distances(weights.outlines[:40], weights.outlines))
    np.testing.assert_allclose(answers, np.clip(head.prior + kernel @ head.coefficients, 0, 1), atol=1e-4)


def test_distance_is_the_mean_squared_difference() -> None:
    a, b = np.array([[0.0, 0.0]]), np.array([[3.0, 1.0], [0.0, 0.0]])
    np.testing.assert_allclose(heads.distances(a, b), [[5.0, 0.0]])


def test_remoteness_is_the_mean_of_the_ten_nearest() -> None:
    assert heads.remoteness(np.arange(20.0)[None]) == pytest.approx(4.5)


def test_descriptors_beyond_three_deviations_are_clipped() -> None:
    zero, one = np.zeros(3), np.ones(3)
    np.testing.assert_allclose(heads.standardise(np.array([-9.0, 0.5, 1e9]), zero, one), [-3, 0.5, 3])


def test_confidence_is_the_share_of_hits_among_similar_estimates() -> None:
    held_out = np.repeat([0.2, 0.8], 500)
    hits = np.concatenate([np.tile([1.0, 1.0, 1.0, 0.0], 125), np.zeros(500)])
    remote = np.ones(1000)
    low, high = heads.confidence(np.array([0.2, 0.8]), np.array([0.5, 0.5]), held_out, remote, hits)
    assert low == pytest.approx(0.75, rel=0.01)
    assert high < 1e-3


def test_confidence_falls_to_nothing_beyond_the_training_set() -> None:
    held_out, hits, remote = np.full(100, 0.5), np.ones(100), np.arange(100.0)
    inside, edge, outside = heads.confidence(np.full(3, 0.5), np.array([0.0, 95.0, 101.0]), held_out, remote, hits)
    assert inside == pytest.approx(100 / 101 * 100 / 105)
    assert edge == pytest.approx(100 / 101 * 5 / 10)
    assert outside == 0


def test_the_model_version_is_the_cards() -> None:
    assert json.loads(WEIGHTS.with_suffix(".json").read_text(encoding="utf-8"))["model_version"] == heads.MODEL_VERSION
