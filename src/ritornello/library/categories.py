"""Categories of playlists, for browsing."""

from __future__ import annotations

from sqlalchemy import Connection, Select, func, select

from ritornello.library import schema as s
from ritornello.playlist import Category


def put(connection: Connection, category_id: str, name: str, playlist_id: str) -> None:
    """Put a playlist into a category; the category is made where there is none."""
    s.upsert(connection, s.categories, "id", {"id": category_id, "name": name})
    here = s.category_playlists.c
    query = select(here.playlist_id).where(here.category_id == category_id, here.playlist_id == playlist_id)
    if connection.scalars(query).first() is None:
        connection.execute(s.category_playlists.insert().values(category_id=category_id, playlist_id=playlist_id))


def all(connection: Connection, limit: int, offset: int) -> tuple[list[Category], int]:  # noqa: A001
    """A stretch of the categories by name, and how many there are."""
    total = connection.scalars(select(func.count()).select_from(s.categories)).one()
    rows = connection.execute(_select().order_by(s.categories.c.name).limit(limit).offset(offset))
    return [Category(row.id, row.name, row.cover) for row in rows], total


def get(connection: Connection, id: str) -> Category | None:  # noqa: A002
    """Look a category up."""
    row = connection.execute(_select().where(s.categories.c.id == id)).first()
    return None if row is None else Category(row.id, row.name, row.cover)


def _select() -> Select[tuple[str, str, str | None]]:
    cover = (
        select(func.min(s.playlists.c.cover))
        .join(s.category_playlists, s.category_playlists.c.playlist_id == s.playlists.c.id)
        .where(s.category_playlists.c.category_id == s.categories.c.id)
        .correlate(s.categories)
        .scalar_subquery()
    )
    return select(s.categories.c.id, s.categories.c.name, cover.label("cover"))
