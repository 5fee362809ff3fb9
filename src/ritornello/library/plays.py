"""Plays: who listened to what, when and how long."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, Select, func, or_, select

from ritornello.library import artists, heard, matches, songs, tracks
from ritornello.library import schema as s
from ritornello.play import Play, Song
from ritornello.spotify import ids
from ritornello.track import Artist, Track

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_DAY = 24 * 3600 * 1000

RANGES = {"short_term": 28 * _DAY, "medium_term": 182 * _DAY, "long_term": 365 * _DAY}
"""How far back each time range reaches, in milliseconds: four weeks, half a year, a year."""

LEAST_MS = 30_000
"""A play shorter than this does not make an artist or a track a favourite; one of unknown length does."""
_BATCH = 5000


@dataclass(frozen=True, slots=True)
class Listened:
    """One play with what it is of, for habits."""

    started_at: int
    """Unix milliseconds, UTC."""
    ended_at: int
    """As told, else as long as it played; the start where neither is known."""
    ms_played: int | None
    quality: str
    skipped: bool | None
    reason_start: str | None
    reason_end: str | None
    what: What


@dataclass(frozen=True, slots=True)
class What:
    """What was played: a track of the library, or a song without audio."""

    key: str
    """One for all ids of a recording."""
    title: str
    artist: str
    album: str | None
    track_id: str | None
    """In the library; None without audio."""


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
    named = select(s.songs.c.id).where(s.songs.c.id == s.plays.c.track_id).correlate(s.plays).exists()
    query = select(s.plays).where(s.plays.c.listener == listener, s.plays.c.counted)
    query = query.where(or_(named, matches.own_id(s.plays.c.track_id).is_not(None)))
    if after is not None:
        query = query.where(s.plays.c.played_at > after).order_by(s.plays.c.played_at)
    else:
        query = query.order_by(s.plays.c.played_at.desc())
    if before is not None:
        query = query.where(s.plays.c.played_at < before)
    rows = connection.execute(query.limit(limit + 1)).all()
    found = [Play(row.listener, row.played_at, row.track_id, row.ms_played, row.source) for row in rows[:limit]]
    return found if after is None else found[::-1], len(rows) > limit


def called(connection: Connection, wanted: Sequence[str]) -> list[Track | None]:
    """What plays name, in the order asked: tracks of the library, else songs as tracks; None for what is neither."""
    known = tracks.get(connection, wanted)
    missing = [id_ for id_, track in zip(wanted, known, strict=True) if track is None]
    named = songs.get(connection, missing) if missing else {}
    return [
        track or (songs.as_track(id_, named[id_]) if id_ in named else None)
        for id_, track in zip(wanted, known, strict=True)
    ]


def counts(connection: Connection) -> dict[str, int]:
    """How many plays there are of each listener, those left out that are told twice."""
    query = select(s.plays.c.listener, func.count()).where(s.plays.c.counted).group_by(s.plays.c.listener)
    query = query.order_by(s.plays.c.listener)
    return {row[0]: row[1] for row in connection.execute(query)}


def of(connection: Connection, listener: str) -> Iterator[tuple[int, str | None, int | None]]:
    """Moment, track of the library and milliseconds of each play of a listener, the oldest first."""
    here = s.plays.c
    query = select(here.played_at, matches.own_id(here.track_id), here.ms_played)
    query = query.where(here.listener == listener, here.counted).order_by(here.played_at, here.number)
    for row in connection.execute(query.execution_options(yield_per=1000)):
        yield row[0], row[1], row[2]


def top_tracks(
    connection: Connection, listener: str, time_range: str, limit: int, offset: int
) -> tuple[list[str], int]:
    """A stretch of a listener's tracks, the most played first, and how many there are.

    All ids of one recording are one track, which has the id that was played most.
    """
    merged: dict[str, list[_Total]] = defaultdict(list)
    for total in _totals(connection, listener, time_range):
        merged[total.key].append(total)
    ranked = sorted(merged.values(), key=lambda some: (-sum(one.plays for one in some), -max(one.last for one in some)))
    most = [min(some, key=lambda one: (-one.plays, one.track_id)).track_id for some in ranked[offset : offset + limit]]
    return most, len(ranked)


def top_artists(
    connection: Connection, listener: str, time_range: str, limit: int, offset: int
) -> tuple[list[Artist], int]:
    """A stretch of a listener's artists, the most played first, and how many there are."""
    totals = _totals(connection, listener, time_range)
    credited = _credits(connection, {one.own_id for one in totals if one.own_id is not None})
    plays: Counter[str] = Counter()
    last: dict[str, int] = {}
    names: dict[str, str] = {}
    for one in totals:
        by = credited.get(one.own_id or "", [])
        if one.own_id is None:
            by = [Artist(ids.of_name("artist", one.artist), one.artist)]
        for artist in by:
            plays[artist.id] += one.plays
            last[artist.id] = max(last.get(artist.id, 0), one.last)
            names[artist.id] = artist.name
    ranked = sorted(plays, key=lambda id_: (-plays[id_], -last[id_]))
    wanted = ranked[offset : offset + limit]
    known = artists.get(connection, wanted)
    return [found or Artist(id_, names[id_]) for id_, found in zip(wanted, known, strict=True)], len(ranked)


def listened(
    connection: Connection, listener: str, since: int | None = None, until: int | None = None
) -> list[Listened]:
    """The plays of a listener, the oldest first, from one moment to before another."""
    here = s.plays.c
    query = select(s.plays).where(here.listener == listener, here.counted)
    if since is not None:
        query = query.where(here.played_at >= since)
    if until is not None:
        query = query.where(here.played_at < until)
    of = _whats(connection, listener)
    found = []
    for row in connection.execute(query.order_by(here.played_at, here.digest)):
        what = of.get(row.track_id)
        if what is not None:
            ended = row.ended_at if row.ended_at is not None else row.played_at + (row.ms_played or 0)
            reasons = row.reason_start, row.reason_end
            found.append(Listened(row.played_at, ended, row.ms_played, row.quality, row.skipped, *reasons, what))
    return found


class _Total(NamedTuple):
    """The plays of one id."""

    track_id: str
    plays: int
    last: int
    own_id: str | None
    key: str
    artist: str


def _totals(connection: Connection, listener: str, time_range: str) -> list[_Total]:
    """How often each id was played within a range, which ends with the newest play: histories are imported late."""
    mine = (s.plays.c.listener == listener, s.plays.c.counted)
    newest = connection.scalars(select(func.max(s.plays.c.played_at)).where(*mine)).one()
    since = min(newest or 0, int(time.time() * 1000)) - RANGES[time_range]
    long_enough = func.coalesce(s.plays.c.ms_played, LEAST_MS) >= LEAST_MS
    query = select(s.plays.c.track_id, func.count().label("plays"), func.max(s.plays.c.played_at).label("last"))
    query = query.where(*mine, s.plays.c.played_at > since, long_enough).group_by(s.plays.c.track_id)
    return [
        _Total(row.track_id, row.plays, row.last, row.own_id, row.own_id or row.named, row.artist)
        for row in connection.execute(_known(query))
    ]


def _known(per_id: Select[tuple[str, int, int]]) -> Select[tuple[str, int, int, str, str, str]]:
    """Add to each id what it is in the library or in histories; ids that are neither are left out."""
    here = per_id.subquery()
    own = matches.own_id(here.c.track_id)
    query = select(here, own.label("own_id"), s.songs.c.named, s.songs.c.artist)
    query = query.outerjoin(s.songs, s.songs.c.id == here.c.track_id)
    return query.where(or_(s.songs.c.id.is_not(None), own.is_not(None)))


def _whats(connection: Connection, listener: str) -> dict[str, What]:
    """What each id that a listener played is."""
    one = select(s.plays.c.track_id, func.count().label("plays"), func.max(s.plays.c.played_at).label("last"))
    rows = connection.execute(_known(one.where(s.plays.c.listener == listener).group_by(s.plays.c.track_id))).all()
    own = _tracks(connection, {row.own_id for row in rows if row.own_id is not None})
    names: dict[str, Song] = {}
    told = [row.track_id for row in rows if row.own_id is None]
    for start in range(0, len(told), _BATCH):
        names |= songs.get(connection, told[start : start + _BATCH])
    found = {}
    for row in rows:
        if row.own_id is not None:
            found[row.track_id] = own[row.own_id]
        else:
            song = names[row.track_id]
            found[row.track_id] = What(row.named, song.title, song.artist, song.album, None)
    return found


def _tracks(connection: Connection, wanted: set[str]) -> dict[str, What]:
    credited = _credits(connection, wanted)
    listed, found = sorted(wanted), {}
    for start in range(0, len(listed), _BATCH):
        query = select(s.tracks.c.id, s.tracks.c.name, s.albums.c.name.label("album"))
        query = query.join(s.albums, s.albums.c.id == s.tracks.c.album_id)
        for row in connection.execute(query.where(s.tracks.c.id.in_(listed[start : start + _BATCH]))):
            by = credited.get(row.id)
            found[row.id] = What(row.id, row.name, by[0].name if by else "", row.album, row.id)
    return found


def _credits(connection: Connection, wanted: set[str]) -> dict[str, list[Artist]]:
    """Who plays on tracks of the library."""
    found: dict[str, list[Artist]] = defaultdict(list)
    listed = sorted(wanted)
    for start in range(0, len(listed), _BATCH):
        query = select(s.track_artists.c.track_id, s.artists.c.id, s.artists.c.name)
        query = query.join(s.artists, s.artists.c.id == s.track_artists.c.artist_id)
        query = query.where(s.track_artists.c.track_id.in_(listed[start : start + _BATCH]))
        for row in connection.execute(query.order_by(s.track_artists.c.track_id, s.track_artists.c.position)):
            found[row.track_id].append(Artist(row.id, row.name))
    return found
