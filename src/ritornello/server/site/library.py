"""``GET /library``: search and browse."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from ritornello.server.site.page import page
from ritornello.server.site.visitor import Seeing

router = APIRouter(include_in_schema=False)


@router.get("/library")
def show(request: Request, visitor: Seeing) -> Response:
    """All tracks."""
    return page(request, "library.html", visitor)
