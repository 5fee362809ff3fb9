"""Access tokens: random texts that mean nothing, stored as their hashes."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from ritornello.errors import TokenExpired, Unauthorized
from ritornello.library import schema as s

LIFETIME = 3600
"""Seconds."""

_REMEMBERED = 7 * 24 * 3600
"""Seconds for which an expired token is still told from one that never was."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token stands for."""

    client_id: str
    scope: str
    expires: int
    """Unix seconds."""


def issue(connection: Connection, client_id: str, scope: str = "", lifetime: int = LIFETIME) -> str:
    """Give a client a token; ``lifetime`` is in seconds."""
    now = int(time.time())
    connection.execute(delete(s.tokens).where(s.tokens.c.expires < now - _REMEMBERED))
    token = secrets.token_urlsafe(64)
    connection.execute(
        s.tokens.insert().values(digest=_digest(token), client_id=client_id, scope=scope, expires=now + lifetime)
    )
    return token


def check(connection: Connection, token: str) -> Token:
    """Look a token up; raises :class:`Unauthorized` when it never was, :class:`TokenExpired` when its time is over."""
    row = connection.execute(select(s.tokens).where(s.tokens.c.digest == _digest(token))).first()
    if row is None:
        raise Unauthorized("Invalid access token: ask POST /api/token for one")
    if row.expires <= time.time():
        raise TokenExpired("The access token expired: ask POST /api/token for a new one")
    return Token(row.client_id, row.scope, row.expires)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
