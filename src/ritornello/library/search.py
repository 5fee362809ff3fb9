"""Finding tracks, artists and albums by words; written for SQLite's FTS5 (see :mod:`ritornello.library.index`).

With :class:`~ritornello.library.postings.Held`, searches for words alone are answered from memory, the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Connection, Integer, Select, Table, cast, false, func, literal_column, select

from ritornello.errors import RitornelloError
from ritornello.library import albums as albums_
from ritornello.library import artists as artists_
from ritornello.library import index, spelling
from ritornello.library import playlists as playlists_
from ritornello.library import schema as s
from ritornello.library import tracks as tracks_
from ritornello.library.held import WEIGHTS, Held
from ritornello.spotify.query import Query, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ritornello.library.held import Clause
    from ritornello.playlist import Playlist
    from ritornello.track import Album, Artist, Track

Item = TypeVar("Item")

Found: TypeAlias = "tuple[Sequence[str], int]"
"""The ids on one page, and how many there are in all."""

_MOST_MENDED = 8
"""More misspelt words than this are no slip of the finger."""
_NEW = timedelta(days=14)
_UNPOPULAR = 10
"""The lowest tenth of the scale."""


class TakesLonger(RitornelloError):
    """Raised where an answer was wanted at once, and the database has to be asked for it."""


@dataclass(frozen=True, slots=True)
class _Where:
    """Where to look: in the database, or in what is held in memory of it, and there alone if it has to be at once."""

    connection: Connection
    held: Held | None = None
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Hits(Generic[Item]):
    """One stretch of what was found."""

    items: tuple[Item, ...]
    total: int


def tracks(
    connection: Connection, q: str, *, limit: int, offset: int, held: Held | None = None, at_once: bool = False
) -> Hits[Track]:
    """Find tracks whose title, artists and album together hold every word."""
    found = track_ids(connection, q, limit=limit, offset=offset, held=held, at_once=at_once)
    return Hits(_present(tracks_.get(connection, found.items)), found.total)


def track_ids(
    connection: Connection, q: str, *, limit: int, offset: int, held: Held | None = None, at_once: bool = False
) -> Hits[str]:
    """Find the ids alone of what :func:`tracks` finds."""
    where = _Where(connection, held, at_once)

    def find(query: Query) -> Found:
        return _find(where, s.tracks, _track_words(query), _track_facts(query), limit, offset)

    ids, total = _tolerantly(where, parse(q), find)
    return Hits(tuple(ids), total)


def artists(
    connection: Connection, q: str, *, limit: int, offset: int, held: Held | None = None, at_once: bool = False
) -> Hits[Artist]:
    """Find artists whose name holds every word; the other filters ask for one track that passes them all."""
    where = _Where(connection, held, at_once)

    def find(query: Query) -> Found:
        through = replace(query, words=(), artist=())
        credited = select(s.track_artists.c.artist_id).where(
            s.track_artists.c.track_id.in_(_tracks(through).with_only_columns(s.tracks.c.id))
        )
        words = [(("title",), query.words), (("title",), query.artist)]
        return _find(where, s.artists, words, [s.artists.c.id.in_(credited)] if through else [], limit, offset)

    ids, total = _tolerantly(where, parse(q), find)
    return Hits(_present(artists_.get(connection, ids)), total)


def albums(
    connection: Connection, q: str, *, limit: int, offset: int, held: Held | None = None, at_once: bool = False
) -> Hits[Album]:
    """Find albums whose title and artists together hold every word; the other filters ask for one track that passes."""
    where = _Where(connection, held, at_once)

    def find(query: Query) -> Found:
        through = Query(genre=query.genre, track=query.track, isrc=query.isrc)
        passing = _tracks(through).with_only_columns(s.tracks.c.album_id)
        facts: list[ColumnElement[bool]] = [s.albums.c.id.in_(passing)] if through else []
        facts += _album_facts(query)
        words = [(("title", "artists"), query.words), (("title",), query.album), (("artists",), query.artist)]
        return _find(where, s.albums, words, facts, limit, offset)

    ids, total = _tolerantly(where, parse(q), find)
    return Hits(_present(albums_.get(connection, ids)), total)


def playlists(
    connection: Connection, q: str, *, limit: int, offset: int, held: Held | None = None, at_once: bool = False
) -> Hits[Playlist]:
    """Find public playlists whose name and description together hold every word; filters are of no use here."""
    where = _Where(connection, held, at_once)

    def find(query: Query) -> Found:
        words = [(("title", "description"), query.words)]
        return _find(where, s.playlists, words, [s.playlists.c.public], limit, offset) if query.words else ([], 0)

    ids, total = _tolerantly(where, parse(q), find)
    return Hits(_present(playlists_.get(connection, ids)), total)


def _tolerantly(where: _Where, query: Query, find: Callable[[Query], Found]) -> Found:
    """Run a search; where nothing is found, once more with the words that are in no title put right."""
    found = find(query)
    if found[1]:
        return found
    if where.at_once:
        raise TakesLonger("misspelt words have to be looked up")
    connection = where.connection
    mended = replace(
        query,
        words=_mended(connection, query.words),
        album=_mended(connection, query.album),
        artist=_mended(connection, query.artist),
        genre=_mended(connection, query.genre),
        track=_mended(connection, query.track),
    )
    return found if mended == query else find(mended)


def _mended(connection: Connection, words: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [word for word in words if not _is_known(connection, word)][:_MOST_MENDED]
    better = {word: spelling.correct(connection, index.words(), word) for word in unknown}
    return tuple(better.get(word) or word for word in words)


def _is_known(connection: Connection, word: str) -> bool:
    bare = spelling.plain(word)
    query = select(s.words.c.word).where(s.words.c.word >= bare, s.words.c.word < bare + "\U0010ffff").limit(1)
    return connection.scalars(query).first() is not None


def _find(
    where: _Where,
    table: Table,
    words: Sequence[Clause],
    facts: Sequence[ColumnElement[bool]],
    limit: int,
    offset: int,
) -> Found:
    """Run one search: the ids on this page, best first, and how many there are in all."""
    connection, expression = where.connection, _expression(words)
    if not facts:
        if not expression:
            return [], 0
        found = _remember(where, table, words, limit, offset)
        if found is not None:
            return found
    if where.at_once:
        raise TakesLonger("the database has to be asked")
    query = select(table.c.id).where(*facts)
    order: list[ColumnElement[Any]] = [table.c.number]
    if expression:
        fts = index.of(table)
        query = query.join(fts, fts.c.rowid == table.c.number).where(_match(fts, expression))
        order.insert(0, func.bm25(literal_column(fts.name), *WEIGHTS))
    total = connection.scalars(select(func.count()).select_from(query.subquery())).one()
    return connection.scalars(query.order_by(*order).limit(limit).offset(offset)).all(), total


def _remember(where: _Where, table: Table, words: Sequence[Clause], limit: int, offset: int) -> Found | None:
    """Run one search in memory; None where that is not possible."""
    postings = where.held.of(where.connection, table) if where.held else None
    if postings is None or (where.at_once and postings.is_long(words)):
        return None
    return postings.find(words, limit, offset)


def _tracks(query: Query) -> Select[Any]:
    found = select(s.tracks).where(*_track_facts(query))
    words = _expression(_track_words(query))
    if not words:
        return found
    fts = index.of(s.tracks)
    return found.where(s.tracks.c.number.in_(select(fts.c.rowid).where(_match(fts, words))))


def _track_words(query: Query) -> list[Clause]:
    return [
        (("title", "artists", "album"), query.words),
        (("title",), query.track),
        (("artists",), query.artist),
        (("album",), query.album),
        (("genres",), query.genre),
    ]


def _track_facts(query: Query) -> list[ColumnElement[bool]]:
    facts: list[ColumnElement[bool]] = []
    if query.tag == "hipster":
        facts.append(s.tracks.c.popularity <= _UNPOPULAR)
    on_album = _album_facts(replace(query, tag=None if query.tag == "hipster" else query.tag))
    if on_album:
        facts.append(s.tracks.c.album_id.in_(select(s.albums.c.id).where(*on_album)))
    if query.isrc:
        isrcs = select(s.external_ids.c.track_id).where(s.external_ids.c.kind == "isrc")
        facts.append(s.tracks.c.id.in_(isrcs.where(s.external_ids.c.value == query.isrc)))
    return facts


def _album_facts(query: Query) -> list[ColumnElement[bool]]:
    facts: list[ColumnElement[bool]] = []
    if query.years:
        facts.append(_released(query.years))
    if query.upc:
        facts.append(s.albums.c.external_ids["upc"].as_string() == query.upc)
    if query.tag == "new":
        facts.append(s.albums.c.release_date >= (datetime.now(UTC) - _NEW).date().isoformat())
    elif query.tag == "hipster":
        facts.append(s.albums.c.popularity <= _UNPOPULAR)
    elif query.tag:
        facts.append(false())
    return facts


def _released(years: tuple[int, int]) -> ColumnElement[bool]:
    return cast(func.substr(s.albums.c.release_date, 1, 4), Integer).between(*years)


def _expression(wanted: Iterable[Clause]) -> str:
    """Write an FTS5 expression; each word is a quoted prefix, so nothing a user types is read as syntax."""
    clauses = []
    for columns, words in wanted:
        if words:
            prefixes = " AND ".join(f'"{word}"*' for word in words)
            clauses.append(f"{{{' '.join(columns)}}} : ({prefixes})")
    return " AND ".join(clauses)


def _match(fts: Table, words: str) -> ColumnElement[bool]:
    return literal_column(fts.name).op("MATCH", is_comparison=True)(words)


def _present(found: Iterable[Item | None]) -> tuple[Item, ...]:
    return tuple(one for one in found if one is not None)
