"""What a trusted proxy says of the request that it passed on."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send


class Forwarded:
    """Take scheme, host and the client's address from ``X-Forwarded-*`` where a request comes from a trusted proxy."""

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        self.app = app
        self.proxies = frozenset(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as the proxy got it."""
        if scope["type"] == "http" and scope.get("client") and scope["client"][0] in self.proxies:
            scope = _told(scope)
        await self.app(scope, receive, send)


def _told(scope: Scope) -> Scope:
    given = Headers(scope=scope)
    scope = dict(scope)
    scheme, host = (given.get(f"x-forwarded-{name}", "").partition(",")[0].strip() for name in ("proto", "host"))
    # What the client itself wrote stands before what the proxy saw.
    client = given.get("x-forwarded-for", "").rpartition(",")[2].strip()
    if scheme in ("http", "https"):
        scope["scheme"] = scheme
    if host:
        others = [(name, value) for name, value in scope["headers"] if name != b"host"]
        scope["headers"] = [*others, (b"host", host.encode("latin-1"))]
    if client:
        scope["client"] = (client, 0)
    return scope
