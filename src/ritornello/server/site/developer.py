"""``GET /developer``: what somebody needs who writes a program against this server."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import BadRequest
from ritornello.library import clients
from ritornello.server.answers import Json
from ritornello.server.context import Base, OpenLibrary
from ritornello.server.requests import Requests
from ritornello.server.site import snippets
from ritornello.server.site.page import page
from ritornello.server.site.visitor import Hosting, Ruling, Seeing

router = APIRouter(include_in_schema=False)

_LONGEST_NAME = 100


async def _requests(request: Request) -> Requests:
    return cast("Requests", request.app.state.requests)


@router.get("/developer")
def show(request: Request, library: OpenLibrary, base: Base, visitor: Seeing) -> Response:
    """Addresses and lines to paste for everybody; programs and their requests for whoever runs the server."""
    with library.connect() as connection:
        known = clients.all(connection) if visitor.is_host else []
    here = base.removesuffix("/v1")
    return page(request, "developer.html", visitor, base=base, at=here, snippets=snippets.written(here), clients=known)


@router.post("/developer/clients")
def add(
    library: OpenLibrary,
    visitor: Ruling,
    name: Annotated[str, Form()] = "",
    redirect_uri: Annotated[str, Form()] = "",
) -> Response:
    """Make a program known; its secret is in this answer and nowhere else."""
    if not name.strip() or len(name) > _LONGEST_NAME:
        raise BadRequest(f"the program needs a name of at most {_LONGEST_NAME} characters")
    with library.begin() as connection:
        made, secret = clients.add(connection, name.strip(), redirect_uri.split())
    return Json({"id": made.id, "name": made.name, "secret": secret, "redirect_uris": list(made.redirect_uris)})


@router.post("/developer/clients/{id}/revoke")
def revoke(library: OpenLibrary, visitor: Ruling, id: str) -> Response:  # noqa: A002
    """Take a program and its tokens away."""
    with library.begin() as connection:
        clients.revoke(connection, id)
    return Json({"revoked": id})


@router.get("/developer/requests")
def watch(
    library: OpenLibrary, visitor: Hosting, requests: Annotated[Requests, Depends(_requests)], after: int = 0
) -> Response:
    """What programs asked since a request; the numbers rise by one."""
    with library.connect() as connection:
        names = {one.id: one.name for one in clients.all(connection)}
    told = [
        {
            "number": one.number,
            "at": one.at.isoformat(timespec="milliseconds"),
            "client": names.get(one.client_id or "", ""),
            "method": one.method,
            "route": one.route,
            "parameters": one.parameters,
            "status": one.status,
            "milliseconds": round(one.seconds * 1000, 1),
        }
        for one in requests.after(after)
    ]
    return Json({"requests": told})
