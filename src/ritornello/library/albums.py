"""Albums: stored with their tracks, looked up by id."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import Connection, case, delete, exists, func, select

from ritornello.library import artists, index
from ritornello.library import schema as s
from ritornello.track import Album, Artist

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

GROUPS = ("album", "single", "compilation", "appears_on")
"""How an album relates to an artist, in the order in which they are listed."""


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
            "popularity": album.popularity,
            "copyrights": [list(one) for one in album.copyrights],
            "markets": None if album.markets is None else list(album.markets),
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
    for album_id, artist_id, name in s.among(connection, _CREDITED, ids):
        names.setdefault(album_id, []).append(Artist(artist_id, name))
    rows = s.among(connection, _ALBUMS, ids)
    known = {
        own: Album(
            id=own,
            name=name,
            artists=tuple(names.get(own, ())),
            release_date=release_date,
            album_type=kind,
            total_tracks=total,
            label=label,
            external_ids={} if external_ids == "{}" else json.loads(external_ids),
            cover=cover,
            popularity=popularity,
            copyrights=() if copyrights == "[]" else tuple((text, role) for text, role in json.loads(copyrights)),
            markets=None if markets is None else tuple(json.loads(markets)),
        )
        for own, name, release_date, kind, total, label, external_ids, cover, popularity, copyrights, markets in rows
    }
    return [known.get(asked) for asked in ids]


_ALBUMS = """
SELECT id, name, release_date, album_type, total_tracks, label, external_ids, cover, popularity, copyrights, markets
FROM albums WHERE id IN (SELECT value FROM json_each(?))
"""
_CREDITED = """
SELECT album_id, artists.id, artists.name FROM album_artists JOIN artists ON artists.id = artist_id
WHERE album_id IN (SELECT value FROM json_each(?)) ORDER BY album_id, position
"""


def newest(connection: Connection, limit: int, offset: int) -> tuple[list[Album], int]:
    """A stretch of all albums by date of release, the newest first, and how many there are."""
    order = (s.albums.c.release_date.desc(), s.albums.c.number.desc())
    dated = select(s.albums.c.id).where(s.albums.c.release_date.is_not(None))
    found = connection.scalars(dated.order_by(*order).limit(limit).offset(offset)).all()
    total = connection.scalars(
        select(func.count()).select_from(s.albums).where(s.albums.c.release_date.is_not(None))
    ).one()
    return [album for album in get(connection, found) if album], total


def of_artist(
    connection: Connection, artist_id: str, groups: Collection[str], limit: int, offset: int
) -> tuple[list[tuple[Album, str]], int]:
    """A stretch of an artist's albums, each with its group, the newest of each group first, and how many there are.

    An album is in the group of its type where the artist is named on it, else in ``appears_on``.
    """
    own = select(s.album_artists.c.album_id).where(s.album_artists.c.artist_id == artist_id)
    guest = (
        select(s.tracks.c.album_id)
        .join(s.track_artists, s.track_artists.c.track_id == s.tracks.c.id)
        .where(s.track_artists.c.artist_id == artist_id)
    )
    group = case((s.albums.c.id.in_(own), s.albums.c.album_type), else_="appears_on")
    listed = (
        select(s.albums.c.id, s.albums.c.release_date, group.label("grouped"))
        .where(s.albums.c.id.in_(own.union(guest)))
        .subquery()
    )
    wanted = select(listed).where(listed.c.grouped.in_(groups))
    rank = case({name: place for place, name in enumerate(GROUPS)}, value=listed.c.grouped, else_=len(GROUPS))
    rows = connection.execute(
        wanted.order_by(rank, listed.c.release_date.desc(), listed.c.id).limit(limit).offset(offset)
    ).all()
    total = connection.scalars(select(func.count()).select_from(wanted.subquery())).one()
    found = get(connection, [row.id for row in rows])
    return [(album, row.grouped) for album, row in zip(found, rows, strict=True) if album], total


def forget_unused(connection: Connection, ids: Collection[str]) -> None:
    """Drop those of these albums that have no track any more."""
    unused = select(s.albums.c.number).where(
        s.albums.c.id.in_(ids), ~exists().where(s.tracks.c.album_id == s.albums.c.id)
    )
    for number in connection.scalars(unused).all():
        index.drop_album(connection, number)
        connection.execute(delete(s.albums).where(s.albums.c.number == number))
