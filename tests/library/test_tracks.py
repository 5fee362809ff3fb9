from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ritornello.library import Library, albums, artists, search, tracks
from tests.library import rows

DEBUT = rows.album("Début", "Björk", release_date="1993-07-05", total_tracks=12, external_ids={"upc": "731452"})
CRYING = rows.track(
    "Crying",
    "Björk",
    "Nellee Hooper",
    on=DEBUT,
    disc_number=2,
    track_number=3,
    explicit=True,
    popularity=7,
    genres=("pop", "art pop"),
    external_ids={"isrc": "GBAPK9300001", "spotify": "7xGfFoTpQ2E7fRF5lN10tr"},
)


def test_a_track_reads_back_as_it_was_stored(library: Library) -> None:
    with library.begin() as connection:
        rows.put(connection, CRYING)
    with library.connect() as connection:
        assert tracks.get(connection, [CRYING.id]) == [CRYING]
        assert tracks.features(connection, [CRYING.id]) == [(rows.features(), rows.PROVENANCE)]
        assert document(connection, CRYING.id) == rows.document()
        assert tracks.count(connection) == 1


def document(connection: Connection, id: str) -> bytes:  # noqa: A002
    found = tracks.analysis(connection, id)
    assert found is not None
    return found.text


def test_storing_twice_changes_nothing(library: Library) -> None:
    with library.begin() as connection:
        rows.put(connection, CRYING)
    with library.connect() as connection:
        once = [connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in TABLES]
    with library.begin() as connection:
        rows.put(connection, CRYING)
    with library.connect() as connection:
        assert [connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in TABLES] == once


TABLES = ("tracks", "artists", "albums", "track_artists", "track_genres", "external_ids", "features", "track_search")


def test_order_and_duplicates_stay_and_the_unknown_is_none(library: Library) -> None:
    with library.begin() as connection:
        other = rows.put(connection, rows.track("Venus", "Björk", on=DEBUT), valence=0.1)
        rows.put(connection, CRYING, valence=0.9)
    asked = [CRYING.id, "0" * 22, other.id, "bad!", CRYING.id, ""]
    with library.connect() as connection:
        assert tracks.get(connection, asked) == [CRYING, None, other, None, CRYING, None]
        found = [one and one[0].valence for one in tracks.features(connection, asked)]
    assert found == [0.9, None, 0.1, None, 0.9, None]


def test_any_external_id_finds_the_track(library: Library) -> None:
    with library.begin() as connection:
        rows.put(connection, CRYING)
    with library.connect() as connection:
        assert tracks.get(connection, ["7xGfFoTpQ2E7fRF5lN10tr", "GBAPK9300001"]) == [CRYING, CRYING]
        assert tracks.features(connection, ["7xGfFoTpQ2E7fRF5lN10tr"])[0] is not None
        assert document(connection, "7xGfFoTpQ2E7fRF5lN10tr") == rows.document()


def test_of_two_tracks_with_one_external_id_the_analysed_one_answers(library: Library) -> None:
    shared = {"isrc": "X"}
    with library.begin() as connection:
        tracks.put_metadata(connection, rows.track("a", "x", id="0" * 22, external_ids=shared))
        rows.put(connection, rows.track("b", "x", id="z" * 22, external_ids=shared))
    with library.connect() as connection:
        assert tracks.resolve(connection, ["X"]) == {"X": "z" * 22}


def test_metadata_alone_has_no_features(library: Library) -> None:
    with library.begin() as connection:
        tracks.put_metadata(connection, CRYING)
    with library.connect() as connection:
        assert tracks.get(connection, [CRYING.id]) == [CRYING]
        assert tracks.features(connection, [CRYING.id]) == [None]
        assert tracks.analysis(connection, CRYING.id) is None


def test_new_metadata_leaves_the_features(library: Library) -> None:
    retagged = replace(CRYING, name="Crying (Remastered)", genres=("pop",), external_ids={})
    with library.begin() as connection:
        rows.put(connection, CRYING)
        tracks.put_metadata(connection, retagged)
    with library.connect() as connection:
        assert tracks.get(connection, [CRYING.id, "GBAPK9300001"]) == [retagged, None]
        assert tracks.features(connection, [CRYING.id]) == [(rows.features(), rows.PROVENANCE)]


def test_new_features_replace_the_old(library: Library) -> None:
    with library.begin() as connection:
        rows.put(connection, CRYING)
        rows.put(connection, CRYING, tempo=90.0, analysis_version=2, tempo_candidates=())
    with library.connect() as connection:
        found = tracks.features(connection, [CRYING.id])[0]
    assert found is not None
    assert found[0] == rows.features(tempo=90.0, analysis_version=2, tempo_candidates=())


def test_an_album_and_artists_that_nothing_names_any_more_are_gone(library: Library) -> None:
    moved = replace(CRYING, album=rows.album("Best of", "Various Artists"), artists=(rows.artist("Björk"),))
    with library.begin() as connection:
        rows.put(connection, CRYING)
        rows.put(connection, moved)
    with library.connect() as connection:
        assert albums.get(connection, [DEBUT.id, moved.album.id]) == [None, moved.album]
        gone, kept = artists.get(connection, [rows.artist("Nellee Hooper").id, rows.artist("Björk").id])
        assert gone is None
        assert kept is not None
        assert search.albums(connection, "debut", limit=1, offset=0).total == 0
        assert search.artists(connection, "nellee", limit=1, offset=0).total == 0
        counts = [connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in INDEXED]
    assert counts == [1, 1, 2, 2]


INDEXED = ("albums", "album_search", "artists", "artist_search")


def test_an_artist_has_the_genres_of_its_tracks(library: Library) -> None:
    with library.begin() as connection:
        rows.put(connection, rows.track("a", "Björk", genres=("trip hop", "pop")))
        rows.put(connection, rows.track("b", "Björk", "Tricky", genres=("trip hop",)))
    with library.connect() as connection:
        found = artists.get(connection, [rows.artist("Tricky").id, rows.artist("Björk").id, "?"])
    assert [one and one.genres for one in found] == [("trip hop",), ("pop", "trip hop"), None]


def test_a_renamed_artist_is_found_by_the_new_name(library: Library) -> None:
    artist = rows.artist("Prince")
    with library.begin() as connection:
        rows.put(connection, rows.track("Kiss", artists=(artist,)))
        rows.put(connection, rows.track("Cream", artists=(replace(artist, name="PRINCE"),)))
    with library.connect() as connection:
        found = search.artists(connection, "prince", limit=5, offset=0)
    assert [(one.name, found.total) for one in found.items] == [("PRINCE", 1)]


def test_many_tracks_take_as_many_queries_as_one(library: Library) -> None:
    with library.begin() as connection:
        made = [rows.put(connection, rows.track(f"t{number}", f"a{number}")) for number in range(30)]
    statements: list[str] = []
    with library.connect() as connection:
        # Below SQLAlchemy, for not all queries go through it.
        file = connection.connection.driver_connection
        assert file is not None
        file.set_trace_callback(statements.append)
        tracks.get(connection, [track.id for track in made])
        file.set_trace_callback(None)
    assert len(statements) == len(
        ["BEGIN", "tracks", "album artists", "albums", "artists", "genres", "external", "files", "rules"]
    )


def test_a_feature_that_is_no_number_is_refused(library: Library) -> None:
    nan = rows.features(valence=float("nan"))
    with pytest.raises(IntegrityError, match=r"features\.valence"), library.begin() as connection:
        tracks.put(connection, CRYING, nan, b"{}", {})
