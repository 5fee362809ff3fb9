"""``GET /v1/tracks``, many and one."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import Unknown
from ritornello.library import tracks
from ritornello.server import errors
from ritornello.server.answers import answer
from ritornello.server.context import OpenLibrary
from ritornello.server.market import InMarket
from ritornello.spotify import ids, shapes
from ritornello.spotify.objects import ManyTracks, TrackObject

router = APIRouter(prefix="/tracks", tags=["Tracks"])

MOST = 50


@router.get("", summary="Several tracks", responses={200: {"model": ManyTracks}})
def many(
    request: Request,
    library: OpenLibrary,
    view: InMarket,
    ids_: Annotated[str | None, Query(alias="ids", description="Up to 50 track ids, separated by commas")] = None,
) -> Response:
    """Tracks in the order asked for; null for what is unknown or no id."""
    asked = ids.split(ids_, MOST)
    with library.connect() as connection:
        found = tracks.get(connection, asked)
    shaped = [track and shapes.track(replace(track, id=id_), view) for id_, track in zip(asked, found, strict=True)]
    return answer(request, {"tracks": shaped})


@router.get("/{id}", summary="One track", responses={200: {"model": TrackObject}, **errors.NOT_FOUND})
def one(request: Request, library: OpenLibrary, view: InMarket, id: str) -> Response:  # noqa: A002
    """A track with its artists and album."""
    with library.connect() as connection:
        found = tracks.get(connection, [ids.one(id)])[0]
    if found is None:
        raise Unknown("track", id)
    return answer(request, shapes.track(replace(found, id=id), view))
