"""The whole server: every resource, and the rules that hold for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from ritornello import __version__
from ritornello.library import Library
from ritornello.library.columns import Browsing
from ritornello.library.held import Held
from ritornello.library.neighbours import Neighbours
from ritornello.server import (
    accounts,
    albums,
    artists,
    audio_analysis,
    audio_features,
    authorize,
    bearer,
    browse,
    confidences,
    covers,
    errors,
    following,
    health,
    markets,
    me_library,
    pages,
    player,
    playlist_cover,
    playlist_items,
    playlists,
    previews,
    provenance,
    recently_played,
    recommendations,
    rights,
    saved,
    search,
    spoken,
    tracks,
    users,
)
from ritornello.server.forwarded import Forwarded
from ritornello.server.prepared import Prepared
from ritornello.server.rate import Rate
from ritornello.server.requests import Requests, Watch
from ritornello.server.site import front
from ritornello.server.site.guard import Guard, Sharing
from ritornello.server.site.habits import Remembered
from ritornello.server.site.maps import Maps

if TYPE_CHECKING:
    from ritornello.study.folder import Study

_ABOUT = "Audio features and audio analysis, computed on your own machine and served in Spotify's own shapes."

_RESOURCES = (
    audio_features,
    audio_analysis,
    recommendations,
    tracks,
    artists,
    albums,
    search,
    browse,
    markets,
    playlists,
    playlist_items,
    playlist_cover,
    users,
    saved,
    me_library,
    following,
    recently_played,
    player,
    spoken,
)


def create_app(
    library: Library,
    *,
    public_url: str | None = None,
    public: bool = False,
    proxies: Sequence[str] = (),
    rate_limit: int | None = None,
    study: Study | None = None,
) -> FastAPI:
    """Serve a library.

    ``public_url`` is what links start with where clients reach the server by another address; ``public`` says that
    others than this machine can, so that previews need a licence. The X-Forwarded headers of ``proxies`` count.
    ``rate_limit`` is how many requests each client may make in half a minute.
    ``study`` is what whoever runs the server looks at under ``/study``.
    """
    requests = Requests()
    app = FastAPI(
        title="Ritornello",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(Forwarded, proxies=proxies),
            _for_all_sites(),
            Middleware(Guard),
            Middleware(GZipMiddleware, compresslevel=4),  # a tenth of the time that 9 takes, for an eighth more bytes
            Middleware(_WithoutSlash),
            Middleware(Watch, requests=requests),
        ],
    )
    app.state.library = library
    app.state.public_url = public_url
    app.state.public = public
    app.state.alone = not public and not proxies
    app.state.known = bearer.Known(library)
    app.state.neighbours = Neighbours(library, waits=False)
    app.state.held = Held(library)
    app.state.track_texts = Prepared[str](library)
    app.state.feature_texts = Prepared[tuple[str, provenance.Origin]](library)
    app.state.requests = requests
    app.state.browsing = Browsing(library)
    app.state.maps = Maps(library, app.state.browsing)
    app.state.habits = Remembered(library)
    app.state.study = study
    app.state.rate = Rate(rate_limit)
    errors.install(app)
    v1 = APIRouter(prefix="/v1", dependencies=[Depends(bearer.authorize)], responses=errors.DOCUMENTED)
    for resource in _RESOURCES:
        v1.include_router(resource.router)
    app.include_router(v1)
    app.include_router(recommendations.own)
    for resource in (accounts, authorize, confidences, rights, covers, previews, health):
        app.include_router(resource.router)
    pages.install(app)
    front.install(app)
    return app


def _for_all_sites() -> Middleware:
    """Let pages of any site read the answers of the API: what protects them is the token."""
    return Middleware(
        Sharing,
        allow_origins=["*"],
        allow_methods=["GET", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"],
        allow_headers=["*"],
        expose_headers=["ETag", "Retry-After", *provenance.HEADERS],
        max_age=604800,
    )


class _WithoutSlash:
    """Serve ``/v1/tracks/`` as ``/v1/tracks``: spotipy asks so, and a redirect would drop its token."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/"):
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        await self.app(scope, receive, send)
