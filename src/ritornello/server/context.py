"""What every handler is given: the library, the public base URL that links start with, and who looks."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import Request

from ritornello.library import Library
from ritornello.spotify.shapes import View


async def _library(request: Request) -> Library:
    return cast("Library", request.app.state.library)


def base_of(request: Request) -> str:
    """The public base URL, ending in ``/v1``."""
    public_url: str | None = request.app.state.public_url
    root = public_url if public_url is not None else str(request.base_url)
    return root.rstrip("/").removesuffix("/v1") + "/v1"


async def _base(request: Request) -> str:
    return base_of(request)


OpenLibrary = Annotated[Library, Depends(_library)]
Base = Annotated[str, Depends(_base)]


def seen(request: Request) -> View:
    """Who looks, where no market is known."""
    return View(base_of(request), public=request.app.state.public)


async def _seen(request: Request) -> View:
    return seen(request)


Seen = Annotated[View, Depends(_seen)]
"""For endpoints that know no market."""
