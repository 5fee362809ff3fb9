"""``POST /api/token`` and ``POST /api/revoke``: what programs say to the accounts service."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Header
from starlette.responses import Response

from ritornello.errors import AccountsError
from ritornello.server.answers import Json
from ritornello.server.context import OpenLibrary
from ritornello.server.oauth import SAID, Accounts
from ritornello.spotify.objects import AccountsErrorObject, TokenObject

router = APIRouter(prefix="/api", tags=["Accounts"])

_HERE = "https://accounts/"
"""Oauthlib wants an address; only its query counts."""
_NEVER_KEPT = {"Cache-Control": "no-store, private, max-age=0"}
_ERRORS = {
    400: {"model": AccountsErrorObject, "description": "OAuth's error codes"},
    "default": {"model": AccountsErrorObject, "description": "Any other error"},
}

Field = Annotated[str, Form()]


@router.post("/token", summary="Get an access token", responses={200: {"model": TokenObject}, **_ERRORS})  # type: ignore[dict-item]
def token(
    library: OpenLibrary,
    grant_type: Annotated[str, Form(description="`client_credentials`, `authorization_code` or `refresh_token`")] = "",
    code: Field = "",
    redirect_uri: Field = "",
    code_verifier: Field = "",
    refresh_token: Field = "",
    scope: Field = "",
    client_id: Field = "",
    client_secret: Field = "",
    authorization: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Exchange a client id and secret, an authorization code or a refresh token for a token that lives an hour."""
    form = {
        "grant_type": grant_type,
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": code_verifier,
        "refresh_token": refresh_token,
        # A client's own token has no scopes, whatever it asks for.
        "scope": "" if grant_type == "client_credentials" else scope,
        "client_id": client_id,
        "client_secret": client_secret,
    }
    if not grant_type:
        raise AccountsError("invalid_request", "grant_type is missing: expected a form with client_credentials")
    with library.begin() as connection:
        # Refusals are committed too: a refresh token used twice ends its family.
        _, body, status = Accounts(connection).create_token_response(
            _HERE, "POST", _given(form), {"Authorization": authorization}
        )
    answer = json.loads(body)
    if status != 200:
        raise _refused(answer)
    if grant_type == "client_credentials":
        del answer["scope"]
    return Json(answer, headers=_NEVER_KEPT)


@router.post(
    "/revoke",
    summary="Give a token back",
    response_class=Response,
    responses={200: {"description": "It is gone"}, **_ERRORS},  # type: ignore[dict-item]
)
def revoke(
    library: OpenLibrary,
    token: Field = "",
    token_type_hint: Field = "",
    client_id: Field = "",
    client_secret: Field = "",
    authorization: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """End an access token, or a refresh token with all that was had for it (RFC 7009)."""
    form = {
        "token": token,
        "token_type_hint": token_type_hint,
        "client_id": client_id,
        "client_secret": client_secret,
    }
    with library.begin() as connection:
        _, body, status = Accounts(connection).create_revocation_response(
            _HERE, "POST", _given(form), {"Authorization": authorization}
        )
    if status != 200:
        raise _refused(json.loads(body))
    return Response(headers=_NEVER_KEPT)


def _given(form: dict[str, str]) -> str:
    return urlencode({name: value for name, value in form.items() if value})


def _refused(answer: dict[str, str]) -> AccountsError:
    code = answer["error"]
    return AccountsError(code, answer.get("error_description") or SAID.get(code, code))
