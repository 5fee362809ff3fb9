"""What is somebody's: profile, saved things, followed ones, plays."""

from __future__ import annotations

import pytest

from tests.server.conftest import NOW, Server
from tests.server.test_contract import assert_error

UNKNOWN = "0" * 22


def test_me_tells_what_the_scopes_allow(server: Server) -> None:
    me = server.get("/v1/me/", as_user=True).json()
    assert (me["id"], me["display_name"], me["country"], me["email"]) == ("ann", "Ann", "SE", "ann@music.example")
    assert me["explicit_content"] == {"filter_enabled": False, "filter_locked": False}
    assert len(me["account_id"]) == 22
    assert_error(server.get("/v1/me"), 401)


def test_a_user_with_a_strange_name(server: Server) -> None:
    found = server.get("/v1/users/bob%20%231").json()
    assert found["id"] == "bob #1"
    assert server.get(found["href"].removeprefix(server.url)).json() == found
    assert "email" not in found
    assert_error(server.get("/v1/users/nobody"), 404)


@pytest.mark.parametrize("way", ["query", "object", "list"])
@pytest.mark.parametrize("kind", ["tracks", "albums"])
def test_things_are_saved_in_every_way_that_clients_ask(server: Server, kind: str, way: str) -> None:
    wanted = [one.id if kind == "tracks" else one.album.id for one in server.tracks[2:4]]
    query = f"?ids={','.join(wanted)}" if way == "query" else ""
    body: object = None if way == "query" else {"ids": wanted} if way == "object" else wanted
    contains = f"/v1/me/{kind}/contains?ids={wanted[1]},{UNKNOWN},{wanted[0]}"
    assert server.send("PUT", f"/v1/me/{kind}{query}", body).status_code == 200
    assert server.get(contains, as_user=True).json() == [True, False, True]
    page = server.get(f"/v1/me/{kind}", as_user=True).json()
    assert [one[kind.removesuffix("s")]["id"] for one in page["items"]] == wanted
    assert page["total"] == 2
    assert page["items"][0]["added_at"].endswith("Z")
    if kind == "albums":
        assert page["items"][0]["album"]["tracks"]["total"] == 1
    assert server.send("DELETE", f"/v1/me/{kind}{query}", body).status_code == 200
    assert server.get(contains, as_user=True).json() == [False, False, False]


def test_saving_by_uri_and_by_id_is_the_same_thing(server: Server) -> None:
    track, artist = server.tracks[0].id, server.tracks[0].artists[0].id
    uris = f"spotify:track:{track},spotify:artist:{artist},spotify:user:bob%20%231"
    assert server.send("PUT", "/v1/me/library", {"uris": uris.split(",")}).status_code == 200
    assert server.get(f"/v1/me/library/contains?uris={uris}", as_user=True).json() == [True, True, True]
    assert server.get(f"/v1/me/tracks/contains?ids={track}", as_user=True).json() == [True]
    assert server.get(f"/v1/me/following/contains?type=artist&ids={artist}", as_user=True).json() == [True]
    assert server.get(f"/v1/artists/{artist}").json()["followers"]["total"] == 1
    assert server.send("DELETE", f"/v1/me/library?uris={uris}").status_code == 200
    assert server.get(f"/v1/me/library/contains?uris={uris}", as_user=True).json() == [False, False, False]
    assert_error(server.send("PUT", "/v1/me/library?uris=" + ",".join([f"spotify:track:{track}"] * 41)), 400)
    assert_error(server.send("PUT", "/v1/me/library?uris=nonsense"), 400)


def test_followed_artists_come_by_cursor(server: Server) -> None:
    artists = sorted({track.artists[0].id for track in server.tracks} | {server.tracks[2].artists[1].id})
    assert server.send("PUT", f"/v1/me/following?type=artist&ids={','.join(artists)}").status_code == 204
    first = server.get("/v1/me/following?type=artist&limit=2", as_user=True).json()["artists"]
    assert (first["total"], len(first["items"]), first["cursors"]) == (3, 2, {"after": artists[1]})
    last = server.get(first["next"].removeprefix(server.url), as_user=True).json()["artists"]
    assert [one["id"] for one in first["items"] + last["items"]] == artists
    assert (last["next"], last["cursors"]) == (None, {"after": None})
    assert server.send("DELETE", "/v1/me/following?type=artist", {"ids": artists}).status_code == 200
    assert server.get("/v1/me/following?type=artist", as_user=True).json()["artists"]["items"] == []


def test_recently_played_goes_back_page_by_page(server: Server) -> None:
    page = server.get("/v1/me/player/recently-played?limit=3", as_user=True).json()
    assert "total" not in page
    assert page["cursors"] == {"after": str(NOW), "before": str(NOW - 120_000)}
    moments = [item["played_at"] for item in page["items"]]
    while page["next"]:
        page = server.get(page["next"].removeprefix(server.url), as_user=True).json()
        moments += [item["played_at"] for item in page["items"]]
    assert page["cursors"] is None
    assert len(moments) == 7
    assert moments == sorted(moments, reverse=True)
    assert all(moment.endswith("Z") and moment[-5] == "." for moment in moments)


def test_after_a_moment_come_the_oldest_plays_that_are_newer(server: Server) -> None:
    page = server.get(f"/v1/me/player/recently-played?limit=2&after={NOW - 360_000}", as_user=True).json()
    assert page["cursors"] == {"after": str(NOW - 240_000), "before": str(NOW - 300_000)}
    assert f"after={NOW - 240_000}" in page["next"]
    assert_error(server.get("/v1/me/player/recently-played?after=1&before=2", as_user=True), 400)


def test_the_most_played_come_first(server: Server) -> None:
    tracks = server.get("/v1/me/top/tracks?time_range=short_term", as_user=True).json()
    assert [one["id"] for one in tracks["items"]] == [track.id for track in server.tracks[:3]]
    assert tracks["total"] == 3
    artists = server.get("/v1/me/top/artists?limit=1", as_user=True).json()
    assert [one["name"] for one in artists["items"]] == ["Björk"]
    assert artists["total"] == 3
    assert "offset=1" in artists["next"]
    assert_error(server.get("/v1/me/top/tracks?time_range=forever", as_user=True), 400)


def test_the_player_has_no_device(server: Server) -> None:
    assert server.get("/v1/me/player", as_user=True).status_code == 204
    assert server.get("/v1/me/player/currently-playing", as_user=True).status_code == 204
    refused = server.send("PUT", "/v1/me/player/play")
    assert refused.status_code == 404
    assert refused.json()["error"]["reason"] == "NO_ACTIVE_DEVICE"


@pytest.mark.parametrize("kind", ["shows", "episodes", "audiobooks"])
def test_a_music_library_holds_no_speech_but_keeps_what_one_saves(server: Server, kind: str) -> None:
    assert server.get(f"/v1/{kind}?ids={UNKNOWN},{UNKNOWN}").json() == {kind: [None, None]}
    assert_error(server.get(f"/v1/{kind}/{UNKNOWN}"), 404)
    assert server.send("PUT", f"/v1/me/{kind}?ids={UNKNOWN}").status_code == 200
    assert server.get(f"/v1/me/{kind}/contains?ids={UNKNOWN}", as_user=True).json() == [True]
    assert server.get(f"/v1/me/{kind}", as_user=True).json()["items"] == []
    assert server.send("DELETE", f"/v1/me/{kind}?ids={UNKNOWN}").status_code == 200


def test_recent_plays_are_left_out_when_asked(server: Server) -> None:
    played = {one["track"]["id"] for one in server.get("/v1/me/player/recently-played", as_user=True).json()["items"]}
    seed = server.tracks[-1].id
    query = f"/v1/recommendations?seed_tracks={seed}&limit=100"
    everything = {one["id"] for one in server.get(query, as_user=True).json()["tracks"]}
    rest = {one["id"] for one in server.get(f"{query}&leave_out_days=3650", as_user=True).json()["tracks"]}

    assert everything & played
    assert rest == everything - played
