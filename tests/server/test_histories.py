"""A listening history over the API: matched files answer to Spotify's ids, and songs without audio count."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ritornello import importing
from ritornello.library import Library, clients, tokens, users
from ritornello.server.app import create_app
from tests.histories.exports import old, write
from tests.library import rows
from tests.server.conftest import serving

MATCHED, TWIN, UNHEARD = "m" * 22, "t" * 22, "u" * 22


@pytest.fixture(scope="module")
def ann(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("library")
    told = [
        *(old(f"2019-01-0{day}T10:00:00Z", "Crying", spotify_track_uri=f"spotify:track:{MATCHED}") for day in (1, 2)),
        old("2019-01-03T10:00:00Z", "Crying", spotify_track_uri=f"spotify:track:{TWIN}"),
        old("2019-01-04T10:00:00Z", "Venus", spotify_track_uri=f"spotify:track:{UNHEARD}"),
        old("2019-01-05T10:00:00Z", "Venus", 20_000, spotify_track_uri=f"spotify:track:{UNHEARD}"),
        old("2019-01-05T11:00:00Z", "Gold", spotify_track_uri=None, master_metadata_album_artist_name="Airbourne"),
    ]
    with Library.open(folder / "library.sqlite") as library:
        with library.begin() as connection:
            rows.put(connection, rows.track("Crying", "Björk", duration=180.0))
            client, _ = clients.add(connection, "tests", [])
            users.add(connection, "ann", "correct horse")
            token, _ = tokens.grant(connection, client.id, "ann", [])
        account = importing.import_files([write(folder / "x.json", told)], library, "ann")
        assert account.matched == 3
        headers = {"authorization": f"Bearer {token}"}
        with serving(create_app(library)) as url, httpx.Client(base_url=url + "/v1", headers=headers) as client_:
            yield client_


def test_a_matched_file_answers_to_its_spotify_ids(ann: httpx.Client) -> None:
    for id_ in (MATCHED, TWIN):
        assert ann.get(f"/tracks/{id_}").json()["name"] == "Crying"
        assert ann.get(f"/audio-features/{id_}").json()["id"] == id_
        assert ann.get(f"/audio-analysis/{id_}").status_code == 200
    assert ann.get(f"/tracks/{UNHEARD}").status_code == 404
    assert ann.get(f"/audio-features?ids={UNHEARD},{MATCHED}").json()["audio_features"][0] is None


def test_top_tracks_join_the_ids_of_a_recording_and_count_what_has_no_audio(ann: httpx.Client) -> None:
    for time_range in ("short_term", "medium_term", "long_term"):
        found = ann.get(f"/me/top/tracks?time_range={time_range}").json()
        assert [one["name"] for one in found["items"]] == ["Crying", "Gold", "Venus"]
        assert [one["id"] for one in found["items"]][::2] == [MATCHED, UNHEARD]
        assert found["total"] == 3
    assert found["items"][2]["artists"][0]["name"] == "Björk"
    assert found["items"][2]["album"]["name"] == "Debut"
    assert [one["name"] for one in ann.get("/me/top/tracks?limit=1&offset=1").json()["items"]] == ["Gold"]


def test_top_artists_join_audio_and_histories(ann: httpx.Client) -> None:
    found = ann.get("/me/top/artists").json()
    assert [one["name"] for one in found["items"]] == ["Björk", "Airbourne"]
    assert ann.get(f"/artists/{found['items'][0]['id']}").json()["name"] == "Björk"


def test_recently_played_goes_through_the_whole_history(ann: httpx.Client) -> None:
    page = ann.get("/me/player/recently-played?limit=4").json()
    names = [one["track"]["name"] for one in page["items"]]
    page = ann.get(page["next"]).json()
    names += [one["track"]["name"] for one in page["items"]]
    assert names == ["Gold", "Venus", "Venus", "Crying", "Crying", "Crying"]
    assert page["items"][-1]["played_at"] == "2019-01-01T09:57:00.000Z"
