"""``GET /health``: ready when it answers 200."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response
from typing_extensions import TypedDict

from ritornello import __version__
from ritornello.library import tracks
from ritornello.server.answers import Json
from ritornello.server.context import OpenLibrary

router = APIRouter(tags=["Server"])


class Health(TypedDict):
    """What the server says of itself."""

    status: str
    version: str
    tracks: int


@router.get("/health", summary="Is the server ready?", responses={200: {"model": Health}})
def health(library: OpenLibrary) -> Response:
    """Answer once the library can be read; needs no token."""
    with library.connect() as connection:
        return Json({"status": "ok", "version": __version__, "tracks": tracks.count(connection)})
