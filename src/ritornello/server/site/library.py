"""``GET /library``: search, sort and filter all tracks; how far a scan is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from ritornello.library import columns, running, tracks
from ritornello.library.columns import Browsing, Columns, Wanted
from ritornello.server.answers import Json
from ritornello.server.context import OpenLibrary
from ritornello.server.site import histograms
from ritornello.server.site.page import page
from ritornello.server.site.visitor import Seeing
from ritornello.track import Track

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

router = APIRouter(include_in_schema=False)

ROWS = 50
"""On one page."""
_SHOWN = ("key", "tempo", "energy", "danceability", "valence", "loudness")
"""Columns that are always there; those that somebody sorts by or filters on come after them."""
SORTS = {
    "": "Newest, or best match",
    "title": "Title",
    "artist": "Artist",
    "album": "Album",
    **{name: name.replace("_", " ").capitalize() for name in columns.NAMES},
}


async def _browsing(request: Request) -> Browsing:
    return cast("Browsing", request.app.state.browsing)


Browse = Annotated[Browsing, Depends(_browsing)]


@dataclass(frozen=True, slots=True)
class Row:
    """One track in a list."""

    track: Track
    values: Mapping[str, float]
    """NaN where nothing was analysed."""


@router.get("/library")
def show(request: Request, library: OpenLibrary, browsing: Browse, visitor: Seeing) -> Response:
    """The tracks that are wanted, a page at a time."""
    asked = request.query_params
    wanted = read(asked, browsing.columns())
    with library.connect() as connection:
        here, found = browsing.find(connection, wanted)
        last = max(1, math.ceil(len(found) / ROWS))
        at = min(_whole(asked.get("page", "")), last)
        rows = listed(library, here, found[(at - 1) * ROWS : at * ROWS])
    filtered = {*(wanted.floors or {}), *(wanted.ceilings or {})}
    extra = [name for name in columns.NAMES if name not in (*_SHOWN, "duration") and name in {wanted.sort, *filtered}]
    return page(
        request,
        "library.html",
        visitor,
        words=wanted.words,
        wanted=wanted,
        sorts=SORTS,
        shown=[*_SHOWN, *extra],
        filters=histograms.filters(here, wanted, found),
        rows=rows,
        found=len(found),
        total=len(here.ids),
        at=at,
        last=last,
        first=(at - 1) * ROWS,
        link=_Link(here, wanted),
    )


@router.get("/library/scan")
def scan(library: OpenLibrary, visitor: Seeing) -> Response:
    """How far a scan is, if one runs."""
    at = running.read(library)
    if at is None:
        return Json({"running": False})
    share = at.bytes_done / at.bytes if at.bytes else None
    told = {"files": at.files, "done": at.done, "analysed": at.analysed, "refused": at.refused}
    return Json({"running": True, **told, "share": share, "current": at.current, "rate": at.rate})


def read(asked: Mapping[str, str], here: Columns) -> Wanted:
    """What an address asks for; what cannot be read, or says nothing, is passed over."""
    floors, ceilings = {}, {}
    for name, scale in here.scales.items():
        low, high = _number(asked.get(f"min_{name}", "")), _number(asked.get(f"max_{name}", ""))
        if low is not None and low > scale.low:
            floors[name] = low
        if high is not None and high < scale.high:
            ceilings[name] = high
    sort = asked.get("sort", "")
    return Wanted(
        asked.get("q", "").strip(), floors, ceilings, sort if sort in SORTS else "", asked.get("order") == "down"
    )


def listed(library: OpenLibrary, here: Columns, places: Sequence[int] | NDArray[np.int64]) -> list[Row]:
    """Rows of the columns with the tracks they are of."""
    ids = [here.ids[place] for place in places]
    with library.connect() as connection:
        found = tracks.get(connection, ids)
    return [
        Row(track, {name: float(here.values[name][place]) for name in columns.NAMES})
        for place, track in zip(places, found, strict=True)
        if track is not None
    ]


class _Link:
    """Addresses of this page with something changed."""

    def __init__(self, here: Columns, wanted: Wanted) -> None:
        self._here = here
        self._wanted = wanted

    def page(self, number: int) -> str:
        return self._to(self._wanted, number)

    def sort(self, name: str) -> str:
        """The first time in the direction that people mean, the second time in the other."""
        first = name not in columns.WORDS and name not in ("key", "tempo", "duration")
        down = not self._wanted.descending if name == self._wanted.sort else first
        return self._to(replace(self._wanted, sort=name, descending=down))

    def _to(self, wanted: Wanted, number: int = 1) -> str:
        told = {
            "q": wanted.words,
            "sort": wanted.sort,
            "order": "down" if wanted.descending else "",
            **{f"min_{name}": f"{value:g}" for name, value in (wanted.floors or {}).items()},
            **{f"max_{name}": f"{value:g}" for name, value in (wanted.ceilings or {}).items()},
            "page": str(number) if number > 1 else "",
        }
        return "library?" + urlencode({name: value for name, value in told.items() if value})


def _whole(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
