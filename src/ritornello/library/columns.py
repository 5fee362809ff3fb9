"""The numbers of all tracks as columns, to filter, sort and count by, for whoever browses.

They are read at the first question, and again once the tracks have changed. A library of 100,000 takes about a third
of a second to read and a few milliseconds to ask. NumPy is loaded then, not before.
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, select

from ritornello.library import schema as s
from ritornello.library import search

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from ritornello.library import Library

TRAITS = ("energy", "danceability", "valence", "acousticness", "instrumentalness", "liveness", "speechiness")
NAMES = (*TRAITS, "tempo", "loudness", "key", "mode", "time_signature", "duration", "popularity")
"""In the order in which people are shown them; duration in seconds, loudness in LUFS, tempo in BPM."""

WORDS = ("title", "artist", "album")
"""What else tracks can be sorted by."""
_BINS = 40
_OUTLIERS = 0.5
"""Per cent at either end of a scale that has none by itself; the bar at the end counts them too."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What a feature's histogram and sliders span. At an end of it nothing is filtered."""

    low: float
    high: float
    step: float
    bins: int


@dataclass(frozen=True, slots=True)
class Columns:
    """``n`` tracks."""

    ids: tuple[str, ...]
    place: Mapping[str, int]
    """From id to row."""
    values: Mapping[str, NDArray[np.float64]]
    """One array of shape ``(n,)`` for each of :data:`NAMES`; NaN where nothing was analysed."""
    scales: Mapping[str, Scale]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see."""

    words: str = ""
    floors: Mapping[str, float] | None = None
    ceilings: Mapping[str, float] | None = None
    sort: str = ""
    """One of :data:`NAMES` or :data:`WORDS`; empty for what fits the words best, without words for the newest."""
    descending: bool = False


class Browsing:
    """The columns of one library."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._version = -1
        self._mark: Any = None
        self._columns: Columns | None = None
        self._orders: dict[str, NDArray[np.int64]] = {}

    def columns(self) -> Columns:
        """As the library is now."""
        with self._lock:
            version = self._library.version()
            if self._columns is None or version != self._version:
                with self._library.connect() as connection:
                    mark = _mark(connection)
                    if self._columns is None or mark != self._mark:
                        self._columns, self._mark, self._orders = load(connection), mark, {}
                self._version = version
            return self._columns

    def find(self, connection: Connection, wanted: Wanted) -> tuple[Columns, NDArray[np.int64]]:
        """The rows that are wanted, in the order wanted."""
        import numpy as np

        here = self.columns()
        if wanted.words.strip():
            found = search.track_ids(connection, wanted.words, limit=max(1, len(here.ids)), offset=0).items
            rows = np.array([here.place[id_] for id_ in found if id_ in here.place], np.int64)
        else:
            rows = np.arange(len(here.ids))[::-1]
        kept = rows[within(here, wanted)[rows]]
        if wanted.sort not in WORDS:
            return here, _sorted(here, kept, wanted)
        if wanted.sort not in self._orders:
            self._orders[wanted.sort] = order(connection, here, wanted.sort)
        inside = np.zeros(len(here.ids), bool)
        inside[kept] = True
        rows = self._orders[wanted.sort]
        rows = rows[inside[rows]]
        return here, rows[::-1] if wanted.descending else rows


def within(columns: Columns, wanted: Wanted) -> NDArray[np.bool_]:
    """Which tracks are between all floors and ceilings, shape ``(n,)``; what was not analysed is between none.

    A value counts as the nearest step of its scale, as it is shown: 173.9 BPM is not below 174.
    """
    import numpy as np

    inside = np.ones(len(columns.ids), bool)
    for name, floor in (wanted.floors or {}).items():
        inside &= columns.values[name] >= floor - columns.scales[name].step / 2
    for name, ceiling in (wanted.ceilings or {}).items():
        inside &= columns.values[name] <= ceiling + columns.scales[name].step / 2
    return inside


def histogram(columns: Columns, name: str, rows: NDArray[np.int64] | None = None) -> list[int]:
    """How many tracks lie in each bar of a feature's scale; what lies beyond it is counted in the bar at that end."""
    import numpy as np

    scale = columns.scales[name]
    values = columns.values[name] if rows is None else columns.values[name][rows]
    known = values[~np.isnan(values)]
    counts, _ = np.histogram(np.clip(known, scale.low, scale.high), scale.bins, (scale.low, scale.high))
    return [int(one) for one in counts]


def load(connection: Connection) -> Columns:
    """Read all tracks."""
    import numpy as np

    ids = [row[0] for row in connection.exec_driver_sql("SELECT id FROM tracks ORDER BY number")]
    place = {id_: row for row, id_ in enumerate(ids)}
    analysed = [row[0] for row in connection.exec_driver_sql("SELECT track_id FROM features ORDER BY rowid")]
    table = np.full((len(ids), len(NAMES)), np.nan)
    of_tracks, of_features = (_table(connection, query) for query in (_TRACKS, _FEATURES))
    table[:, [NAMES.index(name) for name in _TOLD]] = of_tracks
    table[np.ix_([place[id_] for id_ in analysed], [NAMES.index(name) for name in _COMPUTED])] = of_features
    values = {name: np.ascontiguousarray(table[:, at]) for at, name in enumerate(NAMES)}
    return Columns(tuple(ids), place, values, {name: _scale(name, values[name]) for name in NAMES})


def order(connection: Connection, columns: Columns, word: str) -> NDArray[np.int64]:
    """All rows in the order of one of :data:`WORDS`."""
    import numpy as np

    places = (columns.place[row[0]] for row in connection.exec_driver_sql(_ORDERS[word]) if row[0] in columns.place)
    return np.fromiter(places, np.int64)


_TOLD = ("duration", "popularity")
_COMPUTED = tuple(name for name in NAMES if name not in _TOLD)
_TRACKS = f"SELECT {', '.join(_TOLD)} FROM tracks ORDER BY number"
_FEATURES = f"SELECT {', '.join(_COMPUTED)} FROM features ORDER BY rowid"
_ORDERS = {
    "title": "SELECT id FROM tracks ORDER BY name COLLATE NOCASE, number",
    "artist": """
SELECT tracks.id FROM tracks LEFT JOIN (
    SELECT track_id, artists.name AS first FROM track_artists JOIN artists ON artists.id = artist_id WHERE position = 0
) ON track_id = tracks.id ORDER BY first COLLATE NOCASE, album_id, disc_number, track_number, tracks.number
""",
    "album": """
SELECT tracks.id FROM tracks JOIN albums ON albums.id = tracks.album_id
ORDER BY albums.name COLLATE NOCASE, albums.number, tracks.disc_number, tracks.track_number, tracks.number
""",
}


def _table(connection: Connection, query: str) -> NDArray[np.float64]:
    """A table of numbers. Straight from SQLite's cursor: lists of rows would take three times as long."""
    import numpy as np

    rows = connection.exec_driver_sql(query)
    width = len(rows.keys())
    cursor = cast("sqlite3.Cursor", rows.cursor)
    flat: NDArray[np.float64] = np.fromiter(itertools.chain.from_iterable(cursor), np.float64)
    return flat.reshape(-1, width)


def _sorted(columns: Columns, rows: NDArray[np.int64], wanted: Wanted) -> NDArray[np.int64]:
    import numpy as np

    if wanted.sort in columns.values:
        # Negated, so that what was not analysed comes last either way and equals keep their order.
        values = columns.values[wanted.sort][rows]
        return rows[np.argsort(-values if wanted.descending else values, kind="stable")]
    return rows


def _scale(name: str, values: NDArray[np.float64]) -> Scale:
    import numpy as np

    if name in TRAITS:
        return Scale(0.0, 1.0, 0.01, _BINS)
    if name == "key":
        return Scale(0, 11, 1, 12)
    if name == "mode":
        return Scale(0, 1, 1, 2)
    if name == "time_signature":
        return Scale(3, 7, 1, 5)
    if name == "popularity":
        return Scale(0, 100, 1, _BINS)
    known = values[~np.isnan(values)]
    low, high = np.percentile(known, (_OUTLIERS, 100 - _OUTLIERS)) if len(known) else (0.0, 1.0)
    bottom = float(np.floor(low))
    return Scale(bottom, max(float(np.ceil(high)), bottom + 1), 0.5 if name == "loudness" else 1.0, _BINS)


def _mark(connection: Connection) -> Any:
    """Numbers that differ once tracks, their names or their features do."""
    tracks, features = s.tracks.c, s.features.c
    parts = (
        select(func.count(), func.max(tracks.number), func.total(tracks.popularity + func.length(tracks.name))),
        select(func.count(), func.total(features.energy + features.tempo), func.total(features.valence)),
        select(func.count(), func.max(s.artists.c.number), func.total(func.length(s.artists.c.name))),
        select(func.count(), func.max(s.albums.c.number), func.total(func.length(s.albums.c.name))),
    )
    return tuple(tuple(connection.execute(part).one()) for part in parts)
