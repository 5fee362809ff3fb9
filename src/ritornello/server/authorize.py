"""``/authorize``: the pages on which a person signs in and agrees."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Form
from limits import parse as rate
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import FatalClientError, OAuth2Error
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ritornello.library import clients, sessions, tokens, users
from ritornello.server.context import Base, OpenLibrary
from ritornello.server.oauth import Accounts
from ritornello.server.site.page import page, root
from ritornello.server.site.signing import onward
from ritornello.server.site.visitor import COOKIE, Session, refuse_other_sites
from ritornello.server.site.visitor import csrf as token_of
from ritornello.spotify.scopes import SCOPES

router = APIRouter(include_in_schema=False)

_PATIENCE = rate("10 per 15 minutes")
"""Wrong passwords for one name from one address."""
_guesses = MovingWindowRateLimiter(MemoryStorage())


@router.get("/authorize")
def ask(request: Request, library: OpenLibrary, session: Session = "") -> Response:
    """Ask the person, after they signed in, whether a program may act for them."""
    uri = _uri(request)
    with library.connect() as connection:
        try:
            wanted, asked = Accounts(connection).validate_authorization_request(uri, "GET")
        except FatalClientError as error:
            return page(request, "refused.html", status=400, reason=_why(error))
        except OAuth2Error as error:
            return RedirectResponse(error.in_uri(error.redirect_uri), 302)
        user_id = sessions.user(connection, session)
        client = clients.get(connection, asked["client_id"])
        agreed = user_id is not None and tokens.has_consent(connection, asked["client_id"], user_id, wanted)
    assert client is not None
    if user_id is None:
        return _sign_in(request, client=client.name, query=request.url.query)
    again = request.query_params.get("show_dialog", "").lower() == "true"
    if agreed and not again and asked["response_type"] == "code":
        return _send_back(library, uri, wanted, user_id)
    return page(
        request,
        "agree.html",
        client=client.name,
        user=user_id,
        to=urlsplit(asked["redirect_uri"]).netloc or asked["redirect_uri"],
        scopes=[SCOPES[scope] for scope in wanted],
        query=request.url.query,
        csrf=token_of(session),
    )


@router.post("/authorize")
def decide(
    request: Request,
    library: OpenLibrary,
    session: Session = "",
    decision: Annotated[str, Form()] = "",
    csrf: Annotated[str, Form()] = "",
) -> Response:
    """Send the browser back, with a code where the person agreed."""
    uri = _uri(request)
    with library.connect() as connection:
        user_id = sessions.user(connection, session)
        try:
            wanted, asked = Accounts(connection).validate_authorization_request(uri, "GET")
        except FatalClientError as error:
            return page(request, "refused.html", status=400, reason=_why(error))
        except OAuth2Error as error:
            return RedirectResponse(error.in_uri(error.redirect_uri), 302)
    if user_id is None or not hmac.compare_digest(csrf.encode(), token_of(session).encode()):
        return RedirectResponse("authorize?" + request.url.query, 303)
    if decision != "agree":
        denied = {"error": "access_denied", **({"state": asked["state"]} if asked["state"] else {})}
        fragment = asked["response_type"] == "token"
        return RedirectResponse(add_params_to_uri(asked["redirect_uri"], list(denied.items()), fragment), 302)
    return _send_back(library, uri, wanted, user_id)


@router.post("/login")
def sign_in(
    request: Request,
    library: OpenLibrary,
    base: Base,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    query: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",  # noqa: A002
) -> Response:
    """Check a password and go on to the question, or to a page."""
    # Else another site could sign somebody in as somebody else.
    refuse_other_sites(request)
    key = (username, request.client.host if request.client else "")
    if not _guesses.test(_PATIENCE, *key):
        wait = str(_PATIENCE.get_expiry())
        said = "Too many wrong passwords: wait a quarter of an hour."
        asked = {"query": query, "next": next, "said": said, "username": username}
        return _sign_in(request, 429, {"Retry-After": wait}, **asked)
    with library.connect() as connection:
        user = users.verify(connection, username, password)
    if user is None:
        _guesses.hit(_PATIENCE, *key)
        said = "Wrong name or password."
        return _sign_in(request, 403, query=query, next=next, said=said, username=username)
    with library.begin() as connection:
        session = sessions.start(connection, user.id)
    answer = RedirectResponse(_onward(request, next, query), 303)
    answer.set_cookie(
        COOKIE, session, max_age=sessions.LIFETIME, httponly=True, samesite="lax", secure=base.startswith("https:")
    )
    return answer


@router.post("/logout")
def sign_out(
    request: Request,
    library: OpenLibrary,
    session: Session = "",
    query: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",  # noqa: A002
    csrf: Annotated[str, Form()] = "",
) -> Response:
    """End the session of this browser and ask who else it is."""
    answer = RedirectResponse(_onward(request, next, query), 303)
    if hmac.compare_digest(csrf.encode(), token_of(session).encode()):
        with library.begin() as connection:
            sessions.end(connection, session)
        answer.delete_cookie(COOKIE)
    return answer


def _sign_in(request: Request, status: int = 200, headers: Mapping[str, str] | None = None, **values: str) -> Response:
    asked: dict[str, Any] = {"client": None, "query": "", "next": "", "said": None, "username": "", **values}
    return page(request, "sign_in.html", status=status, headers=headers, **asked)


def _onward(request: Request, next: str, query: str) -> str:  # noqa: A002
    page = onward(next)
    return f"authorize?{query}" if page is None else root(request) + page


def _send_back(library: OpenLibrary, uri: str, wanted: list[str], user_id: str) -> Response:
    with library.begin() as connection:
        headers, _, status = Accounts(connection).create_authorization_response(
            uri, "GET", scopes=wanted, credentials={"user": user_id}
        )
    return RedirectResponse(headers["Location"], status, {"Cache-Control": "no-store"})


def _uri(request: Request) -> str:
    # Empty parameters count as not given; clients send `scope=`.
    given = [(name, value) for name, value in request.query_params.multi_items() if value]
    return "https://accounts/authorize?" + urlencode(given)


def _why(error: FatalClientError) -> str:
    said: str = error.description or error.error
    return _REASONS.get(said, said)


_REASONS = {
    "Invalid client_id parameter value.": "This server knows no program with this client id. "
    "Whoever runs the server makes one with: ritornello clients add NAME --redirect-uri ADDRESS",
    "Mismatching redirect URI.": "The program asks to be called back at an address that it was not registered with. "
    "Whoever runs the server registers addresses with: ritornello clients add NAME --redirect-uri ADDRESS",
}
