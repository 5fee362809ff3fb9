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


@pytest.fixture(scope="module")
def ann(server: Server) -> spotipy.Spotify:
    made = spotipy.Spotify(auth=server.user_token, retries=0)
    made.prefix = f"{server.url}/v1/"
    return made


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_reading_call_of_a_listener(ann: spotipy.Spotify, server: Server) -> None:
    track, other = server.tracks[0], server.tracks[2]
    album, artist = track.album.id, track.artists[0].id
    calls: list[tuple[object, object]] = [
        (ann.album(album)["name"], "Début"),
        ([one["id"] for one in ann.albums([album, other.album.id])["albums"]], [album, other.album.id]),
        (ann.album_tracks(album, limit=1)["total"], 2),
        (ann.artist(artist)["name"], "Björk"),
        (len(ann.artists([artist, artist])["artists"]), 2),
        (ann.artist_albums(artist, include_groups="album")["items"][0]["album_group"], "album"),
        (len(ann.artist_top_tracks(artist, country="SE")["tracks"]), 2),
        ({one["name"] for one in ann.artist_related_artists(artist)["artists"]}, {"Clara", "Robert"}),
        (ann.categories(country="SE")["categories"]["items"][0]["id"], "toplists"),
        (ann.category("toplists")["name"], "Top lists"),
        (ann.category_playlists("toplists")["playlists"]["items"][0]["id"], server.playlist),
        (ann.featured_playlists(timestamp="2024-10-23T09:00:00")["playlists"]["total"], 1),
        (ann.new_releases(country="SE")["albums"]["items"][0]["name"], "Début"),
        (len(ann.available_markets()["markets"]), 184),
        (len(ann.recommendation_genre_seeds()["genres"]), 126),
        (len(ann.recommendations(seed_tracks=[track.id], min_danceability=0, max_loudness=1)["tracks"]), 6),
        (ann.me()["id"], "ann"),
        (ann.user("bob%20%231")["display_name"], "bob #1"),
        (ann.user_playlists("bob%20%231")["total"], 1),
        (ann.playlist(server.playlist)["tracks"]["total"], 8),
        (ann.playlist(server.playlist, fields="name"), {"name": "Cold"}),
        (len(ann.playlist_items(server.playlist)["items"]), 8),
        (ann.playlist_cover_image(server.playlist)[0]["width"], 640),
        (ann.current_user_top_tracks(time_range="short_term")["total"], 3),
        (ann.current_user_top_artists()["total"], 3),
        (len(ann.current_user_recently_played(limit=5)["items"]), 5),
        (ann.current_user_saved_shows()["total"], 0),
        (ann.devices()["devices"], []),
        (ann.current_playback(), None),
    ]
    assert [found for found, _ in calls] == [wanted for _, wanted in calls]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_changing_call_of_a_listener(ann: spotipy.Spotify, server: Server) -> None:
    tracks = [track.id for track in server.tracks[:3]]
    made = ann.user_playlist_create("ann", "From spotipy", public=False, description="d")["id"]
    ann.playlist_add_items(made, tracks)
    ann.playlist_reorder_items(made, range_start=2, insert_before=0)
    ann.playlist_remove_all_occurrences_of_items(made, [tracks[1]])
    assert [one["track"]["id"] for one in ann.playlist_items(made)["items"]] == [tracks[2], tracks[0]]
    ann.playlist_remove_specific_occurrences_of_items(made, [{"uri": tracks[0], "positions": [1]}])
    ann.playlist_replace_items(made, tracks[1:2])
    ann.playlist_change_details(made, name="Renamed")
    assert ann.playlist(made, fields="name,tracks.total") == {"name": "Renamed", "tracks": {"total": 1}}
    assert made in [one["id"] for one in ann.current_user_playlists()["items"]]
    ann.current_user_unfollow_playlist(made)
    with pytest.raises(spotipy.SpotifyException):
        ann.playlist(made)
    ann.current_user_saved_tracks_add(tracks)
    assert ann.current_user_saved_tracks_contains(tracks) == [True] * 3
    assert ann.current_user_saved_tracks()["total"] == 3
    ann.current_user_saved_tracks_delete(tracks)
    ann.current_user_saved_albums_add([server.tracks[0].album.id])
    assert ann.current_user_saved_albums()["items"][0]["album"]["name"] == "Début"
    ann.current_user_saved_albums_delete([server.tracks[0].album.id])
    artist = server.tracks[0].artists[0].id
    ann.user_follow_artists([artist])
    assert ann.current_user_following_artists([artist]) == [True]
    assert ann.current_user_followed_artists()["artists"]["total"] == 1
    ann.user_unfollow_artists([artist])
    ann.current_user_follow_playlist(server.playlist)
    assert server.playlist in [one["id"] for one in ann.current_user_playlists()["items"]]
    ann.current_user_unfollow_playlist(server.playlist)
