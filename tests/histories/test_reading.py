"""Packages as they come, and those that nobody should open."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from ritornello.errors import HistoryError
from ritornello.histories import read
from ritornello.play import Heard
from tests.histories.exports import account, listen, new, old, pack, write


def titles(path: Path) -> list[str]:
    return [one.song.title for one in read(path) if isinstance(one, Heard)]


def test_a_zip_is_read_with_all_its_parts_and_folders(tmp_path: Path) -> None:
    path = pack(
        tmp_path / "my_spotify_data.zip",
        {
            "MyData/endsong_0.json": [old("2020-01-01T10:00:00Z", "a")],
            "MyData/endvideo.json": [old("2020-01-01T10:00:00Z", "b")],
            "deep/er/Spotify Extended Streaming History/Streaming_History_Audio_2019-2021_0.json": [
                new("2021-01-01T10:00:00Z", "c")
            ],
            "x\\Streaming_History_Video_2016-2024.json": [new("2021-01-01T10:00:00Z", "d")],
            "Spotify Account Data/StreamingHistory0.json": [account("2022-01-01 10:00", "e")],
            "Spotify Account Data/StreamingHistory_music_1.json": [account("2022-01-01 10:00", "f")],
            "Spotify Account Data/StreamingHistory_music_2 (1).json": [],
            "listens/2024/5.jsonl": "\n".join(json.dumps(listen(1_700_000_000, title)) for title in "gh") + "\n\n",
            "__MACOSX/MyData/._endsong_0.json": b"\0\5\26\7",
            "Spotify Account Data/Userdata.json": "not to be opened: {",
            "Spotify Account Data/SearchQueries.json": "not to be opened: {",
            "Spotify Account Data/Payments.json": "not to be opened: {",
            "Spotify Account Data/Inferences.json": "not to be opened: {",
            "user.json": "not to be opened: {",
        },
    )
    assert sorted(titles(path)) == list("abcdefgh")
    with zipfile.ZipFile(path) as package:
        package.extractall(tmp_path / "unpacked")
    assert sorted(titles(tmp_path / "unpacked")) == list("abcefgh"), "the backslash is part of a name here"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("anything.json", [old("2020-01-01T10:00:00Z", "a"), old("2020-01-01T11:00:00Z", "b")]),
        ("anything.json", [None, 3, account("2020-01-01 10:00", "a"), account("2020-01-01 10:00", "b")]),
        ("listens.json", [listen(1_700_000_000, "a"), listen(1_700_000_001, "b")]),
        ("pages.json", [{"@attr": {"page": "1"}, "track": [{"name": one, "artist": {"#text": "x"},
          "date": {"uts": "1679250049"}} for one in "ab"]}]),
        ("page.json", {"recenttracks": {"track": [{"artist": {"#text": "x"}, "name": one,
          "date": {"uts": "1679250049"}} for one in "ab"]}}),
    ],
)  # fmt: skip
def test_single_files_are_known_by_what_they_hold(tmp_path: Path, name: str, content: object) -> None:
    path = write(tmp_path / name, content)
    assert titles(path) == ["a", "b"]
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert titles(path) == ["a", "b"]


def test_csv_and_json_lines_are_known_by_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('Björk,Debut,a,"19 Mar 2023 18:20"\n', encoding="utf-8")
    (tmp_path / "b.csv").write_text("uts,utc_time,artist,album,track\n1679250049,,x,y,b\n", encoding="utf-8-sig")
    (tmp_path / "c.jsonl").write_text(json.dumps(listen(1_700_000_000, "c")), encoding="utf-8")
    assert [titles(tmp_path / name) for name in ("a.csv", "b.csv", "c.jsonl")] == [["a"], ["b"], ["c"]]


def test_countries_are_counted_of_plays_alone(tmp_path: Path) -> None:
    countries: Counter[str] = Counter()
    rows = [old("2020-01-01T10:00:00Z"), old("2020-01-01T11:00:00Z", incognito_mode=True, conn_country="US")]
    assert (
        len(list(read(write(tmp_path / "x.json", [*rows, old("2020-01-01T12:00:00Z", conn_country="ZZ")]), countries)))
        == 3
    )
    assert countries == {"SE": 1}


ROWS = json.dumps([account("2022-01-01 10:00", "Crying in the rain")])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", ROWS[:-10].encode(), "broken or cut short"),
        ("a.json", ROWS.replace('"msPlayed"', "msPlayed").encode(), "broken"),
        ("a.json", ROWS.encode("utf-16"), "not in UTF-8"),
        ("a.json", ROWS.encode("utf-16-le"), "not in UTF-8"),
        ("a.json", ROWS.replace("Crying", "Crÿing").encode("latin-1"), "broken|not in UTF-8"),
        ("a.json", b"", "is empty"),
        ("a.json", b"<html>Log in</html>", "is not JSON"),
        ("a.json", b'{"tracks": [{"artist": "a", "track": "b"}]}', "without plays"),
        ("a.csv", b"name,address\nx,y\n", "holds no plays"),
        ("a.csv", 'Bj\xf6rk,Debut,a,"19 Mar 2023 18:20"\n'.encode("latin-1"), "not in UTF-8"),
        ("a.csv", b'a,b,c,"19 Mar 2023 18:20"\n"a,b,c', "not the CSV"),
        ("a.jsonl", json.dumps(listen(1_700_000_000)).encode() + b'\n{"listened_at": 17', "line 2: .*broken"),
        ("a.zip", b"PK\x05\x06" + b"\0" * 18, "holds no listening history"),
        ("Userdata.json", b"{", "not opened"),
        ("Payments (1).json", b"{", "not opened"),
        ("SearchQueries.json", b"{", "not opened"),
    ],
)
def test_broken_files_are_refused_with_a_reason(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(HistoryError, match=message) as told:
        list(read(path))
    assert str(path) in str(told.value)
    assert "Cry" not in str(told.value)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="cannot be read: No such file"):
        list(read(tmp_path / "gone.zip"))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"../StreamingHistory0.json": ROWS}, "leads out of it"),
        ({"a/../../StreamingHistory0.json": ROWS}, "leads out of it"),
        ({"/etc/StreamingHistory0.json": ROWS}, "leads out of it"),
        ({"C:\\StreamingHistory0.json": ROWS}, "leads out of it"),
        ({"StreamingHistory0.json": ROWS, "more.zip": b"PK"}, "another zip"),
        ({"StreamingHistory0.json": b" " * (40 << 20)}, "zip bomb"),
        ({"StreamingHistory0.json": ROWS, "readme.txt": b" " * (40 << 20)}, "zip bomb"),
        ({"Technical Log/Download.json": "{"}, "holds no listening history"),
        ({"StreamingHistory0.json": ROWS, "StreamingHistory1.json": ROWS[:-5]}, "StreamingHistory1.json: .*cut short"),
    ],
)
def test_zips_that_no_service_sends_are_refused(tmp_path: Path, files: dict[str, object], message: str) -> None:
    path = pack(tmp_path / "x.zip", files)
    with pytest.raises(HistoryError, match=message):
        list(read(path))


def test_a_locked_zip_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "x.zip", {"StreamingHistory0.json": ROWS})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", 1)
    path.write_bytes(data)
    with pytest.raises(HistoryError, match="password"):
        list(read(path))


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "x.zip", {"StreamingHistory0.json": "[" + " " * (1 << 20) + ROWS[1:]})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 1000)
    path.write_bytes(data)
    with pytest.raises(HistoryError, match=r"damaged|cut short"):
        list(read(path))


def test_a_damaged_zip_is_refused(tmp_path: Path) -> None:
    path = pack(
        tmp_path / "x.zip", {"StreamingHistory0.json": json.dumps([account("2022-01-01 10:00", os.urandom(400).hex())])}
    )
    data = bytearray(path.read_bytes())
    data[200:260] = bytes(60)
    path.write_bytes(data)
    with pytest.raises(HistoryError, match=r"damaged|broken"):
        list(read(path))
