"""Vectors are kept with their track, and given back in the order asked."""

from __future__ import annotations

from dataclasses import replace

from ritornello.library import Library, embeddings
from ritornello.track import Embedding
from tests.library import rows

ONE = Embedding("a-1", b"\x00\x3c\x00\x00", (b"\x00\x00\x00\x3c", b"\x00\x3c\x00\x00"))


def test_a_vector_comes_back_as_it_was_put(library: Library) -> None:
    with library.begin() as connection:
        track = rows.put(connection, rows.track("a", "b", external_ids={"isrc": "GBAPK9300001"}))
        embeddings.put(connection, track.id, ONE)
    with library.connect() as connection:
        assert embeddings.get(connection, [track.id, "unknown", "GBAPK9300001"]) == [ONE, None, ONE]


def test_a_new_vector_takes_the_place_of_the_old(library: Library) -> None:
    with library.begin() as connection:
        track = rows.put(connection, rows.track("a", "b"))
        embeddings.put(connection, track.id, ONE)
        embeddings.put(connection, track.id, replace(ONE, version="a-2", sections=()))
    with library.connect() as connection:
        assert embeddings.get(connection, [track.id]) == [Embedding("a-2", ONE.track, ())]


def test_the_matrix_has_one_version_only(library: Library) -> None:
    with library.begin() as connection:
        known = [rows.put(connection, rows.track(name, "x")).id for name in ("a", "b", "c")]
        for track_id, version in zip(known, ("a-1", "a-2", "a-1"), strict=True):
            embeddings.put(connection, track_id, replace(ONE, version=version, track=track_id[:4].encode()))
    with library.connect() as connection:
        ids, matrix = embeddings.all(connection, "a-1")
    assert set(ids) == {known[0], known[2]}
    assert matrix == b"".join(track_id[:4].encode() for track_id in ids)


def test_audio_that_a_catalogue_bound_gives_its_vector_to_the_track_of_the_catalogue(library: Library) -> None:
    with library.begin() as connection:
        named = rows.put(connection, rows.track("a", "b", external_ids={"audio": "x" * 22}))
        embeddings.put(connection, "x" * 22, ONE)
    with library.connect() as connection:
        assert embeddings.get(connection, [named.id]) == [ONE]
