"""``/v1/me/following`` and who follows a playlist."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from ritornello.library import artists, saved
from ritornello.server import errors, playlist_access
from ritornello.server.answers import answer
from ritornello.server.artists import full
from ritornello.server.bearer import Token, require, user
from ritornello.server.context import OpenLibrary, Seen
from ritornello.server.me_library import forget_own
from ritornello.server.paging import Limit
from ritornello.server.playlist_access import PRIVATE, PUBLIC
from ritornello.server.saved import Asked, Named, which
from ritornello.spotify import ids
from ritornello.spotify.paging import DEFAULT_LIMIT
from ritornello.spotify.people_objects import FollowedArtists

router = APIRouter(tags=["Following"])

READ, MODIFY = "user-follow-read", "user-follow-modify"
MOST = 50
_Kind = Annotated[Literal["artist", "user"], Query(alias="type")]
_OnlyArtists = Annotated[Literal["artist"], Query(alias="type")]


class Following(BaseModel):
    """Whether others may see that one follows."""

    public: bool = True


@router.get("/me/following", summary="Followed artists", responses={200: {"model": FollowedArtists}})
def followed(
    request: Request,
    library: OpenLibrary,
    view: Seen,
    kind: _OnlyArtists,
    after: str = "",
    limit: Limit = DEFAULT_LIMIT,
    user_id: str = user(READ),
) -> Response:
    """By id; `after` is the last id of the page before."""
    with library.connect() as connection:
        found, total, more = saved.followed_artists(connection, user_id, limit, after)
        shaped = full(connection, artists.get(connection, found), view)

    def link(**changed: Any) -> str:
        return f"{view.base}/me/following?{urlencode({'type': kind, **changed, 'limit': limit})}"

    answered = {
        "href": link(**({"after": after} if after else {})),
        "items": shaped,
        "limit": limit,
        "next": link(after=found[-1]) if more else None,
        "cursors": {"after": found[-1] if more else None},
        "total": total,
    }
    return answer(request, {"artists": answered})


@router.put(
    "/me/following",
    summary="Follow",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "Done"}},
)
def follow(
    library: OpenLibrary, kind: _Kind, named: Named = None, asked: Asked = "", user_id: str = user(MODIFY)
) -> Response:
    """Follow artists or users."""
    wanted = which(named, asked, MOST, _form(kind))
    with library.begin() as connection:
        saved.add(connection, user_id, kind, wanted)
    return Response(status_code=204)


@router.delete("/me/following", summary="Unfollow", response_class=Response, responses={200: {"description": "Done"}})
def unfollow(
    library: OpenLibrary, kind: _Kind, named: Named = None, asked: Asked = "", user_id: str = user(MODIFY)
) -> Response:
    """Unfollow artists or users."""
    wanted = which(named, asked, MOST, _form(kind))
    with library.begin() as connection:
        saved.remove(connection, user_id, kind, wanted)
    return Response()


@router.get("/me/following/contains", summary="Are these followed?", responses={200: {"model": list[bool]}})
def is_following(
    request: Request, library: OpenLibrary, kind: _Kind, asked: Asked = "", user_id: str = user(READ)
) -> Response:
    """True or false for each, in the order asked."""
    wanted = ids.split(asked, MOST)
    with library.connect() as connection:
        return answer(request, saved.contains(connection, user_id, kind, wanted))


@router.put(
    "/playlists/{playlist_id}/followers",
    summary="Follow a playlist",
    response_class=Response,
    responses={200: {"description": "It is followed"}, **errors.NOT_FOUND},
)
def follow_playlist(
    library: OpenLibrary,
    token: Token,
    playlist_id: str,
    following: Annotated[Following | None, Body()] = None,
    user_id: str = user(PUBLIC, PRIVATE),
) -> Response:
    """Keep a playlist among one's own."""
    public = (following or Following()).public
    require(token, PUBLIC if public else PRIVATE)
    with library.begin() as connection:
        playlist_access.seen(connection, playlist_id, token)
        saved.add(connection, user_id, "playlist", [playlist_id], public=public)
    return Response()


@router.delete(
    "/playlists/{playlist_id}/followers",
    summary="Unfollow a playlist",
    response_class=Response,
    responses={200: {"description": "It is not followed any more"}, **errors.NOT_FOUND},
)
def unfollow_playlist(
    library: OpenLibrary, token: Token, playlist_id: str, user_id: str = user(PUBLIC, PRIVATE)
) -> Response:
    """Let a playlist go; an own one is gone then."""
    with library.begin() as connection:
        found = playlist_access.seen(connection, playlist_id, token)
        if found.owner_id == user_id:
            playlist_access.owned(connection, playlist_id, token)
        saved.remove(connection, user_id, "playlist", [playlist_id])
        forget_own(connection, playlist_id, user_id)
    return Response()


@router.get(
    "/playlists/{playlist_id}/followers/contains",
    summary="Do these users follow the playlist?",
    responses={200: {"model": list[bool]}, **errors.NOT_FOUND},
)
def followers(request: Request, library: OpenLibrary, token: Token, playlist_id: str, asked: Asked = "") -> Response:
    """True or false for each; without ids for the token's user alone."""
    with library.connect() as connection:
        found = playlist_access.seen(connection, playlist_id, token)
        wanted = ids.split(asked, MOST) if asked.strip() else [token.user_id or ""]
        kept = saved.keepers(connection, "playlist", playlist_id, wanted)
    return answer(request, [one or who == found.owner_id for one, who in zip(kept, wanted, strict=True)])


def _form(kind: str) -> Any:
    """Artists have ids of 22 characters, names of users are free."""
    return ids.one if kind == "artist" else str
