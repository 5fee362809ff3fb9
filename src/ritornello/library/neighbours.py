"""What is near what: recommendations and related artists, from all that the library knows.

The arrays are read at the first question, and again once what they were made from has changed; they are searched
exactly. NumPy and what is learned from plays are loaded then, not before.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ritornello.library import matches
from ritornello.library import schema as s

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ritornello.library import Library
    from ritornello.recommend.known import Known
    from ritornello.recommend.wish import Answer, Wish


class Neighbours:
    """Answers for one library."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._version = -1
        self._marks: tuple[Any, Any] = (None, None)
        self._known: Known | None = None

    def known(self) -> Known:
        """All that is known now. Whoever was erased has left no trace in it."""
        from ritornello.library import shelves

        with self._lock:
            version = self._library.version()
            if self._known is None or version != self._version:
                with self._library.connect() as connection:
                    self._known, self._marks = shelves.refresh(connection, self._known, self._marks)
                self._version = version
            return self._known

    def recommend(self, wish: Wish) -> Answer:
        """The best tracks for a wish, and why."""
        from ritornello.recommend import known

        return known.answer(self.known(), wish)

    def related(self, artist_id: str, limit: int) -> list[str]:
        """The artists nearest to one, by common listeners where there are enough, by sound where not."""
        from ritornello.recommend import related

        known = self.known()
        if artist_id not in known.shelf.artist_ids:
            return []
        at = known.shelf.artist_ids.index(artist_id)
        return [known.shelf.artist_ids[one] for one in related.related(known.shelf, known.heard, at, limit)]


def recent(connection: Connection, listener: str, since: int) -> set[str]:
    """Ids of what a listener played or skipped since a moment in Unix milliseconds."""
    own = matches.own_id(s.plays.c.track_id)
    query = select(own).where(s.plays.c.listener == listener, s.plays.c.played_at >= since)
    return {id_ for id_ in connection.scalars(query.distinct()) if id_ is not None}
