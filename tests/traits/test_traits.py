"""What every trait promises."""

from __future__ import annotations

from types import ModuleType

import pytest

from ritornello.sound.waveform import Waveform
from ritornello.track import FEATURES
from ritornello.traits import TRAITS, estimate, heads
from ritornello.traits.descriptors import describe
from tests.traits.sounds import HOSTILE, heard, medley, noise

LEVEL = -14.0, 15.0
"""Loudness and activity, as if they had been measured."""

each_trait = pytest.mark.parametrize("trait", TRAITS, ids=lambda trait: trait.NAME)


def test_the_traits_are_the_seven_of_the_features() -> None:
    computed = {"duration", "key", "loudness", "mode", "tempo", "time_signature"}
    assert [trait.NAME for trait in TRAITS] == sorted(set(FEATURES) - computed)


@each_trait
def test_a_trait_is_named_after_its_file(trait: ModuleType) -> None:
    assert trait.__name__ == f"ritornello.traits.{trait.NAME}"


@pytest.mark.parametrize("sound", HOSTILE.values(), ids=HOSTILE.keys())
def test_any_sound_gets_finite_values_and_little_trust(sound: Waveform) -> None:
    for name, answer in estimate(sound, heard(sound), *LEVEL).items():
        assert 0 <= answer.value <= 1, name
        assert 0 <= answer.confidence < 0.5, name


@pytest.mark.parametrize("title", ["nothing", "silence", "noise below the quietest bit", "constant"])
def test_what_cannot_be_heard_gets_no_trust(title: str) -> None:
    sound = HOSTILE[title]
    assert {answer.confidence for answer in estimate(sound, heard(sound), *LEVEL).values()} == {0}


def test_every_trait_asks_its_own_head() -> None:
    listened = heard(medley())
    evidence = heads.gather(listened, describe(medley()), *LEVEL)
    answers = {trait.NAME: trait.estimate(evidence) for trait in TRAITS}
    assert answers == {name: heads.estimate(name, evidence) for name in heads.load().heads}
    assert answers == estimate(medley(), listened, *LEVEL)


def test_a_shorter_excerpt_is_trusted_in_proportion() -> None:
    listened = heard(medley())
    half, whole = estimate(noise(15), listened, *LEVEL), estimate(noise(30), listened, *LEVEL)
    for trait in TRAITS:
        assert half[trait.NAME].confidence == pytest.approx(whole[trait.NAME].confidence / 2, rel=0.3)
