"""Albums: stored with their tracks, looked up by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, Connection, bindparam, case, delete, exists, func, select

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
    wanted = {"ids": ids}
    for row in connection.execute(_CREDITED, wanted):
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
            popularity=row.popularity,
            copyrights=tuple((text, kind) for text, kind in row.copyrights),
            markets=None if row.markets is None else tuple(row.markets),
        )
        for row in connection.execute(_ALBUMS, wanted)
    }
    return [known.get(asked) for asked in ids]


# Made once: making them takes SQLAlchemy longer than SQLite takes to answer.
_IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)
_ALBUMS = select(s.albums).where(s.albums.c.id.in_(_IDS))
_CREDITED = (
    select(s.album_artists.c.album_id, s.artists.c.id, s.artists.c.name)
    .join(s.artists, s.artists.c.id == s.album_artists.c.artist_id)
    .where(s.album_artists.c.album_id.in_(_IDS))
    .order_by(s.album_artists.c.album_id, s.album_artists.c.position)
)


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
