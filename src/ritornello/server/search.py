"""``GET /v1/search``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import BadRequest
from ritornello.library import search
from ritornello.server.answers import answer
from ritornello.server.artists import full
from ritornello.server.context import OpenLibrary
from ritornello.server.market import InMarket
from ritornello.server.paging import Limit, or_else
from ritornello.spotify import people, shapes
from ritornello.spotify.objects import SearchResults
from ritornello.spotify.paging import DEFAULT_LIMIT, page

router = APIRouter(prefix="/search", tags=["Search"])

TYPES = ("album", "artist", "playlist", "track", "show", "episode", "audiobook")
REACH = 1000
"""Offset and limit together may go no further."""


@router.get("", summary="Search for tracks, artists, albums and playlists", responses={200: {"model": SearchResults}})
def results(
    request: Request,
    library: OpenLibrary,
    view: InMarket,
    q: Annotated[
        str,
        Query(
            description="Words, and filters: "
            "`artist:`, `album:`, `track:`, `year:`, `isrc:`, `upc:`, `genre:`, `tag:new`, `tag:hipster`"
        ),
    ] = "",
    type_: Annotated[str, Query(alias="type", description="A comma list of " + ", ".join(TYPES))] = "",
    limit: Limit = DEFAULT_LIMIT,
    offset: Annotated[int, or_else(0), Query(ge=0, le=REACH, description="How many to pass over")] = 0,
    include_external: Annotated[str, Query(description="Accepted and without effect")] = "",
) -> Response:
    """One page for each type asked for; every word must be found, and a beginning of it is enough."""
    types = _types(type_)
    if not q.strip():
        raise BadRequest("q is missing: expected words to search for")
    if offset + limit > REACH:
        raise BadRequest(f"Invalid offset: offset and limit together are {offset + limit}, at most {REACH} are allowed")
    with library.connect() as connection:
        found = {kind: _find(connection, kind, q, limit, offset, view) for kind in types}
    shaped = {
        f"{kind}s": page(
            items,
            total=total,
            limit=limit,
            offset=offset,
            url=f"{view.base}/search",
            params={"q": q, "type": kind, **({"market": view.market} if view.market else {})},
            reach=REACH,
        )
        for kind, (items, total) in found.items()
    }
    return answer(request, shaped)


def _types(text: str) -> list[str]:
    asked = [part.strip() for part in text.split(",") if part.strip()]
    if not asked:
        raise BadRequest(f"type is missing: expected a comma list of {', '.join(TYPES)}")
    for kind in asked:
        if kind not in TYPES:
            raise BadRequest(f"Bad search type {kind!r}: expected a comma list of {', '.join(TYPES)}")
    return list(dict.fromkeys(asked))


def _find(
    connection: Connection, kind: str, q: str, limit: int, offset: int, view: shapes.View
) -> tuple[list[Any], int]:
    """Search for one type; of shows, episodes and audiobooks a library has none."""
    if kind == "track":
        tracks = search.tracks(connection, q, limit=limit, offset=offset)
        return [shapes.track(one, view) for one in tracks.items], tracks.total
    if kind == "artist":
        artists = search.artists(connection, q, limit=limit, offset=offset)
        return full(connection, artists.items, view), artists.total
    if kind == "album":
        albums = search.albums(connection, q, limit=limit, offset=offset)
        return [shapes.simplified_album(one, view) for one in albums.items], albums.total
    if kind == "playlist":
        playlists = search.playlists(connection, q, limit=limit, offset=offset)
        return [people.simplified_playlist(one, view) for one in playlists.items], playlists.total
    return [], 0
