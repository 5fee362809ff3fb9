"""The access token of a request, the user it stands for and what it allows."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import Depends, Query, Security
from fastapi.openapi.models import OAuthFlowAuthorizationCode, OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2, SecurityScopes
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from ritornello.errors import BadRequest, Forbidden, Unauthorized
from ritornello.library import Library, tokens
from ritornello.spotify.scopes import SCOPES

_SCHEME = OAuth2(
    flows=OAuthFlows(
        clientCredentials=OAuthFlowClientCredentials(tokenUrl="/api/token", scopes={}),
        authorizationCode=OAuthFlowAuthorizationCode(
            authorizationUrl="/authorize", tokenUrl="/api/token", scopes=SCOPES
        ),
    ),
    scheme_name="oauth_2_0",
    description="`ritornello clients add` prints a client id and its secret, `ritornello users add` makes users.",
    auto_error=False,
)


_MOST_KNOWN = 1000


class Known:
    """Tokens that were looked up since the library last changed, so that not every request has to ask it."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._version = -1
        self._tokens: dict[str, tokens.Token] = {}

    async def check(self, token: str) -> tokens.Token:
        """What a token stands for; raises what :func:`~ritornello.library.tokens.check` does."""
        version = self._library.version()
        if version != self._version or len(self._tokens) > _MOST_KNOWN:
            self._version, self._tokens = version, {}
        found = self._tokens.get(token)
        if found is None or found.expires <= time.time():
            found = self._tokens[token] = await run_in_threadpool(self._look_up, token)
        return found

    def _look_up(self, token: str) -> tokens.Token:
        with self._library.connect() as connection:
            return tokens.check(connection, token)


async def authorize(
    request: Request,
    authorization: Annotated[str | None, Depends(_SCHEME)],
    access_token: Annotated[str | None, Query(include_in_schema=False)] = None,
) -> tokens.Token:
    """Require a valid token in the Authorization header, or in the query as some clients send it."""
    token = _read(authorization) if authorization else access_token
    if not token:
        raise Unauthorized("No token provided: send the header Authorization: Bearer TOKEN")
    known: Known = request.app.state.known
    found = await known.check(token)
    request.state.client_id = found.client_id
    request.app.state.rate.count(found.client_id)
    return found


Token = Annotated[tokens.Token, Depends(authorize)]


def allows(token: tokens.Token, *scopes: str) -> bool:
    """Whether a token has any of these scopes."""
    return not set(scopes).isdisjoint(token.scope.split())


def require(token: tokens.Token, *scopes: str) -> None:
    """Raise :class:`Forbidden` unless a token has one of these scopes."""
    if not allows(token, *scopes):
        raise Forbidden(f"Insufficient client scope: this needs {' or '.join(scopes)}, ask for it at /authorize")


async def _user(needed: SecurityScopes, token: Token) -> str:
    """Require the token of a user, with one of the scopes."""
    if token.user_id is None:
        raise Unauthorized("Valid user authentication required: this token stands for a program, get one at /authorize")
    if needed.scopes:
        require(token, *needed.scopes)
    return token.user_id


def user(*scopes: str) -> Any:
    """A parameter that is the id of the token's user, who granted one of these scopes."""
    return Security(_user, scopes=list(scopes))


def _read(authorization: str) -> str:
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer":
        raise BadRequest("Only valid bearer authentication supported: send the header Authorization: Bearer TOKEN")
    return token.strip()
