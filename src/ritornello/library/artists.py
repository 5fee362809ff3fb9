"""Artists: stored with their tracks, looked up by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, exists, select

from ritornello.library import index
from ritornello.library.schema import album_artists, artists, track_artists, track_genres
from ritornello.track import Artist

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence


def put(connection: Connection, found: Iterable[Artist]) -> None:
    """Store the names; genres are not stored here, an artist has those of the tracks."""
    for artist in dict.fromkeys(found):
        row = connection.execute(select(artists.c.number, artists.c.name).where(artists.c.id == artist.id)).first()
        if row is None:
            insert = artists.insert().values(id=artist.id, name=artist.name).returning(artists.c.number)
            index.artist(connection, connection.scalars(insert).one(), artist)
        elif row.name != artist.name:
            connection.execute(artists.update().where(artists.c.id == artist.id).values(name=artist.name))
            index.artist(connection, row.number, artist)


def get(connection: Connection, ids: Sequence[str]) -> list[Artist | None]:
    """Look up artists in the order asked; None for an unknown one. Genres are those of all the artist's tracks."""
    named = {row.id: row for row in connection.execute(select(artists).where(artists.c.id.in_(ids)))}
    genres: dict[str, list[str]] = {}
    query = (
        select(track_artists.c.artist_id, track_genres.c.genre)
        .join(track_genres, track_genres.c.track_id == track_artists.c.track_id)
        .where(track_artists.c.artist_id.in_(ids))
        .distinct()
        .order_by(track_genres.c.genre)
    )
    for row in connection.execute(query):
        genres.setdefault(row.artist_id, []).append(row.genre)
    known = {own: Artist(own, row.name, tuple(genres.get(own, ())), row.popularity) for own, row in named.items()}
    return [known.get(asked) for asked in ids]


def credited(connection: Connection, track_ids: Sequence[str]) -> dict[str, list[str]]:
    """Ids of the artists of each track, in the order of the credits."""
    query = select(track_artists.c.track_id, track_artists.c.artist_id).where(track_artists.c.track_id.in_(track_ids))
    found: dict[str, list[str]] = {}
    for row in connection.execute(query.order_by(track_artists.c.track_id, track_artists.c.position)):
        found.setdefault(row.track_id, []).append(row.artist_id)
    return found


def forget_unused(connection: Connection, ids: Collection[str]) -> None:
    """Drop those of these artists that no track and no album names any more."""
    unused = select(artists.c.number).where(
        artists.c.id.in_(ids),
        ~exists().where(track_artists.c.artist_id == artists.c.id),
        ~exists().where(album_artists.c.artist_id == artists.c.id),
    )
    for number in connection.scalars(unused).all():
        index.drop_artist(connection, number)
        connection.execute(delete(artists).where(artists.c.number == number))
