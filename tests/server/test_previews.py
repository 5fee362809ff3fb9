"""Half a minute to hear: cut from a real file, served with Range, and kept from the public without a licence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import httpx
import numpy as np
import pytest

from ritornello import preview, scan
from ritornello.library import Library, clients, tokens, tracks
from ritornello.server.app import create_app
from ritornello.sound.encode import write
from tests import sounds
from tests.server.conftest import serving
from tests.server.test_contract import assert_error


@dataclass(frozen=True)
class Song:
    """A minute that is soft, but for its last forty seconds."""

    library: Library
    id: str
    token: str


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Song]:
    folder = tmp_path_factory.mktemp("song")
    soft = sounds.cadence(0, 1, seconds=40.0) * 0.05
    loud = sounds.cadence(5, 0, seconds=40.0)
    write(folder / "song.flac", sounds.mono(np.concatenate([soft, loud])), tags={"title": "Song", "artist": "A"})
    with Library.open(folder / "library.sqlite") as library:
        assert scan.scan([folder], library, jobs=1).analysed == 1
        with library.begin() as connection:
            client, _ = clients.add(connection, "tests")
            token = tokens.issue(connection, client.id)
            found = connection.exec_driver_sql("SELECT id FROM tracks").scalar()
        assert isinstance(found, str)
        yield Song(library, found, token)


def test_a_preview_plays_without_a_token(song: Song) -> None:
    with serving(create_app(song.library)) as url:
        track = httpx.get(f"{url}/v1/tracks/{song.id}?access_token={song.token}").json()
        assert track["preview_url"] == f"{url}/mp3-preview/{song.id}"
        whole = httpx.get(track["preview_url"])
        part = httpx.get(track["preview_url"], headers={"Range": "bytes=100-199"})
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/mpeg")
    assert whole.headers["accept-ranges"] == "bytes"
    assert (part.status_code, part.headers["content-range"]) == (206, f"bytes 100-199/{len(whole.content)}")
    assert part.content == whole.content[100:200]


def test_the_clip_is_the_loud_half_minute_and_no_longer(song: Song, tmp_path: Path) -> None:
    with serving(create_app(song.library)) as url:
        (tmp_path / "clip.mp3").write_bytes(httpx.get(f"{url}/mp3-preview/{song.id}").content)
    with av.open(tmp_path / "clip.mp3") as file:
        frames = [frame.to_ndarray() for frame in file.decode(audio=0)]
    samples = np.concatenate(frames, axis=1)
    assert 29.0 < samples.shape[1] / 44_100 <= 30.0
    middle = samples[:, 5 * 44_100 : 25 * 44_100]
    assert float(np.sqrt((middle**2).mean())) > 0.03


def test_elsewhere_only_an_open_licence_lets_it_be_heard(song: Song) -> None:
    with serving(create_app(song.library, public=True)) as url:
        for licence, allowed in [(None, False), ("CC-BY-NC-4.0", False), ("CC-BY-4.0", True), ("CC0-1.0", True)]:
            with song.library.begin() as connection:
                connection.exec_driver_sql("UPDATE tracks SET licence = ?", (licence,))
            track = httpx.get(f"{url}/v1/tracks/{song.id}?access_token={song.token}").json()
            assert (track["preview_url"] is not None) == allowed, licence
            assert httpx.get(f"{url}/mp3-preview/{song.id}").status_code == (200 if allowed else 404)
    with song.library.begin() as connection:
        connection.exec_driver_sql("UPDATE tracks SET licence = NULL")


def test_without_a_file_there_is_none(song: Song) -> None:
    with serving(create_app(song.library)) as url:
        assert_refused = httpx.get(f"{url}/mp3-preview/{'0' * 22}")
        bad = httpx.get(f"{url}/mp3-preview/nonsense")
    assert assert_refused.status_code == 404
    assert_error(bad, 400)


def test_the_excerpt_starts_where_a_section_comes_back(song: Song) -> None:
    with song.library.connect() as connection:
        stored = tracks.analysis(connection, song.id)
    assert stored is not None
    document = json.loads(stored.text)
    at = preview.start(document)
    assert at in [section["start"] for section in document["sections"]]
    assert at >= 35.0
    document["track"]["duration"] = 29.0
    assert preview.start(document) == 0.0
