"""What every handler is given: the library, the public base URL that links start with, and who looks."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import Request

from ritornello.library import Library
from ritornello.spotify.shapes import View


async def _library(request: Request) -> Library:
    return cast("Library", request.app.state.library)


async def _base(request: Request) -> str:
    public_url: str | None = request.app.state.public_url
    root = public_url if public_url is not None else str(request.base_url)
    return root.rstrip("/").removesuffix("/v1") + "/v1"


OpenLibrary = Annotated[Library, Depends(_library)]
Base = Annotated[str, Depends(_base)]


async def _seen(request: Request, base: Base) -> View:
    return View(base, public=request.app.state.public)


Seen = Annotated[View, Depends(_seen)]
"""For endpoints that know no market."""
