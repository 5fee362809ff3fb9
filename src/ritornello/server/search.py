"""``GET /v1/search``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import BadRequest
from ritornello.library import Library, search, tracks
from ritornello.server.answers import answer
from ritornello.server.artists import full
from ritornello.server.market import InMarket
from ritornello.server.paging import Limit, or_else
from ritornello.server.prepared import Prepared
from ritornello.spotify import people, shapes, texts
from ritornello.spotify.objects import SearchResults
from ritornello.spotify.paging import DEFAULT_LIMIT, Page, page

router = APIRouter(prefix="/search", tags=["Search"])

TYPES = ("album", "artist", "playlist", "track", "show", "episode", "audiobook")
REACH = 1000
"""Offset and limit together may go no further."""


@router.get("", summary="Search for tracks, artists, albums and playlists", responses={200: {"model": SearchResults}})
async def results(
    request: Request,
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
    asked = _Asked(_types(type_), q, limit, offset, view)
    if not q.strip():
        raise BadRequest("q is missing: expected words to search for")
    if offset + limit > REACH:
        raise BadRequest(f"Invalid offset: offset and limit together are {offset + limit}, at most {REACH} are allowed")
    state = request.app.state
    try:
        # In the event loop: what is answered from memory takes less than handing it to a thread.
        body = _search(state, asked, at_once=True)
    except search.TakesLonger:
        body = await run_in_threadpool(_search, state, asked)
    return answer(request, body)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request asks for."""

    types: list[str]
    q: str
    limit: int
    offset: int
    view: shapes.View


def _types(text: str) -> list[str]:
    asked = [part.strip() for part in text.split(",") if part.strip()]
    if not asked:
        raise BadRequest(f"type is missing: expected a comma list of {', '.join(TYPES)}")
    for kind in asked:
        if kind not in TYPES:
            raise BadRequest(f"Bad search type {kind!r}: expected a comma list of {', '.join(TYPES)}")
    return list(dict.fromkeys(asked))


def _search(state: State, asked: _Asked, *, at_once: bool = False) -> bytes:
    """Write the pages; with ``at_once`` from memory, or raise :class:`~ritornello.library.search.TakesLonger`."""
    view = asked.view
    library: Library = state.library
    prepared: Prepared[str] = state.track_texts
    moment = prepared.moment()
    pages = []
    with library.connect() as connection:
        how: Any = {"limit": asked.limit, "offset": asked.offset, "held": state.held, "at_once": at_once}
        for kind in asked.types:
            if kind == "track":
                found = search.track_ids(connection, asked.q, **how)
                made = prepared.get(moment, view, found.items, partial(_texts, connection, view))
                items, total = [text for text in made if text], found.total
            else:
                items, total = _find(connection, kind, asked.q, view, how)
            empty: Page[Any] = page(
                [],
                total=total,
                limit=asked.limit,
                offset=asked.offset,
                url=f"{view.base}/search",
                params={"q": asked.q, "type": kind, **({"market": view.market} if view.market else {})},
                reach=REACH,
            )
            pages.append(f'"{kind}s": {texts.page(empty, items)}')
    return f"{{{', '.join(pages)}}}".encode()


def _texts(connection: Connection, view: shapes.View, ids: Sequence[str]) -> dict[str, str]:
    return {track.id: texts.track(track, view) for track in tracks.get(connection, ids) if track}


def _find(
    connection: Connection, kind: str, q: str, view: shapes.View, how: Mapping[str, Any]
) -> tuple[list[str], int]:
    """Search for one type; of shows, episodes and audiobooks a library has none."""
    if kind == "artist":
        artists = search.artists(connection, q, **how)
        return [json.dumps(one, ensure_ascii=False) for one in full(connection, artists.items, view)], artists.total
    if kind == "album":
        albums = search.albums(connection, q, **how)
        return [texts.album(one, view) for one in albums.items], albums.total
    if kind == "playlist":
        playlists = search.playlists(connection, q, **how)
        shaped = [people.simplified_playlist(one, view) for one in playlists.items]
        return [json.dumps(one, ensure_ascii=False) for one in shaped], playlists.total
    return [], 0
