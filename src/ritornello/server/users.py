"""``GET /v1/me``, ``GET /v1/users/{user_id}``, and what the token's user plays most."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import Unknown
from ritornello.library import plays, saved, users
from ritornello.server import errors
from ritornello.server.answers import answer
from ritornello.server.artists import full
from ritornello.server.bearer import Token, allows, user
from ritornello.server.context import OpenLibrary, Seen
from ritornello.server.paging import Limit, Offset, or_else
from ritornello.spotify import people, shapes
from ritornello.spotify.objects import ArtistObject, TrackObject
from ritornello.spotify.paging import DEFAULT_LIMIT, Page, page
from ritornello.spotify.people_objects import PrivateUserObject, PublicUserObject

router = APIRouter(tags=["Users"])

_DEFAULT: Literal["medium_term"] = "medium_term"
_Range = Annotated[
    Literal["short_term", "medium_term", "long_term"],
    or_else(_DEFAULT),
    Query(description="The last four weeks, half year or year"),
]


@router.get("/me", summary="The user of the token", responses={200: {"model": PrivateUserObject}})
def me(request: Request, library: OpenLibrary, token: Token, view: Seen, user_id: str = user()) -> Response:
    """Country and product need the scope `user-read-private`, the e-mail address `user-read-email`."""
    with library.connect() as connection:
        found = users.get(connection, [user_id])[0]
        followers = saved.count(connection, "user", [user_id]).get(user_id, 0)
    assert found is not None
    private, email = allows(token, "user-read-private"), allows(token, "user-read-email")
    return answer(request, people.me(found, view, followers, private=private, email=email))


@router.get("/users/{user_id}", summary="A user", responses={200: {"model": PublicUserObject}, **errors.NOT_FOUND})
def one(request: Request, library: OpenLibrary, view: Seen, user_id: str) -> Response:
    """What others see of a user."""
    with library.connect() as connection:
        found = users.get(connection, [user_id])[0]
        followers = saved.count(connection, "user", [user_id]).get(user_id, 0)
    if found is None:
        raise Unknown("user", user_id)
    return answer(request, people.user(found, view, followers))


@router.get("/me/top/artists", summary="Most played artists", responses={200: {"model": Page[ArtistObject]}})
def top_artists(
    request: Request,
    library: OpenLibrary,
    view: Seen,
    time_range: _Range = _DEFAULT,
    limit: Limit = DEFAULT_LIMIT,
    offset: Offset = 0,
    user_id: str = user("user-top-read"),
) -> Response:
    """By the number of plays of half a minute or more."""
    with library.connect() as connection:
        ranked, total = plays.top_artists(connection, user_id, time_range, limit, offset)
        shaped = full(connection, ranked, view)
    return answer(request, _page(shaped, total, limit, offset, "artists", time_range, view))


@router.get("/me/top/tracks", summary="Most played tracks", responses={200: {"model": Page[TrackObject]}})
def top_tracks(
    request: Request,
    library: OpenLibrary,
    view: Seen,
    time_range: _Range = _DEFAULT,
    limit: Limit = DEFAULT_LIMIT,
    offset: Offset = 0,
    user_id: str = user("user-top-read"),
) -> Response:
    """By the number of plays of half a minute or more."""
    with library.connect() as connection:
        ranked, total = plays.top_tracks(connection, user_id, time_range, limit, offset)
        found = plays.called(connection, ranked)
    shaped = [shapes.track(replace(track, id=id_), view) for id_, track in zip(ranked, found, strict=True) if track]
    return answer(request, _page(shaped, total, limit, offset, "tracks", time_range, view))


def _page(items: list[Any], total: int, limit: int, offset: int, kind: str, time_range: str, view: shapes.View) -> Any:
    url = f"{view.base}/me/top/{kind}"
    return page(items, total=total, limit=limit, offset=offset, url=url, params={"time_range": time_range})
