"""What labelled tracks of such an outline had: the arithmetic, on numbers whose answer is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ritornello import errors
from ritornello.traits import cepstral
from ritornello.traits.descriptors import Descriptors

WEIGHTS = Path(cepstral.__file__).parent / "weights" / f"{cepstral.CEPSTRAL_VERSION}.npz"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped weights and their card, where a test may change them."""
    for file in (WEIGHTS, WEIGHTS.with_suffix(".json")):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path / WEIGHTS.name


def test_untouched_weights_are_read(copy: Path) -> None:
    assert set(cepstral.load(copy).heads) == set(cepstral.load().heads)


def test_weights_that_are_not_the_cards_are_refused(copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    with pytest.raises(errors.BadWeights, match=r"SHA-256 .* its card says"):
        cepstral.load(copy)


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_missing_weights_are_named(copy: Path, suffix: str) -> None:
    copy.with_suffix(suffix).unlink()
    with pytest.raises(errors.BadWeights, match=rf"no (card of )?weights at .*\{suffix}"):
        cepstral.load(copy)


def test_an_estimate_is_the_prior_plus_what_each_training_track_says() -> None:
    weights = cepstral.load()
    head = weights.heads["energy"]
    values = weights.outlines * weights.scale + weights.centre
    answers = [cepstral.estimate("energy", Descriptors(v.astype(np.float32), 30.0)) for v in values[:40]]
    kernel = np.exp(-head.width * cepstral.distances(weights.outlines[:40], weights.outlines))
    np.testing.assert_allclose(answers, np.clip(head.prior + kernel @ head.coefficients, 0, 1), atol=1e-4)


def test_distance_is_the_mean_squared_difference() -> None:
    a, b = np.array([[0.0, 0.0]]), np.array([[3.0, 1.0], [0.0, 0.0]])
    np.testing.assert_allclose(cepstral.distances(a, b), [[5.0, 0.0]])


def test_descriptors_beyond_three_deviations_are_clipped() -> None:
    zero, one = np.zeros(3), np.ones(3)
    np.testing.assert_allclose(cepstral.standardise(np.array([-9.0, 0.5, 1e9]), zero, one), [-3, 0.5, 3])


def test_the_model_version_is_the_cards() -> None:
    assert (
        json.loads(WEIGHTS.with_suffix(".json").read_text(encoding="utf-8"))["model_version"]
        == cepstral.CEPSTRAL_VERSION
    )
