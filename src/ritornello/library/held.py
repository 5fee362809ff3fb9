"""The indexes of words that are held in memory, and when they are read again."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from ritornello.library import index
from ritornello.library import schema as s

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

    from ritornello.library import Library
    from ritornello.library.postings import Postings

WEIGHTS = (8.0, 2.0, 1.0, 0.5)
"""How much a word counts in each column of an index, the title first."""

Clause = tuple[tuple[str, ...], tuple[str, ...]]
"""Columns and words: each word must be the beginning of a word in one of the columns."""

_SMALL = 1000
"""Up to this number an index is read in some milliseconds."""
_REST = 30.0
"""Reading again takes at most one part in this many of the time, while the library keeps changing."""

_TABLES = (s.tracks, s.artists, s.albums)
_MARKS = {
    table.name: f"SELECT block FROM {index.of(table).name}_data "
    "WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    for table in _TABLES
}


def mark(connection: Connection, table: Table) -> bytes:
    """Something that is another after every change of a table's index: FTS5's own account of its averages and parts."""
    rows = s.among(connection, _MARKS[table.name], (1, 10))
    return b"|".join([row[0] for row in rows])


class Held:
    """The indexes of tracks, artists and albums, and when to read them again."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._known: dict[str, Postings] = {}
        self._version = -1
        self._current: set[str] = set()
        """Tables whose index was found to be that of this version of the library."""
        self._due = 0.0
        self._reading = threading.Lock()

    def of(self, connection: Connection, table: Table) -> Postings | None:
        """The index of a table, where it is that of the very moment that the connection sees."""
        version = self._library.version()
        if version != self._version:
            self._version, self._current = version, set()
        known = self._known.get(table.name)
        if known is not None and (table.name in self._current or known.mark == mark(connection, table)):
            self._current.add(table.name)
            return known
        return self._renew(connection, table) if table in _TABLES else None

    def refresh(self) -> None:
        """Read what has changed."""
        with self._reading, self._library.connect() as connection:
            for table in _TABLES:
                known = self._known.get(table.name)
                if known is None or known.mark != mark(connection, table):
                    self._known[table.name] = _read(connection, table)

    def _renew(self, connection: Connection, table: Table) -> Postings | None:
        """Read a small index now and a large one in a thread; neither if that was done a short while ago."""
        if time.monotonic() < self._due or self._reading.locked():
            return None
        largest = connection.exec_driver_sql(f"SELECT max(number) FROM {table.name}").scalar() or 0
        if largest > _SMALL:
            self._due = float("inf")
            threading.Thread(target=self._refresh, name="postings", daemon=True).start()
            return None
        began = time.monotonic()
        found = self._known[table.name] = _read(connection, table)
        self._rest_since(began)
        return found

    def _refresh(self) -> None:
        began = time.monotonic()
        try:
            self.refresh()
        finally:
            self._rest_since(began)

    def _rest_since(self, began: float) -> None:
        now = time.monotonic()
        self._due = now + (now - began) * _REST


def _read(connection: Connection, table: Table) -> Postings:
    # Imported here because it loads NumPy, which a server can do without until somebody searches.
    from ritornello.library import postings

    return postings.read(connection, table, WEIGHTS, mark(connection, table))
