"""``GET /v1/search``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BeforeValidator
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import BadRequest
from ritornello.library import search
from ritornello.server.answers import answer
from ritornello.server.context import Base, OpenLibrary
from ritornello.spotify import markets, shapes
from ritornello.spotify.objects import SearchResults
from ritornello.spotify.paging import DEFAULT_LIMIT, MOST, page

router = APIRouter(prefix="/search", tags=["Search"])

TYPES = ("album", "artist", "playlist", "track", "show", "episode", "audiobook")
REACH = 1000
"""Offset and limit together may go no further."""

Limit = Annotated[int, BeforeValidator(lambda given: DEFAULT_LIMIT if given == "" else given), Query(ge=1, le=MOST)]
Offset = Annotated[int, BeforeValidator(lambda given: 0 if given == "" else given), Query(ge=0, le=REACH)]


@router.get("", summary="Search for tracks, artists and albums", responses={200: {"model": SearchResults}})
def results(
    request: Request,
    library: OpenLibrary,
    base: Base,
    q: Annotated[
        str, Query(description="Words, and filters: `artist:`, `album:`, `track:`, `year:`, `isrc:`, `genre:`")
    ] = "",
    type_: Annotated[str, Query(alias="type", description="A comma list of " + ", ".join(TYPES))] = "",
    market: Annotated[str | None, Query(description="A country code, or `from_token`")] = None,
    limit: Limit = DEFAULT_LIMIT,
    offset: Offset = 0,
) -> Response:
    """One page for each type asked for; every word must be found, and a beginning of it is enough."""
    types, market = _types(type_), markets.check(market)
    if not q.strip():
        raise BadRequest("q is missing: expected words to search for")
    if offset + limit > REACH:
        raise BadRequest(f"Invalid offset: offset and limit together are {offset + limit}, at most {REACH} are allowed")
    with library.connect() as connection:
        found = {kind: _find(connection, kind, q, limit, offset, base, market) for kind in types}
    shaped = {
        f"{kind}s": page(
            items,
            total=total,
            limit=limit,
            offset=offset,
            url=f"{base}/search",
            params={"q": q, "type": kind, **({"market": market} if market else {})},
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
    connection: Connection, kind: str, q: str, limit: int, offset: int, base: str, market: str | None
) -> tuple[list[Any], int]:
    """Search for one type; of playlists, shows, episodes and audiobooks a library has none."""
    if kind == "track":
        tracks = search.tracks(connection, q, limit=limit, offset=offset)
        return [shapes.track(one, base, market) for one in tracks.items], tracks.total
    if kind == "artist":
        artists = search.artists(connection, q, limit=limit, offset=offset)
        return [shapes.artist(one, base) for one in artists.items], artists.total
    if kind == "album":
        albums = search.albums(connection, q, limit=limit, offset=offset)
        return [shapes.simplified_album(one, base, market) for one in albums.items], albums.total
    return [], 0
