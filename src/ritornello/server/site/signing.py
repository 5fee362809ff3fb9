"""``GET /sign-in``: where people who have an account say who they are; what it sends goes to ``/login``."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from ritornello.server.site.page import page

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
def sign_in(request: Request, next: str = "/library") -> Response:  # noqa: A002
    """Ask for name and password."""
    return page(request, "sign_in.html", client=None, query="", next=next, said=None, username="")


def onward(path: str) -> str | None:
    """A path of this very site to go on to; None for anything else."""
    safe = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if safe else None
