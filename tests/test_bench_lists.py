"""The benches of playlists, genres and related artists, on worlds whose answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench import genres, playlists, recommend
from ritornello.recommend.shelf import COLUMNS
from tests.recommend import shelves


def test_genres_are_judged_by_what_is_true() -> None:
    right = genres.Case(frozenset({"jazz"}), {"jazz": 0.9, "rock": 0.1})
    wrong = genres.Case(frozenset({"rock"}), {"jazz": 0.3, "rock": 0.2})
    silent = genres.Case(frozenset({"folk"}), {"techno": 0.9})
    told = genres.judge([right, right, wrong, wrong, silent])
    assert (told.first, told.in_five) == (0.4, 0.8)
    # Jazz always ranks above what is no jazz, and so does rock above what is no rock.
    assert told.rank == 1.0
    # Four of five true ones are told; jazz is told twice where there is none, techno is judged by no tag.
    assert (told.found, told.right) == (0.8, 0.667)
    assert told.never_heard == ["folk"]


def test_an_ordered_list_jumps_less_than_its_shuffles() -> None:
    shelf = shelves.made()
    tempo = COLUMNS["tempo"]
    rows = np.argsort(shelf.values[:30, tempo])
    told = playlists.judge("by tempo", shelf, rows)
    assert told.tempo_jump < told.tempo_shuffled / 2
    assert told.apart < told.apart_random
    alone = playlists.judge("one artist", shelf, np.arange(5))
    assert (alone.artists, alone.most_of_one, alone.neighbours_by_one) == (1, 5, 4)


@pytest.fixture
def tagged(tmp_path: Path) -> Path:
    """Two camps of forty people and thirty artists each, which have a tag each and play nothing of the other."""
    rng = np.random.default_rng(3)
    plays, tags = ["userID\tartistID\tweight"], ["userID\tartistID\ttagID\tday\tmonth\tyear"]
    for person in range(80):
        for artist in 30 * (person % 2) + rng.choice(30, 12, replace=False):
            plays.append(f"{person}\t{artist}\t{rng.integers(1, 9)}")
            tags.append(f"{person}\t{artist}\t{artist // 30}\t1\t1\t2009")
    (tmp_path / "user_artists.dat").write_text("\n".join(plays))
    (tmp_path / "user_taggedartists.dat").write_text("\n".join(tags))
    return tmp_path


def test_related_artists_share_tags_where_listeners_do(tagged: Path) -> None:
    told = {one.method: one for one in recommend.related_artists(tagged) if one.listeners == "some"}
    assert told["Ritornello"].shared > 0.95
    assert told["item-item cosine"].shared > 0.95
    assert 0.3 < told["random"].shared < 0.7
