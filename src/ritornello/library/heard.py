"""Storing what an export tells: each play once, however often and in whatever order it is told.

Rows that are the same play by their hash are one row. A play that the account data knows to the minute and the extended
history to the second is two rows, of which the coarser does not count; which ones those are depends on the rows alone.
"""

from __future__ import annotations

import hashlib
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Integer, bindparam, cast, func, select
from sqlalchemy.sql.compiler import SQLCompiler

from ritornello.library import schema as s
from ritornello.library import songs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ritornello.play import Heard, Song

_BATCH = 2000
_EXACT, _COARSE = "spotify_extended", "spotify_account"
_NEAR_END, _NEAR_LENGTH = 60_000, 1_000
"""Milliseconds by which two tellings of one play may differ."""

_CHANGING = ("quality", "reason_start", "reason_end", "shuffle", "skipped", "offline")
_Known = TypeVar("_Known", bool, str)


def digest(played_at: int, track_id: str) -> bytes:
    """Hash of a play of which only time and track are told."""
    return _hash("play", played_at, track_id, None)


def add(connection: Connection, listener: str, heard: Iterable[Heard]) -> int:
    """Store plays of a listener; returns how many more count than before."""
    before = count(connection, listener)
    named: dict[str, tuple[Song, str]] = {}
    batch: dict[bytes, dict[str, Any]] = {}
    for one in heard:
        id_ = _song(one.song, named)
        key = _hash(one.source, one.started_at if one.ended_at is None else one.ended_at, id_, one.ms_played)
        row = _row(listener, one, id_, key)
        batch[key] = _merged(batch[key], row) if key in batch else row
        if len(batch) >= _BATCH:
            _store(connection, listener, batch)
            batch = {}
    _store(connection, listener, batch)
    songs.put(connection, named)
    _settle(connection, listener)
    return count(connection, listener) - before


def count(connection: Connection, listener: str) -> int:
    """How many plays of a listener count."""
    return connection.scalars(select(func.count()).where(s.plays.c.listener == listener, s.plays.c.counted)).one()


def _song(song: Song, named: dict[str, tuple[Song, str]]) -> str:
    """The id of a song, which is remembered with all that was told of it."""
    if song.spotify is not None and (known := named.get(song.spotify)) and (known[0] is song or known[0] == song):
        return song.spotify
    name = songs.named(song)
    id_ = song.spotify or name
    before = named.get(id_)
    both = songs.merged(before[0], song) if before else song
    named[id_] = (both, name if both == song else songs.named(both))
    return id_


def _hash(source: str, moment: int, song_id: str, ms: int | None) -> bytes:
    text = f"{source}\0{moment}\0{song_id}\0{'' if ms is None else ms}"
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _row(listener: str, one: Heard, id_: str, key: bytes) -> dict[str, Any]:
    return {
        "listener": listener,
        "played_at": one.started_at,
        "track_id": id_,
        "ms_played": one.ms_played,
        "source": one.source,
        "ended_at": one.ended_at,
        "quality": one.quality,
        "reason_start": one.reason_start,
        "reason_end": one.reason_end,
        "shuffle": one.shuffle,
        "skipped": one.skipped,
        "offline": one.offline,
        "counted": True,
        "digest": key,
    }


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two tellings of one play, the same in either order."""
    if one == other:
        return one
    start = min((one["played_at"], one["quality"]), (other["played_at"], other["quality"]))
    known = {name: _either(one[name], other[name]) for name in _CHANGING}
    return {**one, **known, "played_at": start[0], "quality": start[1]}


def _either(one: _Known | None, other: _Known | None) -> _Known | None:
    """What is known; of two that differ the larger, so that a skip stays one."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)


def _store(connection: Connection, listener: str, batch: dict[bytes, dict[str, Any]]) -> None:
    if not batch:
        return
    query = select(s.plays).where(s.plays.c.listener == listener, s.plays.c.digest.in_(list(batch)))
    known = {row.digest: dict(row._mapping) for row in connection.execute(query)}
    _insert(connection, [row for key, row in batch.items() if key not in known])
    changed = []
    for key, old in known.items():
        number, counted = old.pop("number"), old["counted"]
        row = _merged(old, {**batch[key], "counted": counted})
        if row != old:
            changed.append({"its": number, **{name: row[name] for name in ("played_at", *_CHANGING)}})
    if changed:
        connection.execute(s.plays.update().where(s.plays.c.number == bindparam("its")), changed)


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Past SQLAlchemy's handling of each value, which takes a tenth of the time of an import."""
    if rows:
        statement = s.plays.insert().compile(connection, column_keys=list(rows[0]))
        assert isinstance(statement, SQLCompiler)
        assert statement.positiontup is not None
        in_order = itemgetter(*statement.positiontup)
        connection.exec_driver_sql(str(statement), [in_order(row) for row in rows])


# Account data beside extended history ---------------------------------------------------------------------------------


def _settle(connection: Connection, listener: str) -> None:
    """Find the plays that both exports tell, one to one, and let the coarser row of each not count."""
    pairs = _pairs(connection, listener)
    better = _paired(pairs)
    coarse = (s.plays.c.listener == listener, s.plays.c.source == _COARSE)
    before = set(connection.scalars(select(s.plays.c.number).where(*coarse, ~s.plays.c.counted)))
    for counted, numbers in ((False, better - before), (True, before - better)):
        if numbers:
            update = s.plays.update().where(s.plays.c.number == bindparam("its")).values(counted=counted)
            connection.execute(update, [{"its": number} for number in numbers])


def _pairs(connection: Connection, listener: str) -> dict[int, list[int]]:
    """For each coarse row the exact ones that may be the same play, the nearest first."""
    coarse, exact = s.plays.alias("coarse"), s.plays.alias("exact")
    theirs, ours = s.songs.alias("theirs"), s.songs.alias("ours")
    apart = func.abs(exact.c.ended_at - coarse.c.ended_at)
    unlike = func.abs(exact.c.ms_played - coarse.c.ms_played)
    query = (
        select(coarse.c.number.label("coarse"), exact.c.number.label("exact"))
        .select_from(coarse)
        .join(ours, ours.c.id == coarse.c.track_id)
        .join(theirs, theirs.c.named == ours.c.named)
        .join(exact, (exact.c.track_id == theirs.c.id) & (exact.c.listener == listener))
        .where(coarse.c.listener == listener, coarse.c.source == _COARSE, exact.c.source == _EXACT)
        .where(apart <= _NEAR_END, unlike <= _NEAR_LENGTH)
        .order_by(coarse.c.ended_at, coarse.c.digest, unlike, cast(apart, Integer), exact.c.digest)
    )
    found: dict[int, list[int]] = {}
    for row in connection.execute(query):
        found.setdefault(row.coarse, []).append(row.exact)
    return found


def _paired(pairs: dict[int, list[int]]) -> set[int]:
    """As many pairs as there can be with each row in one: the coarse rows of them (after Kuhn 1955)."""
    partner: dict[int, int] = {}

    def place(coarse: int, tried: set[int]) -> bool:
        for exact in pairs[coarse]:
            if exact not in tried:
                tried.add(exact)
                if exact not in partner or place(partner[exact], tried):
                    partner[exact] = coarse
                    return True
        return False

    return {coarse for coarse in pairs if place(coarse, set())}
