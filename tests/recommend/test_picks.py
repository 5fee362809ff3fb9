from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ritornello.recommend import heard, kinds, known, picks, taste
from ritornello.recommend.known import Known
from ritornello.recommend.shelf import COLUMNS
from ritornello.recommend.wish import Answer, Wish
from ritornello.spotify.tunables import ATTRIBUTES, Tunables
from tests.recommend.shelves import made
from tests.recommend.worlds import camps

SHELF = made(unheard=6)
HEARD = camps()
ALONE = Known(SHELF, None, {}, None)
TOGETHER = Known(SHELF, HEARD, {}, taste.fit(HEARD))


def ask(what: Known, *seeds: tuple[str, str], limit: int = 20, wanted: Tunables | None = None) -> Answer:
    return known.answer(what, Wish(seeds, wanted or Tunables(), limit))


def camp(track_id: str) -> int:
    return int(track_id[1:]) // 30


SEEDS = st.one_of(
    st.tuples(st.just("track"), st.integers(0, 125).map(lambda n: f"t{n}")),
    st.tuples(st.just("artist"), st.integers(0, 25).map(lambda n: f"a{n}")),
    st.tuples(st.just("genre"), st.sampled_from(["jazz", "Techno", "folk", "sleep", "nonsense"])),
)
RANGES = {
    name: (float(np.nanmin(SHELF.values[:, at])), float(np.nanmax(SHELF.values[:, at]))) for name, at in COLUMNS.items()
}
BOUNDS = st.dictionaries(st.sampled_from(ATTRIBUTES), st.floats(0, 1), max_size=4)


@settings(max_examples=150)
@given(
    st.lists(SEEDS, min_size=1, max_size=5, unique=True),
    BOUNDS,
    BOUNDS,
    BOUNDS,
    st.integers(1, 100),
    st.booleans(),
    st.sets(st.integers(0, 119).map(lambda n: f"t{n}"), max_size=30),
)
def test_every_answer_obeys_every_filter(
    seeds: list[tuple[str, str]],
    low: dict[str, float],
    high: dict[str, float],
    near: dict[str, float],
    limit: int,
    with_taste: bool,
    left_out: set[str],
) -> None:
    def scaled(shares: dict[str, float]) -> dict[str, float]:
        return {name: RANGES[name][0] + share * (RANGES[name][1] - RANGES[name][0]) for name, share in shares.items()}

    wanted = Tunables(scaled(low), scaled(high), scaled(near))
    wish = Wish(tuple(seeds), wanted, limit, left_out=frozenset(left_out))
    found = known.answer(TOGETHER if with_taste else ALONE, wish)
    ids = [one.track_id for one in found.tracks]

    assert len(ids) == len(set(ids)) <= limit
    assert not set(ids) & left_out
    assert not set(ids) & {id_ for kind, id_ in seeds if kind == "track"}
    for id_ in ids:
        row = SHELF.values[SHELF.place[id_]]
        assert all(row[COLUMNS[name]] >= floor for name, floor in wanted.floors.items())
        assert all(row[COLUMNS[name]] <= ceiling for name, ceiling in wanted.ceilings.items())
    assert all(0 <= pool.filtered <= pool.initial <= len(SHELF.ids) for pool in found.pools)
    # What a list has was in a pool, and what every pool leaves out is in no list.
    assert len(ids) <= sum(pool.filtered for pool in found.pools)
    if found.pools and max(pool.filtered for pool in found.pools) > 5:
        assert ids
    assert known.answer(TOGETHER if with_taste else ALONE, wish) == found


def test_without_history_sound_alone_finds_the_camp() -> None:
    found = ask(ALONE, ("track", "t3"), ("artist", "a1"), limit=15).tracks

    assert sum(camp(one.track_id) == 0 for one in found) >= 12
    assert all(one.taste == one.trust == 0 for one in found)


def test_taste_counts_by_how_many_are_known_to_play_the_seeds() -> None:
    trusts = [picks.trust(listeners) for listeners in (0, 3, 30, 300, 3000)]

    assert trusts[0] == 0
    assert trusts == sorted(trusts)
    assert trusts[2] == picks.MOST_TRUST / 2
    assert trusts[1] < 0.05


def test_what_people_play_together_moves_the_answer() -> None:
    # Sound says camp 0, people who play the seed play camp 3.
    rows = [listener for listener in range(60) for _ in range(8)]
    rng = np.random.default_rng(3)
    columns = [each for _ in range(60) for each in (0, *(90 + rng.choice(24, 7, replace=False)))]
    plays = heard.matrix(rows, columns, np.ones(len(rows)), (60, 120))
    mixed = Known(SHELF, plays, {}, taste.fit(plays))

    assert sum(camp(one.track_id) == 3 for one in ask(mixed, ("track", "t0"), limit=10).tracks) >= 8
    assert sum(camp(one.track_id) == 0 for one in ask(ALONE, ("track", "t0"), limit=10).tracks) >= 8
    why = known.answer(mixed, Wish((("track", "t0"),), Tunables(), 1, explained=True)).tracks[0]
    assert why.reasons[0].endswith("of 60 listeners and playlists with the seeds have it too")


def test_a_track_that_nobody_played_is_still_found() -> None:
    plays = HEARD.tocoo()
    kept = plays.col != 7
    silent = heard.matrix(plays.row[kept], plays.col[kept], plays.data[kept], plays.shape)
    quiet = Known(SHELF, silent, {}, taste.fit(silent))

    assert "t7" in [one.track_id for one in ask(quiet, ("track", "t5"), limit=60).tracks]


def test_artists_are_spread() -> None:
    shown = [int(one.track_id[1:]) // 5 for one in ask(ALONE, ("artist", "a2"), limit=40).tracks]

    for start in range(len(shown) - 20):
        assert max(Counter(shown[start : start + 20]).values()) <= picks.CAP


def test_when_only_one_artist_is_left_it_fills_the_list() -> None:
    assert list(picks.spread(np.zeros(6, np.int64), 5)) == [0, 1, 2, 3, 4]
    assert list(picks.spread(np.array([1, 1, 1, 1, 2]), 5)) == [0, 1, 2, 4, 3]


@pytest.mark.parametrize("attribute", ["energy", "tempo", "valence", "popularity"])
def test_a_higher_target_raises_the_mean(attribute: str) -> None:
    low, high = RANGES[attribute]
    means = []
    for share in (0.1, 0.5, 0.9):
        wanted = Tunables(targets={attribute: low + share * (high - low)})
        rows = [SHELF.place[one.track_id] for one in ask(ALONE, ("track", "t40"), wanted=wanted).tracks]
        means.append(np.nanmean(SHELF.values[rows, COLUMNS[attribute]]))

    assert means == sorted(means)
    assert means[2] - means[0] > (high - low) / 4


def test_targets_weigh_the_same() -> None:
    only = Tunables(targets={"energy": 0.5})
    both = Tunables(targets={"energy": 0.5, "valence": 0.5})
    by_id = {one.track_id: one for one in ask(ALONE, ("genre", "jazz"), limit=100, wanted=both).tracks}
    valence = Tunables(targets={"valence": 0.5})
    energy_only = {one.track_id: one.off_target for one in ask(ALONE, ("genre", "jazz"), limit=100, wanted=only).tracks}
    valence_only = {
        one.track_id: one.off_target for one in ask(ALONE, ("genre", "jazz"), limit=100, wanted=valence).tracks
    }

    assert by_id
    for id_, one in by_id.items():
        assert one.off_target == pytest.approx((energy_only[id_] + valence_only[id_]) / 2)


def test_keys_go_round() -> None:
    wanted = Tunables(targets={"key": 11})
    for one in ask(ALONE, ("genre", "folk"), limit=100, wanted=wanted).tracks:
        key = SHELF.values[SHELF.place[one.track_id], COLUMNS["key"]]
        assert one.off_target == pytest.approx(min(11 - key, key + 1) / 3)


def test_tags_speak_for_the_seeds_whose_words_they_hold() -> None:
    assert kinds.of_tag("death-metal") == {"death-metal": 1.0, "metal": 0.7}
    assert kinds.of_tag("rap") == {"hip-hop": 1.0}
    assert kinds.of_tag("melodic-techno") == {"techno": 0.7}
    assert kinds.of_tag("zydeco") == {}


def test_what_has_no_tag_is_heard_to_be_of_a_genre() -> None:
    jazz = kinds.GENRES["jazz"]
    untagged = np.arange(0, 30, 2)
    tagged = {"jazz": np.arange(1, 30, 2), "techno": np.arange(30, 60)}
    found = kinds.probabilities(tagged, {}, SHELF.vectors, SHELF.embedded, 120)

    assert (found[tagged["jazz"], jazz] == 1).all()
    assert np.median(found[untagged, jazz]) > 0.1
    assert np.median(found[60:110, jazz]) < 0.01
    assert (found[tagged["techno"], jazz] == 0).all()


def test_what_the_networks_hear_counts_where_there_are_no_tags() -> None:
    nothing = np.zeros(3, bool)
    odds = {0: {"metal": 0.9}, 1: {"metal": 0.4, "rock": 0.7}}
    found = kinds.probabilities({"jazz": np.array([0])}, odds, np.zeros((3, 0), np.float32), nothing, 3)

    assert found[:, kinds.GENRES["metal"]] == pytest.approx([0, 0.4, 0])
    assert found[:, kinds.GENRES["jazz"]] == pytest.approx([1, 0, 0])
