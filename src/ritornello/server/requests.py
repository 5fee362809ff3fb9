"""What programs asked last: kept in memory, for the page on which developers watch it."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST = 300
_WATCHED = ("/v1/", "/ritornello/v1/", "/api/")


@dataclass(frozen=True, slots=True)
class Request:
    """One request and its answer: nothing that was looked for, nobody's name, no token."""

    number: int
    at: datetime
    """UTC."""
    client_id: str | None
    """None where there was no valid token."""
    method: str
    route: str
    """With places in braces where ids stood."""
    parameters: tuple[str, ...]
    """The names alone."""
    status: int
    seconds: float


class Requests:
    """The last requests."""

    def __init__(self) -> None:
        self._kept: deque[Request] = deque(maxlen=MOST)
        self._numbers = count(1)

    def after(self, number: int) -> list[Request]:
        """Those that came after one, oldest first; after 0, all that are kept."""
        return [one for one in list(self._kept) if one.number > number]

    def keep(self, scope: Scope, status: int, seconds: float) -> None:
        """Remember what may be remembered of a request."""
        names = dict.fromkeys(name for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), True))
        known = Request(
            number=next(self._numbers),
            at=datetime.now(UTC),
            client_id=scope.get("state", {}).get("client_id"),
            method=scope["method"],
            route=_pattern(scope),
            parameters=tuple(name for name in names if name != "access_token"),
            status=status,
            seconds=seconds,
        )
        self._kept.append(known)


def _pattern(scope: Scope) -> str:
    """The path with the names of what stood in it; what is not served could hold anything."""
    if "route" not in scope:
        return "not served"
    names = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    return "/".join(names.get(part, part) for part in scope["path"].split("/"))


class Watch:
    """Tell of every request of a program once its answer is on its way."""

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self.app = app
        self.requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or not scope["path"].startswith(_WATCHED):
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.requests.keep(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, watched)
