"""``GET /images/{hash}``: the covers that albums and playlists link to; browsers load them without a token."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from ritornello.errors import Unknown
from ritornello.library import covers
from ritornello.server import errors, picture
from ritornello.server.context import OpenLibrary
from ritornello.spotify.shapes import SIZES

router = APIRouter(prefix="/images", tags=["Albums"])

_SHOWN = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp")
# Its name is the hash of its content, so it may be kept for ever.
_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


@router.get(
    "/{hash}",
    summary="A cover image",
    response_class=Response,
    responses={200: {"content": {"image/*": {}}, "description": "The image as the file holds it"}, **errors.OPEN},
)
def cover(library: OpenLibrary, hash: str) -> Response:  # noqa: A002
    """The image as it was found."""
    found = _find(library, hash)
    # A tag may claim any type; a page in the guise of a cover must not run here.
    media_type = found.mime if found.mime in _SHOWN else "application/octet-stream"
    return Response(found.data, media_type=media_type, headers=_HEADERS)


@router.get(
    "/{hash}/{size}",
    summary="A cover image in one of three sizes",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "A square JPEG"}, **errors.OPEN},
)
def square(library: OpenLibrary, hash: str, size: int) -> Response:  # noqa: A002
    """The middle of the image, 640, 300 or 64 pixels wide and high."""
    if size not in SIZES:
        raise Unknown("image size", str(size))
    made = picture.square(_find(library, hash).data, size)
    if made is None:
        return cover(library, hash)
    return Response(made, media_type="image/jpeg", headers=_HEADERS)


def _find(library: OpenLibrary, hash: str) -> covers.Cover:  # noqa: A002
    with library.connect() as connection:
        found = covers.get(connection, hash)
    if found is None:
        raise Unknown("image", hash)
    return found
