"""All pages, the files they load, and what the bare address leads to."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from ritornello.server.site import audio, developer, habits, library, maps, playground, playlists, signing, study, track

_PAGES = (signing, library, maps, track, audio, playlists, playground, habits, study, developer)

_front = APIRouter(include_in_schema=False)


def install(app: FastAPI) -> None:
    """Serve the pages and the files they load."""
    app.include_router(_front)
    for page in _PAGES:
        app.include_router(page.router)
    app.mount("/site", _Files(directory=str(files("ritornello.server.site") / "static")), name="site")


@_front.get("/")
async def front(request: Request) -> Response:
    """Lead a person who typed the address to something to look at."""
    return RedirectResponse("library")


class _Files(StaticFiles):
    """Asked for again each time, and sent only where they changed: an upgrade must not meet yesterday's scripts."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "no-cache"
        return answer
