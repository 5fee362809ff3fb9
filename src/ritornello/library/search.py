"""Finding tracks, artists and albums by words; written for SQLite's FTS5 (see :mod:`ritornello.library.index`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Integer, Select, Table, cast, func, literal_column, select

from ritornello.library import albums as albums_
from ritornello.library import artists as artists_
from ritornello.library import index
from ritornello.library import schema as s
from ritornello.library import tracks as tracks_
from ritornello.spotify.query import Query, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ritornello.track import Album, Artist, Track

Item = TypeVar("Item")

_TITLE_FIRST = (8.0, 2.0, 1.0, 0.5)
"""How much a word counts in each column of an index, the title first."""


@dataclass(frozen=True, slots=True)
class Hits(Generic[Item]):
    """One stretch of what was found."""

    items: tuple[Item, ...]
    total: int


def tracks(connection: Connection, q: str, *, limit: int, offset: int) -> Hits[Track]:
    """Find tracks whose title, artists and album together hold every word."""
    query = parse(q)
    ids, total = _find(connection, s.tracks, _track_words(query), _track_facts(query), limit, offset)
    return Hits(_present(tracks_.get(connection, ids)), total)


def artists(connection: Connection, q: str, *, limit: int, offset: int) -> Hits[Artist]:
    """Find artists whose name holds every word; the other filters ask for one track that passes them all."""
    query = parse(q)
    through = Query(album=query.album, genre=query.genre, track=query.track, isrc=query.isrc, years=query.years)
    passing = _tracks(through).with_only_columns(s.tracks.c.id)
    credited = select(s.track_artists.c.artist_id).where(s.track_artists.c.track_id.in_(passing))
    words = _expression([("title", query.words), ("title", query.artist)])
    ids, total = _find(connection, s.artists, words, [s.artists.c.id.in_(credited)] if through else [], limit, offset)
    return Hits(_present(artists_.get(connection, ids)), total)


def albums(connection: Connection, q: str, *, limit: int, offset: int) -> Hits[Album]:
    """Find albums whose title and artists together hold every word; the other filters ask for one track that passes."""
    query = parse(q)
    through = Query(genre=query.genre, track=query.track, isrc=query.isrc)
    passing = _tracks(through).with_only_columns(s.tracks.c.album_id)
    facts: list[ColumnElement[bool]] = [s.albums.c.id.in_(passing)] if through else []
    facts += [_released(query.years)] if query.years else []
    words = _expression([("title artists", query.words), ("title", query.album), ("artists", query.artist)])
    ids, total = _find(connection, s.albums, words, facts, limit, offset)
    return Hits(_present(albums_.get(connection, ids)), total)


def _find(
    connection: Connection,
    table: Table,
    words: str,
    facts: Sequence[ColumnElement[bool]],
    limit: int,
    offset: int,
) -> tuple[Sequence[str], int]:
    """Run one search: the ids on this page, best first, and how many there are in all."""
    if not words and not facts:
        return [], 0
    query = select(table.c.id).where(*facts)
    order: list[ColumnElement[Any]] = [table.c.number]
    if words:
        fts = index.of(table)
        query = query.join(fts, fts.c.rowid == table.c.number).where(_match(fts, words))
        order.insert(0, func.bm25(literal_column(fts.name), *_TITLE_FIRST))
    total = connection.scalars(select(func.count()).select_from(query.subquery())).one()
    return connection.scalars(query.order_by(*order).limit(limit).offset(offset)).all(), total


def _tracks(query: Query) -> Select[Any]:
    found = select(s.tracks).where(*_track_facts(query))
    words = _track_words(query)
    if not words:
        return found
    fts = index.of(s.tracks)
    return found.where(s.tracks.c.number.in_(select(fts.c.rowid).where(_match(fts, words))))


def _track_words(query: Query) -> str:
    return _expression(
        [
            ("title artists album", query.words),
            ("title", query.track),
            ("artists", query.artist),
            ("album", query.album),
            ("genres", query.genre),
        ]
    )


def _track_facts(query: Query) -> list[ColumnElement[bool]]:
    facts: list[ColumnElement[bool]] = []
    if query.years:
        facts.append(s.tracks.c.album_id.in_(select(s.albums.c.id).where(_released(query.years))))
    if query.isrc:
        isrcs = select(s.external_ids.c.track_id).where(s.external_ids.c.kind == "isrc")
        facts.append(s.tracks.c.id.in_(isrcs.where(s.external_ids.c.value == query.isrc)))
    return facts


def _released(years: tuple[int, int]) -> ColumnElement[bool]:
    return cast(func.substr(s.albums.c.release_date, 1, 4), Integer).between(*years)


def _expression(wanted: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Write an FTS5 expression; each word is a quoted prefix, so nothing a user types is read as syntax."""
    clauses = []
    for columns, words in wanted:
        if words:
            prefixes = " AND ".join(f'"{word}"*' for word in words)
            clauses.append(f"{{{columns}}} : ({prefixes})")
    return " AND ".join(clauses)


def _match(fts: Table, words: str) -> ColumnElement[bool]:
    return literal_column(fts.name).op("MATCH", is_comparison=True)(words)


def _present(found: Iterable[Item | None]) -> tuple[Item, ...]:
    return tuple(one for one in found if one is not None)
