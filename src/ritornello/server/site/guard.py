"""The headers under which a browser loads nothing from elsewhere, runs nothing inline and lets nobody frame a page."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN = ("/v1", "/ritornello/v1", "/api", "/images", "/mp3-preview", "/health", "/openapi.json", "/docs", "/assets")
"""What programs and pages of other sites may read. Everything else is for people who look at pages of ours."""

_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
_HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # Addresses hold searches, and at the sign-in a program's state; they are nobody else's business.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def is_open(path: str) -> bool:
    """Whether a path is of the API and not of the pages."""
    return any(path == prefix or path.startswith(prefix + "/") for prefix in OPEN)


class Guard:
    """Put the headers on all that is not open."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or is_open(scope["path"]):
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", _POLICY + _forms(scope["path"]))
            await send(message)

        await self.app(scope, receive, guarded)


class Sharing(CORSMiddleware):
    """Let pages of any site read what is open, and nothing else: there a token protects, here a cookie or nothing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http" and not is_open(scope["path"]):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _forms(path: str) -> str:
    # Agreeing sends the browser on to the program's own address, which this would forbid.
    return "" if path == "/authorize" else "; form-action 'self'"
