"""Exports into a library: counted, once each, and without anything personal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ritornello import importing
from ritornello.errors import BadRequest, Unknown
from ritornello.library import Library, listeners, schema
from tests.histories.exports import PERSONAL, account, listen, new, old, pack, write


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.sqlite") as library:
        yield library


def take(library: Library, *paths: Path, listener: str = "ann", **more: Any) -> importing.Account:
    found = importing.import_files(paths, library, listener, **more)
    assert found.rows == found.kept + found.duplicates + found.refused.total()
    assert found.kept >= 0
    assert found.duplicates >= 0
    return found


def stored(library: Library) -> list[tuple[object, ...]]:
    """All that imports leave, in an order of its own."""
    plays = select(*(column for column in schema.plays.c if column.name != "number")).order_by(schema.plays.c.digest)
    with library.connect() as connection:
        found = [tuple(row) for row in connection.execute(plays)]
        found += [tuple(row) for row in connection.execute(select(schema.songs).order_by(schema.songs.c.id))]
        return found + [tuple(row) for row in connection.execute(select(schema.listeners))]


def on_disk(library: Library) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(library.path.parent.glob(f"{library.path.name}*")))


def test_every_row_is_accounted_for(library: Library, tmp_path: Path) -> None:
    rows = [
        new("2023-01-01T10:00:00Z", ms=40_000),
        new("2023-01-01T10:00:00Z", ms=40_000),
        new("2023-01-01T10:10:00Z", ms=3_000),
        new("2023-01-01T10:20:00Z", None, spotify_episode_uri="spotify:episode:1"),
        new("2023-01-01T10:30:00Z", incognito_mode=True),
        new("2023-01-01T10:40:00Z", None),
        new("tomorrow"),
        ["no row"],
    ]
    path = write(tmp_path / "x.json", rows)
    found = take(library, path, shortest=30)
    assert (found.rows, found.kept, found.duplicates) == (8, 1, 1)
    assert found.refused == {
        "too short": 1, "podcast": 1, "private session": 1, "no title": 1, "bad time": 1, "not a play": 1
    }  # fmt: skip
    assert (found.zone, found.zone_inferred) == ("Europe/Stockholm", True)
    assert take(library, path).kept == 1, "the short one, which no rule keeps out any more"
    assert take(library, path).kept == 0


def test_plays_that_share_a_moment_are_all_kept(library: Library, tmp_path: Path) -> None:
    # What was heard without a network arrives at once; one reader drops all but one of it.
    rows = [new("2023-01-01T10:00:00Z", title, ms=ms) for title in ("a", "b", "c") for ms in (1_000, 2_000)]
    rows += [new("2023-01-01T10:00:30Z", "d")]
    assert take(library, write(tmp_path / "x.json", rows)).kept == 7


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_account_and_extended_data_count_each_play_once(
    library: Library, tmp_path: Path, order: tuple[int, int]
) -> None:
    ends = ["10:00:59", "10:01:00", "10:30:17"]
    extended = pack(
        tmp_path / "extended.zip", {"endsong_0.json": [old(f"2023-01-01T{end}Z", ms=7_000) for end in ends]}
    )
    rows = [account(f"2023-01-01 {end[:5]}", ms=7_000) for end in ends] + [account("2023-06-01 10:00", "Venus")]
    both = [extended, pack(tmp_path / "account.zip", {"MyData/StreamingHistory_music_0.json": rows})]
    kept = [take(library, both[which]).kept for which in order]
    assert sum(kept) == 4
    assert kept == ([3, 1] if order == (0, 1) else [4, 0])
    with library.connect() as connection:
        counted = select(schema.plays.c.source).where(schema.plays.c.counted).order_by(schema.plays.c.source)
        assert connection.scalars(counted).all() == ["spotify_account"] + ["spotify_extended"] * 3
        assert listeners.get(connection, "ann").plays == 4


def test_an_account_row_stands_for_one_play_only(library: Library, tmp_path: Path) -> None:
    extended = write(tmp_path / "a.json", [old("2023-01-01T10:00:20Z", ms=0)])
    rows = [account("2023-01-01 10:00", ms=0), account("2023-01-01 10:00", ms=900)]
    assert take(library, extended, write(tmp_path / "b.json", rows)).kept == 2


def test_an_old_and_a_new_download_of_one_history_are_one(library: Library, tmp_path: Path) -> None:
    milliseconds = old("2023-03-19T18:20:49Z", ms=219_813, offline_timestamp=1679249830500, skipped=None)
    seconds = new("2023-03-19T18:20:49Z", ms=219_813, offline_timestamp=1679249830, skipped=False)
    first, second = write(tmp_path / "a.json", [milliseconds]), write(tmp_path / "b.json", [seconds])
    assert take(library, first, second).kept == 1
    with Library.open(tmp_path / "other.sqlite") as other:
        take(other, second, first)
        assert stored(other) == stored(library)
        assert [row[9] for row in stored(other)[:1]] == [False], "skipped is known by now"


def test_half_a_character_is_survived(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps([account("2023-01-01 10:00", "half \ud83d"), account("2023-01-01 10:00", "null \0")]))
    (tmp_path / "x.jsonl").write_text(json.dumps(listen(1_700_000_000, "half \ud83d")) + "\n")
    assert take(library, path, tmp_path / "x.jsonl").kept == 3


def test_two_people_have_the_same_song_each(library: Library, tmp_path: Path) -> None:
    path = write(tmp_path / "x.json", [old("2023-01-01T10:00:00Z")])
    assert [take(library, path, listener=name).kept for name in ("ann", "bob", "ann")] == [1, 1, 0]


def test_the_zone_that_was_said_stays(library: Library, tmp_path: Path) -> None:
    path = write(tmp_path / "x.json", [old("2023-01-01T10:00:00Z")])
    assert take(library, path, zone="Asia/Tokyo").zone == "Asia/Tokyo"
    found = take(library, path)
    assert (found.zone, found.zone_inferred) == ("Asia/Tokyo", False)
    with pytest.raises(BadRequest, match="such as Europe/Berlin"):
        take(library, path, zone="Mars/Olympus")
    with pytest.raises(BadRequest, match="1 to 100 characters"):
        take(library, path, listener="\n")


def test_a_file_that_breaks_in_the_middle_leaves_nothing(library: Library, tmp_path: Path) -> None:
    good = write(tmp_path / "good.json", [account("2022-01-01 10:00")])
    text = json.dumps([old(f"2020-01-01T10:{minute:02}:00Z") for minute in range(60)] * 60)
    (tmp_path / "bad.json").write_text(text[:-30])
    found = take(library, good, tmp_path / "bad.json", write(tmp_path / "more.json", [account("2022-01-02 10:00")]))
    assert (found.rows, found.kept) == (2, 2)
    assert [path.name for path, _ in found.failed] == ["bad.json"]
    assert b"Debut" not in on_disk(library)


def test_a_kill_in_the_middle_loses_nothing_and_repeats_nothing(library: Library, tmp_path: Path) -> None:
    first = write(tmp_path / "first.json", [account("2022-01-01 10:00")])
    rows = [
        old(f"2020-01-{day:02}T{hour:02}:{minute:02}:00Z")
        for day in range(1, 8)
        for hour in range(24)
        for minute in range(60)
    ]
    second = write(tmp_path / "second.json", rows)
    code = (
        "import os, signal, sys; from pathlib import Path; from ritornello import importing; "
        "from ritornello.library import Library; files = [Path(one) for one in sys.argv[2:]]; "
        "die = lambda rows: rows > 5000 and os.kill(os.getpid(), signal.SIGKILL); "
        "importing.import_files(files, Library.open(sys.argv[1]), 'ann', progress=die)"
    )
    died = subprocess.run([sys.executable, "-c", code, str(library.path), str(first), str(second)], check=False)
    assert died.returncode == -signal.SIGKILL
    with library.connect() as connection:
        assert listeners.get(connection, "ann").plays == 1
    found = take(library, first, second)
    assert (found.kept, found.duplicates) == (len(rows), 1)


def test_erasing_a_listener_leaves_no_trace(library: Library, tmp_path: Path) -> None:
    rows = [old(f"2023-01-01T10:{n % 60:02}:00Z", "Zarathustra-song", ms=n) for n in range(300)]
    rows.append(old("2023-01-01T11:00:00Z", "Venus"))
    take(library, write(tmp_path / "x.json", rows), listener="zarathustra-listener", zone="Asia/Kathmandu")
    take(library, write(tmp_path / "y.json", rows[-1:]), listener="bob")
    assert b"zarathustra-listener" in on_disk(library)
    assert listeners.erase(library, "zarathustra-listener") == 301
    left = on_disk(library)
    for trace in (b"zarathustra", b"Zarathustra", b"Kathmandu"):
        assert trace not in left
    assert b"Venus" in left, "bob heard it too"
    with library.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA freelist_count").scalar() == 0
    listeners.erase(library, "bob")
    assert b"Venus" not in on_disk(library)
    with pytest.raises(Unknown, match="no listener 'bob'"):
        listeners.erase(library, "bob")


# Whatever an export holds ---------------------------------------------------------------------------------------------

MARKS = [*(value for key, value in PERSONAL.items() if key != "conn_country"), "zarathustra-secret"]
names = st.sampled_from(["Crying", "crying", "Venus", "Ünïcødé 😀", "", None])
times = st.sampled_from(
    [f"2023-01-01T10:0{minute}:{second:02}Z" for minute in (0, 1) for second in (0, 20, 59)] + ["bad"]
)
lengths = st.sampled_from([0, 500, 180_000, 180_400, -1, None])
secret = st.fixed_dictionaries(
    {}, optional={"zarathustra-secret": st.just("zarathustra-secret"), "email": st.just("zarathustra-secret")}
)


@st.composite
def extended_rows(draw: st.DrawFn) -> dict[str, Any]:
    made: dict[str, Any] = draw(st.sampled_from([old, new]))(draw(times), draw(names), ms=draw(lengths), **draw(secret))
    made["offline_timestamp"] = draw(st.sampled_from([0, None, 1672567200, 1672567200500, 1672000000000]))
    made["incognito_mode"] = draw(st.booleans())
    made["skipped"] = draw(st.sampled_from([None, True, False]))
    made["reason_start"] = draw(st.sampled_from(["clickrow", None, "zarathustra-secret"]))
    return made


@st.composite
def account_rows(draw: st.DrawFn) -> dict[str, Any]:
    end = draw(st.sampled_from(["2023-01-01 10:00", "2023-01-01 10:01", "nonsense"]))
    return {**account(end, ms=draw(lengths)), "trackName": draw(names), **draw(secret)}


@st.composite
def listens(draw: st.DrawFn) -> dict[str, Any]:
    more = {"additional_info": {"listening_from": "zarathustra-secret", "duration_ms": draw(lengths)}}
    return {**listen(draw(st.sampled_from([1672567200, 1672567201, 0])), **more), **draw(secret)}


files = st.lists(
    st.one_of(*(st.lists(kind(), min_size=1, max_size=12) for kind in (extended_rows, account_rows, listens))),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A library without anything, to begin from without making its tables each time."""
    path = tmp_path_factory.mktemp("empty") / "library.sqlite"
    Library.open(path).close()
    return path.read_bytes()


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=files, order=st.randoms(use_true_random=False))
def test_whatever_an_export_holds(
    tmp_path_factory: pytest.TempPathFactory, empty: bytes, told: list[list[Any]], order: Any
) -> None:
    folder = tmp_path_factory.mktemp("any")
    for name in ("library", "other"):
        (folder / f"{name}.sqlite").write_bytes(empty)
    paths = [write(folder / f"{number}.json", rows) for number, rows in enumerate(told)]
    with Library.open(folder / "library.sqlite") as library:
        first = take(library, *paths)
        assert (first.rows, first.failed) == (sum(map(len, told)), [])
        once = stored(library)
        again = take(library, *paths)
        assert (again.kept, stored(library)) == (0, once)
        for mark in MARKS:
            assert mark.encode() not in on_disk(library)
    order.shuffle(paths)
    with Library.open(folder / "other.sqlite") as other:
        kept = sum(take(other, path).kept for path in paths)
        assert stored(other) == once
        assert kept == first.kept
