"""``GET /v1/albums``, many, one, and the tracks of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import Unknown
from ritornello.library import albums, tracks
from ritornello.server import errors
from ritornello.server.answers import answer
from ritornello.server.context import OpenLibrary
from ritornello.server.market import InMarket
from ritornello.server.paging import Limit, Offset
from ritornello.spotify import ids, shapes
from ritornello.spotify.objects import AlbumObject, ManyAlbums, SimplifiedTrackObject
from ritornello.spotify.paging import DEFAULT_LIMIT, Page, page

if TYPE_CHECKING:
    from sqlalchemy import Connection

router = APIRouter(prefix="/albums", tags=["Albums"])

MOST = 20
_WITH_ALBUM = 50
"""How many tracks come with an album."""


@router.get("", summary="Several albums", responses={200: {"model": ManyAlbums}})
def many(
    request: Request,
    library: OpenLibrary,
    view: InMarket,
    ids_: Annotated[str | None, Query(alias="ids", description="Up to 20 album ids, separated by commas")] = None,
) -> Response:
    """Albums in the order asked for, each with its first tracks; null for what is unknown or no id."""
    asked = ids.split(ids_, MOST)
    with library.connect() as connection:
        return answer(request, {"albums": full(connection, asked, view)})


@router.get("/{id}", summary="One album", responses={200: {"model": AlbumObject}, **errors.NOT_FOUND})
def one(request: Request, library: OpenLibrary, view: InMarket, id: str) -> Response:  # noqa: A002
    """An album with its first tracks."""
    with library.connect() as connection:
        found = full(connection, [ids.one(id)], view)[0]
    if found is None:
        raise Unknown("album", id)
    return answer(request, found)


@router.get(
    "/{id}/tracks",
    summary="Tracks of an album",
    responses={200: {"model": Page[SimplifiedTrackObject]}, **errors.NOT_FOUND},
)
def its_tracks(
    request: Request,
    library: OpenLibrary,
    view: InMarket,
    id: str,  # noqa: A002
    limit: Limit = DEFAULT_LIMIT,
    offset: Offset = 0,
) -> Response:
    """The tracks by disc and number."""
    with library.connect() as connection:
        if albums.get(connection, [ids.one(id)])[0] is None:
            raise Unknown("album", id)
        found = tracks.of_album(connection, [id], limit, offset)[id]
        total = tracks.count_of_album(connection, [id]).get(id, 0)
    return answer(
        request, _page(id, [shapes.simplified_track(each, view) for each in found], total, limit, offset, view)
    )


def full(connection: Connection, asked: list[str], view: shapes.View) -> list[AlbumObject | None]:
    """Shape albums in full, in as many queries for many as for one."""
    found = albums.get(connection, asked)
    known = [album.id for album in found if album]
    listed = tracks.of_album(connection, known, _WITH_ALBUM)
    totals = tracks.count_of_album(connection, known)
    return [
        None
        if album is None
        else shapes.album(
            album,
            _page(
                album.id,
                [shapes.simplified_track(each, view) for each in listed[album.id]],
                totals.get(album.id, 0),
                _WITH_ALBUM,
                0,
                view,
            ),
            view,
        )
        for album in found
    ]


def _page(
    id: str,  # noqa: A002
    items: list[SimplifiedTrackObject],
    total: int,
    limit: int,
    offset: int,
    view: shapes.View,
) -> Any:
    params = {"market": view.market} if view.market else {}
    url = f"{view.base}/albums/{id}/tracks"
    return page(items, total=total, limit=limit, offset=offset, url=url, params=params)
