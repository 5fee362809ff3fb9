"""Plays: who listened to what, when and how long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Select, func, select

from ritornello.library import heard
from ritornello.library import schema as s
from ritornello.play import Play

if TYPE_CHECKING:
    from collections.abc import Iterable

_DAY = 24 * 3600 * 1000

RANGES = {"short_term": 28 * _DAY, "medium_term": 182 * _DAY, "long_term": 365 * _DAY}
"""How far back each time range reaches, in milliseconds: four weeks, half a year, a year."""

_LEAST_MS = 30_000
"""A play shorter than this does not make an artist or a track a favourite."""


def add(connection: Connection, plays: Iterable[Play]) -> int:
    """Store plays that are not stored yet; returns how many were new."""
    new = 0
    for play in plays:
        key = (s.plays.c.listener == play.listener, s.plays.c.played_at == play.played_at)
        query = select(s.plays.c.number).where(*key, s.plays.c.track_id == play.track_id)
        if connection.scalars(query).first() is None:
            connection.execute(
                s.plays.insert().values(
                    listener=play.listener,
                    played_at=play.played_at,
                    track_id=play.track_id,
                    ms_played=play.ms_played,
                    source=play.source,
                    digest=heard.digest(play.played_at, play.track_id),
                )
            )
            new += 1
    return new


def recent(
    connection: Connection, listener: str, limit: int, *, after: int | None = None, before: int | None = None
) -> tuple[list[Play], bool]:
    """Plays, the newest first, and whether more lie beyond; after a moment, the oldest of those that are newer."""
    query = _heard(listener)
    if after is not None:
        query = query.where(s.plays.c.played_at > after).order_by(s.plays.c.played_at)
    else:
        query = query.order_by(s.plays.c.played_at.desc())
    if before is not None:
        query = query.where(s.plays.c.played_at < before)
    rows = connection.execute(query.limit(limit + 1)).all()
    found = [Play(row.listener, row.played_at, row.track_id, row.ms_played, row.source) for row in rows[:limit]]
    return found if after is None else found[::-1], len(rows) > limit


def top_tracks(
    connection: Connection, listener: str, time_range: str, limit: int, offset: int
) -> tuple[list[str], int]:
    """A stretch of a listener's tracks, the most played first, and how many there are."""
    heard = _counted(listener, time_range).subquery()
    ranked = select(heard.c.track_id).group_by(heard.c.track_id)
    order = (func.count().desc(), func.max(heard.c.played_at).desc())
    total = connection.scalars(select(func.count()).select_from(ranked.subquery())).one()
    return list(connection.scalars(ranked.order_by(*order).limit(limit).offset(offset))), total


def top_artists(
    connection: Connection, listener: str, time_range: str, limit: int, offset: int
) -> tuple[list[str], int]:
    """A stretch of a listener's artists, the most played first, and how many there are."""
    heard = _counted(listener, time_range).subquery()
    ranked = (
        select(s.track_artists.c.artist_id)
        .join(heard, heard.c.own_id == s.track_artists.c.track_id)
        .group_by(s.track_artists.c.artist_id)
    )
    order = (func.count().desc(), func.max(heard.c.played_at).desc())
    total = connection.scalars(select(func.count()).select_from(ranked.subquery())).one()
    return list(connection.scalars(ranked.order_by(*order).limit(limit).offset(offset))), total


def _heard(listener: str) -> Select[tuple[str, int, str, int, str]]:
    """Plays of tracks that are in the library, by our id or another."""
    known = select(s.tracks.c.id).union(select(s.external_ids.c.value))
    columns = (s.plays.c.listener, s.plays.c.played_at, s.plays.c.track_id, s.plays.c.ms_played, s.plays.c.source)
    return select(*columns).where(s.plays.c.listener == listener, s.plays.c.track_id.in_(known))


def _counted(listener: str, time_range: str) -> Select[tuple[str, int, str]]:
    since = int(time.time() * 1000) - RANGES[time_range]
    own = (
        select(s.external_ids.c.track_id).where(s.external_ids.c.value == s.plays.c.track_id).limit(1).scalar_subquery()
    )
    own_id = func.coalesce(select(s.tracks.c.id).where(s.tracks.c.id == s.plays.c.track_id).scalar_subquery(), own)
    return (
        select(s.plays.c.track_id, s.plays.c.played_at, own_id.label("own_id"))
        .where(s.plays.c.listener == listener, s.plays.c.played_at > since)
        .where(func.coalesce(s.plays.c.ms_played, _LEAST_MS) >= _LEAST_MS)
        .where(own_id.is_not(None))
    )
