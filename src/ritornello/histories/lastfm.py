"""Last.fm, which has no export of its own: files of the three common tools.

* lastfm-to-csv: ``artist,album,title,"19 Mar 2023 18:20"`` without a header, UTC, to the minute.
* ghan's CSV: a header with ``uts``, ``artist``, ``album``, ``track`` and ``track_mbid``.
* ghan's JSON and the answers of ``user.getRecentTracks`` themselves.

A scrobble tells when the play began.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from ritornello.histories import fields, moments
from ritornello.play import Heard, Refused, Song

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TextIO

SOURCE = "lastfm"
MARKS = frozenset({"artist", "name", "date"})
"""Keys of a row, at one of :data:`PREFIXES`."""
PREFIXES = (
    "item",
    "track.item",
    "item.item",
    "item.track.item",
    "recenttracks.track.item",
    "item.recenttracks.track.item",
)
_FORMS = ("%d %b %Y %H:%M", "%d %b %Y, %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")


def heard(row: Mapping[str, Any]) -> Heard | Refused:
    """One row of JSON."""
    date = row.get("date")
    told: Mapping[str, Any] = date if isinstance(date, dict) else {}
    return _heard(
        fields.text(row.get("name")),
        fields.text(_name(row.get("artist"))),
        fields.text(_name(row.get("album"))),
        fields.musicbrainz(row.get("mbid")),
        moments.seconds(told.get("uts")),
        "",
    )


def rows(file: TextIO) -> Iterator[Heard | Refused]:
    """The rows of a CSV file."""
    names: list[str] | None = None
    for number, cells in enumerate(csv.reader(file, strict=True)):
        if number == 0 and {"artist", "track"} <= {cell.strip().lower() for cell in cells}:
            names = [cell.strip().lower() for cell in cells]
        elif cells:
            yield _with_header(dict(zip(names, cells, strict=False))) if names else _without(cells)


def looks_like(line: str) -> bool:
    """Whether a file that begins with this line is one of these."""
    cells = next(csv.reader([line]), [])
    return {"artist", "track"} <= {cell.strip().lower() for cell in cells} or (
        len(cells) == 4 and (not cells[3].strip() or _minute(cells[3]) is not None)
    )


def _with_header(row: Mapping[str, str]) -> Heard | Refused:
    title, artist, album = (fields.text(row.get(key)) for key in ("track", "artist", "album"))
    mbid = fields.musicbrainz(row.get("track_mbid"))
    return _heard(title, artist, album, mbid, moments.seconds(row.get("uts")), row.get("utc_time") or "")


def _without(cells: list[str]) -> Heard | Refused:
    if len(cells) != 4:
        return Refused("not a play")
    artist, album, title = (fields.text(cell) for cell in cells[:3])
    return _heard(title, artist, album, None, None, cells[3])


def _heard(
    title: str | None, artist: str | None, album: str | None, mbid: str | None, exact: int | None, minute: str
) -> Heard | Refused:
    if title is None or artist is None:
        return Refused("no title")
    song = Song(title, artist, album, musicbrainz=mbid)
    if exact is not None:
        return Heard(song, SOURCE, exact)
    started = _minute(minute)
    return Refused("bad time") if started is None else Heard(song, SOURCE, started, quality="minute")


def _minute(text: str) -> int | None:
    return next((found for form in _FORMS if (found := moments.written(text, form)) is not None), None)


def _name(given: object) -> object:
    """A name, or an object that holds one."""
    return given.get("#text") or given.get("name") if isinstance(given, dict) else given
