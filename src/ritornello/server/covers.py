"""``GET /images/{hash}``: the covers that albums link to; browsers load them without a token."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from ritornello.errors import Unknown
from ritornello.library import covers
from ritornello.server import errors
from ritornello.server.context import OpenLibrary

router = APIRouter(prefix="/images", tags=["Albums"])

_SHOWN = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp")


@router.get(
    "/{hash}",
    summary="A cover image",
    response_class=Response,
    responses={200: {"content": {"image/*": {}}, "description": "The image as the file holds it"}, **errors.NOT_FOUND},
)
def cover(library: OpenLibrary, hash: str) -> Response:  # noqa: A002
    """Serve an image; its name is the hash of its content, so it may be kept for ever."""
    with library.connect() as connection:
        found = covers.get(connection, hash)
    if found is None:
        raise Unknown("image", hash)
    # A tag may claim any type; a page in the guise of a cover must not run here.
    media_type = found.mime if found.mime in _SHOWN else "application/octet-stream"
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(found.data, media_type=media_type, headers=headers)
