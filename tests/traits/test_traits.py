"""What every trait promises."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from ritornello.sound.waveform import Waveform
from ritornello.track import FEATURES
from ritornello.traits import MODEL_VERSION, TRAITS, estimate, heads
from ritornello.traits.descriptors import describe
from tests.traits.sounds import HOSTILE, medley, noise

CARDS = Path(__file__).parents[2] / "docs" / "traits"
FIGURES = json.loads((Path(heads.__file__).parent / "weights" / f"{MODEL_VERSION}.json").read_text(encoding="utf-8"))

each_trait = pytest.mark.parametrize("trait", TRAITS, ids=lambda trait: trait.NAME)


def test_the_traits_are_the_seven_of_the_features() -> None:
    computed = {"duration", "key", "loudness", "mode", "tempo", "time_signature"}
    assert [trait.NAME for trait in TRAITS] == sorted(set(FEATURES) - computed)


@each_trait
def test_a_trait_is_named_after_its_file(trait: ModuleType) -> None:
    assert trait.__name__ == f"ritornello.traits.{trait.NAME}"


@pytest.mark.parametrize("sound", HOSTILE.values(), ids=HOSTILE.keys())
def test_any_sound_gets_finite_values_and_little_trust(sound: Waveform) -> None:
    for name, answer in estimate(sound).items():
        assert 0 <= answer.value <= 1, name
        assert 0 <= answer.confidence < 0.5, name


@pytest.mark.parametrize("title", ["nothing", "silence", "noise below the quietest bit", "constant"])
def test_what_cannot_be_heard_gets_no_trust(title: str) -> None:
    assert {answer.confidence for answer in estimate(HOSTILE[title]).values()} == {0}


def test_every_trait_asks_its_own_head() -> None:
    statistics = describe(medley())
    answers = {trait.NAME: trait.estimate(statistics) for trait in TRAITS}
    assert answers == {name: heads.estimate(name, statistics) for name in heads.load().heads}
    assert answers == estimate(medley())


def test_no_held_out_estimate_reaches_what_the_cards_say_none_reaches() -> None:
    assert heads.load().heads["liveness"].held_out.max() < 0.7
    assert heads.load().heads["speechiness"].held_out.max() < 0.66


def test_the_same_sound_gets_the_same_numbers() -> None:
    assert estimate(medley()) == estimate(medley())


def test_a_shorter_excerpt_is_trusted_in_proportion() -> None:
    half, whole = estimate(noise(15)), estimate(noise(30))
    for trait in TRAITS:
        assert half[trait.NAME].confidence == pytest.approx(whole[trait.NAME].confidence / 2, rel=0.3)


def test_noise_is_more_energetic_and_less_acoustic_than_a_soft_tone() -> None:
    loud, soft = estimate(HOSTILE["noise"]), estimate(HOSTILE["one sine"])
    assert loud["energy"].value > 0.7 > 0.3 > soft["energy"].value
    assert loud["acousticness"].value < 0.2 < 0.8 < soft["acousticness"].value


def between(card: str) -> str:
    """The generated part of a page."""
    begin, end = "<!-- figures written by training/traits.py -->", "<!-- end of figures -->"
    return card.partition(begin)[2].partition(end)[0]


@each_trait
def test_a_card_has_the_measured_figures(trait: ModuleType) -> None:
    figures = FIGURES["traits"][trait.NAME]
    card = between((CARDS / f"{trait.NAME}.md").read_text(encoding="utf-8"))
    for title, measure in (
        ("R²", "r2"),
        ("mean absolute error", "mae"),
        ("Pearson r", "pearson"),
        ("Spearman ρ", "spearman"),
    ):
        value, low, high = figures["grouped"][measure]
        assert f"| {title} | {value:.2f} [{low:.2f}, {high:.2f}] | {figures['by_track'][measure]:.2f} |" in card
    assert f"`{MODEL_VERSION}`" in card


@each_trait
def test_a_card_says_what_it_means_and_where_it_fails(trait: ModuleType) -> None:
    card = (CARDS / f"{trait.NAME}.md").read_text(encoding="utf-8")
    for heading in ("## Meaning", "## Data", "## Errors", "## Where it fails"):
        assert heading in card
        assert len(card.partition(heading)[2].partition("\n## ")[0].split()) > 20, heading


@each_trait
def test_the_overview_has_each_trait(trait: ModuleType) -> None:
    figures = FIGURES["traits"][trait.NAME]
    value, low, high = figures["grouped"]["r2"]
    row = f"| [{trait.NAME}]({trait.NAME}.md) | {value:.2f} [{low:.2f}, {high:.2f}] | {figures['by_track']['r2']:.2f} |"
    assert row in between((CARDS / "README.md").read_text(encoding="utf-8"))


@each_trait
def test_folds_by_album_are_the_harder_test_and_beat_the_mean(trait: ModuleType) -> None:
    figures = FIGURES["traits"][trait.NAME]
    assert figures["grouped"]["r2"][0] < figures["by_track"]["r2"]
    assert figures["grouped"]["mae"][0] < figures["constants"]["mean_mae"]


def test_the_held_out_estimates_in_the_weights_are_those_of_the_card() -> None:
    for name, head in heads.load().heads.items():
        assert head.hits.mean() == pytest.approx(FIGURES["traits"][name]["hits"], abs=5e-4)
        assert head.held_out.std() == pytest.approx(FIGURES["traits"][name]["spread"][1], abs=5e-4)
        assert np.isfinite(head.coefficients).all()
