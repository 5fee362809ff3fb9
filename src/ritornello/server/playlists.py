"""``/v1/playlists/{playlist_id}`` and whose playlists there are."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import BadRequest, Forbidden, Unknown
from ritornello.library import playlists, users
from ritornello.server import errors, playlist_access
from ritornello.server.answers import Json, answer
from ritornello.server.bearer import Token, allows, require, user
from ritornello.server.context import OpenLibrary, Seen
from ritornello.server.market import InMarket
from ritornello.server.paging import Limit, Offset
from ritornello.server.playlist_access import PRIVATE, PUBLIC
from ritornello.spotify import fields as grammar
from ritornello.spotify import people, shapes
from ritornello.spotify.paging import DEFAULT_LIMIT, Page, page
from ritornello.spotify.people_objects import PlaylistObject, SimplifiedPlaylistObject

router = APIRouter(tags=["Playlists"])

_WITH_PLAYLIST = 100
"""How many items come with a playlist."""

Fields = Annotated[
    str, Query(description="What to leave in the answer, such as `name,tracks.items(track(name,href))`; `!name` drops")
]
Types = Annotated[str, Query(description="Accepted; a library holds tracks alone")]


class Details(BaseModel):
    """What a playlist is called and who may see it."""

    name: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    description: Annotated[str, Field(max_length=1000)] | None = None
    public: bool | None = None
    collaborative: bool | None = None


class NewDetails(Details):
    """The same for a new playlist, which needs a name."""

    name: Annotated[str, Field(min_length=1, max_length=300)]


@router.get(
    "/playlists/{playlist_id}", summary="A playlist", responses={200: {"model": PlaylistObject}, **errors.NOT_FOUND}
)
def one(
    request: Request,
    library: OpenLibrary,
    token: Token,
    view: InMarket,
    playlist_id: str,
    fields: Fields = "",
    additional_types: Types = "",
) -> Response:
    """A playlist with its first hundred items."""
    choice = grammar.parse(fields)
    with library.connect() as connection:
        found = playlist_access.seen(connection, playlist_id, token)
        items = playlists.items(connection, playlist_id, _WITH_PLAYLIST, 0)
    params = {"market": view.market} if view.market else {}
    listed = page(
        [people.item(each, view) for each in items],
        total=found.total,
        limit=_WITH_PLAYLIST,
        offset=0,
        url=f"{view.base}/playlists/{playlist_id}/tracks",
        params=params,
    )
    return answer(request, choice.of(people.playlist(found, listed, view)))


@router.put(
    "/playlists/{playlist_id}",
    summary="Change a playlist's details",
    response_class=Response,
    responses={200: {"description": "It is changed"}, **errors.NOT_FOUND},
)
def change(
    library: OpenLibrary,
    token: Token,
    playlist_id: str,
    details: Annotated[Details | None, Body()] = None,
    user_id: str = user(PUBLIC, PRIVATE),
) -> Response:
    """Change name, description, and who may see it."""
    given = details.model_dump(exclude_none=True) if details else {}
    with library.begin() as connection:
        found = playlist_access.owned(connection, playlist_id, token)
        playlist_access.check_details(given.get("public"), given.get("collaborative", found.collaborative), found)
        playlists.change(connection, found, **given)
    return Response()


@router.post("/me/playlists", summary="Make a playlist", status_code=201, responses={201: {"model": PlaylistObject}})
def create(
    library: OpenLibrary,
    token: Token,
    view: Seen,
    details: NewDetails,
    user_id: str = user(PUBLIC, PRIVATE),
) -> Response:
    """Make an empty playlist; it is public unless told otherwise."""
    given = details.model_dump(exclude_none=True)
    given.setdefault("public", not given.get("collaborative", False))
    playlist_access.check_details(given["public"], given.get("collaborative"))
    require(token, PUBLIC if given["public"] else PRIVATE)
    with library.begin() as connection:
        made = playlists.create(connection, user_id, **given)
    empty: Any = page(
        [], total=0, limit=_WITH_PLAYLIST, offset=0, url=f"{view.base}/playlists/{made.id}/tracks", params={}
    )
    headers = {"Location": f"{view.base}/playlists/{made.id}"}
    return Json(people.playlist(made, empty, view), 201, headers)


@router.post(
    "/users/{user_id}/playlists", summary="Make a playlist", status_code=201, responses={201: {"model": PlaylistObject}}
)
def create_for(
    library: OpenLibrary, token: Token, view: Seen, user_id: str, details: NewDetails, own: str = user(PUBLIC, PRIVATE)
) -> Response:
    """The older way: the user must be the one of the token."""
    if user_id != own:
        raise Forbidden(f"You cannot create a playlist for another user: the token stands for {own!r}")
    return create(library, token, view, details, own)


@router.get(
    "/me/playlists",
    summary="One's own and followed playlists",
    responses={200: {"model": Page[SimplifiedPlaylistObject]}},
)
def mine(
    request: Request,
    library: OpenLibrary,
    token: Token,
    view: Seen,
    limit: Limit = DEFAULT_LIMIT,
    offset: Offset = 0,
    user_id: str = user(),
) -> Response:
    """The newest first; private ones need the scope `playlist-read-private`."""
    private = allows(token, "playlist-read-private")
    with library.connect() as connection:
        found, total = playlists.of_listener(connection, user_id, limit, offset, private=private)
    return answer(request, _page(found, total, limit, offset, f"{view.base}/me/playlists", view))


@router.get(
    "/users/{user_id}/playlists",
    summary="A user's playlists",
    responses={200: {"model": Page[SimplifiedPlaylistObject]}, **errors.NOT_FOUND},
)
def of_user(
    request: Request, library: OpenLibrary, view: Seen, user_id: str, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0
) -> Response:
    """The public ones, the newest first."""
    with library.connect() as connection:
        known = users.get(connection, [user_id])[0]
        if known is None:
            raise Unknown("user", user_id)
        found, total = playlists.of_user(connection, user_id, limit, offset)
    url = people.reference(user_id, view)["href"] + "/playlists"
    return answer(request, _page(found, total, limit, offset, url, view))


def check_snapshot(given: str | None, found: Any) -> None:
    """Accept this state of a playlist and every earlier one; changes go to the newest in any case."""
    if given is not None and not people.is_snapshot(given, found):
        raise BadRequest(f"Invalid snapshot_id {given!r}: not one of this playlist")


def _page(found: list[Any], total: int, limit: int, offset: int, url: str, view: shapes.View) -> Any:
    shaped = [people.simplified_playlist(each, view) for each in found]
    return page(shaped, total=total, limit=limit, offset=offset, url=url, params={})
