"""Who looks at a page, and whether what they send comes from a page of ours.

People sign in with the accounts of the API. On this machine alone, where at most one person has an account, nobody is
asked: then a request counts as theirs if it comes over loopback, names loopback as its host (a name that somebody made
point here does not, so DNS rebinding leads to the sign-in), and no other site made the browser send it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import Cookie, Depends, Form, Header
from starlette.exceptions import HTTPException
from starlette.requests import Request

from ritornello.errors import Forbidden, Unauthorized
from ritornello.library import clients, sessions, users
from ritornello.server.context import OpenLibrary
from ritornello.server.site.page import root

if TYPE_CHECKING:
    from sqlalchemy import Connection

COOKIE = "ritornello_session"
NOBODY = "you"
"""The user that playlists belong to where nobody has an account."""

_here = secrets.token_urlsafe(32)
"""What only pages of this run of the server know."""

Session = Annotated[str, Cookie(alias=COOKIE)]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person before a page."""

    id: str
    name: str
    csrf: str
    """What forms of their pages carry."""
    is_local: bool
    """Whether nobody was asked who they are."""
    is_host: bool
    """Whether they run this server, so that its programs, requests and studies are theirs to see: the person at the
    machine, else whoever has the oldest account."""

    def account(self, connection: Connection) -> str:
        """The id of the user that things belong to; makes that of a person without an account."""
        if users.get(connection, [self.id])[0] is None:
            users.add(connection, self.id, None, display_name=self.name)
        return self.id


def csrf(session: str) -> str:
    """What only a page that was made for this session knows."""
    return hashlib.sha256(f"csrf {session}".encode()).hexdigest()


def _visitor(request: Request, library: OpenLibrary, session: Session = "") -> Visitor:
    """Who looks; leads to the sign-in where that is not known."""
    refuse_other_sites(request)
    with library.connect() as connection:
        signed_in = sessions.user(connection, session) if session else None
        if signed_in is not None:
            user = users.get(connection, [signed_in])[0]
            assert user is not None
            first = users.people(connection)[:1]
            return Visitor(user.id, user.display_name, csrf(session), is_local=False, is_host=user in first)
        people = users.people(connection) if is_local(request) else None
    if people is not None and len(people) <= 1:
        name, shown = (people[0].id, people[0].display_name) if people else (NOBODY, "You")
        return Visitor(name, shown, csrf(_here), is_local=True, is_host=True)
    if "text/html" in request.headers.get("accept", "") and request.method == "GET":
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise HTTPException(303, headers={"Location": f"{root(request)}/sign-in?{urlencode({'next': wanted})}"})
    raise Unauthorized("Nobody is signed in: open /sign-in in this browser")


Seeing = Annotated[Visitor, Depends(_visitor)]
"""Whoever looks at a page."""


def _host(visitor: Seeing) -> Visitor:
    if not visitor.is_host:
        raise Forbidden("This is for whoever runs the server: the one with the oldest account")
    return visitor


Hosting = Annotated[Visitor, Depends(_host)]
"""Whoever looks and runs the server."""


def _by_form(visitor: Seeing, csrf: Annotated[str, Form()] = "") -> Visitor:
    return _known_page(visitor, csrf)


def _by_header(visitor: Seeing, x_csrf: Annotated[str, Header()] = "") -> Visitor:
    return _known_page(visitor, x_csrf)


def _host_by_form(visitor: Hosting, csrf: Annotated[str, Form()] = "") -> Visitor:
    return _known_page(visitor, csrf)


Sending = Annotated[Visitor, Depends(_by_form)]
"""Whoever sends a form of ours: its field ``csrf`` says so."""
Ruling = Annotated[Visitor, Depends(_host_by_form)]
"""The same of whoever runs the server."""
Uploading = Annotated[Visitor, Depends(_by_header)]
"""Whoever sends what is no form: the header ``X-Csrf`` says so."""


def _known_page(visitor: Visitor, given: str) -> Visitor:
    if not hmac.compare_digest(given.encode(), visitor.csrf.encode()):
        raise Forbidden("This form is not of a page that was made for you, or the server was started anew: reload it")
    return visitor


def is_local(request: Request) -> bool:
    """Whether a request comes from a person at this machine, to a server that only this machine reaches."""
    alone: bool = request.app.state.alone
    peer = request.client.host if request.client else ""
    if not alone or any(f"x-forwarded-{name}" in request.headers for name in ("for", "host")):
        return False
    return _is_loopback(peer) and clients.is_loopback(request.url.hostname or "")


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def refuse_other_sites(request: Request) -> None:
    """A link from elsewhere may lead here; a picture, a script or a form of another site may not."""
    where = request.headers.get("sec-fetch-site", "same-origin")
    follows_link = request.headers.get("sec-fetch-mode") == "navigate" and request.method == "GET"
    if where not in ("same-origin", "none") and not follows_link:
        raise Forbidden("This page was asked for by another site: open it by its address")
