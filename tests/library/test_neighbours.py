from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ritornello.library import Library, listeners, neighbours, plays, shelves
from ritornello.library.neighbours import Neighbours
from ritornello.play import Play
from ritornello.recommend import index, kept, known, taste
from ritornello.recommend.heard import Floats
from ritornello.recommend.index import Index
from ritornello.recommend.wish import Wish
from ritornello.spotify.tunables import Tunables
from tests.library import rows
from tests.recommend import worlds

TRACKS = [rows.track(f"Song {number}", f"Artist {number}") for number in range(30)]
WISH = Wish((("track", TRACKS[0].id),), Tunables({}, {}, {}))


def play(library: Library, listener: str, *numbers: int, at: int = 1_700_000_000_000) -> None:
    with library.begin() as connection:
        for number in numbers:
            plays.add(connection, [Play(listener, at + number * 600_000, TRACKS[number].id, 200_000, "test")])


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """Six listeners of the first half, six of the second; learning counts as long."""
    monkeypatch.setattr(known, "_SMALL", -1)
    with Library.open(tmp_path / "library.sqlite") as library:
        with library.begin() as connection:
            for number, track in enumerate(TRACKS):
                rows.put(connection, track, energy=(number % 7) / 7)
        for who in range(12):
            half = 15 * (who % 2)
            play(library, f"listener {who}", *(half + (who + step) % 15 for step in range(8)))
        yield library


def tastes(near: Neighbours) -> list[float]:
    return [round(one.taste, 4) for one in near.recommend(WISH).tracks]


def until_learned(near: Neighbours) -> None:
    """Wait for the thread that learns; it ends, for it has to be joined."""
    for thread in threading.enumerate():
        if thread.name == "taste":
            thread.join()
    assert near.known().learned


def test_what_was_learned_is_found_again(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tastes(Neighbours(library))
    assert max(told) > 0
    assert neighbours.kept_at(library.path).stat().st_mode & 0o77 == 0

    monkeypatch.setattr(taste, "fit", lambda heard: pytest.fail("was learned again"))
    assert tastes(Neighbours(library)) == told


def test_no_answer_waits_for_learning(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    may_end, fit = threading.Event(), taste.fit
    monkeypatch.setattr(taste, "fit", lambda heard: may_end.wait() and fit(heard))
    near = Neighbours(library, waits=False)

    assert set(tastes(near)) == {0.0}
    may_end.set()
    until_learned(near)
    first = tastes(near)
    assert max(first) > 0

    may_end.clear()
    play(library, "listener 0", 0, 20, at=1_710_000_000_000)
    assert tastes(near) == first
    may_end.set()
    until_learned(near)
    assert tastes(near) != first


def test_who_is_erased_speaks_no_more(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    near = Neighbours(library, waits=False)
    near.known()
    until_learned(near)
    old = neighbours.kept_at(library.path).read_bytes()

    listeners.erase(library, "listener 0")
    assert not neighbours.kept_at(library.path).exists()
    may_end, fit = threading.Event(), taste.fit
    monkeypatch.setattr(taste, "fit", lambda heard: may_end.wait() and fit(heard))
    assert set(tastes(near)) == {0.0}
    neighbours.kept_at(library.path).write_bytes(old)
    may_end.set()
    until_learned(near)
    assert len(near.known().rows) == 11
    assert neighbours.kept_at(library.path).read_bytes() != old


def test_who_is_erased_meanwhile_is_not_kept(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = taste.fit

    def slow(heard: object) -> taste.Taste:
        listeners.erase(library, "listener 0")
        return fit(heard)

    monkeypatch.setattr(taste, "fit", slow)
    Neighbours(library).known()
    assert not neighbours.kept_at(library.path).exists()


@pytest.mark.parametrize("harm", [b"", b"PK", b"no archive at all"])
def test_a_damaged_file_is_as_good_as_none(library: Library, harm: bytes) -> None:
    told = tastes(Neighbours(library))
    path = neighbours.kept_at(library.path)
    path.write_bytes(path.read_bytes()[:2000] + harm if harm == b"PK" else harm)
    assert tastes(Neighbours(library)) == told


def test_a_model_is_kept_whole(tmp_path: Path) -> None:
    for number, heard in enumerate((worlds.camps(), worlds.camps()[:, :40])):
        model = taste.fit(heard)
        names = [f"r{at}" for at in range(heard.shape[0])], [f"c{at}" for at in range(heard.shape[1])]
        made_from = kept.stamp(heard, *names)
        kept.write(tmp_path / str(number), model, made_from)
        read = kept.read(tmp_path / str(number), made_from)
        assert read is not None
        items = np.array([1, 2, 3])
        np.testing.assert_array_equal(
            taste.score(read, items, np.ones(3, np.float32)), taste.score(model, items, np.ones(3, np.float32))
        )
        other = heard.copy()
        other.data[0] += 1
        for changed in (kept.stamp(other, *names), kept.stamp(heard, names[0][::-1], names[1])):
            assert kept.read(tmp_path / str(number), changed) is None


def test_a_large_library_gets_an_index_in_the_background(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    cells, asked = Index(np.arange(30), None), []

    def build(vectors: Floats, embedded: object) -> Index:
        asked.append(len(vectors))
        return cells

    monkeypatch.setattr(known, "LARGE", 20)
    monkeypatch.setattr(shelves, "LARGE", 20)
    monkeypatch.setattr(index, "build", build)
    near = Neighbours(library, waits=False)
    assert near.known().index is None
    until_learned(near)
    assert near.known().index is cells
    play(library, "listener 1", 3, at=1_720_000_000_000)
    near.known()
    until_learned(near)
    assert near.known().index is cells
    assert asked == [30]
