"""What is near what: recommendations and related artists, from all that the library knows.

The arrays are read at the first question, and again once what they were made from has changed. What is learned from
plays is kept in a file beside the library. NumPy is loaded then, not before.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ritornello.library import matches
from ritornello.library import schema as s

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from ritornello.library import Library
    from ritornello.recommend.known import Known
    from ritornello.recommend.taste import Taste
    from ritornello.recommend.wish import Answer, Wish


class Neighbours:
    """Answers for one library."""

    def __init__(self, library: Library, *, waits: bool = True) -> None:
        """Without ``waits`` what takes long to learn is learned in the background, and answers do meanwhile without."""
        self._library = library
        self._waits = waits
        self._lock = threading.Lock()
        self._learning = threading.Lock()
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
            known = self._known
        if known.learned:
            return known
        if self._waits or known.is_small:
            return self._learn()
        if not self._learning.locked():
            threading.Thread(target=self._learn, name="taste", daemon=True).start()
        return known

    def learn(self) -> bool:
        """Learn from all plays, unless that was done; tell whether there was anything to learn."""
        known = self.known()
        return (known if known.learned else self._learn()).taste is not None

    def _learn(self) -> Known:
        """Fetch what was learned, or learn it now and keep it; make an index of a large library."""
        from ritornello.recommend import index

        with self._learning:
            with self._lock:
                known, marks = self._known, self._marks
            assert known is not None
            if known.learned:
                return known
            cells = known.index or index.build(known.shelf.vectors, known.shelf.embedded)
            model = None if known.heard is None else self._taste(known, marks)
            found = replace(known, taste=model, index=cells, learned=True)
            with self._lock:
                # Not in the place of something newer, which may know fewer people.
                if self._known is known:
                    self._known = found
            return found

    def _taste(self, known: Known, marks: tuple[Any, Any]) -> Taste:
        """What is liked together, from the file beside the library or learned now."""
        from ritornello.library import shelves
        from ritornello.recommend import kept, taste

        if known.is_small:
            return taste.fit(known.heard)
        path = kept_at(self._library.path)
        made_from = kept.stamp(known.heard, known.rows, known.shelf.ids)
        model = kept.read(path, made_from)
        if model is None:
            model = taste.fit(known.heard)
            kept.write(path, model, made_from)
            with self._library.connect() as connection:
                # Whoever was erased while it learned is not to be found in the file.
                if shelves.marks_of(connection) != marks:
                    path.unlink(missing_ok=True)
        return model

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


def kept_at(library: Path) -> Path:
    """Where what was learned from a library's plays is kept."""
    return library.with_name(f"{library.name}.taste")


def recent(connection: Connection, listener: str, since: int) -> set[str]:
    """Ids of what a listener played or skipped since a moment in Unix milliseconds."""
    own = matches.own_id(s.plays.c.track_id)
    query = select(own).where(s.plays.c.listener == listener, s.plays.c.played_at >= since)
    return {id_ for id_ in connection.scalars(query.distinct()) if id_ is not None}
