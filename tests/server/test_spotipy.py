"""An unmodified spotipy against a real socket; `just test-spotipy-2-24` runs this file with version 2.24.0."""

from __future__ import annotations

import time

import pytest
import spotipy
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.oauth2 import SpotifyClientCredentials, SpotifyOauthError

from ritornello.library import tokens
from tests.server.conftest import Server

# What spotipy says of the endpoints that Spotify removed.
pytestmark = pytest.mark.filterwarnings("ignore:You're using `audio_:DeprecationWarning")

UNKNOWN = "0" * 22


def manager(server: Server, secret: str) -> SpotifyClientCredentials:
    made = SpotifyClientCredentials(server.client_id, secret, cache_handler=MemoryCacheHandler())
    made.OAUTH_TOKEN_URL = f"{server.url}/api/token"
    return made


@pytest.fixture(scope="module")
def client(server: Server) -> spotipy.Spotify:
    made = spotipy.Spotify(auth_manager=manager(server, server.client_secret), retries=0)
    made.prefix = f"{server.url}/v1/"
    return made


def anonymous(server: Server, token: str | None) -> spotipy.Spotify:
    made = spotipy.Spotify(auth=token, retries=0)
    made.prefix = f"{server.url}/v1/"
    return made


def test_a_client_gets_a_token(server: Server) -> None:
    before = int(time.time())
    made = manager(server, server.client_secret)
    token = made.get_access_token(as_dict=False)
    assert before + 3500 < made.cache_handler.get_cached_token()["expires_at"] <= time.time() + 3600
    with server.library.connect() as connection:
        assert tokens.check(connection, token).client_id == server.client_id


def test_a_wrong_secret_gets_none(server: Server) -> None:
    with pytest.raises(SpotifyOauthError) as caught:
        manager(server, "0" * 32).get_access_token(as_dict=False)
    assert caught.value.error == "invalid_client"


def test_audio_features_of_a_uri_an_id_a_url_and_an_unknown_one(client: spotipy.Spotify, server: Server) -> None:
    first, second, third = (track.id for track in server.tracks[:3])
    asked = [f"spotify:track:{first}", second, UNKNOWN, f"https://open.spotify.com/track/{third}?si=x", first]
    found = client.audio_features(asked)
    assert [one and one["id"] for one in found] == [first, second, None, third, first]
    assert found[0]["danceability"] == 0.585
    assert found[0]["acousticness"] == 0.00242
    assert found[0]["loudness"] == -5.883
    assert found[0]["duration_ms"] == 10_000
    assert found[1]["key"] == -1


def test_one_track_is_asked_for_as_a_list_of_one(client: spotipy.Spotify, server: Server) -> None:
    assert len(client.audio_features(server.tracks[0].id)) == 1


def test_the_analysis_agrees_with_the_features(client: spotipy.Spotify, server: Server) -> None:
    features = client.audio_features(server.tracks[0].id)[0]
    analysis = client.audio_analysis(f"spotify:track:{server.tracks[0].id}")
    for name in ("key", "mode", "tempo", "time_signature", "loudness"):
        assert analysis["track"][name] == features[name]
    assert analysis["segments"][-1]["start"] + analysis["segments"][-1]["duration"] == pytest.approx(10.0)
    assert client._get(features["analysis_url"]) == analysis


def test_a_track_and_several(client: spotipy.Spotify, server: Server) -> None:
    one = client.track(server.tracks[0].id)
    assert (one["name"], one["album"]["name"], one["artists"][0]["name"]) == ("Human Behaviour", "Début", "Björk")
    assert one["external_ids"] == {"isrc": "GBAPK9300001"}
    assert len(one["available_markets"]) == 184
    several = client.tracks([server.tracks[1].id, UNKNOWN, server.tracks[0].id], market="SE")
    assert [track and track["name"] for track in several["tracks"]] == ["Crying", None, "Human Behaviour"]
    assert several["tracks"][0]["is_playable"] is True
    assert "available_markets" not in several["tracks"][0]


def test_search_and_its_next_pages(client: spotipy.Spotify) -> None:
    page = client.search("etude artist:clara", limit=2, type="track")["tracks"]
    names = []
    while page:
        names += [item["name"] for item in page["items"]]
        following = client.next(page)
        page = following and following["tracks"]
    assert sorted(names) == [f"Etude {number}" for number in range(1, 6)]


def test_search_goes_back_too(client: spotipy.Spotify) -> None:
    page = client.search("etude", limit=2, offset=2, type="track")["tracks"]
    assert client.previous(page)["tracks"]["offset"] == 0


def test_search_for_three_types_at_once(client: spotipy.Spotify) -> None:
    found = client.search("bjork", type="track,artist,album")
    assert {kind: page["total"] for kind, page in found.items()} == {"tracks": 2, "artists": 1, "albums": 1}
    assert found["artists"]["items"][0]["genres"] == ["art pop"]
    assert found["albums"]["items"][0]["images"][0]["url"].startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (lambda client: client.track(UNKNOWN), 404),
        (lambda client: client.audio_analysis(UNKNOWN), 404),
        (lambda client: client._get(f"audio-features/{UNKNOWN}"), 404),
        (lambda client: client.audio_features([UNKNOWN] * 101), 400),
        (lambda client: client.tracks([UNKNOWN] * 51), 400),
        (lambda client: client.search("x", limit=0), 400),
        (lambda client: client.search("x", type="song"), 400),
        (lambda client: client.track(UNKNOWN, market="__"), 400),
        (lambda client: client._get("audio-analysis/!"), 400),
        (lambda client: client._get("no-such-thing"), 404),
    ],
)
def test_each_mistake_has_its_status_and_a_message(client: spotipy.Spotify, call: object, status: int) -> None:
    with pytest.raises(spotipy.SpotifyException) as caught:
        call(client)  # type: ignore[operator]
    assert caught.value.http_status == status
    assert not caught.value.msg.endswith("None")


def test_no_token_a_wrong_one_and_an_expired_one_are_refused(server: Server) -> None:
    with server.library.begin() as connection:
        expired = tokens.issue(connection, server.client_id, lifetime=-1)
    messages = []
    for token in (None, "wrong", expired):
        with pytest.raises(spotipy.SpotifyException) as caught:
            anonymous(server, token).audio_features([server.tracks[0].id])
        assert caught.value.http_status == 401
        messages.append(caught.value.msg.splitlines()[-1].strip().split(":")[0])
    assert messages == ["No token provided", "Invalid access token", "The access token expired"]
