"""Clients: the programs that may ask for tokens."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, delete, select

from ritornello.errors import BadRequest, Unknown
from ritornello.library import schema as s
from ritornello.library.secret import HASHER, is_right

if TYPE_CHECKING:
    from collections.abc import Sequence

_OWN = re.compile(r"[a-z][a-z0-9+.-]*")
"""The scheme of an address that an app on the same device opens, such as ``my-app:``."""
_NEVER = ("about", "blob", "data", "file", "ftp", "javascript", "vbscript", "ws", "wss")


@dataclass(frozen=True, slots=True)
class Client:
    """A program with an id and a secret."""

    id: str
    """32 hexadecimal characters."""
    name: str
    created: datetime
    """UTC."""
    redirect_uris: tuple[str, ...] = ()
    """Where a browser may be sent back to with a code."""


def add(connection: Connection, name: str, redirect_uris: Sequence[str] = ()) -> tuple[Client, str]:
    """Make a client; returns it and its secret, which cannot be read again."""
    uris = tuple(check_redirect_uri(uri) for uri in redirect_uris)
    client = Client(secrets.token_hex(16), name, datetime.now(UTC).replace(microsecond=0), uris)
    secret = secrets.token_hex(16)
    created = int(client.created.timestamp())
    connection.execute(
        s.clients.insert().values(
            id=client.id, name=name, created=created, secret_hash=HASHER.hash(secret), redirect_uris=list(uris)
        )
    )
    return client, secret


def verify(connection: Connection, id: str, secret: str) -> Client | None:  # noqa: A002
    """Check an id and a secret; None if either is wrong."""
    row = connection.execute(select(s.clients).where(s.clients.c.id == id)).first()
    return _client(row) if row is not None and is_right(row.secret_hash, secret) else None


def get(connection: Connection, id: str) -> Client | None:  # noqa: A002
    """Look a client up."""
    row = connection.execute(select(s.clients).where(s.clients.c.id == id)).first()
    return None if row is None else _client(row)


def check_redirect_uri(uri: str) -> str:
    """Refuse an address to which no code may be sent: in the clear to another machine, or run by the browser."""
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise BadRequest(f"{uri!r} is no redirect URI: {error}") from error
    scheme = parts.scheme.lower()
    if not _OWN.fullmatch(scheme) or scheme in _NEVER or "#" in uri or any(character <= " " for character in uri):
        raise BadRequest(
            f"{uri!r} is no redirect URI: expected such as https://app.example/callback or my-app:callback"
        )
    if scheme in ("http", "https") and not parts.hostname:
        raise BadRequest(f"{uri!r} is no redirect URI: it names no host")
    if scheme == "http" and not is_loopback(parts.hostname or ""):
        raise BadRequest(f"{uri!r} would send codes in the clear: use https, or http to 127.0.0.1, [::1] or localhost")
    return uri


def may_redirect(client: Client, uri: str) -> bool:
    """Whether a client gave this address; to a loopback address, whatever its port (RFC 8252, section 7.3)."""
    if uri in client.redirect_uris:
        return True
    try:
        wanted = _without_port(uri)
    except ValueError:
        return False
    return is_loopback(wanted[1] or "") and any(_without_port(known) == wanted for known in client.redirect_uris)


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine."""
    return host in ("localhost", "127.0.0.1", "::1")


def _without_port(uri: str) -> tuple[str, str | None, str, str]:
    parts = urlsplit(uri)
    return parts.scheme, parts.hostname, parts.path, parts.query


def all(connection: Connection) -> list[Client]:  # noqa: A001
    """List the clients, oldest first."""
    return [_client(row) for row in connection.execute(select(s.clients).order_by(s.clients.c.created, s.clients.c.id))]


def revoke(connection: Connection, id: str) -> None:  # noqa: A002
    """Take a client and its tokens away."""
    if connection.execute(delete(s.clients).where(s.clients.c.id == id)).rowcount == 0:
        raise Unknown("client", id)


def _client(row: Row[tuple[object, ...]]) -> Client:
    return Client(row.id, row.name, datetime.fromtimestamp(row.created, UTC), tuple(row.redirect_uris))
