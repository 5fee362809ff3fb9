"""``/v1/browse``: new releases, featured playlists, categories."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import Unknown
from ritornello.library import albums, categories, mixes, playlists
from ritornello.playlist import Category
from ritornello.server import errors
from ritornello.server.answers import answer
from ritornello.server.context import OpenLibrary
from ritornello.server.market import InMarket
from ritornello.server.paging import Limit, Offset
from ritornello.spotify import people, shapes
from ritornello.spotify.paging import DEFAULT_LIMIT, page
from ritornello.spotify.people_objects import Categories, CategoryObject, ManyPlaylists, NewReleases

router = APIRouter(prefix="/browse", tags=["Browse"])

_Locale = Annotated[str, Query(description="Accepted; names come as the library has them")]


@router.get("/new-releases", summary="New releases", responses={200: {"model": NewReleases}})
def new_releases(
    request: Request, library: OpenLibrary, view: InMarket, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0
) -> Response:
    """Albums of this library, the newest first."""
    with library.connect() as connection:
        found, total = albums.newest(connection, limit, offset)
    shaped = [shapes.simplified_album(album, view) for album in found]
    return answer(request, {"albums": _page(shaped, total, limit, offset, "new-releases", view)})


@router.get("/featured-playlists", summary="Featured playlists", responses={200: {"model": ManyPlaylists}})
def featured(
    request: Request,
    library: OpenLibrary,
    view: InMarket,
    locale: _Locale = "",
    timestamp: Annotated[str, Query(include_in_schema=False)] = "",
    limit: Limit = DEFAULT_LIMIT,
    offset: Offset = 0,
) -> Response:
    """Playlists that are shown to everybody: mixes, those for the time of day first, and what a catalogue marks so."""
    first, message = mixes.for_hour(_hour(timestamp))
    with library.connect() as connection:
        found, total = playlists.featured(connection, limit, offset, first)
    shaped = [people.simplified_playlist(one, view) for one in found]
    listed = _page(shaped, total, limit, offset, "featured-playlists", view)
    return answer(request, {"message": message, "playlists": listed})


@router.get("/categories", summary="Categories", responses={200: {"model": Categories}})
def all_(
    request: Request,
    library: OpenLibrary,
    view: InMarket,
    locale: _Locale = "",
    limit: Limit = DEFAULT_LIMIT,
    offset: Offset = 0,
) -> Response:
    """Categories of playlists, by name."""
    with library.connect() as connection:
        found, total = categories.all(connection, limit, offset)
    shaped = [people.category(one, view) for one in found]
    return answer(request, {"categories": _page(shaped, total, limit, offset, "categories", view)})


@router.get(
    "/categories/{category_id}", summary="One category", responses={200: {"model": CategoryObject}, **errors.NOT_FOUND}
)
def one(request: Request, library: OpenLibrary, view: InMarket, category_id: str, locale: _Locale = "") -> Response:
    """A category by its id."""
    return answer(request, people.category(_known(library, category_id), view))


@router.get(
    "/categories/{category_id}/playlists",
    summary="Playlists of a category",
    responses={200: {"model": ManyPlaylists}, **errors.NOT_FOUND},
)
def its_playlists(
    request: Request,
    library: OpenLibrary,
    view: InMarket,
    category_id: str,
    limit: Limit = DEFAULT_LIMIT,
    offset: Offset = 0,
) -> Response:
    """Mixes made from this library, and what a catalogue puts there."""
    known = _known(library, category_id)
    with library.connect() as connection:
        found, total = playlists.of_category(connection, category_id, limit, offset)
    shaped = [people.simplified_playlist(each, view) for each in found]
    path = f"categories/{quote(category_id, safe='')}/playlists"
    return answer(request, {"message": known.name, "playlists": _page(shaped, total, limit, offset, path, view)})


def _hour(timestamp: str) -> int:
    """The hour that a client says it is, in its own time; this machine's where it says none."""
    try:
        return datetime.fromisoformat(timestamp).hour
    except ValueError:
        return datetime.now().hour


def _known(library: OpenLibrary, category_id: str) -> Category:
    with library.connect() as connection:
        found = categories.get(connection, category_id)
    if found is None:
        raise Unknown("category", category_id)
    return found


def _page(items: list[Any], total: int, limit: int, offset: int, path: str, view: shapes.View) -> Any:
    params = {"country": view.market} if view.market else {}
    return page(items, total=total, limit=limit, offset=offset, url=f"{view.base}/browse/{path}", params=params)
