"""Cover images, each stored once however many albums carry it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ritornello.library import schema as s


@dataclass(frozen=True, slots=True)
class Cover:
    """An image as it was found in a file."""

    data: bytes
    mime: str


def put(connection: Connection, data: bytes, mime: str) -> str:
    """Store an image; returns its hash, 40 hexadecimal characters, as Spotify's image names are."""
    digest = hashlib.blake2b(data, digest_size=20).hexdigest()
    if connection.scalars(select(s.covers.c.hash).where(s.covers.c.hash == digest)).first() is None:
        connection.execute(s.covers.insert().values(hash=digest, mime=mime, data=data))
    return digest


def get(connection: Connection, hash: str) -> Cover | None:  # noqa: A002
    """Look an image up by its hash."""
    row = connection.execute(select(s.covers).where(s.covers.c.hash == hash)).first()
    return None if row is None else Cover(row.data, row.mime)
