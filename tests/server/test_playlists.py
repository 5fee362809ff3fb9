"""Playlists of both eras: read, made, changed, followed."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import httpx
import pytest
from PIL import Image

from ritornello.library import tokens
from tests.server.conftest import Server
from tests.server.test_contract import assert_error

UNKNOWN = "0" * 22


@pytest.fixture
def playlist(server: Server) -> Iterator[str]:
    """An empty private one of Ann's."""
    made = server.send("POST", "/v1/users/ann/playlists", {"name": "Mine", "public": False, "description": "d"})
    assert made.status_code == 201
    yield made.json()["id"]
    server.send("DELETE", f"/v1/playlists/{made.json()['id']}/followers")


def uris(server: Server, *numbers: int) -> list[str]:
    return [f"spotify:track:{server.tracks[number].id}" for number in numbers]


def order(server: Server, playlist: str) -> list[int]:
    listed = server.get(f"/v1/playlists/{playlist}/items?limit=100", as_user=True).json()["items"]
    known = [track.id for track in server.tracks]
    return [known.index(item["track"]["id"]) for item in listed]


def test_a_playlist_has_the_keys_of_both_eras(server: Server) -> None:
    found = server.get(f"/v1/playlists/{server.playlist}").json()
    assert (found["name"], found["owner"]["id"], found["public"]) == ("Cold", "bob #1", True)
    assert found["owner"]["uri"] == "spotify:user:bob%20%231"
    assert found["tracks"] == found["items"]
    assert found["tracks"]["total"] == 8
    first, last = found["tracks"]["items"][0], found["tracks"]["items"][-1]
    assert first["track"] == first["item"]
    assert (first["track"]["name"], first["track"]["episode"], first["track"]["track"]) == (
        "Human Behaviour",
        False,
        True,
    )
    assert first["added_at"].endswith("Z")
    assert (last["is_local"], last["track"]["name"], last["track"]["duration_ms"]) == (True, "My song", 61_000)
    assert last["track"]["id"] is None
    assert found["followers"] == {"href": None, "total": 0}


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ("name", {"name": "Cold"}),
        ("name,owner.id", {"name": "Cold", "owner": {"id": "bob #1"}}),
        ("owner(id,type)", {"owner": {"id": "bob #1", "type": "user"}}),
        ("tracks.items(track(name))", None),
        ("nothing", {}),
    ],
)
def test_fields_choose_what_is_left(server: Server, fields: str, kept: dict[str, object] | None) -> None:
    found = server.get(f"/v1/playlists/{server.playlist}?fields={fields}").json()
    if kept is not None:
        assert found == kept
    else:
        assert found["tracks"]["items"][0] == {"track": {"name": "Human Behaviour"}}


def test_fields_can_leave_something_out(server: Server) -> None:
    found = server.get(f"/v1/playlists/{server.playlist}?fields=!tracks,!items,!owner(id)").json()
    assert "tracks" not in found
    assert found["owner"]["type"] == "user"
    assert "id" not in found["owner"]
    assert_error(server.get(f"/v1/playlists/{server.playlist}?fields=a(b"), 400)


@pytest.mark.parametrize("era", ["tracks", "items"])
def test_items_are_added_moved_and_removed(server: Server, playlist: str, era: str) -> None:
    path = f"/v1/playlists/{playlist}/{era}"
    added = server.send("POST", path, {"uris": uris(server, 0, 1, 2)})
    assert added.status_code == 201
    assert order(server, playlist) == [0, 1, 2]
    assert server.send("POST", path, {"uris": uris(server, 3), "position": 1}).status_code == 201
    assert order(server, playlist) == [0, 3, 1, 2]
    moved = server.send("PUT", path, {"range_start": 0, "insert_before": 4, "range_length": 2})
    assert order(server, playlist) == [1, 2, 0, 3]
    snapshot = moved.json()["snapshot_id"]
    assert snapshot != added.json()["snapshot_id"]
    body = {era: [{"uri": uris(server, 2)[0]}], "snapshot_id": snapshot}
    assert server.send("DELETE", path, body).status_code == 200
    assert order(server, playlist) == [1, 0, 3]
    assert_error(server.send("DELETE", path, {**body, "snapshot_id": "MTAwLHg="}), 400)
    assert server.send("PUT", path, {"uris": uris(server, 4, 4, 0)}).status_code == 200
    assert server.send("DELETE", path, {era: [{"uri": uris(server, 4)[0], "positions": [1]}]}).status_code == 200
    assert order(server, playlist) == [4, 0]
    assert server.send("PUT", f"{path}?uris=").status_code == 200
    assert order(server, playlist) == []


def test_old_ways_of_saying_which_items(server: Server, playlist: str) -> None:
    path = f"/v1/playlists/{playlist}/tracks"
    assert server.send("POST", path, uris(server, 1)).status_code == 201
    assert server.send("POST", f"{path}?uris={','.join(uris(server, 2, 0))}&position=0").status_code == 201
    assert order(server, playlist) == [2, 0, 1]


def test_what_is_not_in_the_library_is_null_on_a_playlist(server: Server, playlist: str) -> None:
    server.send("POST", f"/v1/playlists/{playlist}/tracks", {"uris": [f"spotify:track:{UNKNOWN}"]})
    item = server.get(f"/v1/playlists/{playlist}/tracks", as_user=True).json()["items"][0]
    assert (item["track"], item["item"], item["is_local"]) == (None, None, False)


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("POST", {}),
        ("POST", {"uris": []}),
        ("POST", {"uris": ["spotify:album:" + UNKNOWN]}),
        ("POST", {"uris": ["spotify:track:" + UNKNOWN] * 101}),
        ("POST", {"uris": ["spotify:track:" + UNKNOWN], "position": 1}),
        ("POST", {"uris": 7}),
        ("PUT", {}),
        ("PUT", {"range_start": 0}),
        ("PUT", {"range_start": 0, "insert_before": 5}),
        ("DELETE", {}),
        ("DELETE", {"tracks": [{"uri": "spotify:track:" + UNKNOWN, "positions": [3]}]}),
    ],
)
def test_mistakes_are_bad_requests_and_change_nothing(
    server: Server, playlist: str, method: str, body: dict[str, object]
) -> None:
    assert_error(server.send(method, f"/v1/playlists/{playlist}/tracks", body), 400)
    assert order(server, playlist) == []


def test_details_change_and_rule_each_other_out(server: Server, playlist: str) -> None:
    path = f"/v1/playlists/{playlist}"
    assert server.send("PUT", path, {"name": "Yours", "description": "", "collaborative": True}).status_code == 200
    found = server.get(path, as_user=True).json()
    assert (found["name"], found["description"], found["collaborative"]) == ("Yours", "", True)
    assert_error(server.send("PUT", path, {"public": True}), 400)
    assert_error(server.send("PUT", path, {"name": ""}), 400)


def test_a_private_playlist_is_there_for_its_owner_alone(server: Server, playlist: str) -> None:
    assert_error(server.get(f"/v1/playlists/{playlist}"), 404)
    listed = server.get("/v1/me/playlists", as_user=True).json()["items"]
    assert playlist in [one["id"] for one in listed]
    assert playlist not in [one["id"] for one in server.get("/v1/users/ann/playlists").json()["items"]]
    with server.library.begin() as connection:
        narrow, _ = tokens.grant(connection, server.client_id, "ann", ["playlist-modify-public"])
    assert_error(server.get(f"/v1/playlists/{playlist}", authorization=f"Bearer {narrow}"), 403)
    assert_error(server.send("PUT", f"/v1/playlists/{playlist}", {"name": "x"}, authorization=f"Bearer {narrow}"), 403)


def test_nobody_changes_what_is_not_theirs(server: Server) -> None:
    path = f"/v1/playlists/{server.playlist}"
    assert_error(server.send("PUT", path, {"name": "Stolen"}), 403)
    assert_error(server.send("POST", f"{path}/tracks", {"uris": uris(server, 0)}), 403)
    assert_error(server.send("POST", "/v1/users/bob%20%231/playlists", {"name": "x"}), 403)


def test_a_playlist_is_followed_and_not_any_more(server: Server) -> None:
    path = f"/v1/playlists/{server.playlist}/followers"
    asked = f"{path}/contains?ids=ann,nobody"
    assert server.get(asked).json() == [False, False]
    assert server.send("PUT", path, {"public": False}).status_code == 200
    assert server.get(asked).json() == [True, False]
    assert server.get(f"/v1/playlists/{server.playlist}?fields=followers.total").json() == {"followers": {"total": 1}}
    assert server.playlist in [one["id"] for one in server.get("/v1/me/playlists", as_user=True).json()["items"]]
    assert server.send("DELETE", path).status_code == 200
    assert server.get(asked).json() == [False, False]


def test_unfollowing_an_own_playlist_deletes_it(server: Server) -> None:
    made = server.send("POST", "/v1/me/playlists", {"name": "Short-lived"}).json()["id"]
    found = server.get("/v1/search?q=short-lived&type=playlist").json()["playlists"]
    assert [one["id"] for one in found["items"]] == [made]
    assert server.send("DELETE", f"/v1/me/library?uris=spotify:playlist:{made}").status_code == 200
    assert_error(server.get(f"/v1/playlists/{made}"), 404)
    assert server.get("/v1/search?q=short-lived&type=playlist").json()["playlists"]["total"] == 0


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (90, 60), (200, 30, 30)).save(out, "JPEG")
    return out.getvalue()


def test_a_cover_is_uploaded_and_served_in_three_sizes(server: Server, playlist: str) -> None:
    path = f"/v1/playlists/{playlist}/images"
    sent = server.send("PUT", path)
    assert_error(sent, 400)
    headers = {"authorization": f"Bearer {server.user_token}", "content-type": "image/jpeg"}
    sent = httpx.put(server.url + path, content=base64.b64encode(jpeg()), headers=headers)
    assert (sent.status_code, sent.content) == (202, b"")
    found = server.get(path, as_user=True).json()
    assert [(one["width"], one["height"]) for one in found] == [(640, 640), (300, 300), (64, 64)]
    for one in found:
        served = httpx.get(one["url"])
        assert served.headers["content-type"] == "image/jpeg"
        with Image.open(io.BytesIO(served.content)) as image:
            assert image.size == (one["width"], one["height"])
    assert_error(httpx.put(server.url + path, content=base64.b64encode(b"GIF89a"), headers=headers), 400)
    assert_error(httpx.put(server.url + path, content=b"A" * 300_000, headers=headers), 400)


def test_pages_of_a_playlist_link_to_each_other(server: Server) -> None:
    first = server.get(f"/v1/playlists/{server.playlist}/tracks?limit=3&fields=items(track.name),next,total").json()
    assert set(first) == {"items", "next", "total"}
    names = [item["track"]["name"] for item in first["items"]]
    while first["next"]:
        first = server.get(first["next"].removeprefix(server.url)).json()
        names += [item["track"]["name"] for item in first["items"]]
    assert len(names) == 8
    assert names[0] == "Human Behaviour"
