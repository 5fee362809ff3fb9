"""Habits, on histories whose answer is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ritornello import habits, importing
from ritornello.errors import BadRequest, Unknown
from ritornello.library import Library
from tests.histories.exports import account, old, write
from tests.library import rows


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.sqlite") as library:
        yield library


def heard(library: Library, folder: Path, *told: object, name: str = "ann", zone: str = "Europe/Berlin") -> None:
    importing.import_files([write(folder / "x.json", list(told))], library, name, zone=zone)


def of(library: Library, listener: str | None = "ann", **more: Any) -> habits.Habits:
    with library.connect() as connection:
        return habits.of(connection, listener, **more)


def test_favourites_count_plays_of_half_a_minute_with_or_without_audio(library: Library, tmp_path: Path) -> None:
    with library.begin() as connection:
        rows.put(
            connection, rows.track("Crying", "Björk", on=rows.album("Debut", "Björk"), genres=("pop",), duration=180.0)
        )
    heard(
        library,
        tmp_path,
        old("2023-01-01T10:00:00Z", "Crying"),
        old("2023-01-02T10:00:00Z", "Crying", spotify_track_uri="spotify:track:" + "9" * 22),
        old("2023-01-03T10:00:00Z", "Venus", ms=3_600_000),
        old("2023-01-04T10:00:00Z", "Venus", ms=29_999),
        old("2023-01-05T10:00:00Z", "Gold", master_metadata_album_artist_name="Airbourne"),
    )
    found = of(library)
    assert found.top["artists"] == [habits.Ranked("Björk", None, 3, 1.1), habits.Ranked("Airbourne", None, 1, 0.05)]
    assert found.top["tracks"][0] == habits.Ranked("Crying", "Björk", 2, 0.1)
    assert found.top["albums"][0] == habits.Ranked("Debut", "Björk", 3, 1.1)
    assert found.top["genres"] == [habits.Ranked("pop", None, 2, 0.1)]
    assert (found.plays, found.hours) == (5, 1.16)
    assert [title for _, _, title in found.recent] == ["Gold", "Venus", "Venus", "Crying", "Crying"]
    assert len(of(library, limit=1).top["artists"]) == 1
    some = of(library, since=date(2023, 1, 2), until=date(2023, 1, 4))
    assert (some.plays, some.first) == (2, "2023-01-02T10:57+01:00")


def test_days_and_hours_are_local_also_when_clocks_change(library: Library, tmp_path: Path) -> None:
    # Half past midnight in UTC is half past one before clocks change and, a day later, half past two after it.
    ends = ["2023-03-25T00:33:00Z", "2023-03-26T00:33:00Z", "2023-03-26T01:33:00Z", "2023-12-31T23:33:00Z"]
    heard(library, tmp_path, *(old(end) for end in ends))
    found = of(library)
    assert {(day, hour): n for day, row in enumerate(found.clock) for hour, n in enumerate(row) if n} == {
        (5, 1): 1, (6, 1): 1, (6, 3): 1, (0, 0): 1
    }  # fmt: skip
    assert [one.month for one in found.months] == ["2023-03", "2024-01"]
    assert of(library, until=date(2024, 1, 1)).plays == 3
    heard(library, tmp_path, name="ann", zone="America/New_York")
    assert [one.month for one in of(library).months] == ["2023-03", "2023-12"]


def test_streaks(library: Library, tmp_path: Path) -> None:
    days = ["2023-01-01", "2023-01-03", "2023-01-04", "2023-01-05", "2023-02-01", "2023-02-02"]
    heard(library, tmp_path, *(old(f"{day}T10:00:00Z") for day in days))
    assert of(library).streaks == habits.Streaks(3, date(2023, 1, 3), 2, 6)
    assert habits.streaks(set()) == habits.Streaks(0, None, 0, 0)


def test_a_pause_of_more_than_twenty_minutes_ends_a_session(library: Library, tmp_path: Path) -> None:
    # Each plays for three minutes before it ends: pauses of 20 min, then of 20 min and a second.
    ends = ["10:03:00", "10:26:00", "10:49:01"]
    heard(library, tmp_path, *(old(f"2023-01-01T{end}Z") for end in ends))
    assert of(library).sessions == habits.Sessions(2, 14.5, 1.5)
    assert habits.sessions([]) == habits.Sessions(0, 0.0, 0.0)


def test_a_play_paused_for_days_is_in_no_session_and_no_clock_but_in_the_totals(
    library: Library, tmp_path: Path
) -> None:
    heard(library, tmp_path, old("2022-03-22T16:22:18Z", ms=40_000, offline_timestamp=1647540919013))
    found = of(library)
    assert (found.plays, found.sessions.count, sum(map(sum, found.clock))) == (1, 0, 0)
    assert found.time_quality == {"doubtful": 1}
    assert len(found.top["tracks"]) == 1


def test_rates_are_of_what_is_known(library: Library, tmp_path: Path) -> None:
    told = [(True, "fwdbtn", "clickrow"), (False, "trackdone", "trackdone"), (None, "fwdbtn", None), (None, None, None)]
    heard(
        library,
        tmp_path,
        *(
            old(f"2023-01-01T1{n}:00:00Z", skipped=skipped, reason_end=end, reason_start=start)
            for n, (skipped, end, start) in enumerate(told)
        ),
    )
    found = of(library)
    assert (found.skipped, found.chosen) == (habits.Rate(0.6667, 3), habits.Rate(0.5, 2))
    heard(library, tmp_path, account("2023-01-01 10:00"), name="bob")
    assert of(library, "bob").skipped == habits.Rate(None, 0)


def test_diversity_is_a_number_of_artists(library: Library, tmp_path: Path) -> None:
    heard(library, tmp_path, *(account(f"2023-01-0{n} 10:00", artist=f"artist {n % 4}") for n in range(1, 9)))
    assert of(library).diversity == 4.0
    heard(library, tmp_path, account("2023-01-01 10:00", artist="x"), name="one")
    assert of(library, "one").diversity == 1.0


def test_months_tell_discovery_and_sound(library: Library, tmp_path: Path) -> None:
    with library.begin() as connection:
        rows.put(connection, rows.track("Crying", "Björk", duration=180.0), energy=0.9)
        rows.put(connection, rows.track("Venus", "Björk", duration=180.0), energy=0.5)
    told = [("01", "Crying"), ("01", "Venus"), ("01", "Army"), ("02", "Crying"), ("02", "Pagan")]
    heard(library, tmp_path, *(old(f"2023-{month}-0{n + 1}T10:00:00Z", title) for n, (month, title) in enumerate(told)))
    january, february = of(library).months
    assert (january.plays, january.new_tracks, january.new_artists, january.covered) == (3, 3, 1, 2)
    assert january.features["energy"] == 0.7
    assert (february.new_tracks, february.new_artists, february.features["energy"]) == (1, 0, 0.9)


def test_whose_habits_must_be_clear(library: Library, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="none yet"):
        of(library, None)
    heard(library, tmp_path, account("2023-01-01 10:00"))
    assert of(library, None).listener == "ann"
    heard(library, tmp_path, account("2023-01-01 10:00"), name="bob")
    with pytest.raises(BadRequest, match="listeners are ann, bob"):
        of(library, None)
    with pytest.raises(Unknown):
        of(library, "eve")


def test_what_fewer_than_five_share_is_not_told(library: Library, tmp_path: Path) -> None:
    for number in range(5):
        told = [account("2023-01-01 10:00", "a", artist="All"), account("2023-01-01 10:05", "b", artist="Every")]
        if number:
            told.append(account("2023-01-01 10:07", "secret", artist="Four"))
        heard(library, tmp_path, *told, name=f"listener {number}")
        if number == 3:
            with library.connect() as connection, pytest.raises(BadRequest, match="4 listeners"):
                habits.shared(connection)
    with library.connect() as connection:
        found = habits.shared(connection)
    assert found.artists == [("All", 5), ("Every", 5)]
    assert found.tracks == [("All – a", 5), ("Every – b", 5)]
    assert found.artists_together == [habits.Together("All", "Every", 5)]
    assert "Four" not in str(found)
    assert "secret" not in str(found)


def test_what_is_heard_on_different_days_is_not_heard_together(library: Library, tmp_path: Path) -> None:
    for number in range(5):
        told = [account("2023-01-01 10:00", "a", artist="All"), account("2023-01-02 10:05", "b", artist="Every")]
        heard(library, tmp_path, *told, name=f"listener {number}")
    with library.connect() as connection:
        assert habits.shared(connection).artists_together == []
