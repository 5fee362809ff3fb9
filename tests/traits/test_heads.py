"""The arithmetic of the heads, on numbers whose answer is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ritornello import errors
from ritornello.traits import heads, networks

WEIGHTS = Path(heads.__file__).parent / "weights" / f"{heads.MODEL_VERSION}.npz"
SIZE = heads.TAGS + 4 + 7 + heads.EMBEDDED + 2
NOTHING = {name: np.zeros(size) for name, size in zip(networks.ANSWERS, (50, 50, 521, 3, 200, 200, 1024), strict=True)}
"""What networks say that hear nothing."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped weights and their card, where a test may change them."""
    for file in (WEIGHTS, WEIGHTS.with_suffix(".json")):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path / WEIGHTS.name


def test_weights_that_are_not_the_cards_are_refused(copy: Path) -> None:
    assert set(heads.load(copy).heads) == set(heads.NAMES)
    heads.load.cache_clear()
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    with pytest.raises(errors.BadWeights, match=r"SHA-256 .* its card says"):
        heads.load(copy)


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_missing_weights_are_named(copy: Path, suffix: str) -> None:
    copy.with_suffix(suffix).unlink()
    with pytest.raises(errors.BadWeights, match=rf"no (card of )?weights at .*\{suffix}"):
        heads.load(copy)


@pytest.mark.parametrize("name", heads.NAMES)
def test_the_middle_of_the_corpus_is_given_the_middle_of_the_table(name: str) -> None:
    head = heads.load().heads[name]
    graded = float(np.interp(0, head.grid, head.values))
    likely = heads.state(head, np.zeros(SIZE))
    answer = heads.estimate(name, heads.Evidence(np.zeros(SIZE), 1.0))
    assert answer.value == pytest.approx(likely * head.state_value + (1 - likely) * graded)


@pytest.mark.parametrize("name", heads.NAMES)
def test_tables_rise_and_stay_on_the_scale(name: str) -> None:
    head = heads.load().heads[name]
    assert (np.diff(head.values) >= 0).all()
    assert 0 <= head.values.min() < head.values.max() <= 1
    assert ((head.hits >= 0) & (head.hits <= 1)).all()


def test_trust_multiplies_confidence_and_not_the_value() -> None:
    sure, unsure = (heads.estimate("energy", heads.Evidence(np.zeros(SIZE), trust)) for trust in (1.0, 0.5))
    assert unsure.value == sure.value
    assert unsure.confidence == pytest.approx(sure.confidence / 2)


def test_every_answer_of_the_networks_is_evidence() -> None:
    plain = heads.row(NOTHING, np.zeros(7), -14.0, 8.0)
    for name, answer in NOTHING.items():
        moved = heads.row(NOTHING | {name: answer + 0.5}, np.zeros(7), -14.0, 8.0) != plain
        assert moved.sum() == len(answer) + (name == "events"), name


def test_a_voice_is_speech_or_singing() -> None:
    evidence = heads.row(NOTHING | {"events": np.array([0.5, 0.5, 0.0])}, np.zeros(7), -14.0, 8.0)
    assert evidence.shape == (SIZE,)
    assert evidence[heads.TAGS + 3] == pytest.approx(np.log(0.755 / 0.255))


def test_loudness_and_activity_count_for_energy_and_for_nothing_else() -> None:
    for name, head in heads.load().heads.items():
        assert (head.leaning[-2:] > 0).all() == (name == "energy"), name
        assert not head.leaning[-2:].any() or name == "energy", name
        assert not head.state[-3:-1].any(), name


def test_however_quiet_music_is_it_has_less_energy_when_it_is_quieter() -> None:
    rows = np.tile(np.full(SIZE, -5.0), (2, 1))
    rows[1, -2] = -6
    quiet, quieter = heads.clipped(rows)
    assert (np.delete(quiet, -2) == -heads.CLIP).all()
    calm, calmer = (
        heads.load().heads["energy"].leaning @ np.where(np.arange(SIZE) == SIZE - 2, row, 0) for row in (quiet, quieter)
    )
    assert calmer < calm - 0.02


def test_music_in_which_nothing_starts_has_an_activity() -> None:
    still, slow, double = (
        heads.row(NOTHING, np.zeros(7), -14.0, activity) for activity in (0.0, heads.STILL, 2 * heads.STILL)
    )
    assert still[-1] == slow[-1] == double[-1] - 1
    assert still[-2] == -14


def test_remoteness_is_one_a_standard_deviation_away() -> None:
    assert heads.remoteness(np.ones(SIZE)) == 1


def test_the_model_version_is_the_cards() -> None:
    assert json.loads(WEIGHTS.with_suffix(".json").read_text(encoding="utf-8"))["model_version"] == heads.MODEL_VERSION
