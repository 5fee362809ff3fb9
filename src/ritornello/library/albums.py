"""Albums: stored with their tracks, looked up by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, exists, select

from ritornello.library import artists, index
from ritornello.library import schema as s
from ritornello.track import Album, Artist

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def put(connection: Connection, album: Album) -> None:
    """Store an album and its artists, or bring them up to date."""
    if get(connection, [album.id]) == [album]:
        return
    artists.put(connection, album.artists)
    s.upsert(
        connection,
        s.albums,
        "id",
        {
            "id": album.id,
            "name": album.name,
            "album_type": album.album_type,
            "release_date": album.release_date,
            "total_tracks": album.total_tracks,
            "label": album.label,
            "external_ids": dict(album.external_ids),
            "cover": album.cover,
        },
    )
    connection.execute(delete(s.album_artists).where(s.album_artists.c.album_id == album.id))
    for position, artist in enumerate(album.artists):
        connection.execute(s.album_artists.insert().values(album_id=album.id, position=position, artist_id=artist.id))
    number = connection.scalars(select(s.albums.c.number).where(s.albums.c.id == album.id)).one()
    index.album(connection, number, album)


def get(connection: Connection, ids: Sequence[str]) -> list[Album | None]:
    """Look up albums in the order asked; None for an unknown one. Their artists come without genres."""
    names: dict[str, list[Artist]] = {}
    query = (
        select(s.album_artists.c.album_id, s.artists.c.id, s.artists.c.name)
        .join(s.artists, s.artists.c.id == s.album_artists.c.artist_id)
        .where(s.album_artists.c.album_id.in_(ids))
        .order_by(s.album_artists.c.album_id, s.album_artists.c.position)
    )
    for row in connection.execute(query):
        names.setdefault(row.album_id, []).append(Artist(row.id, row.name))
    known = {
        row.id: Album(
            id=row.id,
            name=row.name,
            artists=tuple(names.get(row.id, ())),
            release_date=row.release_date,
            album_type=row.album_type,
            total_tracks=row.total_tracks,
            label=row.label,
            external_ids=row.external_ids,
            cover=row.cover,
        )
        for row in connection.execute(select(s.albums).where(s.albums.c.id.in_(ids)))
    }
    return [known.get(asked) for asked in ids]


def forget_unused(connection: Connection, ids: Collection[str]) -> None:
    """Drop those of these albums that have no track any more."""
    unused = select(s.albums.c.number).where(
        s.albums.c.id.in_(ids), ~exists().where(s.tracks.c.album_id == s.albums.c.id)
    )
    for number in connection.scalars(unused).all():
        index.drop_album(connection, number)
        connection.execute(delete(s.albums).where(s.albums.c.number == number))
