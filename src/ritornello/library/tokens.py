"""Access tokens and what they are had for: random texts that mean nothing, stored as their hashes.

All tokens that go back to one consent are a family. A refresh token of a client without a secret is good for one use;
used a second time it was stolen, and the whole family ends (RFC 9700, section 4.14).
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, select

from ritornello.errors import BadRequest, TokenExpired, Unauthorized, Unknown
from ritornello.library import clients, users
from ritornello.library import schema as s
from ritornello.library.secret import digest
from ritornello.spotify.scopes import SCOPES

if TYPE_CHECKING:
    from collections.abc import Sequence

LIFETIME = 3600
"""Seconds."""
REFRESH_LIFETIME = 180 * 24 * 3600
"""Seconds; Spotify's end after six months since 2026."""
CODE_LIFETIME = 600
"""Seconds; RFC 6749 recommends no more than ten minutes."""

_REMEMBERED = 7 * 24 * 3600
"""Seconds for which an expired token is still told from one that never was."""


@dataclass(frozen=True, slots=True)
class Token:
    """What an access token stands for."""

    client_id: str
    scope: str
    expires: int
    """Unix seconds."""
    user_id: str | None = None
    country: str | None = None
    """Of the user; the two are None for a token of the client itself."""


@dataclass(frozen=True, slots=True)
class Code:
    """What an authorization code stands for; ``challenge`` is that of PKCE."""

    client_id: str
    user_id: str
    redirect_uri: str
    scope: str
    challenge: str | None = None
    challenge_method: str | None = None


@dataclass(frozen=True, slots=True)
class Refresh:
    """What a refresh token stands for; ``public`` where the client has no secret."""

    client_id: str
    user_id: str
    scope: str
    family: str
    public: bool
    spent: bool


def new() -> str:
    """A random text, 512 bits."""
    return secrets.token_urlsafe(64)


def issue(
    connection: Connection,
    client_id: str,
    scope: str = "",
    lifetime: int = LIFETIME,
    *,
    user_id: str | None = None,
    family: str | None = None,
    token: str | None = None,
) -> str:
    """Give a client an access token, for itself or for a user; ``lifetime`` is in seconds."""
    now = int(time.time())
    connection.execute(delete(s.tokens).where(s.tokens.c.expires < now - _REMEMBERED))
    token = token or new()
    connection.execute(
        s.tokens.insert().values(
            digest=digest(token),
            client_id=client_id,
            scope=scope,
            expires=now + lifetime,
            user_id=user_id,
            family=family,
        )
    )
    return token


def check(connection: Connection, token: str) -> Token:
    """Look a token up; raises :class:`Unauthorized` when it never was, :class:`TokenExpired` when its time is over."""
    query = (
        select(s.tokens, s.users.c.country)
        .outerjoin(s.users, s.users.c.id == s.tokens.c.user_id)
        .where(s.tokens.c.digest == digest(token))
    )
    row = connection.execute(query).first()
    if row is None:
        raise Unauthorized("Invalid access token: ask POST /api/token for one")
    if row.expires <= time.time():
        raise TokenExpired("The access token expired: ask POST /api/token for a new one")
    return Token(row.client_id, row.scope, row.expires, row.user_id, row.country)


def grant(connection: Connection, client_id: str, user_id: str, scopes: Sequence[str]) -> tuple[str, str]:
    """Give a client an access token and a refresh token for a user, without a code; all scopes where none is named."""
    if clients.get(connection, client_id) is None:
        raise Unknown("client", client_id)
    if users.get(connection, [user_id])[0] is None:
        raise Unknown("user", user_id)
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        raise BadRequest(f"scope {unknown[0]!r} is not known: expected some of {', '.join(SCOPES)}")
    scope, family, token = " ".join(scopes or SCOPES), secrets.token_hex(16), new()
    issue_refresh(connection, token, Refresh(client_id, user_id, scope, family, public=False, spent=False))
    return issue(connection, client_id, scope, user_id=user_id, family=family), token


def issue_code(connection: Connection, code: str, stands_for: Code) -> None:
    """Remember an authorization code."""
    now = int(time.time())
    connection.execute(delete(s.codes).where(s.codes.c.expires < now))
    connection.execute(
        s.codes.insert().values(
            digest=digest(code),
            client_id=stands_for.client_id,
            user_id=stands_for.user_id,
            redirect_uri=stands_for.redirect_uri,
            scope=stands_for.scope,
            challenge=stands_for.challenge,
            challenge_method=stands_for.challenge_method,
            expires=now + CODE_LIFETIME,
        )
    )


def code(connection: Connection, given: str) -> Code | None:
    """Look an authorization code up; None when it is spent, expired or never was."""
    row = connection.execute(
        select(s.codes).where(s.codes.c.digest == digest(given), s.codes.c.expires > time.time())
    ).first()
    if row is None:
        return None
    return Code(row.client_id, row.user_id, row.redirect_uri, row.scope, row.challenge, row.challenge_method)


def spend_code(connection: Connection, given: str) -> None:
    """An authorization code is good for one use."""
    connection.execute(delete(s.codes).where(s.codes.c.digest == digest(given)))


def issue_refresh(connection: Connection, token: str, stands_for: Refresh) -> None:
    """Remember a refresh token."""
    now = int(time.time())
    connection.execute(delete(s.refresh_tokens).where(s.refresh_tokens.c.expires < now))
    connection.execute(
        s.refresh_tokens.insert().values(
            digest=digest(token),
            client_id=stands_for.client_id,
            user_id=stands_for.user_id,
            scope=stands_for.scope,
            family=stands_for.family,
            public=stands_for.public,
            spent=stands_for.spent,
            expires=now + REFRESH_LIFETIME,
        )
    )


def refresh(connection: Connection, given: str) -> Refresh | None:
    """Look a refresh token up, spent or not; None when it expired or never was."""
    row = connection.execute(
        select(s.refresh_tokens).where(
            s.refresh_tokens.c.digest == digest(given), s.refresh_tokens.c.expires > time.time()
        )
    ).first()
    if row is None:
        return None
    return Refresh(row.client_id, row.user_id, row.scope, row.family, row.public, row.spent)


def has_consent(connection: Connection, client_id: str, user_id: str, scopes: Sequence[str]) -> bool:
    """Whether this user let this client do all that before, and has not taken it back."""
    held = s.refresh_tokens.c
    query = select(held.scope).where(
        held.client_id == client_id, held.user_id == user_id, ~held.spent, held.expires > time.time()
    )
    return any(set(scopes) <= set(scope.split()) for scope in connection.scalars(query))


def spend_refresh(connection: Connection, given: str) -> None:
    """Mark a refresh token as used."""
    spent = s.refresh_tokens.update().where(s.refresh_tokens.c.digest == digest(given))
    connection.execute(spent.values(spent=True))


def end_family(connection: Connection, family: str) -> None:
    """Take back every token that goes back to one consent."""
    for table in (s.tokens, s.refresh_tokens):
        connection.execute(delete(table).where(table.c.family == family))


def revoke(connection: Connection, client_id: str, given: str) -> None:
    """Take back a token of this client; a refresh token takes its family along. An unknown one is no error."""
    held = refresh(connection, given)
    if held is not None and held.client_id == client_id:
        end_family(connection, held.family)
    connection.execute(delete(s.tokens).where(s.tokens.c.digest == digest(given), s.tokens.c.client_id == client_id))
