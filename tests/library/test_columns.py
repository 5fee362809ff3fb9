"""Columns: what is filtered, sorted and counted is what is in the tables, also after they changed."""

from __future__ import annotations

import math

import pytest

from ritornello.library import Library, columns, tracks
from ritornello.library.columns import Browsing, Wanted
from tests.library import rows


@pytest.fixture
def browsing(library: Library) -> Browsing:
    with library.begin() as connection:
        rows.put(connection, rows.track("Quiet", "anna", popularity=3), energy=0.1, tempo=60.0)
        rows.put(connection, rows.track("loud", "Zoe"), energy=0.9, tempo=180.0)
        rows.put(connection, rows.track("Between", "Berta"), energy=0.5, tempo=120.0)
        tracks.put_metadata(connection, rows.track("Unheard", "Carla"))
    return Browsing(library)


def found(library: Library, browsing: Browsing, **asked: object) -> list[str]:
    with library.connect() as connection:
        here, places = browsing.find(connection, Wanted(**asked))  # type: ignore[arg-type]
        named = tracks.get(connection, [here.ids[place] for place in places])
    return [track.name for track in named if track]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["Unheard", "Between", "loud", "Quiet"]),
        ({"sort": "title"}, ["Between", "loud", "Quiet", "Unheard"]),
        ({"sort": "title", "descending": True}, ["Unheard", "Quiet", "loud", "Between"]),
        ({"sort": "artist"}, ["Quiet", "Between", "Unheard", "loud"]),
        ({"sort": "album"}, ["Between", "loud", "Quiet", "Unheard"]),
        ({"sort": "energy"}, ["Quiet", "Between", "loud", "Unheard"]),
        ({"sort": "energy", "descending": True}, ["loud", "Between", "Quiet", "Unheard"]),
        ({"floors": {"energy": 0.5}}, ["Between", "loud"]),
        ({"floors": {"energy": 0.5}, "ceilings": {"tempo": 120.0}}, ["Between"]),
        ({"ceilings": {"energy": 1.0}}, ["Between", "loud", "Quiet"]),
        ({"floors": {"tempo": 180.4}}, ["loud"]),
        ({"floors": {"tempo": 180.6}}, []),
        ({"ceilings": {"tempo": 59.6}}, ["Quiet"]),
        ({"words": "berta"}, ["Between"]),
        ({"words": "berta", "ceilings": {"energy": 0.4}}, []),
        ({"floors": {"energy": 0.3}, "sort": "title"}, ["Between", "loud"]),
    ],
)
def test_what_is_wanted_is_found_in_order(
    library: Library, browsing: Browsing, asked: dict[str, object], names: list[str]
) -> None:
    assert found(library, browsing, **asked) == names


def test_every_known_track_is_in_one_bar_also_beyond_the_scale(browsing: Browsing) -> None:
    here = browsing.columns()
    for name in columns.NAMES:
        counted = columns.histogram(here, name)
        assert len(counted) == here.scales[name].bins
        assert sum(counted) == (4 if name in ("duration", "popularity") else 3), name
    energy = columns.histogram(here, "energy")
    assert [at for at, one in enumerate(energy) if one] == [4, 20, 36]


def test_columns_follow_the_library(library: Library, browsing: Browsing) -> None:
    before = browsing.columns()
    assert browsing.columns() is before
    with library.begin() as connection:
        rows.put(connection, rows.track("loud", "Zoe"), energy=0.2, tempo=180.0)
    assert found(library, browsing, floors={"energy": 0.6}) == []
    with library.begin() as connection:
        connection.exec_driver_sql("UPDATE playlists SET version = version")
    now = browsing.columns()
    with library.begin() as connection:
        connection.exec_driver_sql("INSERT INTO categories VALUES ('x', 'X')")
    # What has nothing to do with tracks is no reason to read them all again.
    assert browsing.columns() is now


def test_an_empty_library_has_columns_too(library: Library) -> None:
    here = Browsing(library).columns()
    assert here.ids == ()
    assert columns.histogram(here, "tempo") == [0] * 40
    assert all(math.isfinite(scale.high) and scale.high > scale.low for scale in here.scales.values())
