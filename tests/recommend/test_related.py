from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ritornello.recommend import heard, related
from tests.recommend.shelves import made

SHELF = made()
EVERYBODY = np.arange(24)


def test_without_listeners_sound_decides() -> None:
    for artist in EVERYBODY:
        found = related.related(SHELF, None, int(artist), 4)
        assert sum(other // 6 == artist // 6 for other in found) >= 3
        assert artist not in found


def test_enough_common_listeners_outweigh_sound() -> None:
    # Artists 0 and 20 sound different and share twelve listeners, artists 1 and 21 only one.
    rows = [*range(12), *range(12), 30, 30]
    columns = [*[0] * 12, *[100] * 12, 5, 105]
    plays = heard.matrix(rows, columns, np.ones(len(rows)), (31, 120))

    assert related.related(SHELF, plays, 0, 20)[0] == 20
    assert related.related(SHELF, plays, 1, 20)[0] != 21


def test_nearness_is_the_same_both_ways() -> None:
    rng = np.random.default_rng(1)
    plays = heard.matrix(rng.integers(0, 40, 600), rng.integers(0, 120, 600), np.ones(600), (40, 120))
    common = np.stack([related.by_listeners(SHELF, plays, int(one))[0] for one in EVERYBODY])
    company = np.stack([related.by_listeners(SHELF, plays, int(one))[1] for one in EVERYBODY])
    sound = np.stack([related.by_sound(SHELF, int(one)) for one in EVERYBODY])

    assert (common == common.T).all()
    assert company == pytest.approx(company.T, abs=1e-6)
    assert sound == pytest.approx(sound.T, abs=1e-5)


def test_nobody_is_there_twice_under_two_spellings() -> None:
    names = list(SHELF.artist_names)
    names[1], names[2], names[3] = "The Beyoncé", "BEYONCE", "artist 0"
    respelt = replace(SHELF, artist_names=tuple(names))
    found = related.related(respelt, None, 0, 24)

    assert 3 not in found
    assert len({1, 2} & set(found)) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("The Beatles", "beatles"), ("AC/DC", "ACDC"), ("Simon & Garfunkel", "Simon and Garfunkel")]
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert related.same_name(one) == related.same_name(other)


def test_names_that_are_not_one() -> None:
    assert related.same_name("The The") != related.same_name("")
    assert related.same_name("!!!") != related.same_name("???")
    assert related.same_name("Beach House") != related.same_name("Beach Boys")
