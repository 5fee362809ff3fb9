"""``POST /api/token``: client credentials in, an access token out."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Form, Header
from starlette.responses import Response

from ritornello.errors import AccountsError
from ritornello.library import clients, tokens
from ritornello.server.answers import Json
from ritornello.server.context import OpenLibrary
from ritornello.spotify.objects import AccountsErrorObject, TokenObject

router = APIRouter(prefix="/api", tags=["Accounts"])


@router.post(
    "/token",
    summary="Get an access token",
    responses={
        200: {"model": TokenObject},
        400: {"model": AccountsErrorObject, "description": "OAuth's error codes"},
        "default": {"model": AccountsErrorObject, "description": "Any other error"},
    },
)
def token(
    library: OpenLibrary,
    grant_type: Annotated[str, Form(description="`client_credentials`")] = "",
    client_id: Annotated[str, Form()] = "",
    client_secret: Annotated[str, Form()] = "",
    authorization: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Exchange a client id and secret, as Basic authorization or as form fields, for a token that lives an hour."""
    if not grant_type:
        raise AccountsError("invalid_request", "grant_type is missing: expected a form with client_credentials")
    if grant_type != "client_credentials":
        raise AccountsError("unsupported_grant_type", f"{grant_type!r} is not served: expected client_credentials")
    id_, secret = _basic(authorization) if authorization else (client_id, client_secret)
    with library.connect() as connection:
        client = clients.verify(connection, id_, secret)
    if client is None:
        raise AccountsError("invalid_client", "Invalid client: no client has this id and secret")
    with library.begin() as connection:
        issued = tokens.issue(connection, client.id)
    return Json(
        {"access_token": issued, "token_type": "Bearer", "expires_in": tokens.LIFETIME},
        headers={"Cache-Control": "no-store, private, max-age=0"},
    )


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, given = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        raise AccountsError("invalid_client", f"{scheme} authorization is not served: expected Basic")
    try:
        id_, _, secret = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise AccountsError("invalid_client", "Invalid client: the Basic authorization cannot be decoded") from error
    return id_, secret
