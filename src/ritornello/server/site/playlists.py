"""``/playlists``: what a person kept, to look at and to listen to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ritornello.errors import BadRequest, Forbidden, Unknown
from ritornello.library import playlists, tracks
from ritornello.server.answers import Json
from ritornello.server.context import OpenLibrary
from ritornello.server.site.maps import Map, chosen
from ritornello.server.site.page import page, root
from ritornello.server.site.visitor import Seeing, Sending, Visitor
from ritornello.spotify import ids

router = APIRouter(include_in_schema=False)

_LONGEST_NAME = 100


@router.get("/playlists")
def show(request: Request, library: OpenLibrary, visitor: Seeing) -> Response:
    """Those of the person, then those that were made for them, then those for everybody."""
    with library.connect() as connection:
        own = playlists.of_owner(connection, visitor.id)
        made = playlists.made_for(connection, visitor.id)
        featured, _ = playlists.featured(connection, 50, 0)
    return page(request, "playlists.html", visitor, own=own, made=[*made, *featured])


@router.get("/playlists/{id}")
def one(request: Request, library: OpenLibrary, visitor: Seeing, id: str) -> Response:  # noqa: A002
    """What is on one."""
    with library.connect() as connection:
        found = playlists.one(connection, id)
        made = {other.id for other in playlists.made_for(connection, visitor.id)}
        if not (found.public or found.owner_id == visitor.id or found.id in made):
            raise Unknown("playlist", id)
        items = playlists.items(connection, id, playlists.MOST_ITEMS, 0)
    return page(request, "playlist.html", visitor, playlist=found, items=items, mine=found.owner_id == visitor.id)


@router.post("/playlists")
def make(
    library: OpenLibrary,
    visitor: Sending,
    maps: Map,
    name: Annotated[str, Form()] = "",
    track: Annotated[str, Form()] = "",
    state: Annotated[str, Form()] = "",
    at: Annotated[str, Form()] = "",
) -> Response:
    """Make one of tracks, given by their ids or as points of a map, with commas between them."""
    if not name.strip() or len(name) > _LONGEST_NAME:
        raise BadRequest(f"the playlist needs a name of at most {_LONGEST_NAME} characters")
    if at:
        drawn = maps.drawn()
        if drawn.state != state:
            raise BadRequest("The library has changed since this map was drawn: load the page again")
        wanted = chosen(drawn, at)
    else:
        wanted = [one for one in track.split(",") if one]
    if not 1 <= len(wanted) <= playlists.MOST_ITEMS:
        raise BadRequest(f"{len(wanted)} tracks were chosen: a playlist takes 1 to {playlists.MOST_ITEMS}")
    with library.begin() as connection:
        known = tracks.resolve(connection, wanted)
        if missing := [one for one in wanted if one not in known]:
            raise Unknown("track", missing[0])
        owner = visitor.account(connection)
        made = playlists.create(connection, owner, name.strip(), public=False)
        playlists.add(connection, made, [ids.uri("track", one) for one in wanted], owner, None)
    return Json({"id": made.id, "name": made.name, "total": len(wanted)})


@router.post("/playlists/{id}/remove")
def remove(request: Request, library: OpenLibrary, visitor: Sending, id: str) -> Response:  # noqa: A002
    """Take one of the person's own away."""
    with library.begin() as connection:
        found = playlists.one(connection, id)
        _require_own(visitor, found.owner_id)
        playlists.remove(connection, found)
    return RedirectResponse(f"{root(request)}/playlists", 303)


def _require_own(visitor: Visitor, owner_id: str) -> None:
    if owner_id != visitor.id:
        raise Forbidden("This playlist belongs to somebody else")
