"""``GET /library/map``: all tracks on a plane, to walk, listen and choose."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import BadRequest
from ritornello.library import columns, tracks
from ritornello.server.answers import Json
from ritornello.server.context import OpenLibrary
from ritornello.server.site.page import page
from ritornello.server.site.visitor import Seeing

if TYPE_CHECKING:
    from ritornello.library import Library
    from ritornello.library.columns import Browsing, Columns
    from ritornello.recommend.plane import Plane

router = APIRouter(include_in_schema=False)

_FULL = 65535
_MOST_TOLD = 200
"""Tracks whose names are told at once."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The plane of a library as it was when it was drawn."""

    columns: Columns
    plane: Plane | None
    state: str
    """Another one after every change of what is on the plane."""


class Maps:
    """The plane of one library, drawn anew once its tracks have changed."""

    def __init__(self, library: Library, browsing: Browsing) -> None:
        self._library = library
        self._browsing = browsing
        self._lock = threading.Lock()
        self._drawn: Drawn | None = None

    def drawn(self) -> Drawn:
        """As the library is now."""
        here = self._browsing.columns()
        with self._lock:
            if self._drawn is None or self._drawn.columns is not here:
                self._drawn = self._draw(here)
            return self._drawn

    def _draw(self, here: Columns) -> Drawn:
        import numpy as np

        from ritornello.library import shelves
        from ritornello.recommend import plane
        from ritornello.recommend.shelf import STEPS

        with self._library.connect() as connection:
            vectors = shelves.vectors(connection, here.place)
        features = np.stack([here.values[name] / step for name, step in STEPS.items()], axis=1)
        found = plane.draw(vectors, features)
        state = hashlib.sha256(b"" if found is None else found.places.tobytes() + found.rows.tobytes())
        return Drawn(here, found, state.hexdigest()[:16])


async def _maps(request: Request) -> Maps:
    return cast("Maps", request.app.state.maps)


Map = Annotated[Maps, Depends(_maps)]


@router.get("/library/map")
def show(request: Request, visitor: Seeing, maps: Map) -> Response:
    """The page; the points come after it."""
    drawn = maps.drawn()
    return page(
        request,
        "map.html",
        visitor,
        plane=drawn.plane,
        state=drawn.state,
        total=len(drawn.columns.ids),
        paints=(*columns.TRAITS, "tempo", "loudness"),
    )


@router.get("/library/map/points")
def points(request: Request, visitor: Seeing, maps: Map, state: str, paint: str = "") -> Response:
    """Places across and up as pairs of 16 bits, little-endian; then, with ``paint``, a feature as 8 bits each."""
    import numpy as np

    drawn = _as_seen(maps, state)
    plane = drawn.plane
    if plane is None:
        return Response(b"", media_type="application/octet-stream")
    body = np.round(plane.places * _FULL).astype("<u2").tobytes()
    if paint:
        if paint not in (*columns.TRAITS, "tempo", "loudness"):
            raise BadRequest(f"{paint!r} is no feature to paint by: expected one of {', '.join(columns.TRAITS)}")
        values = drawn.columns.values[paint][plane.rows]
        low, high = (0.0, 1.0) if paint in columns.TRAITS else np.nanpercentile(values, (1, 99))
        shares = np.nan_to_num(np.clip((values - low) / max(high - low, 1e-9), 0, 1))
        body += np.round(shares * 255).astype(np.uint8).tobytes()
    # What is at this address never changes: the state is part of it.
    headers = {"Cache-Control": "private, max-age=86400, immutable"}
    return Response(body, media_type="application/octet-stream", headers=headers)


@router.get("/library/map/tracks")
def names(
    library: OpenLibrary, visitor: Seeing, maps: Map, state: str, at: Annotated[str, Query(max_length=4000)]
) -> Response:
    """What lies at some points."""
    drawn = _as_seen(maps, state)
    ids = chosen(drawn, at)[:_MOST_TOLD]
    with library.connect() as connection:
        found = tracks.get(connection, ids)
    told = [
        {"id": track.id, "name": track.name, "artists": ", ".join(artist.name for artist in track.artists)}
        for track in found
        if track is not None
    ]
    return Json({"tracks": told})


def chosen(drawn: Drawn, at: str) -> list[str]:
    """Ids of the tracks at some points, given by their numbers."""
    rows = [] if drawn.plane is None else drawn.plane.rows.tolist()
    try:
        return [drawn.columns.ids[rows[_place(one)]] for one in at.split(",") if one]
    except (ValueError, IndexError):
        raise BadRequest(f"expected numbers of points below {len(rows)} with commas between them") from None


def _place(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(text)
    return int(text)


def _as_seen(maps: Maps, state: str) -> Drawn:
    drawn = maps.drawn()
    if drawn.state != state:
        raise BadRequest("The library has changed since this map was drawn: load the page again")
    return drawn
