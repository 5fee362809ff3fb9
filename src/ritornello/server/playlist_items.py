"""``/v1/playlists/{playlist_id}/tracks``, which since 2026 is also called ``items``."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import BadRequest
from ritornello.library import playlists
from ritornello.server import errors, playlist_access
from ritornello.server.answers import Json, answer
from ritornello.server.bearer import Token, user
from ritornello.server.context import OpenLibrary
from ritornello.server.market import InMarket
from ritornello.server.paging import FARTHEST, Offset, or_else
from ritornello.server.playlist_access import PRIVATE, PUBLIC
from ritornello.server.playlists import Fields, Types, check_snapshot
from ritornello.spotify import fields as grammar
from ritornello.spotify import people
from ritornello.spotify.paging import DEFAULT_LIMIT, Page, page
from ritornello.spotify.people_objects import PlaylistTrackObject, Snapshot

router = APIRouter(tags=["Playlists"])

MOST = 100
_URI = re.compile(r"spotify:(track|episode):[0-9A-Za-z]{22}|spotify:local:[^\x00-\x20]{0,1000}")

_Many = Annotated[int, or_else(DEFAULT_LIMIT), Query(ge=1, le=MOST, description="How many, 1 to 100")]
_Place = Annotated[int, Field(ge=0, le=FARTHEST)]
_Uris = Annotated[str, Query(description="A comma list of URIs, in place of those in the body")]


class Additions(BaseModel):
    """What to add and where."""

    uris: list[str] | None = None
    position: _Place | None = None


class Update(BaseModel):
    """New items in place of all, or a stretch to move."""

    uris: list[str] | None = None
    range_start: _Place | None = None
    insert_before: _Place | None = None
    range_length: Annotated[int, Field(ge=1, le=FARTHEST)] = 1
    snapshot_id: str | None = None


class Removal(BaseModel):
    """An item to remove: everywhere, or at these positions."""

    uri: str = ""
    positions: list[_Place] | None = None


class Removals(BaseModel):
    """What to remove; `items` is the name of `tracks` since 2026."""

    tracks: list[Removal] | None = None
    items: list[Removal] | None = None
    positions: list[_Place] | None = None
    snapshot_id: str | None = None


_STORED: dict[str, Any] = {"responses": {200: {"model": Snapshot}, **errors.NOT_FOUND}}


@router.get(
    "/playlists/{playlist_id}/tracks",
    summary="Items of a playlist",
    responses={200: {"model": Page[PlaylistTrackObject]}, **errors.NOT_FOUND},
)
@router.get(
    "/playlists/{playlist_id}/items",
    summary="Items of a playlist",
    responses={200: {"model": Page[PlaylistTrackObject]}, **errors.NOT_FOUND},
)
def some(
    request: Request,
    library: OpenLibrary,
    token: Token,
    view: InMarket,
    playlist_id: str,
    fields: Fields = "",
    limit: _Many = DEFAULT_LIMIT,
    offset: Offset = 0,
    additional_types: Types = "",
) -> Response:
    """A stretch of a playlist; a track that is not in this library is null."""
    choice = grammar.parse(fields)
    with library.connect() as connection:
        found = playlist_access.seen(connection, playlist_id, token)
        items = playlists.items(connection, playlist_id, limit, offset)
    asked = {"fields": fields, "market": view.market or "", "additional_types": additional_types}
    listed = page(
        [people.item(each, view) for each in items],
        total=found.total,
        limit=limit,
        offset=offset,
        url=f"{view.base}/playlists/{playlist_id}/{request.url.path.rstrip('/').rpartition('/')[2]}",
        params={name: value for name, value in asked.items() if value},
    )
    return answer(request, choice.of(listed))


@router.post(
    "/playlists/{playlist_id}/tracks",
    summary="Add items",
    status_code=201,
    responses={201: {"model": Snapshot}, **errors.NOT_FOUND},
)
@router.post(
    "/playlists/{playlist_id}/items",
    summary="Add items",
    status_code=201,
    responses={201: {"model": Snapshot}, **errors.NOT_FOUND},
)
def add(
    library: OpenLibrary,
    token: Token,
    playlist_id: str,
    additions: Annotated[Additions | list[str] | None, Body()] = None,
    uris: _Uris = "",
    position: Annotated[int | None, or_else(None), Query(ge=0, le=FARTHEST)] = None,
    user_id: str = user(PUBLIC, PRIVATE),
) -> Response:
    """Add up to a hundred items at a position, or at the end."""
    body = Additions(uris=additions) if isinstance(additions, list) else additions or Additions()
    given = _check(_listed(uris) or body.uris or [])
    if not given:
        raise BadRequest("no items were given: expected uris in the query or in the body")
    at = position if position is not None else body.position
    with library.begin() as connection:
        found = playlist_access.shared(connection, playlist_id, token)
        playlists.add(connection, found, given, user_id, at)
        return _snapshot(connection, playlist_id, 201)


@router.put("/playlists/{playlist_id}/tracks", summary="Reorder or replace items", **_STORED)
@router.put("/playlists/{playlist_id}/items", summary="Reorder or replace items", **_STORED)
def update(
    library: OpenLibrary,
    token: Token,
    playlist_id: str,
    change: Annotated[Update | list[str] | None, Body()] = None,
    uris: Annotated[str | None, Query(description="A comma list of URIs; may be empty")] = None,
    user_id: str = user(PUBLIC, PRIVATE),
) -> Response:
    """Move a stretch of items where `range_start` is given, else put up to a hundred in the place of all."""
    body = Update(uris=change) if isinstance(change, list) else change or Update()
    with library.begin() as connection:
        found = playlist_access.shared(connection, playlist_id, token)
        check_snapshot(body.snapshot_id, found)
        if body.range_start is not None:
            if body.insert_before is None:
                raise BadRequest("insert_before is missing: where are the items from range_start to go?")
            playlists.move(connection, found, body.range_start, body.range_length, body.insert_before)
        elif uris is not None or body.uris is not None:
            given = _listed(uris) if uris is not None else body.uris or []
            playlists.replace_all(connection, found, _check(given), user_id)
        else:
            raise BadRequest("nothing to do: expected uris, or range_start and insert_before")
        return _snapshot(connection, playlist_id)


@router.delete("/playlists/{playlist_id}/tracks", summary="Remove items", **_STORED)
@router.delete("/playlists/{playlist_id}/items", summary="Remove items", **_STORED)
def remove(
    library: OpenLibrary,
    token: Token,
    playlist_id: str,
    removals: Removals,
    user_id: str = user(PUBLIC, PRIVATE),
) -> Response:
    """Remove items everywhere, or at the positions given."""
    wanted = [(one.uri, one.positions) for one in (removals.tracks or removals.items or [])]
    if removals.positions is not None:
        wanted.append(("", removals.positions))
    if not 1 <= len(wanted) <= MOST:
        raise BadRequest(f"{len(wanted)} items to remove were given: expected 1 to {MOST} in tracks")
    _check([uri for uri, positions in wanted if uri or positions is None])
    with library.begin() as connection:
        found = playlist_access.shared(connection, playlist_id, token)
        check_snapshot(removals.snapshot_id, found)
        playlists.take_off(connection, found, wanted)
        return _snapshot(connection, playlist_id)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _check(uris: list[str]) -> list[str]:
    if len(uris) > MOST:
        raise BadRequest(f"You can add a maximum of {MOST} tracks per request: {len(uris)} were given")
    for uri in uris:
        if not _URI.fullmatch(uri):
            raise BadRequest(f"Invalid track uri: {uri}; expected such as spotify:track:6rqhFgbbKwnb9MLmUQDhG6")
    return uris


def _snapshot(connection: Any, playlist_id: str, status: int = 200) -> Response:
    return Json({"snapshot_id": people.snapshot(playlists.one(connection, playlist_id))}, status)
