"""Playlists and what is on them."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, case, delete, func, or_, select

from ritornello.errors import BadRequest, Unknown
from ritornello.library import index
from ritornello.library import schema as s
from ritornello.library import tracks as tracks_
from ritornello.playlist import Item, Playlist
from ritornello.spotify import ids

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST_ITEMS = 10_000


def create(connection: Connection, owner_id: str, name: str, **details: Any) -> Playlist:
    """Make an empty playlist; ``details`` are fields of :class:`Playlist`, such as ``id`` or ``public``."""
    made = Playlist(
        **{"id": ids.encode(secrets.token_bytes(16)), **details}, name=name, owner_id=owner_id, owner_name=""
    )
    row = {column.name: getattr(made, column.name) for column in s.playlists.c if column.name != "number"}
    insert = s.playlists.insert().values(**row).returning(s.playlists.c.number)
    index.playlist(connection, connection.scalars(insert).one(), made.name, made.description)
    return one(connection, made.id)


def change(connection: Connection, playlist: Playlist, **details: Any) -> None:
    """Change details: name, description, public, collaborative, cover, featured."""
    if not details:
        return
    connection.execute(s.playlists.update().where(s.playlists.c.id == playlist.id).values(**details))
    changed = replace(playlist, **details)
    index.playlist(connection, _number(connection, playlist.id), changed.name, changed.description)


def remove(connection: Connection, playlist: Playlist) -> None:
    """Take a playlist away."""
    index.drop_playlist(connection, _number(connection, playlist.id))
    connection.execute(delete(s.saved).where(s.saved.c.kind == "playlist", s.saved.c.item_id == playlist.id))
    connection.execute(delete(s.playlists).where(s.playlists.c.id == playlist.id))


def one(connection: Connection, id: str) -> Playlist:  # noqa: A002
    """Look one playlist up; raises :class:`Unknown`."""
    found = get(connection, [id])[0]
    if found is None:
        raise Unknown("playlist", id)
    return found


def get(connection: Connection, asked: Sequence[str]) -> list[Playlist | None]:
    """Look playlists up in the order asked; None for an unknown one."""
    total = (
        select(func.count()).where(s.playlist_items.c.playlist_id == s.playlists.c.id).correlate(s.playlists)
    ).scalar_subquery()
    followers = (
        select(func.count())
        .where(s.saved.c.kind == "playlist", s.saved.c.item_id == s.playlists.c.id)
        .correlate(s.playlists)
    ).scalar_subquery()
    # Without a cover of its own a playlist shows that of its first album that has one.
    shown = (
        select(s.albums.c.cover)
        .join(s.tracks, s.tracks.c.album_id == s.albums.c.id)
        .join(s.playlist_items, s.playlist_items.c.track_id == s.tracks.c.id)
        .where(s.playlist_items.c.playlist_id == s.playlists.c.id, s.albums.c.cover.is_not(None))
        .order_by(s.playlist_items.c.position)
        .limit(1)
        .correlate(s.playlists)
    ).scalar_subquery()
    query = (
        select(
            s.playlists,
            s.users.c.display_name,
            total.label("total"),
            followers.label("followers"),
            shown.label("shown"),
        )
        .join(s.users, s.users.c.id == s.playlists.c.owner_id)
        .where(s.playlists.c.id.in_(asked))
    )
    known = {row.id: _playlist(row) for row in connection.execute(query)}
    return [known.get(each) for each in asked]


def all(connection: Connection) -> list[Playlist]:  # noqa: A001
    """List all playlists, oldest first."""
    return _present(get(connection, connection.scalars(select(s.playlists.c.id).order_by(s.playlists.c.number)).all()))


def of_owner(connection: Connection, user_id: str, *, public_only: bool = False) -> list[Playlist]:
    """The playlists that a user made, the newest first."""
    wanted = select(s.playlists.c.id).where(s.playlists.c.owner_id == user_id).order_by(s.playlists.c.number.desc())
    if public_only:
        wanted = wanted.where(s.playlists.c.public)
    return _present(get(connection, connection.scalars(wanted).all()))


def made_for(connection: Connection, user_id: str) -> list[Playlist]:
    """The private playlists of others that a user follows: those that were made for them."""
    followed = select(s.saved.c.item_id).where(s.saved.c.user_id == user_id, s.saved.c.kind == "playlist")
    here = s.playlists.c
    wanted = select(here.id).where(here.id.in_(followed), ~here.public, ~here.collaborative, here.owner_id != user_id)
    return _present(get(connection, connection.scalars(wanted).all()))


def of_listener(
    connection: Connection, user_id: str, limit: int, offset: int, *, private: bool
) -> tuple[list[Playlist], int]:
    """A stretch of the playlists that a user made or follows, and how many there are; ``private`` shows all of them."""
    followed = select(s.saved.c.item_id).where(s.saved.c.user_id == user_id, s.saved.c.kind == "playlist")
    mine = s.playlists.c.owner_id == user_id
    seen = mine if private else mine & s.playlists.c.public
    # What is private and followed was made for this user.
    shown = s.playlists.c.id.in_(followed)
    wanted = select(s.playlists.c.id).where(or_(seen, shown if private else shown & s.playlists.c.public))
    return _stretch(connection, wanted.order_by(s.playlists.c.number.desc()), limit, offset)


def of_user(connection: Connection, user_id: str, limit: int, offset: int) -> tuple[list[Playlist], int]:
    """A stretch of the public playlists that a user made."""
    wanted = select(s.playlists.c.id).where(s.playlists.c.owner_id == user_id, s.playlists.c.public)
    return _stretch(connection, wanted.order_by(s.playlists.c.number.desc()), limit, offset)


def featured(connection: Connection, limit: int, offset: int, first: Sequence[str] = ()) -> tuple[list[Playlist], int]:
    """A stretch of the playlists that are shown to everybody, some of them before the others."""
    wanted = select(s.playlists.c.id).where(s.playlists.c.featured, s.playlists.c.public)
    order = case((s.playlists.c.id.in_(first), 0), else_=1)
    return _stretch(connection, wanted.order_by(order, s.playlists.c.number), limit, offset)


def of_category(connection: Connection, category_id: str, limit: int, offset: int) -> tuple[list[Playlist], int]:
    """A stretch of the playlists of a category."""
    wanted = (
        select(s.playlists.c.id)
        .join(s.category_playlists, s.category_playlists.c.playlist_id == s.playlists.c.id)
        .where(s.category_playlists.c.category_id == category_id, s.playlists.c.public)
    )
    return _stretch(connection, wanted.order_by(s.playlists.c.number), limit, offset)


def items(connection: Connection, playlist_id: str, limit: int, offset: int) -> list[Item]:
    """A stretch of a playlist."""
    listed = select(s.playlist_items).where(s.playlist_items.c.playlist_id == playlist_id)
    rows = connection.execute(listed.order_by(s.playlist_items.c.position).limit(limit).offset(offset)).all()
    found = tracks_.get(connection, [row.track_id or "" for row in rows])
    return [
        # A track answers to the id by which it was put on the list.
        Item(row.uri, row.added_at, row.added_by, track and replace(track, id=row.track_id))
        for row, track in zip(rows, found, strict=True)
    ]


def uris(connection: Connection, playlist_id: str) -> list[str]:
    """All that is on a playlist."""
    return [row.uri for row in _rows(connection, playlist_id)]


def add(connection: Connection, playlist: Playlist, given: Sequence[str], user_id: str, position: int | None) -> None:
    """Put items at a position, or at the end."""
    now = int(time.time())
    new = [_Row(uri, _track_id(uri), now, user_id) for uri in given]

    def edit(rows: list[_Row]) -> list[_Row]:
        at = len(rows) if position is None else position
        if at > len(rows):
            raise BadRequest(f"position {at} is behind the end of a playlist of {len(rows)}")
        return rows[:at] + new + rows[at:]

    _edit(connection, playlist, edit)


def replace_all(connection: Connection, playlist: Playlist, given: Sequence[str], user_id: str) -> None:
    """Put these items in the place of what there was."""
    now = int(time.time())
    _edit(connection, playlist, lambda rows: [_Row(uri, _track_id(uri), now, user_id) for uri in given])


def move(connection: Connection, playlist: Playlist, start: int, length: int, before: int) -> None:
    """Move a stretch of items to before the item at another position."""

    def edit(rows: list[_Row]) -> list[_Row]:
        if start + length > len(rows) or before > len(rows):
            raise BadRequest(f"the playlist has {len(rows)} items: cannot move {length} from {start} to {before}")
        moved, rest = rows[start : start + length], rows[:start] + rows[start + length :]
        at = before if before <= start else max(start, before - length)
        return rest[:at] + moved + rest[at:]

    _edit(connection, playlist, edit)


def take_off(connection: Connection, playlist: Playlist, given: Sequence[tuple[str, Sequence[int] | None]]) -> None:
    """Remove items by URI: every one, or those at the positions named; by position alone with an empty URI."""

    def edit(rows: list[_Row]) -> list[_Row]:
        gone: set[int] = set()
        for uri, positions in given:
            if positions is None:
                gone |= {at for at, row in enumerate(rows) if row.uri == uri}
                continue
            for at in positions:
                if at >= len(rows) or (uri and rows[at].uri != uri):
                    raise BadRequest(f"{uri or 'an item'} is not at position {at} of the playlist")
                gone.add(at)
        return [row for at, row in enumerate(rows) if at not in gone]

    _edit(connection, playlist, edit)


@dataclass(frozen=True, slots=True)
class _Row:
    uri: str
    track_id: str | None
    added_at: int
    added_by: str


def _rows(connection: Connection, playlist_id: str) -> list[_Row]:
    listed = select(s.playlist_items).where(s.playlist_items.c.playlist_id == playlist_id)
    return [
        _Row(row.uri, row.track_id, row.added_at, row.added_by)
        for row in connection.execute(listed.order_by(s.playlist_items.c.position))
    ]


def _edit(connection: Connection, playlist: Playlist, edit: Callable[[list[_Row]], list[_Row]]) -> None:
    """Read all rows, change them, write them: playlists have a largest size, so this stays quick."""
    rows = edit(_rows(connection, playlist.id))
    if len(rows) > MOST_ITEMS:
        raise BadRequest(f"a playlist holds at most {MOST_ITEMS} items, this one would have {len(rows)}")
    connection.execute(delete(s.playlist_items).where(s.playlist_items.c.playlist_id == playlist.id))
    if rows:
        connection.execute(
            s.playlist_items.insert(),
            [
                {
                    "playlist_id": playlist.id,
                    "position": position,
                    "uri": row.uri,
                    "track_id": row.track_id,
                    "added_at": row.added_at,
                    "added_by": row.added_by,
                }
                for position, row in enumerate(rows)
            ],
        )
    raised = s.playlists.update().where(s.playlists.c.id == playlist.id)
    connection.execute(raised.values(version=s.playlists.c.version + 1))


def _track_id(uri: str) -> str | None:
    kind, _, id_ = uri.removeprefix("spotify:").partition(":")
    return id_ if kind == "track" else None


def _stretch(connection: Connection, wanted: Any, limit: int, offset: int) -> tuple[list[Playlist], int]:
    total = connection.scalars(select(func.count()).select_from(wanted.order_by(None).subquery())).one()
    return _present(get(connection, connection.scalars(wanted.limit(limit).offset(offset)).all())), total


def _present(found: Sequence[Playlist | None]) -> list[Playlist]:
    return [playlist for playlist in found if playlist is not None]


def _number(connection: Connection, id: str) -> int:  # noqa: A002
    number: int = connection.scalars(select(s.playlists.c.number).where(s.playlists.c.id == id)).one()
    return number


def _playlist(row: Row[Any]) -> Playlist:
    return Playlist(
        id=row.id,
        name=row.name,
        owner_id=row.owner_id,
        owner_name=row.display_name,
        description=row.description,
        public=row.public,
        collaborative=row.collaborative,
        cover=row.cover or row.shown,
        version=row.version,
        featured=row.featured,
        total=row.total,
        followers=row.followers,
    )
