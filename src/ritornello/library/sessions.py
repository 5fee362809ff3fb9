"""Sessions: who is signed in at the pages for people."""

from __future__ import annotations

import secrets
import time

from sqlalchemy import Connection, delete, select

from ritornello.library import schema as s
from ritornello.library.secret import digest

LIFETIME = 30 * 24 * 3600
"""Seconds."""


def start(connection: Connection, user_id: str) -> str:
    """Sign a user in; returns what the browser keeps."""
    now = int(time.time())
    connection.execute(delete(s.sessions).where(s.sessions.c.expires < now))
    token = secrets.token_urlsafe(32)
    connection.execute(s.sessions.insert().values(digest=digest(token), user_id=user_id, expires=now + LIFETIME))
    return token


def user(connection: Connection, token: str) -> str | None:
    """Tell whose session this is; None when it is nobody's any more."""
    query = select(s.sessions.c.user_id).where(s.sessions.c.digest == digest(token), s.sessions.c.expires > time.time())
    return connection.scalars(query).first()


def end(connection: Connection, token: str) -> None:
    """Sign out."""
    connection.execute(delete(s.sessions).where(s.sessions.c.digest == digest(token)))
