from __future__ import annotations

import pytest

from ritornello.recommend.sentence import read
from ritornello.spotify.tunables import PARAMETERS


def test_the_sentence_of_the_manual() -> None:
    found = read("calm piano for a rainy evening, nothing over 90 BPM")

    assert found.seeds == (("genre", "piano"),)
    assert found.parameters["max_tempo"] == 90
    assert found.parameters["max_energy"] == 0.5
    assert found.parameters["target_valence"] == 0.2
    assert found.unread == ()


@pytest.mark.parametrize(
    ("sentence", "seeds", "parameters"),
    [
        ("jazz between 80 and 100 bpm", ["jazz"], {"min_tempo": 80, "max_tempo": 100}),
        ("techno, at least 130 BPM", ["techno"], {"min_tempo": 130}),
        ("folk around 96 bpm", ["folk"], {"target_tempo": 96}),
        ("ambient under 3 minutes", ["ambient"], {"max_duration_ms": 180_000}),
        ("rock longer than 2.5 minutes", ["rock"], {"min_duration_ms": 150_000}),
        ("death metal and drum-and-bass", ["drum-and-bass", "death-metal"], {}),
        ("hip hop or R-N-B", ["hip-hop", "r-n-b"], {}),
        (
            "house without vocals",
            ["house"],
            {"min_instrumentalness": 0.5, "target_instrumentalness": 0.95},
        ),
    ],
)
def test_sentences(sentence: str, seeds: list[str], parameters: dict[str, float]) -> None:
    found = read(sentence)
    assert sorted(name for _, name in found.seeds) == sorted(seeds)
    assert found.parameters == parameters


def test_artists_and_genres_of_the_library_are_known() -> None:
    found = read(
        "slow zydeco like Nina Simone and Yes", ["Zydeco"], [("Nina Simone", "a1"), ("Yes", "a2"), ("Slow", "a3")]
    )

    assert found.seeds == (("artist", "a1"), ("artist", "a2"), ("genre", "zydeco"))
    assert found.parameters == {"target_tempo": 70}


def test_what_means_nothing_is_told() -> None:
    assert read("jazz for my hovercraft").unread == ("hovercraft",)


def test_all_that_a_sentence_can_set_is_a_tunable() -> None:
    from ritornello.recommend import sentence

    assert {name for wish in sentence._WORDS.values() for name in wish} <= set(PARAMETERS)
