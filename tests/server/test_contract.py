"""What clients rely on, byte for byte where they do."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import httpx
import pytest

from ritornello.library import Library, clients, tokens
from ritornello.server.app import create_app
from tests.library import rows
from tests.server.conftest import Server, serving

UNKNOWN = "0" * 22

KINDS = ("tracks", "albums", "episodes", "shows", "audiobooks")
PATHS = (
    "/v1/audio-features",
    "/v1/audio-features/{id}",
    "/v1/audio-analysis/{id}",
    "/v1/recommendations",
    "/v1/recommendations/available-genre-seeds",
    "/v1/tracks",
    "/v1/tracks/{id}",
    "/v1/albums",
    "/v1/albums/{id}",
    "/v1/albums/{id}/tracks",
    "/v1/artists",
    "/v1/artists/{id}",
    "/v1/artists/{id}/albums",
    "/v1/artists/{id}/top-tracks",
    "/v1/artists/{id}/related-artists",
    "/v1/search",
    "/v1/markets",
    "/v1/browse/new-releases",
    "/v1/browse/featured-playlists",
    "/v1/browse/categories",
    "/v1/browse/categories/{category_id}",
    "/v1/browse/categories/{category_id}/playlists",
    "/v1/playlists/{playlist_id}",
    "/v1/playlists/{playlist_id}/tracks",
    "/v1/playlists/{playlist_id}/items",
    "/v1/playlists/{playlist_id}/images",
    "/v1/playlists/{playlist_id}/followers/contains",
    "/v1/users/{user_id}",
    "/v1/users/{user_id}/playlists",
    "/v1/me",
    "/v1/me/playlists",
    "/v1/me/top/artists",
    "/v1/me/top/tracks",
    "/v1/me/following",
    "/v1/me/following/contains",
    "/v1/me/library/contains",
    "/v1/me/player/recently-played",
    "/v1/me/player/devices",
    "/v1/me/player/queue",
    *(f"/v1/me/{kind}" for kind in KINDS),
    *(f"/v1/me/{kind}/contains" for kind in KINDS),
    "/v1/shows",
    "/v1/episodes",
    "/v1/audiobooks",
    "/v1/chapters",
)
"""Everything that answers a GET with 200."""


def real(path: str, server: Server) -> str:
    """Fill a path in so that it answers 200."""
    track = server.tracks[0]
    known = {"albums": track.album.id, "artists": track.artists[0].id}
    own = known.get(path.split("/")[2], track.id)
    query = {
        "/v1/search": "?q=a&type=track",
        "/v1/recommendations": f"?seed_tracks={own}",
        "/v1/me/following": "?type=artist",
        "/v1/me/following/contains": f"?type=artist&ids={own}",
        "/v1/me/library/contains": f"?uris=spotify:track:{own}",
    }
    asked = path.replace("{id}", own).replace("{playlist_id}", server.playlist).replace("{user_id}", "bob%20%231")
    asked = asked.replace("{category_id}", "toplists")
    needs_ids = path.count("/") == 2 and path[4:] in ("audio-features", *KINDS, "artists", "chapters")
    if needs_ids or (path.endswith("/contains") and path not in query and "followers" not in path):
        return f"{asked}?ids={own}"
    return asked + query.get(path, "")


def assert_error(response: httpx.Response, status: int) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "private, max-age=0"
    body = response.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["status", "message"]
    assert body["error"]["status"] == status
    assert f'"status": {status}' in response.text


@pytest.mark.parametrize("path", PATHS)
def test_every_endpoint_answers_with_and_without_a_slash(server: Server, path: str) -> None:
    asked = real(path, server)
    slashed = asked.replace("?", "/?") if "?" in asked else asked + "/"
    plain, other = server.get(asked, as_user=True), server.get(slashed, as_user=True)
    assert plain.status_code == other.status_code == 200
    assert plain.content == other.content
    assert plain.headers["cache-control"] == "private, max-age=0"


@pytest.mark.parametrize("path", PATHS)
def test_every_endpoint_wants_a_token(server: Server, path: str) -> None:
    url = server.url + real(path, server)
    refused = httpx.get(url)
    assert_error(refused, 401)
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert_error(httpx.get(url, headers={"Authorization": "Bearer wrong"}), 401)
    assert_error(httpx.get(url, headers={"Authorization": "Bearer"}), 401)
    assert_error(httpx.get(url, headers={"Authorization": "Basic YTpi"}), 400)
    assert httpx.get(url, headers={"Authorization": f"bEARER {server.user_token}"}).status_code == 200
    assert httpx.get(url, params={**httpx.URL(url).params, "access_token": server.user_token}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_every_endpoint_may_be_read_by_pages_of_other_sites(server: Server, path: str) -> None:
    url = server.url + real(path, server)
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    preflight = httpx.options(url, headers={**asked, "Access-Control-Request-Headers": "authorization,content-type"})
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "authorization" in preflight.headers["access-control-allow-headers"].lower()
    assert preflight.headers["access-control-max-age"] == "604800"
    refused = httpx.get(url, headers={"Origin": "https://app.example"})
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "*"
    assert "Retry-After" in refused.headers["access-control-expose-headers"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_compressed_when_asked_and_not_sent_twice(server: Server, path: str) -> None:
    asked = real(path, server)
    plain = server.get(asked, as_user=True, accept_encoding="identity")
    packed = server.get(asked, as_user=True, accept_encoding="gzip")
    assert packed.content == plain.content
    assert "content-encoding" not in plain.headers
    assert int(plain.headers["content-length"]) == len(plain.content)
    assert packed.headers.get("content-encoding") == ("gzip" if len(plain.content) > 500 else None)
    again = server.get(asked, as_user=True, if_none_match=f'"other", {packed.headers["etag"]}')
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "private, max-age=0"
    assert server.get(asked, as_user=True, if_none_match='"other"').status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_a_get_with_a_content_type_and_no_body_is_read(server: Server, path: str) -> None:
    assert server.get(real(path, server), as_user=True, content_type="application/json").status_code == 200


@pytest.mark.parametrize("comma", [",", "%2C", "%2c", " , "])
def test_ids_may_be_separated_by_any_comma(server: Server, comma: str) -> None:
    first, second = (track.id for track in server.tracks[:2])
    asked = comma.join([second, first, "bad!", UNKNOWN, first])
    for path, key in (("/v1/audio-features", "audio_features"), ("/v1/tracks", "tracks")):
        items = server.get(f"{path}?ids={asked}").json()[key]
        assert [item and item["id"] for item in items] == [second, first, None, None, first]


@pytest.mark.parametrize(("path", "most"), [("/v1/audio-features", 100), ("/v1/tracks", 50)])
def test_as_many_ids_as_the_limit_and_no_more(server: Server, path: str, most: int) -> None:
    assert server.get(f"{path}?ids={','.join([UNKNOWN] * most)}").status_code == 200
    assert_error(server.get(f"{path}?ids={','.join([UNKNOWN] * (most + 1))}"), 400)
    assert_error(server.get(path), 400)
    assert_error(server.get(f"{path}?ids="), 400)


@pytest.mark.parametrize("path", ["/v1/audio-features/", "/v1/audio-analysis/", "/v1/tracks/"])
def test_one_unknown_id_is_not_found_and_a_malformed_one_is_a_bad_request(server: Server, path: str) -> None:
    assert_error(server.get(path + UNKNOWN), 404)
    assert_error(server.get(path + "bad!"), 400)
    assert_error(server.get(path + "x" * 23), 400)


def test_a_track_answers_to_its_spotify_id_by_that_id(server: Server) -> None:
    spotifys = "7xGfFoTpQ2E7fRF5lN10tr"
    features = server.get(f"/v1/audio-features?ids={spotifys}").json()["audio_features"][0]
    assert features["id"] == spotifys
    assert features["uri"] == f"spotify:track:{spotifys}"
    assert httpx.get(features["analysis_url"], headers={"Authorization": f"Bearer {server.token}"}).status_code == 200
    track = server.get(f"/v1/tracks/{spotifys}").json()
    assert (track["id"], track["name"]) == (spotifys, "Human Behaviour")


def test_provenance_goes_into_headers_and_never_into_bodies(server: Server) -> None:
    one = server.get(f"/v1/audio-features/{server.tracks[0].id}")
    assert one.headers["ritornello-analysis-version"] == "1"
    assert one.headers["ritornello-model-version"] == "2026-11"
    assert json.loads(one.headers["ritornello-provenance"]) == rows.PROVENANCE
    assert len(one.json()) == 18
    analysis = server.get(f"/v1/audio-analysis/{server.tracks[0].id}")
    assert analysis.headers["ritornello-provenance"] == one.headers["ritornello-provenance"]
    assert json.loads(analysis.content) == json.loads(rows.document())
    several = server.get(f"/v1/audio-features?ids={server.tracks[0].id},{UNKNOWN},{server.tracks[1].id}")
    assert several.headers["ritornello-analysis-version"] == "1"
    assert "ritornello-analysis-version" not in server.get(f"/v1/audio-features?ids={UNKNOWN}").headers


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("q=a&type=track&limit=50", 200),
        ("q=a&type=track&limit=&offset=&market=", 200),
        ("q=a&type=track&limit=20.0", 200),
        ("q=a&type=track&offset=950&limit=50", 200),
        ("q=a&type=track,%20artist,playlist,show,episode,audiobook,album", 200),
        ("q=a&type=track&include_external=audio&nonsense=1", 200),
        ("q=a&type=track&market=from_token", 200),
        ("q=a&type=track&limit=51", 400),
        ("q=a&type=track&limit=0", 400),
        ("q=a&type=track&limit=-1", 400),
        ("q=a&type=track&limit=many", 400),
        ("q=a&type=track&offset=-1", 400),
        ("q=a&type=track&offset=951&limit=50", 400),
        ("q=a&type=track&market=__", 400),
        ("q=a&type=song", 400),
        ("q=a&type=", 400),
        ("q=a", 400),
        ("q=&type=track", 400),
        ("type=track", 400),
    ],
)
def test_search_parameters(server: Server, query: str, status: int) -> None:
    response = server.get(f"/v1/search?{query}")
    assert response.status_code == status
    if status == 400:
        assert_error(response, 400)


def test_a_bad_market_is_repeated_in_the_message(server: Server) -> None:
    assert "__" in server.get(f"/v1/tracks/{UNKNOWN}?market=__").json()["error"]["message"]


def test_search_answers_only_the_types_asked_for(server: Server) -> None:
    found = server.get("/v1/search?q=etude&type=playlist,track&limit=2&market=SE").json()
    assert list(found) == ["playlists", "tracks"]
    assert (found["playlists"]["items"], found["playlists"]["total"]) == ([], 0)
    assert (found["tracks"]["total"], len(found["tracks"]["items"])) == (5, 2)
    assert "market=SE" in found["tracks"]["next"]
    beyond = server.get("/v1/search?q=etude&type=track&offset=500").json()["tracks"]
    assert (beyond["items"], beyond["next"], beyond["total"]) == ([], None, 5)


@pytest.mark.parametrize("path", ["/v1/nothing", "/nothing", "/v1", "/v1/audio-analysis"])
def test_an_unknown_path_is_an_error_object(server: Server, path: str) -> None:
    assert_error(server.get(path), 404)


@pytest.mark.parametrize("path", ["/v1/tracks", "/health"])
def test_another_method_is_an_error_object(server: Server, path: str) -> None:
    assert_error(httpx.post(server.url + path), 405)


def test_links_start_with_the_host_that_was_asked(server: Server) -> None:
    found = server.get(f"/v1/audio-features/{server.tracks[0].id}", host="music.example:8080").json()
    assert found["track_href"].startswith("http://music.example:8080/v1/tracks/")


@pytest.mark.parametrize(
    "public", ["https://music.example/api", "https://music.example/api/", "https://music.example/api/v1"]
)
def test_links_start_with_the_public_url_where_one_is_given(server: Server, public: str) -> None:
    with serving(create_app(server.library, public_url=public)) as url:
        track = httpx.get(f"{url}/v1/tracks/{server.tracks[0].id}?access_token={server.token}").json()
    assert track["href"] == f"https://music.example/api/v1/tracks/{server.tracks[0].id}"
    assert track["album"]["images"][0]["url"] == f"https://music.example/api/images/{server.cover}/640"


def test_a_cover_needs_no_token(server: Server) -> None:
    response = httpx.get(f"{server.url}/images/{server.cover}")
    assert response.content == b"\x89PNG not really"
    assert response.headers["content-type"] == "image/png"
    assert_error(httpx.get(f"{server.url}/images/{'0' * 40}"), 404)


def test_health_needs_no_token(server: Server) -> None:
    assert httpx.get(f"{server.url}/health").json() == {"status": "ok", "version": "0.1.0", "tracks": 7}


def test_an_unforeseen_error_is_an_error_object_that_other_sites_may_read(server: Server) -> None:
    app = create_app(server.library)

    @app.get("/v1/broken")
    def broken() -> None:
        raise ZeroDivisionError

    with serving(app) as url:
        response = httpx.get(f"{url}/v1/broken", headers={"Origin": "https://app.example"})
    assert_error(response, 500)
    assert response.headers["access-control-allow-origin"] == "*"
    assert "ZeroDivisionError" not in response.text


def post(server: Server, data: dict[str, str], **kwargs: Any) -> httpx.Response:
    return httpx.post(f"{server.url}/api/token", data=data, **kwargs)


def test_a_token_is_given_for_basic_authorization_or_form_fields(server: Server) -> None:
    grant = {"grant_type": "client_credentials", "scope": ""}
    pair = (server.client_id, server.client_secret)
    for response in (
        post(server, grant, auth=pair),
        post(server, {**grant, "client_id": pair[0], "client_secret": pair[1]}),
    ):
        assert response.status_code == 200
        given = response.json()
        assert {name: value for name, value in given.items() if name != "access_token"} == {
            "token_type": "Bearer",
            "expires_in": 3600,
        }
        with server.library.connect() as connection:
            assert tokens.check(connection, given["access_token"]).client_id == server.client_id


@pytest.mark.parametrize(
    ("data", "headers", "code"),
    [
        ({}, {}, "invalid_request"),
        ({"grant_type": "client_credentials"}, {}, "invalid_client"),
        ({"grant_type": "client_credentials"}, {"Authorization": "Basic !"}, "invalid_client"),
        ({"grant_type": "client_credentials"}, {"Authorization": "Basic YTpi"}, "invalid_client"),
        ({"grant_type": "client_credentials"}, {"Authorization": "Bearer x"}, "invalid_client"),
        ({"grant_type": "authorization_code", "code": "x"}, {}, "invalid_client"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, {}, "invalid_client"),
        ({"grant_type": "password", "username": "ann", "password": "x"}, {}, "unsupported_grant_type"),
    ],
)
def test_no_token_is_given_for_anything_else(
    server: Server, data: dict[str, str], headers: dict[str, str], code: str
) -> None:
    response = post(server, data, headers={**headers, "Origin": "https://app.example"})
    assert response.status_code == 400
    assert list(response.json()) == ["error", "error_description"]
    assert response.json()["error"] == code
    assert response.headers["access-control-allow-origin"] == "*"


def test_the_accounts_service_has_its_own_error_shape_for_everything(server: Server) -> None:
    for response in (
        httpx.get(f"{server.url}/api/token"),
        httpx.get(f"{server.url}/api/nothing"),
        httpx.post(f"{server.url}/api/token", content=b"\xff", headers={"Content-Type": "multipart/form-data"}),
        httpx.post(f"{server.url}/api/token", json={"grant_type": "client_credentials"}),
    ):
        assert response.status_code in (400, 404, 405)
        assert isinstance(response.json()["error"], str), response.text


def test_the_token_endpoint_answers_preflights(server: Server) -> None:
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    response = httpx.options(f"{server.url}/api/token", headers=asked)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "*"


def test_a_revoked_client_is_locked_out_at_once(server: Server) -> None:
    with server.library.begin() as connection:
        client, _ = clients.add(connection, "short-lived")
        token = tokens.issue(connection, client.id)
    assert server.get("/v1/search?q=a&type=track", authorization=f"Bearer {token}").status_code == 200
    with server.library.begin() as connection:
        clients.revoke(connection, client.id)
    assert_error(server.get("/v1/search?q=a&type=track", authorization=f"Bearer {token}"), 401)


WRITER = """
import sys, time
from ritornello.library import Library
from tests.library import rows
with Library.open(sys.argv[1]) as library:
    with library.begin() as connection:
        rows.put(connection, rows.track("Half written", "Scanner", id="1" * 22))
        print("writing", flush=True)
        sys.stdin.read()
"""


def test_the_server_answers_while_another_process_writes(server: Server) -> None:
    path = server.library._readers.url.database
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        during = server.get(f"/v1/audio-features?ids={'1' * 22},{server.tracks[0].id}").json()["audio_features"]
        writer.kill()
        writer.communicate()
    assert [one and one["id"] for one in during] == [None, server.tracks[0].id]
    assert_error(server.get(f"/v1/tracks/{'1' * 22}"), 404)


def test_the_server_loads_no_analysis_engine(library_path: str) -> None:
    code = (
        "import sys; from ritornello.library import Library; from ritornello.server.app import create_app; "
        "create_app(Library.open(sys.argv[1])); "
        "sys.exit([name for name in ('numpy', 'av', 'soxr', 'ritornello.sound') if name in sys.modules] or None)"
    )
    subprocess.run([sys.executable, "-c", code, library_path], check=True)


@pytest.fixture
def library_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("empty") / "library.sqlite"
    Library.open(path).close()
    return str(path)
