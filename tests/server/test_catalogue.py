"""Artists, albums, markets, browsing and recommendations over a catalogue that a file brought."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import event

from ritornello import catalogue
from ritornello.library import Library, clients, tokens
from ritornello.server.app import create_app
from ritornello.spotify.tunables import PARAMETERS
from tests.library import rows
from tests.server.conftest import Server, serving
from tests.server.test_contract import assert_error


def make(number: int, kind: str = "t") -> str:
    return f"{kind}{number:02}".ljust(22, "0")


ROWS: list[dict[str, object]] = [
    {"kind": "artist", "id": make(1, "a"), "name": "One", "popularity": 70},
    {"kind": "artist", "id": make(2, "a"), "name": "Two"},
    {"kind": "album", "id": make(1, "b"), "name": "First", "artists": [make(1, "a")], "release_date": "2001-02-03",
     "total_tracks": 60, "upc": "0123456789012", "copyrights": [{"text": "2001 L", "type": "C"}], "label": "L"},
    {"kind": "album", "id": make(2, "b"), "name": "Both", "artists": [make(2, "a")], "release_date": "2010",
     "album_type": "single", "markets": ["SE", "DE"]},
    *({"kind": "track", "id": make(n), "name": f"Song {n}", "artists": [make(1, "a")], "album": make(1, "b"),
       "track_number": n % 30 + 1, "disc_number": n // 30 + 1, "duration_ms": 1000 * n, "genres": ["Hip Hop"],
       "popularity": n, "isrc": f"SEAAA01000{n:02}"} for n in range(60)),
    {"kind": "track", "id": make(99), "name": "Duet", "artists": [make(2, "a"), make(1, "a")], "album": make(2, "b"),
     "markets": ["SE", "DE"], "duration_ms": 90_000, "explicit": True, "genres": ["jazz"]},
]  # fmt: skip


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("catalogue")
    (folder / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in ROWS), encoding="utf-8")
    with Library.open(folder / "library.sqlite") as library:
        catalogue.read(folder / "rows.jsonl", library)
        with library.begin() as connection:
            for number in range(1, 9):
                analysed = rows.track(f"Heard {number}", f"Player {number % 4}", genres=("funk",))
                rows.put(connection, analysed, danceability=number / 10, tempo=60.0 + 10 * number, key=number)
            client, secret = clients.add(connection, "tests")
            token = tokens.issue(connection, client.id)
        with serving(create_app(library)) as url:
            yield Server(url, library, client.id, secret, token, (), "", "", "", "", "")


def test_an_album_comes_with_its_first_fifty_tracks_in_order(shelf: Server) -> None:
    album = shelf.get(f"/v1/albums/{make(1, 'b')}").json()
    assert (album["total_tracks"], album["tracks"]["total"], len(album["tracks"]["items"])) == (60, 60, 50)
    places = [(track["disc_number"], track["track_number"]) for track in album["tracks"]["items"]]
    assert places == sorted(places)
    assert album["external_ids"] == {"upc": "0123456789012"}
    assert album["copyrights"] == [{"text": "2001 L", "type": "C"}]
    assert album["genres"] == []
    rest = shelf.get(album["tracks"]["next"].removeprefix(shelf.url)).json()
    assert len(rest["items"]) == 10
    assert rest["next"] is None
    assert "album" not in rest["items"][0]


def test_several_albums_keep_order_and_are_twenty_at_most(shelf: Server) -> None:
    first, second = make(1, "b"), make(2, "b")
    found = shelf.get(f"/v1/albums?ids={second},{'0' * 22},{first},{second}").json()["albums"]
    assert [one and one["id"] for one in found] == [second, None, first, second]
    assert_error(shelf.get("/v1/albums?ids=" + ",".join([first] * 21)), 400)


def test_an_artist_and_its_albums(shelf: Server) -> None:
    artist = shelf.get(f"/v1/artists/{make(1, 'a')}").json()
    assert (artist["name"], artist["popularity"], artist["genres"]) == ("One", 70, ["Hip Hop", "jazz"])
    assert artist["followers"] == {"href": None, "total": 0}
    path = f"/v1/artists/{make(1, 'a')}/albums"
    grouped = [(one["name"], one["album_group"]) for one in shelf.get(path + "?include_groups=").json()["items"]]
    assert grouped == [("First", "album"), ("Both", "appears_on")]
    assert [one["name"] for one in shelf.get(path + "?include_groups=single,appears_on").json()["items"]] == ["Both"]
    assert_error(shelf.get(path + "?include_groups=nonsense"), 400)
    assert_error(shelf.get(f"/v1/artists/{'0' * 22}/albums"), 404)


@pytest.mark.parametrize("query", ["", "?market=SE", "?country=SE", "?market=from_token"])
def test_top_tracks_are_the_ten_most_popular(shelf: Server, query: str) -> None:
    found = shelf.get(f"/v1/artists/{make(1, 'a')}/top-tracks{query}").json()["tracks"]
    assert [track["popularity"] for track in found] == list(range(59, 49, -1))


def test_related_artists_share_the_music(shelf: Server) -> None:
    found = shelf.get(f"/v1/artists/{make(1, 'a')}/related-artists").json()["artists"]
    assert [one["name"] for one in found] == ["Two"]
    by_sound = shelf.get(f"/v1/artists/{rows.artist('Player 1').id}/related-artists").json()["artists"]
    assert {one["name"] for one in by_sound} == {"Player 0", "Player 2", "Player 3"}


def test_a_market_decides_what_can_be_played(shelf: Server) -> None:
    track = make(99)
    assert shelf.get(f"/v1/tracks/{track}").json()["available_markets"] == ["SE", "DE"]
    here = shelf.get(f"/v1/tracks/{track}?market=SE").json()
    assert here["is_playable"] is True
    assert "restrictions" not in here
    there = shelf.get(f"/v1/tracks/{track}?country=us").json()
    assert (there["is_playable"], there["restrictions"]) == (False, {"reason": "market"})
    assert "available_markets" not in there
    assert there["album"]["is_playable"] is False
    assert_error(shelf.get(f"/v1/albums/{make(1, 'b')}?market=__"), 400)
    assert len(shelf.get("/v1/markets").json()["markets"]) == 184


def test_new_releases_come_newest_first(shelf: Server) -> None:
    page = shelf.get("/v1/browse/new-releases?limit=1").json()["albums"]
    assert [album["name"] for album in page["items"]] == ["Both"]
    assert page["total"] == 2
    following = shelf.get(page["next"].removeprefix(shelf.url)).json()["albums"]
    assert [album["name"] for album in following["items"]] == ["First"]


def test_a_genre_makes_a_mix_and_a_category(shelf: Server) -> None:
    featured = shelf.get("/v1/browse/featured-playlists?locale=sv_SE&timestamp=2024-10-23T09:00:00").json()
    assert isinstance(featured["message"], str)
    assert [one["name"] for one in featured["playlists"]["items"]] == ["Hip Hop mix"]
    mix = featured["playlists"]["items"][0]
    assert (mix["owner"]["id"], mix["tracks"]["total"]) == ("ritornello", 50)
    popular = shelf.get(f"/v1/playlists/{mix['id']}?fields=tracks.items(track(popularity))").json()["tracks"]["items"]
    assert [item["track"]["popularity"] for item in popular] == list(range(59, 9, -1))
    category = shelf.get("/v1/browse/categories/hip-hop").json()
    assert set(category) == {"href", "icons", "id", "name"}
    assert shelf.get("/v1/browse/categories").json()["categories"]["items"] == [category]
    inside = shelf.get("/v1/browse/categories/hip-hop/playlists").json()
    assert inside["playlists"]["items"] == [mix]
    assert_error(shelf.get("/v1/browse/categories/nothing/playlists"), 404)


def heard(shelf: Server, query: str) -> list[str]:
    found = shelf.get(f"/v1/recommendations?{query}")
    assert found.status_code == 200, found.text
    return [track["name"] for track in found.json()["tracks"]]


def seed(number: int) -> str:
    return rows.track(f"Heard {number}", f"Player {number % 4}").id


def test_recommendations_are_near_the_seed_and_never_the_seed(shelf: Server) -> None:
    names = heard(shelf, f"seed_tracks={seed(4)}&min_tempo=1")
    assert names[:2] in (["Heard 3", "Heard 5"], ["Heard 5", "Heard 3"])
    assert "Heard 4" not in names
    assert len(names) == 7


def test_floors_and_ceilings_hold_exactly(shelf: Server) -> None:
    assert set(heard(shelf, f"seed_tracks={seed(1)}&min_danceability=0.5&max_danceability=0.7")) == {
        "Heard 5", "Heard 6", "Heard 7",
    }  # fmt: skip
    assert heard(shelf, f"seed_tracks={seed(1)}&min_key=6&max_tempo=120.0") == ["Heard 6"]
    assert heard(shelf, f"seed_tracks={seed(1)}&min_danceability=0.9&max_danceability=0.1") == []


def test_targets_draw_the_order(shelf: Server) -> None:
    assert heard(shelf, "seed_genres=funk&target_tempo=140&min_tempo=0")[0] == "Heard 8"
    assert heard(shelf, "seed_genres=funk&target_valence=50&limit=3&min_tempo=0")
    assert len(heard(shelf, "seed_genres=funk&min_tempo=0&" + "&".join(f"{name}=" for name in PARAMETERS))) == 8


def test_seeds_tell_their_pools(shelf: Server) -> None:
    query = f"seed_artists={make(1, 'a')}&seed_genres=funk,hip-hop&seed_tracks={seed(1)}&min_tempo=100"
    seeds = shelf.get(f"/v1/recommendations?{query}").json()["seeds"]
    assert [(one["type"], one["id"]) for one in seeds] == [
        ("ARTIST", make(1, "a")), ("TRACK", seed(1)), ("GENRE", "funk"), ("GENRE", "hip-hop"),
    ]  # fmt: skip
    assert [list(one) for one in seeds] == [
        ["initialPoolSize", "afterFilteringSize", "afterRelinkingSize", "id", "type", "href"]
    ] * 4
    assert [one["href"] is None for one in seeds] == [False, False, True, True]
    pools = [(one["initialPoolSize"], one["afterFilteringSize"]) for one in seeds]
    assert pools == [(69, 5), (68, 5), (8, 5), (60, 0)]


def test_where_nothing_was_analysed_names_decide(shelf: Server) -> None:
    found = heard(shelf, f"seed_tracks={make(3)}&limit=100")
    assert found[:3] == ["Song 59", "Song 58", "Song 57"]
    assert "Song 3" not in found
    assert len(found) == 68
    assert set(heard(shelf, f"seed_artists={make(1, 'a')}&max_popularity=1&max_duration_ms=1000")) == {
        "Song 0",
        "Song 1",
    }
    assert set(heard(shelf, f"seed_artists={make(1, 'a')}&max_energy=1")) == {f"Heard {n}" for n in range(1, 9)}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("seed_genres=", 400),
        ("seed_genres=funk,funk,funk,funk,funk,funk", 400),
        ("seed_genres=funk,funk,funk,funk,funk", 200),
        ("seed_tracks=" + "0" * 22, 400),
        ("seed_genres=no-such-genre", 400),
        ("seed_genres=no-such-genre,funk", 200),
        ("seed_genres=acoustic", 200),
        ("seed_genres=funk&limit=0", 400),
        ("seed_genres=funk&limit=101", 400),
        ("seed_genres=funk&min_duration_ms=200.0", 200),
        ("seed_genres=funk&min_tempo=fast", 400),
        ("seed_genres=funk&min_tempo=nan", 400),
        ("seed_genres=funk&max_bogus=1", 200),
    ],
)
def test_recommendation_parameters(shelf: Server, query: str, status: int) -> None:
    assert shelf.get(f"/v1/recommendations?{query}").status_code == status


def test_the_genre_seeds_are_not_a_recommendation(shelf: Server) -> None:
    found = shelf.get("/v1/recommendations/available-genre-seeds").json()
    assert list(found) == ["genres"]
    assert len(found["genres"]) == 126
    assert {"acoustic", "work-out", "world-music"} <= set(found["genres"])


@pytest.mark.parametrize(
    ("q", "kind", "names"),
    [
        ("upc:0123456789012", "album", ["First"]),
        ("isrc:se-aaa-01-00007", "track", ["Song 7"]),
        ("tag:new", "album", []),
        ("tag:hipster jazz", "track", []),
        ("tag:hipster duett", "track", ["Duet"]),
        ("tag:nonsense", "track", []),
        ("frist", "album", ["First"]),
        ("herad artist:plaier", "track", [f"Heard {n}" for n in range(1, 9)]),
    ],
)
def test_search_filters_and_slips(shelf: Server, q: str, kind: str, names: list[str]) -> None:
    found = httpx.get(f"{shelf.url}/v1/search", params={"q": q, "type": kind, "access_token": shelf.token}).json()
    assert sorted(one["name"] for one in found[f"{kind}s"]["items"]) == names


def test_a_limit_is_told_with_the_seconds_to_wait(shelf: Server) -> None:
    with serving(create_app(shelf.library, rate_limit=2)) as url:
        answers = [httpx.get(f"{url}/v1/markets?access_token={shelf.token}") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 31
    assert "reason" not in answers[2].json()["error"]
    assert_error(answers[2], 429)


def test_only_a_trusted_proxy_may_say_by_which_address_it_was_reached(shelf: Server) -> None:
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "music.example", "X-Forwarded-For": "203.0.113.7"}
    path = f"/v1/artists/{make(1, 'a')}?access_token={shelf.token}"
    with serving(create_app(shelf.library, proxies=("127.0.0.1",))) as url:
        trusted = httpx.get(url + path, headers=told).json()
    with serving(create_app(shelf.library, proxies=("192.0.2.1",))) as url:
        other = httpx.get(url + path, headers=told).json()
    assert trusted["href"].startswith("https://music.example/v1/artists/")
    assert other["href"].startswith("http://127.0.0.1:")


def test_many_albums_and_artists_take_as_many_queries_as_one(shelf: Server) -> None:
    engine = shelf.library._readers
    statements: list[str] = []
    event.listen(engine, "checkout", lambda connection, *_: connection.set_trace_callback(statements.append))
    counts = []
    for path in ("albums?ids=" + make(1, "b"), f"albums?ids={make(1, 'b')},{make(2, 'b')}"):
        statements.clear()
        assert shelf.get(f"/v1/{path}").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_each_recommendation_says_why(shelf: Server) -> None:
    query = f"seed_tracks={seed(4)}&target_tempo=100&min_tempo=1"
    found = shelf.get(f"/ritornello/v1/recommendations?{query}").json()["tracks"]

    assert [one["name"] for one in found] == heard(shelf, query)
    assert found[0]["seed"] == seed(4)
    assert found[0]["taste"] == found[0]["trust"] == 0
    assert found[0]["reasons"][0].startswith(f"sounds like track {seed(4)} (")
    assert re.fullmatch(r"tempo is \d{2,3}(\.\d)?, 100 was wished for", found[0]["reasons"][1])
    assert httpx.get(f"{shelf.url}/ritornello/v1/recommendations?{query}").status_code == 401


def test_answers_written_before_a_change_are_not_given_after_it(shelf: Server) -> None:
    def seen() -> tuple[list[str], float]:
        found = shelf.get("/v1/search?type=track&q=Fleeting").json()["tracks"]["items"]
        valence = shelf.get(f"/v1/audio-features?ids={fleeting.id}").json()["audio_features"][0]["valence"]
        return [f"{one['name']} / {one['album']['name']}" for one in found], valence

    fleeting = rows.track("Fleeting", "Nobody")
    with shelf.library.begin() as connection:
        rows.put(connection, fleeting)
    assert seen() == seen() == (["Fleeting / Fleeting (single)"], 0.428)
    renamed = replace(fleeting, album=replace(fleeting.album, name="Later"))
    with shelf.library.begin() as connection:
        rows.put(connection, renamed, valence=0.5)
    assert seen() == (["Fleeting / Later"], 0.5)
