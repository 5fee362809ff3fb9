from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ritornello.library import Library, listeners, matches, mixes, playlists, plays, saved, users
from ritornello.library import schema as s
from ritornello.library.catalogue import MIXER
from ritornello.library.neighbours import Neighbours
from ritornello.play import Play
from ritornello.track import Track
from tests.library import rows

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
DAY = 24 * 3600 * 1000


def _track(number: int) -> Track:
    album = number // 5
    on = rows.album(f"Album {album}", f"Artist {album}", release_date="1999" if album % 2 else "2026-11-01")
    return rows.track(f"Song {number}", f"Artist {album}", on=on, genres=("jazz" if number < 60 else "techno",))


TRACKS = [_track(number) for number in range(120)]


@pytest.fixture
def library(filled: Path, tmp_path: Path) -> Iterator[Library]:
    with Library.open(shutil.copy(filled, tmp_path)) as library:
        yield library


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 tracks in two camps of sound; Ann and Bob play the first camp, Ann only a part of it, Eve nothing."""
    rng = np.random.default_rng(2)
    path = tmp_path_factory.mktemp("mixes") / "library.db"
    with Library.open(path) as library, library.begin() as connection:
        for number, track in enumerate(TRACKS):
            loud = number >= 60
            rows.put(
                connection,
                track,
                energy=float(rng.uniform(0.6, 1) if loud else rng.uniform(0, 0.4)),
                danceability=float(rng.uniform(0.6, 1) if loud else rng.uniform(0, 0.4)),
                tempo=float(rng.uniform(120, 150) if loud else rng.uniform(60, 90)),
                valence=float(rng.uniform(0, 1)),
                key=int(rng.integers(12)),
            )
        for name in ("ann", "bob", "eve"):
            users.add(connection, name, None)
        when = int(NOW.timestamp() * 1000)
        heard = [("ann", number, day) for number in range(0, 60, 2) for day in (2, 3 + number % 3)]
        heard += [("ann", number, 100 + day) for number in range(0, 60, 4) for day in (0, 1)]
        heard += [("ann", 1, 100), ("ann", 1, 101), ("ann", 3, 100), ("ann", 3, 101), ("ann", 5, 100)]
        heard += [("ann", 5, 101), ("ann", 7, 100), ("ann", 7, 101), ("ann", 9, 100), ("ann", 9, 101)]
        heard += [("bob", number, 1) for number in range(60)]
        plays.add(
            connection,
            [
                Play(who, when - day * DAY - at, TRACKS[number].id, 200_000)
                for at, (who, number, day) in enumerate(heard)
            ],
        )
    return path


def _made(library: Library, now: datetime = NOW, *, again: bool = False) -> dict[str, list[int]]:
    """What is on each playlist after a refresh, by its name and whom it is for."""
    place = {f"spotify:track:{track.id}": number for number, track in enumerate(TRACKS)}
    mixes.refresh(library, Neighbours(library), now, again=again)
    with library.connect() as connection:
        found = {}
        for user in ("ann", "bob", "eve"):
            for one in playlists.made_for(connection, user):
                found[f"{one.name} {user}"] = [place[uri] for uri in playlists.uris(connection, one.id)]
        for one in playlists.featured(connection, 50, 0)[0]:
            found[one.name] = [place[uri] for uri in playlists.uris(connection, one.id)]
        return found


def test_each_playlist_is_what_its_name_says(library: Library) -> None:
    made = _made(library)
    anns = {*range(0, 60, 2), 1, 3, 5, 7, 9}

    assert not any(name.endswith("eve") for name in made)
    assert not set(made["Discover Weekly ann"]) & anns
    assert sum(number < 60 for number in made["Discover Weekly ann"][:30]) >= 20
    assert set(made["On Repeat ann"]) <= set(range(0, 60, 2))
    assert set(made["Repeat Rewind ann"]) == {1, 3, 5, 7, 9}
    assert sorted(made["Release Radar ann"]) == [number for number in range(60) if number // 5 % 2 == 0]
    assert set(made["Daily Mix 1 ann"]) & anns
    assert set(made["Daily Mix 1 ann"]) - anns
    assert all(number < 60 for number in made["Calm mix"])
    assert all(number >= 60 for number in made["Party mix"])


def test_an_edition_stands_until_its_period_is_over(library: Library) -> None:
    first = _made(library)
    with library.begin() as connection:
        plays.add(connection, [Play("ann", int(time.time() * 1000) + n, TRACKS[60 + n].id, 200_000) for n in range(50)])

    assert _made(library, NOW + timedelta(hours=3)) == first
    tomorrow = _made(library, NOW + timedelta(days=1))
    assert tomorrow["Discover Weekly ann"] == first["Discover Weekly ann"]
    assert tomorrow["Calm mix"] != first["Calm mix"]
    next_week = _made(library, NOW + timedelta(days=7))
    assert not set(next_week["Discover Weekly ann"]) & set(first["Discover Weekly ann"])


def test_the_same_edition_of_the_same_library_is_the_same(library: Library) -> None:
    first = _made(library)
    again = _made(library, again=True)
    del first["Discover Weekly ann"], again["Discover Weekly ann"]
    del first["Discover Weekly bob"], again["Discover Weekly bob"]

    assert first == again


def test_what_is_for_one_listener_is_theirs_alone(library: Library) -> None:
    _made(library)
    with library.connect() as connection:
        anns = {one.id for one in playlists.made_for(connection, "ann")}
        assert anns
        assert all(not one.public and one.owner_id == MIXER for one in playlists.made_for(connection, "ann"))
        assert anns <= {one.id for one in playlists.of_listener(connection, "ann", 50, 0, private=True)[0]}
        for other in ("bob", "eve"):
            assert not anns & {one.id for one in playlists.of_listener(connection, other, 50, 0, private=True)[0]}
        assert not anns & {one.id for one in playlists.of_listener(connection, "ann", 50, 0, private=False)[0]}
        assert not anns & {one.id for one in playlists.featured(connection, 50, 0)[0]}


def test_who_lets_a_playlist_go_is_not_given_it_again(library: Library) -> None:
    _made(library)
    with library.begin() as connection:
        weekly = next(one for one in playlists.made_for(connection, "ann") if one.name == "Discover Weekly")
        saved.remove(connection, "ann", "playlist", [weekly.id])
    assert "Discover Weekly ann" not in _made(library, NOW + timedelta(days=7))


def test_who_is_removed_takes_their_playlists_along(library: Library) -> None:
    _made(library)
    with library.begin() as connection:
        before = len(playlists.of_owner(connection, MIXER))
        mine = len(playlists.made_for(connection, "ann"))
        users.remove(connection, "ann")
        assert len(playlists.of_owner(connection, MIXER)) == before - mine


def test_a_listener_who_is_erased_is_unlearned_and_their_playlists_go(library: Library) -> None:
    near = Neighbours(library)
    before = near.known()
    assert near.known() is before
    _made(library)
    listeners.erase(library, "bob")
    after = near.known()

    assert "bob" in before.listeners
    assert list(after.listeners) == ["ann"]
    assert after.taste is not None
    assert after.taste.listeners.max() == 1
    with library.connect() as connection:
        assert not playlists.made_for(connection, "bob")
        assert playlists.made_for(connection, "ann")


def test_songs_of_a_history_count_for_the_tracks_they_are_taken_for(library: Library) -> None:
    with library.begin() as connection:
        connection.execute(s.songs.insert().values(id="song", named="song", title="Song 70", artist="Artist 14"))
        matches.confirm(connection, "song", TRACKS[70].id)
        when = int(NOW.timestamp() * 1000)
        plays.add(connection, [Play("ann", when - day * DAY, "song", 200_000) for day in (1, 2, 3, 4)])
    known = Neighbours(library).known()
    assert known.heard is not None
    assert known.heard[known.listeners["ann"], known.shelf.place[TRACKS[70].id]] == 4
    assert _made(library)["On Repeat ann"][0] == 70


@pytest.mark.parametrize("hour", range(24))
def test_each_hour_has_its_mood(hour: int) -> None:
    assert len(mixes.for_hour(hour)[0]) == 1
