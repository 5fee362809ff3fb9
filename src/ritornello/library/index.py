"""The full-text index: FTS5 tables beside the tracks, artists and albums, under the same numbers.

This file, :mod:`ritornello.library.search` and the pragmas of :mod:`ritornello.library.database` are all that is
particular to SQLite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, delete

from ritornello.library import spelling

if TYPE_CHECKING:
    from ritornello.track import Album, Artist, Track

_COLUMNS = {
    "track_search": ("title", "artists", "album", "genres"),
    "album_search": ("title", "artists"),
    "artist_search": ("title",),
    "playlist_search": ("title", "description"),
    "word_search": ("word",),
}

# Not among the tables of the schema, for Alembic does not know virtual tables.
_metadata = MetaData()
_indexes = {
    name: Table(name, _metadata, Column("rowid", Integer, primary_key=True), *(Column(each, Text) for each in columns))
    for name, columns in _COLUMNS.items()
}


def words() -> Table:
    """Find the index of the words themselves."""
    return _indexes["word_search"]


def of(table: Table) -> Table:
    """Find the index of a table of the schema."""
    return _indexes[f"{table.name.removesuffix('s')}_search"]


def track(connection: Connection, number: int, track: Track) -> None:
    """Index a track anew."""
    artists = _names(track.artists)
    _put(
        connection,
        "track_search",
        number,
        title=track.name,
        artists=artists,
        album=track.album.name,
        genres=_listed(track.genres),
    )


def album(connection: Connection, number: int, album: Album) -> None:
    """Index an album anew."""
    _put(connection, "album_search", number, title=album.name, artists=_names(album.artists))


def artist(connection: Connection, number: int, artist: Artist) -> None:
    """Index an artist anew."""
    _put(connection, "artist_search", number, title=artist.name)


def playlist(connection: Connection, number: int, name: str, description: str) -> None:
    """Index a playlist anew."""
    _put(connection, "playlist_search", number, title=name, description=description)


def drop_playlist(connection: Connection, number: int) -> None:
    """Take a playlist out of the index."""
    _drop(connection, "playlist_search", number)


def drop_track(connection: Connection, number: int) -> None:
    """Take a track out of the index."""
    _drop(connection, "track_search", number)


def drop_album(connection: Connection, number: int) -> None:
    """Take an album out of the index."""
    _drop(connection, "album_search", number)


def drop_artist(connection: Connection, number: int) -> None:
    """Take an artist out of the index."""
    _drop(connection, "artist_search", number)


def _put(connection: Connection, name: str, number: int, **columns: str) -> None:
    _drop(connection, name, number)
    connection.execute(_indexes[name].insert().values(rowid=number, **columns))
    spelling.learn(connection, _indexes["word_search"], columns["title"])


def _drop(connection: Connection, name: str, number: int) -> None:
    connection.execute(delete(_indexes[name]).where(_indexes[name].c.rowid == number))


def _names(artists: tuple[Artist, ...]) -> str:
    return _listed(tuple(artist.name for artist in artists))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)
