"""The access token of a request, the user it stands for and what it allows."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Security
from fastapi.openapi.models import OAuthFlowAuthorizationCode, OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2, SecurityScopes
from starlette.requests import Request

from ritornello.errors import BadRequest, Forbidden, Unauthorized
from ritornello.library import tokens
from ritornello.server.context import OpenLibrary
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


def authorize(
    request: Request,
    library: OpenLibrary,
    authorization: Annotated[str | None, Depends(_SCHEME)],
    access_token: Annotated[str | None, Query(include_in_schema=False)] = None,
) -> tokens.Token:
    """Require a valid token in the Authorization header, or in the query as some clients send it."""
    token = _read(authorization) if authorization else access_token
    if not token:
        raise Unauthorized("No token provided: send the header Authorization: Bearer TOKEN")
    with library.connect() as connection:
        found = tokens.check(connection, token)
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


def _user(needed: SecurityScopes, token: Token) -> str:
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
