"""Dumps of open data, written here in their published forms, joined to songs without audio."""

from __future__ import annotations

import bz2
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from sqlalchemy import select

from ritornello import importing, open_features
from ritornello.errors import OpenDataError
from ritornello.library import Library, listeners, schema
from ritornello.library import open_features as stored
from tests.histories.exports import listen, write
from tests.library import rows

BY_MBID = "0f0a2f52-7a4b-4f3a-8d43-222222222222"
BY_ISRC = "1f0a2f52-7a4b-4f3a-8d43-333333333333"
RARE = "2f0a2f52-7a4b-4f3a-8d43-444444444444"
ISRC = "GBAPK9300001"
RHYTHM = "mbid,submission_offset,bpm,bpm_histogram_first_peak_bpm_mean,danceability,onset_rate\r\n"
TONAL = "mbid,submission_offset,key_key,key_scale,tuning_frequency,tuning_equal_tempered_deviation\r\n"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    told = [
        listen(1_700_000_000, "Direct", mbid_mapping={"recording_mbid": BY_MBID}),
        listen(1_700_000_300, "Through ISRC", additional_info={"isrc": ISRC}),
        listen(1_700_000_600, "Nothing known"),
    ]
    with Library.open(tmp_path / "library.sqlite") as library:
        importing.import_files([write(tmp_path / "listens.json", told)], library, "ann")
        yield library


def archive(path: Path, files: dict[str, str]) -> Path:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as made:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            made.addfile(entry, io.BytesIO(text.encode()))
    packed = zstandard.compress(data.getvalue()) if path.suffix == ".zst" else bz2.compress(data.getvalue())
    path.write_bytes(packed)
    return path


def tables(folder: Path) -> Path:
    """MusicBrainz's dump: rows are joined by number, and one ISRC has two recordings."""
    isrcs = f"1\t77\tDEAAA0100001\t\\N\t0\t2020\n2\t78\t{ISRC}\t\\N\t0\t2020\n3\t79\t{ISRC}\t\\N\t0\t2020\n"
    names = f"77\t{RARE}\tx\t1\n78\t{BY_ISRC}\tThrough\t1\t\\N\n79\t{RARE}\tThrough\t1\t\\N\n"
    return archive(folder / "mbdump.tar.bz2", {"COPYING": "", "mbdump/isrc": isrcs, "mbdump/recording": names})


def values(library: Library) -> dict[str, dict[str, tuple[object, float, int, str]]]:
    with library.connect() as connection:
        titles = {row.id: row.title for row in connection.execute(select(schema.songs))}
        found = stored.get(connection, list(titles))
    return {
        titles[id_]: {
            name: (one.text or one.number, one.spread, one.submissions, one.by) for name, one in named.items()
        }
        for id_, named in found.items()
    }


def test_csv_dumps_are_joined_by_musicbrainz_id_and_isrc(library: Library, tmp_path: Path) -> None:
    bpm = [
        (BY_MBID, 0, 121.0),
        (BY_MBID, 1, 120.0),
        (BY_MBID, 2, 60.5),
        (BY_ISRC, 0, 90.0),
        (BY_ISRC, 1, 90.0),
        (RARE, 0, 1),
    ]
    lines = "".join(f"{mbid},{offset},{value},,1.5,\r\n" for mbid, offset, value in bpm)
    lines += "".join(f"3f0a2f52-7a4b-4f3a-8d43-{n:012},0,100,100,1,1\r\n" for n in range(1000))
    rhythm = archive(tmp_path / "rhythm.tar.zst", {"COPYING": "CC0", "dump/acousticbrainz-rhythm.csv": RHYTHM + lines})
    keys = "".join(f"{BY_MBID},{n},{key},440.1,\r\n" for n, key in enumerate(("C,minor", "C,minor", "G,minor", ",")))
    (tmp_path / "tonal.csv").write_text(TONAL + keys, newline="")
    found = open_features.join([rhythm, tmp_path / "tonal.csv", tables(tmp_path)], library)
    assert found == open_features.Joined(wanted=2, by_musicbrainz=1, by_isrc=1, values=6)
    assert values(library) == {
        "Direct": {
            "bpm": (120.0, 30.25, 3, "musicbrainz"),
            "danceability": (1.5, 0.0, 3, "musicbrainz"),
            "key": ("C minor", pytest.approx(1 / 3), 3, "musicbrainz"),
            "tuning_frequency": (440.1, 0.0, 4, "musicbrainz"),
        },
        "Through ISRC": {"bpm": (90.0, 0.0, 2, "isrc"), "danceability": (1.5, 0.0, 2, "isrc")},
    }
    with library.connect() as connection:
        told = connection.execute(
            select(schema.open_features.c.source, schema.open_features.c.licence).distinct()
        ).all()
    assert told == [("AcousticBrainz", "CC0-1.0")]
    assert open_features.join([rhythm, tmp_path / "tonal.csv", tables(tmp_path)], library) == found


def test_json_dumps_have_low_and_high_level(library: Library, tmp_path: Path) -> None:
    low = {
        "rhythm": {"bpm": 100.5},
        "lowlevel": {"average_loudness": 0.9},
        "tonal": {"key_key": "A", "key_scale": "major"},
    }
    high = {"highlevel": {"mood_happy": {"value": "happy", "all": {"happy": 0.7, "not_happy": 0.3}},
                          "gender": {"value": "female", "all": {"female": 0.9, "male": 0.1}}}}  # fmt: skip
    path = archive(
        tmp_path / "dump.tar.zst",
        {
            f"lowlevel/0f/0/{BY_MBID}-0.json": json.dumps(low),
            f"highlevel/0f/0/{BY_MBID}-0.json": json.dumps(high),
            f"highlevel/2f/0/{RARE}-0.json": "not asked for: {",
        },
    )
    tagged = {"metadata": {"tags": {"musicbrainz_trackid": [BY_ISRC.upper()]}}, "rhythm": {"bpm": 80}}
    (tmp_path / "one.json").write_text(json.dumps(tagged))
    (tmp_path / "isrc.csv").write_text(f"isrc,recording_mbid\nGB-APK-93-00001,{BY_ISRC}\n")
    assert open_features.join([path, tmp_path / "one.json", tmp_path / "isrc.csv"], library).values == 5
    assert values(library) == {
        "Direct": {
            "bpm": (100.5, 0.0, 1, "musicbrainz"),
            "average_loudness": (0.9, 0.0, 1, "musicbrainz"),
            "key": ("A major", 0.0, 1, "musicbrainz"),
            "happy": (0.7, 0.0, 1, "musicbrainz"),
        },
        "Through ISRC": {"bpm": (80.0, 0.0, 1, "isrc")},
    }


def test_what_has_audio_needs_none(library: Library, tmp_path: Path) -> None:
    with library.begin() as connection:
        rows.put(connection, rows.track("Direct", "Björk", external_ids={"musicbrainz_recording": BY_MBID}))
    importing.import_files([write(tmp_path / "none.json", [])], library, "ann")
    (tmp_path / "rhythm.csv").write_text(RHYTHM + f"{BY_MBID},0,120,,,\r\n")
    assert open_features.join([tmp_path / "rhythm.csv"], library) == open_features.Joined(1, 0, 0, 0)


def test_erasing_the_listener_takes_the_values_along(library: Library, tmp_path: Path) -> None:
    (tmp_path / "rhythm.csv").write_text(RHYTHM + f"{BY_MBID},0,120,,,\r\n")
    assert open_features.join([tmp_path], library).values == 1
    listeners.erase(library, "ann")
    assert BY_MBID.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("library.sqlite*"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.csv", None, "is not there"),
        ("x.tar.zst", b"no archive", "damaged"),
        ("x.tar.bz2", bz2.compress(b"no archive" * 99)[:-9], "damaged|cannot be read"),
        (f"{BY_MBID}-0.json", b'{"rhythm": {', "broken or cut short"),
        ("x.csv", RHYTHM.encode() + BY_MBID.encode() + b",\xff\n", "not UTF-8"),
    ],
)
def test_broken_dumps_are_refused(
    library: Library, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(OpenDataError, match=message):
        open_features.join([tmp_path / name], library)
