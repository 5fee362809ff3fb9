"""What OAuth needs to know of the library; oauthlib knows OAuth.

Served are client credentials, authorization code with or without PKCE, refresh and the implicit grant. oauthlib speaks
to :class:`Validator`, one for each request, and gives back what to send.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    ClientCredentialsGrant,
    ImplicitGrant,
    RefreshTokenGrant,
    RequestValidator,
    RevocationEndpoint,
    TokenEndpoint,
)

from ritornello.errors import AccountsError
from ritornello.library import clients, tokens
from ritornello.spotify import scopes

if TYPE_CHECKING:
    from oauthlib.common import Request
    from sqlalchemy import Connection

_GRANTS = ("authorization_code", "client_credentials", "refresh_token", "implicit")


class Validator(RequestValidator):  # type: ignore[misc]
    """Answers oauthlib's questions; ``connection`` is of one request, which for tokens may write."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.connection = connection

    # Who asks -------------------------------------------------------------------------------------------------------

    def client_authentication_required(self, request: Request, *args: Any) -> bool:
        """A client that sends a secret must send the right one; only with PKCE may there be none."""
        if request.grant_type == "client_credentials" or _credentials(request)[1]:
            return True
        if request.grant_type == "refresh_token":
            held = tokens.refresh(self.connection, request.refresh_token or "")
            return held is not None and not held.public
        return not request.code_verifier

    def authenticate_client(self, request: Request, *args: Any) -> bool:
        id_, secret = _credentials(request)
        request.client = clients.verify(self.connection, id_, secret)
        request.client_id = id_
        if request.client is not None:
            request.client = _Known(request.client)
        return request.client is not None

    def authenticate_client_id(self, client_id: str, request: Request, *args: Any) -> bool:
        return self.validate_client_id(client_id, request)

    def validate_client_id(self, client_id: str, request: Request, *args: Any) -> bool:
        found = clients.get(self.connection, client_id)
        request.client = None if found is None else _Known(found)
        return found is not None

    # Where to -------------------------------------------------------------------------------------------------------

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, request: Request, *args: Any) -> bool:
        return clients.may_redirect(request.client.client, redirect_uri)

    def get_default_redirect_uri(self, client_id: str, request: Request, *args: Any) -> str | None:
        return None

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: object, request: Request, *args: Any
    ) -> bool:
        held = tokens.code(self.connection, code)
        return held is not None and held.redirect_uri == redirect_uri

    # What for -------------------------------------------------------------------------------------------------------

    def validate_scopes(self, client_id: str, wanted: list[str], client: object, request: Request, *args: Any) -> bool:
        return all(scope in scopes.SCOPES for scope in wanted)

    def get_default_scopes(self, client_id: str, request: Request, *args: Any) -> list[str]:
        return []

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any) -> list[str]:
        held = tokens.refresh(self.connection, refresh_token)
        return held.scope.split() if held else []

    def validate_response_type(self, client_id: str, response_type: str, *args: Any) -> bool:
        return response_type in ("code", "token")

    def validate_grant_type(self, client_id: str, grant_type: str, *args: Any) -> bool:
        return grant_type in _GRANTS

    # Codes ----------------------------------------------------------------------------------------------------------

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        return False

    def save_authorization_code(self, client_id: str, code: dict[str, str], request: Request, *args: Any) -> None:
        stands_for = tokens.Code(
            client_id,
            request.user,
            request.redirect_uri,
            " ".join(request.scopes),
            request.code_challenge,
            request.code_challenge_method,
        )
        tokens.issue_code(self.connection, code["code"], stands_for)

    def validate_code(self, client_id: str, code: str, client: object, request: Request, *args: Any) -> bool:
        held = tokens.code(self.connection, code)
        if held is None or held.client_id != client_id:
            return False
        request.user, request.scopes = held.user_id, held.scope.split()
        return True

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        held = tokens.code(self.connection, code)
        return held.challenge if held else None

    def get_code_challenge_method(self, code: str, request: Request) -> str | None:
        held = tokens.code(self.connection, code)
        return held.challenge_method if held else None

    def invalidate_authorization_code(self, client_id: str, code: str, request: Request, *args: Any) -> None:
        tokens.spend_code(self.connection, code)

    # Tokens ---------------------------------------------------------------------------------------------------------

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Request, *args: Any) -> bool:
        held = tokens.refresh(self.connection, refresh_token)
        if held is None or held.client_id != client.client_id:
            return False
        if held.spent:
            tokens.end_family(self.connection, held.family)
            return False
        request.user, request.held = held.user_id, held
        return True

    def rotate_refresh_token(self, request: Request) -> bool:
        """As at Spotify: who has a secret keeps the refresh token, who has none gets a new one each time."""
        return bool(request.held.public)

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any) -> None:
        held: tokens.Refresh | None = getattr(request, "held", None)
        family = held.family if held else secrets.token_hex(16)
        user_id = None if request.grant_type == "client_credentials" else request.user
        tokens.issue(
            self.connection,
            request.client.client_id,
            token.get("scope", ""),
            user_id=user_id,
            family=family,
            token=token["access_token"],
        )
        if held and not held.public:
            return
        if held:
            tokens.spend_refresh(self.connection, request.refresh_token)
        if "refresh_token" in token and user_id is not None:
            scope = held.scope if held else token.get("scope", "")
            public = held.public if held else not self.client_authentication_required(request)
            stands_for = tokens.Refresh(request.client.client_id, user_id, scope, family, public, spent=False)
            tokens.issue_refresh(self.connection, token["refresh_token"], stands_for)

    def revoke_token(self, token: str, token_type_hint: str, request: Request, *args: Any) -> None:
        tokens.revoke(self.connection, request.client.client_id, token)


class _Known:
    """A client as oauthlib wants it: with a ``client_id``."""

    def __init__(self, client: clients.Client) -> None:
        self.client = client
        self.client_id = client.id


class Accounts(AuthorizationEndpoint, TokenEndpoint, RevocationEndpoint):  # type: ignore[misc]
    """The grants that are served."""

    def __init__(self, connection: Connection) -> None:
        validator = Validator(connection)
        code, implicit = AuthorizationCodeGrant(validator), ImplicitGrant(validator)
        bearer = BearerToken(validator, _new_token, tokens.LIFETIME, _new_token)
        AuthorizationEndpoint.__init__(self, "code", bearer, {"code": code, "token": implicit})
        grants = {
            "authorization_code": code,
            "client_credentials": ClientCredentialsGrant(validator),
            "refresh_token": RefreshTokenGrant(validator),
        }
        # The default says of any other grant that it is not served.
        TokenEndpoint.__init__(self, "client_credentials", bearer, grants)
        RevocationEndpoint.__init__(self, validator)


SAID = {
    "invalid_client": "Invalid client: no client has this id and secret",
    "invalid_grant": "Invalid grant: the code or the refresh token is not valid (any more), or not for this client",
    "unsupported_grant_type": "expected grant_type client_credentials, authorization_code or refresh_token",
}
"""What to say where oauthlib names a code alone."""


def _new_token(request: Request) -> str:
    return tokens.new()


def _credentials(request: Request) -> tuple[str, str]:
    """Id and secret, from Basic authorization or from the form."""
    given = request.headers.get("Authorization", "")
    if not given:
        return request.client_id or "", request.client_secret or ""
    scheme, _, rest = given.strip().partition(" ")
    if scheme.lower() != "basic":
        raise AccountsError("invalid_client", f"{scheme} authorization is not served: expected Basic")
    try:
        id_, _, secret = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise AccountsError("invalid_client", "Invalid client: the Basic authorization cannot be decoded") from error
    return unquote_plus(id_), unquote_plus(secret)
