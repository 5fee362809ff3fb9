"""``/v1/playlists/{playlist_id}/images``."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import BadRequest
from ritornello.library import covers, playlists
from ritornello.server import errors, picture, playlist_access
from ritornello.server.answers import answer
from ritornello.server.bearer import Token, require, user
from ritornello.server.context import OpenLibrary, Seen
from ritornello.server.playlist_access import PRIVATE, PUBLIC
from ritornello.spotify import shapes
from ritornello.spotify.objects import Image

router = APIRouter(tags=["Playlists"])

LARGEST = 256 * 1024
"""Bytes of base64."""


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise BadRequest(f"the image is larger than {LARGEST} bytes of base64: send a smaller one")
    return body


@router.get(
    "/playlists/{playlist_id}/images",
    summary="Cover of a playlist",
    responses={200: {"model": list[Image]}, **errors.NOT_FOUND},
)
def cover(request: Request, library: OpenLibrary, token: Token, view: Seen, playlist_id: str) -> Response:
    """The cover in three sizes, or an empty list."""
    with library.connect() as connection:
        found = playlist_access.seen(connection, playlist_id, token)
    return answer(request, shapes.images(found.cover, view))


@router.put(
    "/playlists/{playlist_id}/images",
    summary="Upload a cover",
    status_code=202,
    response_class=Response,
    responses={202: {"description": "It is the cover now"}, **errors.NOT_FOUND},
    openapi_extra={"requestBody": {"content": {"image/jpeg": {"schema": {"type": "string", "format": "byte"}}}}},
)
def upload(
    library: OpenLibrary,
    token: Token,
    playlist_id: str,
    body: Annotated[bytes, Depends(_body)],
    user_id: str = user(PUBLIC, PRIVATE),
) -> Response:
    """Take a JPEG, written in base64."""
    require(token, "ugc-image-upload")
    try:
        data = base64.b64decode(body, validate=False)
    except binascii.Error as error:
        raise BadRequest(f"the body is not base64: {error}") from error
    picture.check_jpeg(data)
    with library.begin() as connection:
        found = playlist_access.owned(connection, playlist_id, token)
        playlists.change(connection, found, cover=covers.put(connection, data, "image/jpeg"))
    return Response(status_code=202)
