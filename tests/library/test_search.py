from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ritornello.library import Library, search
from ritornello.library.held import Held
from tests.library import rows


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library.open(Path(tmp_path_factory.mktemp("shelf")) / "library.sqlite") as library:
        debut = rows.album("Début", "Björk", release_date="1993-07-05")
        post = rows.album("Post", "Björk", release_date="1995")
        live = rows.album("Rock-n-Roll Live!", "Various Artists", album_type="compilation")
        with library.begin() as connection:
            for track in (
                rows.track("Human Behaviour", "Björk", on=debut, genres=("art pop", "house")),
                rows.track("Crying", "Björk", on=debut, external_ids={"isrc": "GBAPK9300001"}),
                rows.track("Army of Me", "Björk", on=post, genres=("industrial rock",)),
                rows.track("Crying", "Roy Orbison", on=live, genres=("rock",)),
                rows.track("Crying in the Rain", "Army", on=live),
                rows.track("東京", "Ólafur Arnalds", on=live),
            ):
                rows.put(connection, track)
        yield library


def found(shelf: Library, q: str) -> tuple[list[str], list[str], list[str]]:
    with shelf.connect() as connection:
        tracks = search.tracks(connection, q, limit=50, offset=0).items
        artists = search.artists(connection, q, limit=50, offset=0).items
        albums = search.albums(connection, q, limit=50, offset=0).items
    return (
        sorted(f"{track.name} / {track.artists[0].name}" for track in tracks),
        sorted(artist.name for artist in artists),
        sorted(album.name for album in albums),
    )


@pytest.mark.parametrize(
    ("q", "tracks", "artists", "albums"),
    [
        ("human", ["Human Behaviour / Björk"], [], []),
        ("BJORK hum", ["Human Behaviour / Björk"], [], []),
        ("björk post", ["Army of Me / Björk"], [], ["Post"]),
        ("olafur", ["東京 / Ólafur Arnalds"], ["Ólafur Arnalds"], []),
        ("東", ["東京 / Ólafur Arnalds"], [], []),
        ("rock-n-roll crying roy", ["Crying / Roy Orbison"], [], []),
        ("rock pop", [], [], []),
        ("artist:army", ["Crying in the Rain / Army"], ["Army"], []),
        ("track:army", ["Army of Me / Björk"], ["Björk"], ["Post"]),
        ("track:crying artist:roy orbison", ["Crying / Roy Orbison"], ["Roy Orbison"], []),
        ("artist:bjork year:1994-1996", ["Army of Me / Björk"], ["Björk"], ["Post"]),
        ("year:1993", ["Crying / Björk", "Human Behaviour / Björk"], ["Björk"], ["Début"]),
        ("isrc:gb-apk-93-00001", ["Crying / Björk"], ["Björk"], ["Début"]),
        ("isrc:gbapk9300001 track:human", [], [], []),
        ('genre:"industrial rock"', ["Army of Me / Björk"], ["Björk"], ["Post"]),
        ('genre:"rock" roy', ["Crying / Roy Orbison"], ["Roy Orbison"], []),
        ('album:"rock n roll" track:rain', ["Crying in the Rain / Army"], ["Army"], ["Rock-n-Roll Live!"]),
        ("!!!", [], [], []),
    ],
)  # fmt: skip
def test_a_search_finds(shelf: Library, q: str, tracks: list[str], artists: list[str], albums: list[str]) -> None:
    assert found(shelf, q) == (tracks, artists, albums)


def test_a_title_counts_more_than_an_artist(shelf: Library) -> None:
    with shelf.connect() as connection:
        items = search.tracks(connection, "army", limit=5, offset=0).items
    assert [track.name for track in items] == ["Army of Me", "Crying in the Rain"]


def test_pages_add_up_to_the_total(shelf: Library) -> None:
    with shelf.connect() as connection:
        pages = [search.tracks(connection, "c", limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [page.total for page in pages] == [3, 3, 3]
    assert len({track.id for page in pages for track in page.items}) == 3
    assert [len(page.items) for page in pages] == [2, 1, 0]


FOLDED = [
    *(
        "Björk",
        "bjork",
        "Ångström",
        "Đorđe",
        "東京",
        "ﬁn",
        "Straße",
        "Rock-n-Roll",
        "rock",
        "roll",
        "ro",
        "O'Neill",
        "a",
    ),
    *("ab", "abc", "1999", "İzmir", "Ǘber", "u\u0308ber", "ñandú", "ＡＢ", "ab_c", "Łódź", "e\u0301"),
]
titles = st.lists(st.sampled_from(FOLDED), min_size=1, max_size=4).map(" ".join)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, Held]]:
    chance = random.Random(5)

    def title() -> str:
        return " ".join(chance.choices(FOLDED, k=chance.randint(1, 4)))

    with Library.open(Path(tmp_path_factory.mktemp("folded")) / "library.sqlite") as library:
        with library.begin() as connection:
            for _ in range(60):
                on = rows.album(title(), title())
                rows.put(connection, rows.track(title(), title(), on=on, genres=(title(),)))
        held = Held(library)
        held.refresh()
        yield library, held


@given(st.sampled_from(["", "artist:", "track:", "album:", "genre:"]), titles, st.integers(0, 3))
def test_memory_answers_as_the_database(held: tuple[Library, Held], column: str, words: str, offset: int) -> None:
    library, memory = held
    q = column + words
    with library.connect() as connection:
        for kind in (search.tracks, search.artists, search.albums):
            told = kind(connection, q, limit=20, offset=offset, held=memory)
            assert told == kind(connection, q, limit=20, offset=offset)


@pytest.mark.parametrize("word", ["crying", "CRYING", "Bjo\u0308rk", "björk", "Rock-n-Roll", "army"])
def test_plain_words_need_no_database(shelf: Library, word: str) -> None:
    held = Held(shelf)
    held.refresh()
    with shelf.connect() as connection:
        if word.isalnum():
            assert search.tracks(connection, word, limit=5, offset=0, held=held, at_once=True).total
        else:
            with pytest.raises(search.TakesLonger):
                search.tracks(connection, word, limit=5, offset=0, held=held, at_once=True)


def test_what_memory_does_not_know_yet_is_found(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.sqlite") as library, Library.open(tmp_path / "library.sqlite") as other:
        with library.begin() as connection:
            rows.put(connection, rows.track("One", "A"))
        held = Held(library)
        held.refresh()
        with other.begin() as connection:
            rows.put(connection, rows.track("One more", "B"))
        with library.connect() as connection:
            assert search.tracks(connection, "one", limit=5, offset=0, held=held).total == 2
        held.refresh()
        with library.connect() as connection:
            assert search.tracks(connection, "one", limit=5, offset=0, held=held, at_once=True).total == 2


nasty = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            ["artist:", "year:", "isrc:", '"', "'", "*", "(", ")", "AND", "OR", "NOT", "NEAR", "-", "^", ":", "{a}",
             "+", "\0", ";--", "%", "_", "a", "1999", " ", "title", "rank", "\u0301", "\U00010400", "٣٣٣٣"]
        ),
        max_size=12,
    ).map("".join),
)  # fmt: skip


@given(nasty)
@example("a " * 2000)
@example("x" * 100_000)
@example(" ".join(map(str, range(5000))))
@example("artist:" * 500)
@example("\ud800 a")
def test_no_text_is_an_error(shelf: Library, q: str) -> None:
    with shelf.connect() as connection:
        for kind in (search.tracks, search.artists, search.albums):
            hits = kind(connection, q, limit=3, offset=0)
            assert len(hits.items) == min(hits.total, 3)
