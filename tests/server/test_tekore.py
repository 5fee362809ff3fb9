"""An unmodified tekore: it parses every answer into strict models and warns of keys that it does not know."""

from __future__ import annotations

import pytest
import tekore
from tekore._auth.expiring import client as accounts
from tekore._client import base

from tests.server.conftest import REDIRECT, Server


@pytest.fixture
def pointed(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The lines to change, as docs/clients/tekore.md has them."""
    monkeypatch.setattr(base, "prefix", f"{server.url}/v1/")
    monkeypatch.setattr(accounts, "OAUTH_AUTHORIZE_URL", f"{server.url}/authorize")
    monkeypatch.setattr(accounts, "OAUTH_TOKEN_URL", f"{server.url}/api/token")
    return server


def test_every_answer_fits_its_models(pointed: Server) -> None:
    credentials = tekore.Credentials(pointed.client_id, pointed.client_secret, REDIRECT)
    token = credentials.refresh_user_token(pointed.refresh_token)
    track = pointed.tracks[0]
    artist, album = track.artists[0].id, track.album.id
    client = tekore.Spotify(token)
    try:
        assert client.track(track.id).available_markets
        assert client.track(track.id, market="SE").is_playable
        assert client.track_audio_features(track.id).danceability == 0.585
        assert client.track_audio_analysis(track.id).track["key"] == 0
        assert [one and one.id for one in client.tracks_audio_features([track.id])] == [track.id]
        assert client.album(album).tracks.total == 2
        assert client.albums([album])[0].name == "Début"
        assert client.artist(artist).followers.href is None
        assert client.artist_albums(artist, include_groups=[]).total == 1
        assert len(client.artist_top_tracks(artist, "SE")) == 2
        assert client.artist_related_artists(artist)
        assert client.recommendations(track_ids=[track.id], target_valence=50).tracks
        assert client.recommendation_genre_seeds()[0] == "acoustic"
        assert client.featured_playlists()[1].total == 1
        assert client.category_playlists("toplists").total == 1
        assert client.categories().total == 1
        assert client.new_releases().total == 1
        assert client.markets()
        assert client.search("bjork", ("track", "artist", "album"))[0].total == 2
        assert client.search("cold", ("playlist",))[0].items[0].owner.id == "bob #1"
        assert client.current_user().country == "SE"
        assert client.user("bob #1").id == "bob #1"
        assert client.playlist(pointed.playlist, fields="uri") == {"uri": f"spotify:playlist:{pointed.playlist}"}
        assert client.playlist_items(pointed.playlist, limit=2).items[0].track.track is True
        assert client.current_user_top_tracks().total == 3
        pages = list(client.all_pages(client.playback_recently_played(limit=3)))
        assert pages[-1].cursors is None
        assert client.saved_tracks().total == 0
        with pytest.raises(tekore.NotFound):
            client.track("0" * 22)
        with pytest.raises(tekore.BadRequest, match="__"):
            client.album(album, market="__")
        with pytest.raises(tekore.RefreshTokenInvalid):
            credentials.refresh_user_token("wrong")
    finally:
        client.close()
        credentials.close()
