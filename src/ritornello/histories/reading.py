"""A file in, plays and refused rows out, one at a time."""

from __future__ import annotations

import codecs
import csv
import io
import json
import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import ijson

from ritornello.errors import HistoryError
from ritornello.histories import lastfm, listenbrainz, spotify_account, spotify_extended
from ritornello.histories.package import Part, parts
from ritornello.play import Refused

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from ritornello.play import Heard

FORMATS = (spotify_extended, spotify_account, listenbrainz, lastfm)
"""The readers of rows of JSON."""

_LONGEST_LINE = 1 << 20
_OTHER_ENCODINGS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _Shape(NamedTuple):
    """What a file of JSON holds, and where in it."""

    heard: Callable[[Mapping[str, Any]], Heard | Refused]
    prefix: str
    """As ijson writes it; empty for an object a line."""
    countries: bool


def read(path: Path, countries: Counter[str] | None = None) -> Iterator[Heard | Refused]:
    """Read an export.

    Parameters
    ----------
    path
        A zip or a folder as a service sends it, or a single file.
    countries
        Where given, counts the countries of plays, to infer a time zone from; they are in no play.

    Yields
    ------
    Heard | Refused
        One for every row.

    Raises
    ------
    HistoryError
        Where the file holds no plays or is broken, possibly after some rows.
    """
    with parts(path) as found:
        for part in found:
            with _telling(part):
                yield from _plays(part, countries)


def _plays(part: Part, countries: Counter[str] | None) -> Iterator[Heard | Refused]:
    first = _first_byte(part)
    if first not in (b"[", b"{"):
        yield from _of_csv(part)
        return
    shape = _shape(part)
    if shape is None:
        return
    for row in _rows(part, shape.prefix):
        if not isinstance(row, dict):
            yield Refused("not a play")
            continue
        found = shape.heard(row)
        if shape.countries and countries is not None and not isinstance(found, Refused):
            country = spotify_extended.country(row)
            if country:
                countries[country] += 1
        yield found


def _first_byte(part: Part) -> bytes:
    with _open(part) as file:
        start = file.read(4096).lstrip()
    if not start:
        raise HistoryError(f"{part.name} is empty")
    return start[:1]


def _shape(part: Part) -> _Shape | None:
    """Tell by the first key that only one format has; None for a list without a row."""
    empty = True
    with _open(part) as file:
        for prefix, event, value in ijson.parse(file):
            if event == "map_key":
                empty = False
                for form in FORMATS:
                    if value in form.MARKS and (form is not lastfm or prefix in lastfm.PREFIXES):
                        return _Shape(form.heard, prefix, form is spotify_extended)
            elif event not in ("start_array", "end_array"):
                empty = False
    if empty:
        return None
    raise HistoryError(f"{part.name} is JSON without plays: expected an export of Spotify, Last.fm or ListenBrainz")


def _rows(part: Part, prefix: str) -> Iterator[Any]:
    with _open(part) as file:
        if prefix:
            yield from ijson.items(file, prefix, use_float=True)
            return
        for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), 1):
            if not line.strip():
                continue
            try:
                yield json.loads(line)
            except ValueError as error:
                raise HistoryError(f"{part.name}, line {number}: the JSON is broken or cut short") from error


def _of_csv(part: Part) -> Iterator[Heard | Refused]:
    if part.name.lower().endswith((".json", ".jsonl")):
        raise HistoryError(f"{part.name} is not JSON: download it again")
    with _open(part) as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        line = text.readline(_LONGEST_LINE)
        if not lastfm.looks_like(line):
            raise HistoryError(
                f"{part.name} holds no plays: expected an export of Spotify, Last.fm or ListenBrainz, such as the zip"
            )
    with _open(part) as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        yield from lastfm.rows(text)


@contextmanager
def _open(part: Part) -> Iterator[IO[bytes]]:
    """A file of UTF-8, after the mark that some programs put at its beginning."""
    with part.open() as file:
        start = file.read(4)
        if start.startswith(_OTHER_ENCODINGS) or b"\0" in start:
            raise HistoryError(f"{part.name} is not in UTF-8: give the file as it was downloaded")
        file.seek(len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0)
        yield file


@contextmanager
def _telling(part: Part) -> Iterator[None]:
    """Say which file is broken, and nothing of what is in it."""
    try:
        yield
    except ijson.IncompleteJSONError as error:
        raise HistoryError(f"{part.name}: the JSON is broken or cut short; download it again") from error
    except (ijson.JSONError, RecursionError) as error:
        raise HistoryError(f"{part.name}: the JSON is broken; download it again") from error
    except UnicodeDecodeError as error:
        raise HistoryError(f"{part.name} is not in UTF-8: give the file as it was downloaded") from error
    except csv.Error as error:
        raise HistoryError(f"{part.name} is not the CSV that it seems to be: {error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise HistoryError(f"{part.name} is damaged: download the zip again") from error
