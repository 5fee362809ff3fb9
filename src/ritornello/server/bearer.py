"""The access token of a request."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2

from ritornello.errors import BadRequest, Unauthorized
from ritornello.library import tokens
from ritornello.server.context import OpenLibrary

_SCHEME = OAuth2(
    flows=OAuthFlows(clientCredentials=OAuthFlowClientCredentials(tokenUrl="/api/token", scopes={})),
    scheme_name="Client credentials",
    description="`ritornello clients add NAME` prints a client id and its secret.",
    auto_error=False,
)


def authorize(
    library: OpenLibrary,
    authorization: Annotated[str | None, Depends(_SCHEME)],
    access_token: Annotated[str | None, Query(include_in_schema=False)] = None,
) -> tokens.Token:
    """Require a valid token in the Authorization header, or in the query as some clients send it."""
    token = _read(authorization) if authorization else access_token
    if not token:
        raise Unauthorized("No token provided: send the header Authorization: Bearer TOKEN")
    with library.connect() as connection:
        return tokens.check(connection, token)


def _read(authorization: str) -> str:
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer":
        raise BadRequest("Only valid bearer authentication supported: send the header Authorization: Bearer TOKEN")
    return token.strip()
