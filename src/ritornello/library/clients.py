"""Clients: the programs that may ask for tokens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Connection, Row, delete, select

from ritornello.errors import Unknown
from ritornello.library import schema as s

# OWASP's smallest setting for Argon2id: a secret of 128 random bits needs no more, and a scan keeps its memory.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@dataclass(frozen=True, slots=True)
class Client:
    """A program with an id and a secret."""

    id: str
    """32 hexadecimal characters."""
    name: str
    created: datetime
    """UTC."""


def add(connection: Connection, name: str) -> tuple[Client, str]:
    """Make a client; returns it and its secret, which cannot be read again."""
    client = Client(secrets.token_hex(16), name, datetime.now(UTC).replace(microsecond=0))
    secret = secrets.token_hex(16)
    created = int(client.created.timestamp())
    connection.execute(
        s.clients.insert().values(id=client.id, name=name, created=created, secret_hash=_HASHER.hash(secret))
    )
    return client, secret


def verify(connection: Connection, id: str, secret: str) -> Client | None:  # noqa: A002
    """Check an id and a secret; None if either is wrong."""
    row = connection.execute(select(s.clients).where(s.clients.c.id == id)).first()
    if row is None:
        return None
    try:
        _HASHER.verify(row.secret_hash, secret)
    except VerifyMismatchError:
        return None
    return _client(row)


def all(connection: Connection) -> list[Client]:  # noqa: A001
    """List the clients, oldest first."""
    return [_client(row) for row in connection.execute(select(s.clients).order_by(s.clients.c.created, s.clients.c.id))]


def revoke(connection: Connection, id: str) -> None:  # noqa: A002
    """Take a client and its tokens away."""
    if connection.execute(delete(s.clients).where(s.clients.c.id == id)).rowcount == 0:
        raise Unknown("client", id)


def _client(row: Row[tuple[object, ...]]) -> Client:
    return Client(row.id, row.name, datetime.fromtimestamp(row.created, UTC))
