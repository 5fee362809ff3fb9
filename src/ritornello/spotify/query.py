"""The search grammar: words and ``field:value`` filters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

FIELDS = ("album", "artist", "genre", "isrc", "tag", "track", "upc", "year")
TAGS = ("new", "hipster")
"""Released within two weeks; among the least popular."""

_FILTER = re.compile(rf'\b({"|".join(FIELDS)}):(?:"([^"]*)"?)?', re.IGNORECASE)
_ONE_WORD = ("isrc", "tag", "upc", "year")
_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?")
_MOST_WORDS = 64


@dataclass(frozen=True, slots=True)
class Query:
    """What a search asks for; all of it must hold."""

    words: tuple[str, ...] = ()
    album: tuple[str, ...] = ()
    artist: tuple[str, ...] = ()
    genre: tuple[str, ...] = ()
    track: tuple[str, ...] = ()
    isrc: str | None = None
    upc: str | None = None
    tag: str | None = None
    years: tuple[int, int] | None = None

    def __bool__(self) -> bool:
        return self != Query()


def parse(text: str) -> Query:
    """Read a query; a filter's value runs to its closing quote or, unquoted, to the next filter; a year is one word."""
    words: list[str] = []
    filters: dict[str, list[str]] = {field: [] for field in FIELDS}
    matches = list(_FILTER.finditer(text))
    edges = [match.start() for match in matches] + [len(text)]
    words += _words(text[: edges[0]])
    for match, end in zip(matches, edges[1:], strict=True):
        field, quoted, rest = match[1].lower(), match[2], text[match.end() : end]
        value, after = _words(rest if quoted is None else quoted), [] if quoted is None else _words(rest)
        if field in _ONE_WORD:
            value, after = value[:1], value[1:] + after
        filters[field] += value
        words += after
    return Query(
        words=_some(words),
        album=_some(filters["album"]),
        artist=_some(filters["artist"]),
        genre=_some(filters["genre"]),
        track=_some(filters["track"]),
        isrc="".join(filters["isrc"]).replace("-", "").upper() or None,
        upc="".join(filters["upc"]) or None,
        tag="".join(filters["tag"]).lower() or None,
        years=_years("".join(filters["year"])),
    )


def _words(text: str) -> list[str]:
    """Split at blanks and quotes; a word without a letter or digit cannot be found and is dropped."""
    pieces = re.split(r'[\s"\0]+', text.encode("utf-8", "replace").decode())
    return [piece for piece in pieces if any(unicodedata.category(character)[0] in "LN" for character in piece)]


def _some(words: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))[:_MOST_WORDS]


def _years(text: str) -> tuple[int, int] | None:
    """A year or a span of years; anything else asks for the year 0, which nothing has."""
    if not text:
        return None
    match = _YEARS.fullmatch(text)
    if not match:
        return (0, 0)
    return int(match[1]), int(match[2] or match[1])
