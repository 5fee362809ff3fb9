"""JSON answers: how they are written, cached and compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

PRIVATE = "private, max-age=0"
"""Clients may keep an answer for themselves and must ask again before using it; some parse this very header."""


class Json(Response):
    """JSON with a blank after each colon: clients look for ``"status": 404`` in the text of an answer."""

    media_type = "application/json"

    def __init__(self, content: object, status_code: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(content, status_code, {"Cache-Control": PRIVATE, **(headers or {})})

    def render(self, content: object) -> bytes:
        """Write ``content``; bytes are JSON already."""
        if isinstance(content, bytes):
            return content
        return json.dumps(content, ensure_ascii=False, allow_nan=False).encode()


def answer(request: Request, content: object, headers: Mapping[str, str] | None = None) -> Response:
    """Answer 200, or 304 where the client has this very content already."""
    full = Json(content, headers=headers)
    # Weak, for the same content is also sent compressed.
    tag = f'W/"{hashlib.sha1(full.body, usedforsecurity=False).hexdigest()}"'
    full.headers["ETag"] = tag
    if not _holds(request.headers.get("If-None-Match", ""), tag):
        return full
    kept = {name: value for name, value in full.headers.items() if name not in ("content-length", "content-type")}
    return Response(status_code=304, headers=kept)


def _holds(header: str, tag: str) -> bool:
    given = [each.strip().removeprefix("W/") for each in header.split(",")]
    return "*" in given or tag.removeprefix("W/") in given
