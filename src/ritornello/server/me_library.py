"""``/v1/me/library``: saving and following by URI, as it is done since 2026."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import BadRequest
from ritornello.library import playlists, saved
from ritornello.server.answers import answer
from ritornello.server.bearer import Token, require, user
from ritornello.server.context import OpenLibrary
from ritornello.server.playlist_access import PRIVATE, PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

router = APIRouter(prefix="/me/library", tags=["Library"])

MOST = 40
_URI = re.compile(r"spotify:(track|album|episode|show|audiobook|artist|playlist):([0-9A-Za-z]{22})|spotify:(user):(.+)")

_MODIFIED_BY = {
    "artist": ("user-follow-modify",),
    "user": ("user-follow-modify",),
    "playlist": (PUBLIC, PRIVATE),
}
_READ_BY = {
    "artist": ("user-follow-read",),
    "user": ("user-follow-read",),
    "playlist": ("playlist-read-private",),
}


class Uris(BaseModel):
    """Which ones."""

    uris: list[str]


Asked = Annotated[str, Query(alias="uris", description="A comma list of up to 40 URIs")]


@router.put("", summary="Save or follow", response_class=Response, responses={200: {"description": "They are kept"}})
def save(
    library: OpenLibrary,
    token: Token,
    named: Annotated[Uris | None, Body()] = None,
    asked: Asked = "",
    user_id: str = user(),
) -> Response:
    """Save tracks and albums, follow artists, users and playlists."""
    wanted = _which(named, asked)
    _check(token, wanted, _MODIFIED_BY, "user-library-modify")
    with library.begin() as connection:
        for kind, id_ in wanted:
            saved.add(connection, user_id, kind, [id_])
    return Response()


@router.delete(
    "", summary="Let go or unfollow", response_class=Response, responses={200: {"description": "They are kept no more"}}
)
def let_go(
    library: OpenLibrary,
    token: Token,
    named: Annotated[Uris | None, Body()] = None,
    asked: Asked = "",
    user_id: str = user(),
) -> Response:
    """An own playlist that one lets go is gone."""
    wanted = _which(named, asked)
    _check(token, wanted, _MODIFIED_BY, "user-library-modify")
    with library.begin() as connection:
        for kind, id_ in wanted:
            saved.remove(connection, user_id, kind, [id_])
            if kind == "playlist":
                forget_own(connection, id_, user_id)
    return Response()


@router.get("/contains", summary="Are these kept?", responses={200: {"model": list[bool]}})
def contains(
    request: Request, library: OpenLibrary, token: Token, asked: Asked = "", user_id: str = user()
) -> Response:
    """True or false for each, in the order asked."""
    wanted = _which(None, asked)
    _check(token, wanted, _READ_BY, "user-library-read")
    with library.connect() as connection:
        return answer(request, [_is_kept(connection, user_id, kind, id_) for kind, id_ in wanted])


def forget_own(connection: Connection, playlist_id: str, user_id: str) -> None:
    """Unfollowing an own playlist is how one deletes it."""
    found = playlists.get(connection, [playlist_id])[0]
    if found is not None and found.owner_id == user_id:
        playlists.remove(connection, found)


def _is_kept(connection: Connection, user_id: str, kind: str, id_: str) -> bool:
    if kind == "playlist":
        found = playlists.get(connection, [id_])[0]
        if found is not None and found.owner_id == user_id:
            return True
    return saved.contains(connection, user_id, kind, [id_])[0]


def _which(named: Uris | None, asked: str) -> list[tuple[str, str]]:
    given = [part.strip() for part in asked.split(",") if part.strip()] or (named.uris if named else [])
    if not 1 <= len(given) <= MOST:
        raise BadRequest(f"{len(given)} uris were given: expected 1 to {MOST}")
    return [_parse(uri) for uri in given]


def _parse(uri: str) -> tuple[str, str]:
    match = _URI.fullmatch(uri)
    if match is None:
        raise BadRequest(f"Invalid uri {uri!r}: expected such as spotify:album:4aawyAB9vmqN3uQ7FjRGTy")
    return (match[1], match[2]) if match[1] else (match[3], unquote(match[4]))


def _check(token: Token, wanted: Iterable[tuple[str, str]], scopes: Mapping[str, tuple[str, ...]], usual: str) -> None:
    for kind in dict.fromkeys(kind for kind, _ in wanted):
        require(token, *scopes.get(kind, (usual,)))
