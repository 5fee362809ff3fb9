"""What users keep: saved tracks and albums; followed artists, users and playlists."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, delete, func, select

from ritornello.library import schema as s

if TYPE_CHECKING:
    from collections.abc import Sequence

_HELD = {"track": s.tracks, "album": s.albums, "artist": s.artists}
"""Kinds of which the library lists those that it has; of shows, episodes and audiobooks it has none."""


def add(connection: Connection, user_id: str, kind: str, ids: Sequence[str], *, public: bool = True) -> None:
    """Keep items, the first being the newest; what is kept already stays where it is."""
    held = set(_kept(connection, user_id, kind, ids))
    now = time.time_ns() // 1000
    new = [one for one in dict.fromkeys(ids) if one not in held]
    for place, item_id in enumerate(new):
        row = {"user_id": user_id, "kind": kind, "item_id": item_id, "added_at": now - place, "public": public}
        connection.execute(s.saved.insert().values(**row))


def remove(connection: Connection, user_id: str, kind: str, ids: Sequence[str]) -> None:
    """Let items go."""
    connection.execute(
        delete(s.saved).where(s.saved.c.user_id == user_id, s.saved.c.kind == kind, s.saved.c.item_id.in_(ids))
    )


def contains(connection: Connection, user_id: str, kind: str, ids: Sequence[str]) -> list[bool]:
    """Tell of each whether it is kept."""
    held = set(_kept(connection, user_id, kind, ids))
    return [one in held for one in ids]


def keepers(connection: Connection, kind: str, item_id: str, user_ids: Sequence[str]) -> list[bool]:
    """Tell of each user whether they keep one item."""
    query = select(s.saved.c.user_id).where(s.saved.c.kind == kind, s.saved.c.item_id == item_id)
    held = set(connection.scalars(query.where(s.saved.c.user_id.in_(user_ids))))
    return [one in held for one in user_ids]


def count(connection: Connection, kind: str, item_ids: Sequence[str]) -> dict[str, int]:
    """How many users keep each item."""
    query = select(s.saved.c.item_id, func.count()).where(s.saved.c.kind == kind, s.saved.c.item_id.in_(item_ids))
    rows = connection.execute(query.group_by(s.saved.c.item_id))
    return {row[0]: row[1] for row in rows}


def listed(
    connection: Connection, user_id: str, kind: str, limit: int, offset: int
) -> tuple[list[tuple[str, int]], int]:
    """A stretch of what is kept, the newest first, with Unix seconds; and how much there is."""
    table = _HELD.get(kind)
    if table is None:
        return [], 0
    query = (
        select(s.saved.c.item_id, s.saved.c.added_at)
        .where(s.saved.c.user_id == user_id, s.saved.c.kind == kind)
        .where(_is_held(kind))
    )
    total = connection.scalars(select(func.count()).select_from(query.subquery())).one()
    rows = connection.execute(query.order_by(s.saved.c.added_at.desc()).limit(limit).offset(offset))
    return [(row.item_id, row.added_at // 1_000_000) for row in rows], total


def followed_artists(
    connection: Connection, user_id: str, limit: int, after: str | None
) -> tuple[list[str], int, bool]:
    """Artists by id, those behind ``after``; how many are followed in all, and whether more follow."""
    query = (
        select(s.saved.c.item_id)
        .join(s.artists, s.artists.c.id == s.saved.c.item_id)
        .where(s.saved.c.user_id == user_id, s.saved.c.kind == "artist")
    )
    total = connection.scalars(select(func.count()).select_from(query.subquery())).one()
    if after:
        query = query.where(s.saved.c.item_id > after)
    found = list(connection.scalars(query.order_by(s.saved.c.item_id).limit(limit + 1)))
    return found[:limit], total, len(found) > limit


def _is_held(kind: str) -> ColumnElement[bool]:
    table = _HELD[kind]
    own = s.saved.c.item_id.in_(select(table.c.id))
    if kind != "track":
        return own
    return own | s.saved.c.item_id.in_(select(s.external_ids.c.value))


def _kept(connection: Connection, user_id: str, kind: str, ids: Sequence[str]) -> Sequence[str]:
    query = select(s.saved.c.item_id).where(s.saved.c.user_id == user_id, s.saved.c.kind == kind)
    return connection.scalars(query.where(s.saved.c.item_id.in_(ids))).all()
