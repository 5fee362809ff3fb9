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
from ritornello.server.context import Base, OpenLibrary
from ritornello.spotify import ids, markets, shapes
from ritornello.spotify.objects import ManyTracks, TrackObject

router = APIRouter(prefix="/tracks", tags=["Tracks"])

MOST = 50

Market = Annotated[str | None, Query(description="A country code, or `from_token`")]


@router.get("", summary="Several tracks", responses={200: {"model": ManyTracks}})
def many(
    request: Request,
    library: OpenLibrary,
    base: Base,
    ids_: Annotated[str | None, Query(alias="ids", description="Up to 50 track ids, separated by commas")] = None,
    market: Market = None,
) -> Response:
    """Tracks in the order asked for; null for what is unknown or no id."""
    asked, market = ids.split(ids_, MOST), markets.check(market)
    with library.connect() as connection:
        found = tracks.get(connection, asked)
    shaped = [
        track and shapes.track(replace(track, id=id_), base, market) for id_, track in zip(asked, found, strict=True)
    ]
    return answer(request, {"tracks": shaped})


@router.get("/{id}", summary="One track", responses={200: {"model": TrackObject}, **errors.NOT_FOUND})
def one(request: Request, library: OpenLibrary, base: Base, id: str, market: Market = None) -> Response:  # noqa: A002
    """A track with its artists and album."""
    market = markets.check(market)
    with library.connect() as connection:
        found = tracks.get(connection, [ids.one(id)])[0]
    if found is None:
        raise Unknown("track", id)
    return answer(request, shapes.track(replace(found, id=id), base, market))
