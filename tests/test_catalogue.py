from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from ritornello import catalogue, scan
from ritornello.analyze import analyze
from ritornello.errors import CatalogueError
from ritornello.library import Library, embeddings, playlists, plays, tracks, users
from ritornello.sound.encode import write
from tests import sounds

SONG, OTHER, LIST = "s" * 22, "o" * 22, "p" * 22


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.sqlite") as library:
        yield library


def import_rows(library: Library, folder: Path, *given: object) -> catalogue.Summary:
    path = folder / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in given), encoding="utf-8")
    return catalogue.read(path, library)


def test_what_is_exported_reads_back_as_the_same(library: Library, tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "cover.png")
    import_rows(
        library,
        tmp_path,
        {"kind": "user", "id": "ann", "country": "SE"},
        {"kind": "artist", "id": "a" * 22, "name": "Björk", "popularity": 80},
        {"kind": "album", "id": "b" * 22, "name": "Début", "artists": ["a" * 22], "release_date": "1993-07-05",
         "upc": "1", "label": "L", "copyrights": [{"text": "t", "type": "P"}], "cover": "cover.png"},
        {"kind": "track", "id": SONG, "name": "Crying", "artists": ["a" * 22], "album": "b" * 22, "duration_ms": 2000,
         "isrc": "gb-apk-93-00001", "markets": ["SE"], "genres": ["pop"], "explicit": True, "licence": "CC0-1.0"},
        {"kind": "playlist", "id": LIST, "name": "Mine", "owner": "ann", "tracks": [SONG, "spotify:local:a:b:c:9"],
         "categories": [{"id": "x", "name": "X"}], "featured": True, "public": False},
        {"kind": "play", "user": "ann", "played_at": "2026-01-02T03:04:05.678Z", "track": SONG, "ms_played": 1999},
    )  # fmt: skip
    with (tmp_path / "out.jsonl").open("w", encoding="utf-8") as file:
        assert catalogue.write(library, file) == 6
    with library.connect() as connection:
        song = tracks.get(connection, [SONG])[0]
        assert song is not None
        assert (song.external_ids["isrc"], song.markets, song.licence) == ("GBAPK9300001", ("SE",), "CC0-1.0")
        assert song.album.cover is not None
        assert users.get(connection, ["ann"])[0] is not None
    with Library.open(tmp_path / "again.sqlite") as again:
        catalogue.read(tmp_path / "out.jsonl", again)
        with (tmp_path / "twice.jsonl").open("w", encoding="utf-8") as file:
            catalogue.write(again, file)
        with again.connect() as connection:
            assert playlists.uris(connection, LIST) == [f"spotify:track:{SONG}", "spotify:local:a:b:c:9"]
            assert plays.recent(connection, "ann", 9)[0][0].played_at == 1767323045678
    assert (tmp_path / "twice.jsonl").read_text() == (tmp_path / "out.jsonl").read_text()


def test_csv_has_a_track_a_row(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(
        "id,name,artists,album,release_date,duration_ms,genres,markets,isrc\n"
        f"{SONG},Duet,Ann; Bob,Album,1999,1000,rock; pop,SE; DE,\n"
        f'{OTHER},"Comma, Song",Ann,Album,1999,,,,DEAAA0100001\n',
        encoding="utf-8-sig",
    )
    assert catalogue.read(path, library).counts["track"] == 2
    with library.connect() as connection:
        duet, comma = (one for one in tracks.get(connection, [SONG, OTHER]) if one)
    assert [artist.name for artist in duet.artists] == ["Ann", "Bob"]
    assert (duet.genres, duet.markets, duet.album.release_date) == (("rock", "pop"), ("SE", "DE"), "1999")
    assert (comma.name, comma.markets, comma.external_ids) == ("Comma, Song", None, {"isrc": "DEAAA0100001"})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"kind": "song"}, "kind 'song' is not known"),
        ({"id": SONG, "name": "x"}, "artists is missing"),
        ({"id": SONG, "artists": ["y"]}, "name is missing"),
        ({"id": "short", "name": "x", "artists": ["y"]}, "invalid id 'short'"),
        ({"id": SONG, "name": "x", "artists": ["y"], "markets": ["XX"]}, "market 'XX' is not known"),
        ({"id": SONG, "name": "x", "artists": ["y"], "popularity": 101}, "popularity 101"),
        ({"kind": "album", "name": "x", "artists": ["y"], "release_date": "May"}, "release_date 'May'"),
        ({"kind": "album", "name": "x", "artists": ["y"], "cover": "none.png"}, "cover 'none.png' cannot be read"),
        ({"kind": "play", "user": "x", "track": SONG, "played_at": "soon"}, "soon"),
        ([], "expected one JSON object"),
    ],
)
def test_a_mistake_names_its_line_and_imports_nothing(library: Library, tmp_path: Path, row: object, said: str) -> None:
    good = {"id": OTHER, "name": "x", "artists": ["y"]}
    with pytest.raises(CatalogueError, match=f"line 2: .*{said}"):
        import_rows(library, tmp_path, good, row)
    with library.connect() as connection:
        assert tracks.count(connection) == 0


@pytest.mark.parametrize("how", ["path", "isrc", "audio_id", "tag"])
@pytest.mark.parametrize("first", ["catalogue", "scan"])
def test_audio_is_bound_by_path_isrc_or_id(library: Library, tmp_path: Path, how: str, first: str) -> None:
    song = tmp_path / "song.flac"
    tags = {"title": "From the tags", "ISRC": "DEAAA0100001", "SPOTIFY_TRACK_ID": SONG} if how != "path" else {}
    tags.pop("ISRC" if how == "tag" else "SPOTIFY_TRACK_ID", None)
    write(song, sounds.mono(sounds.clicks(120.0, seconds=6.0)), tags=tags)
    audio_id = analyze(song).audio_id if how == "audio_id" else ""
    named = {"path": {"path": "song.flac"}, "isrc": {"isrc": "DEAAA0100001"}, "audio_id": {"audio_id": audio_id}}
    row = {"id": SONG, "name": "Chosen", "artists": ["Ann"], "duration_ms": 1, **named.get(how, {})}
    if first == "catalogue":
        assert import_rows(library, tmp_path, row).bound == 0
        scan.scan([song], library, jobs=1)
    else:
        scan.scan([song], library, jobs=1)
        assert import_rows(library, tmp_path, row).bound == 1
    with library.connect() as connection:
        assert tracks.count(connection) == 1
        found, by_audio = tracks.get(connection, [SONG])[0], tracks.features(connection, [SONG])[0]
        assert by_audio is not None
        assert found is not None
        assert (found.name, found.has_audio, round(found.duration)) == ("Chosen", True, 6)
        assert tracks.analysis(connection, SONG) is not None
        assert embeddings.get(connection, [SONG])[0] is not None
    assert scan.scan([song], library, jobs=1).unchanged == 1
