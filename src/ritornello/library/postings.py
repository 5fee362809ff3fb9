"""Which words are where, in memory: answers a search for words as FTS5 would, in a time that hardly grows.

FTS5 reads all rows of every word twice to rank what it found. Here each word's rows lie ready, taken from FTS5's own
index, so that words are cut and folded by it alone; what it would not find as one plain word is left to it, and so is
every search while the index in memory is older than the one on disk.
"""

from __future__ import annotations

import bisect
import threading
import unicodedata
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ritornello.library import index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Table

    from ritornello.library.held import Clause

_K1, _B = 1.2, 0.75
"""FTS5's constants of BM25."""
_LEAST_IDF = 1e-6
_KEPT = 2_000_000
"""Rows of words that were asked for lately, 12 bytes each."""
_LONG = 200_000
"""A search that weighs more rows than this should not hold up others."""
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where one word is."""

    places: NDArray[np.int32]
    """Ascending."""
    weights: NDArray[np.float64]
    """Summed over its occurrences."""
    idf: float

    def weigh(self, places: NDArray[np.int32], burden: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the word counts in each of these rows, all of which have it."""
        frequency = self.weights[np.searchsorted(self.places, places)]
        score: NDArray[np.float64] = self.idf * ((frequency * (_K1 + 1.0)) / (frequency + burden))
        return score


@dataclass(slots=True)
class Postings:
    """The index of one table, as it was at one moment."""

    mark: bytes
    columns: tuple[str, ...]
    ids: NDArray[np.str_]
    """Of the rows in the order of their numbers; everything else speaks of places in here."""
    terms: list[str]
    starts: NDArray[np.int64]
    """Where each term's occurrences begin, and the end."""
    places: NDArray[np.int32]
    fields: NDArray[np.int8]
    burden: NDArray[np.float64]
    """How much longer rows dampen what a word counts."""
    weights: tuple[float, ...]
    _asked: OrderedDict[tuple[tuple[str, ...], str], _Rows] = field(default_factory=OrderedDict)
    _held: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, clauses: Sequence[Clause], limit: int, offset: int) -> tuple[list[str], int] | None:
        """The ids on one page, best first, and how many there are; None where FTS5 must be asked."""
        wanted = [(columns, folded(word)) for columns, words in clauses for word in words]
        if not wanted or any(word is None for _, word in wanted):
            return None
        rows = [self._rows(columns, word) for columns, word in wanted if word is not None]
        found, *others = sorted((row.places for row in rows), key=len)
        for other in others:
            found = found[_isin(found, other)]
        if offset >= len(found):
            return [], len(found)
        burden = self.burden[found]
        scores = np.zeros(len(found))
        for row in rows:
            scores -= row.weigh(found, burden)
        best = _least(scores, offset + limit)[offset:]
        return self.ids[found[best]].tolist(), len(found)

    def is_long(self, clauses: Sequence[Clause]) -> bool:
        """Whether so many rows are weighed that others should not have to wait for it."""
        spans = [self._span(folded(word) or "") for _, words in clauses for word in words]
        return sum(int(self.starts[end] - self.starts[start]) for start, end in spans) > _LONG

    def _span(self, word: str) -> tuple[int, int]:
        return bisect.bisect_left(self.terms, word), bisect.bisect_left(self.terms, word + "\U0010ffff")

    def _rows(self, columns: tuple[str, ...], word: str) -> _Rows:
        with self._lock:
            known = self._asked.get((columns, word))
            if known is not None:
                self._asked.move_to_end((columns, word))
                return known
        rows = self._read(columns, word)
        with self._lock:
            if (columns, word) not in self._asked:
                self._asked[columns, word] = rows
                self._held += len(rows.places)
            while self._held > _KEPT and len(self._asked) > 1:
                _, dropped = self._asked.popitem(last=False)
                self._held -= len(dropped.places)
        return rows

    def _read(self, columns: tuple[str, ...], word: str) -> _Rows:
        first, last = (int(self.starts[at]) for at in self._span(word))
        counted = np.array([w if name in columns else 0.0 for name, w in zip(self.columns, self.weights, strict=True)])
        weights = counted[self.fields[first:last]]
        places = self.places[first:last][weights > 0]
        weights = weights[weights > 0]
        if len(places):
            order = np.argsort(places, kind="stable")
            places, weights = places[order], weights[order]
            heads = np.flatnonzero(np.concatenate(([True], places[1:] != places[:-1])))
            places, weights = places[heads], np.add.reduceat(weights, heads)
        has, all_ = len(places), len(self.ids)
        idf = float(np.log((all_ - has + 0.5) / (has + 0.5)))
        return _Rows(places, weights, idf if idf > 0.0 else _LEAST_IDF)


def read(connection: Connection, table: Table, weights: tuple[float, ...], stamp: bytes) -> Postings:
    """Read the index of a table from FTS5; the stamp tells of which moment that is."""
    fts = index.of(table)
    columns = tuple(column.name for column in fts.c if column.name != "rowid")
    connection.exec_driver_sql(f"CREATE VIRTUAL TABLE temp.occurrences USING fts5vocab(main, {fts.name}, instance)")
    try:
        terms: list[str] = []
        starts: list[int] = []
        documents: list[NDArray[np.int64]] = []
        fields: list[NDArray[np.int8]] = []
        at = {name: place for place, name in enumerate(columns)}
        rows = connection.exec_driver_sql("SELECT term, doc, col FROM temp.occurrences")
        seen = 0
        while batch := rows.fetchmany(_BATCH):
            for place, (term, _, _) in enumerate(batch, seen):
                if not terms or term != terms[-1]:
                    terms.append(term)
                    starts.append(place)
            documents.append(np.fromiter((row[1] for row in batch), np.int64, len(batch)))
            fields.append(np.fromiter((at[row[2]] for row in batch), np.int8, len(batch)))
            seen += len(batch)
    finally:
        connection.exec_driver_sql("DROP TABLE temp.occurrences")
    known = connection.exec_driver_sql(
        f"SELECT number, {table.name}.id FROM {fts.name}_docsize AS counted "
        f"JOIN {table.name} ON number = counted.id ORDER BY number"
    ).all()
    numbers = np.array([row[0] for row in known], np.int64)
    places = np.searchsorted(numbers, np.concatenate(documents or [numbers[:0]])).astype(np.int32)
    lengths = np.bincount(places, minlength=len(numbers)).astype(float)
    mean = lengths.sum() / len(numbers) if len(numbers) else 1.0
    burden = _K1 * (1 - _B + _B * lengths / (mean or 1.0))
    return Postings(
        mark=stamp,
        columns=columns,
        ids=np.array([row[1] for row in known], np.str_),
        terms=terms,
        starts=np.array([*starts, seen], np.int64),
        places=places,
        fields=np.concatenate(fields or [np.zeros(0, np.int8)]),
        burden=burden,
        weights=weights[: len(columns)],
    )


def folded(word: str) -> str | None:
    """A word as FTS5 indexes it, where that is sure: letters of A to Z with or without diacritics, and digits."""
    bare = word if word.isascii() else _bare(word)
    return bare.lower() if bare.isalnum() and bare.isascii() else None


def _bare(word: str) -> str:
    """Without diacritics, where each letter carries its own."""
    if any(unicodedata.combining(one) for one in word):
        return ""
    return "".join(one for one in unicodedata.normalize("NFD", word) if not unicodedata.combining(one))


def _isin(few: NDArray[np.int32], many: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which of few are among many; both ascend."""
    if not len(many):
        return np.zeros(len(few), bool)
    at = np.searchsorted(many, few)
    at[at == len(many)] = len(many) - 1
    found: NDArray[np.bool_] = many[at] == few
    return found


def _least(scores: NDArray[np.float64], count: int) -> NDArray[Any]:
    """Where the least are, in order; of equal ones the first."""
    if count < len(scores):
        edge = np.partition(scores, count - 1)[count - 1]
        below = np.flatnonzero(scores < edge)
        level = np.flatnonzero(scores == edge)[: count - len(below)]
        candidates = np.concatenate((below, level))
    else:
        candidates = np.arange(len(scores))
    return candidates[np.lexsort((candidates, scores[candidates]))]
