from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ritornello.library import Library, files
from ritornello.library.files import File
from tests.library import rows

SONG = File(
    path=Path("/music/a/song.mp3"),
    size=5_000_000_000,
    mtime_ns=1_700_000_000_123_456_789,
    audio_id="x" * 22,
    status="analysed",
    reason=None,
    warnings=("truncated end",),
    analysis_version=1,
    model_version="2026-11",
)


def test_a_file_reads_back_as_it_was_stored(library: Library) -> None:
    with library.begin() as connection:
        files.put(connection, SONG)
    with library.connect() as connection:
        assert files.get(connection, SONG.path) == SONG
        assert files.get(connection, Path("/music/a/other.mp3")) is None


def test_a_refused_file_keeps_its_reason(library: Library) -> None:
    refused = replace(SONG, audio_id=None, status="refused", reason="holds no audio", warnings=())
    with library.begin() as connection:
        files.put(connection, SONG)
        files.put(connection, refused)
    with library.connect() as connection:
        assert files.all(connection) == [refused]


def test_a_name_that_is_not_text_is_kept(library: Library) -> None:
    strange = replace(SONG, path=Path(os.fsdecode(b"/music/Bj\xf6rk.mp3")))
    with library.begin() as connection:
        files.put(connection, strange)
    with library.connect() as connection:
        assert files.get(connection, strange.path) == strange
        assert files.all(connection, Path("/music")) == [strange]


def test_files_under_a_folder(library: Library) -> None:
    paths = ["/music", "/music/a", "/music/a/b.mp3", "/music/a b.mp3", "/music/ab.mp3", "/musical.mp3", "/Music/x"]
    with library.begin() as connection:
        for path in paths:
            files.put(connection, replace(SONG, path=Path(path)))

    def under(folder: str) -> list[str]:
        with library.connect() as connection:
            return [str(file.path) for file in files.all(connection, Path(folder))]

    assert under("/music/a") == ["/music/a", "/music/a/b.mp3"]
    assert under("/music") == ["/music", "/music/a", "/music/a b.mp3", "/music/a/b.mp3", "/music/ab.mp3"]
    assert len(under("/")) == len(paths)
    assert under("/elsewhere") == []


def test_a_forgotten_file_is_gone(library: Library) -> None:
    with library.begin() as connection:
        files.put(connection, SONG)
        files.forget(connection, SONG.path)
        files.forget(connection, SONG.path)
    with library.connect() as connection:
        assert files.all(connection) == []


def test_audio_knows_which_versions_analysed_it_wherever_its_file_is(library: Library) -> None:
    with library.begin() as connection:
        track = rows.put(connection, rows.track("a", "b"), analysis_version=3, model_version="m")
    with library.connect() as connection:
        assert files.analysed_versions(connection, track.id) == (3, "m")
        assert files.analysed_versions(connection, "0" * 22) is None
