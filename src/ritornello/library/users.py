"""Users: people who sign in, and owners of playlists who cannot."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Row, delete, select

from ritornello.errors import BadRequest, Unknown
from ritornello.library import playlists
from ritornello.library import schema as s
from ritornello.library.secret import HASHER, is_right
from ritornello.playlist import User

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORTEST_PASSWORD = 8


def add(
    connection: Connection,
    id: str,  # noqa: A002
    password: str | None,
    *,
    display_name: str = "",
    email: str = "",
    country: str = "US",
) -> User:
    """Make a user; without a password one who owns things but cannot sign in."""
    if not id.strip():
        raise BadRequest("the user name is empty: give one")
    if password is not None and len(password) < SHORTEST_PASSWORD:
        raise BadRequest(f"the password has {len(password)} characters: give at least {SHORTEST_PASSWORD}")
    if get(connection, [id])[0] is not None:
        raise BadRequest(f"there is a user {id!r} already: give another name")
    user = User(id, display_name or id, email, country)
    hashed = None if password is None else HASHER.hash(password)
    connection.execute(
        s.users.insert().values(
            id=id,
            display_name=user.display_name,
            email=email,
            country=country,
            created=int(time.time()),
            password_hash=hashed,
        )
    )
    return user


def verify(connection: Connection, id: str, password: str) -> User | None:  # noqa: A002
    """Check a name and a password; None if either is wrong."""
    row = connection.execute(select(s.users).where(s.users.c.id == id)).first()
    if row is None or row.password_hash is None:
        is_right(_nobodys_hash(), password)
        return None
    return _user(row) if is_right(row.password_hash, password) else None


def get(connection: Connection, ids: Sequence[str]) -> list[User | None]:
    """Look users up in the order asked; None for an unknown one."""
    known = {row.id: _user(row) for row in connection.execute(select(s.users).where(s.users.c.id.in_(ids)))}
    return [known.get(asked) for asked in ids]


def all(connection: Connection) -> list[User]:  # noqa: A001
    """List the users, oldest first."""
    return [_user(row) for row in connection.execute(select(s.users).order_by(s.users.c.created, s.users.c.id))]


def people(connection: Connection) -> list[User]:
    """List those who can sign in, oldest first."""
    signing_in = select(s.users).where(s.users.c.password_hash.is_not(None))
    return [_user(row) for row in connection.execute(signing_in.order_by(s.users.c.created, s.users.c.id))]


def set_password(connection: Connection, id: str, password: str) -> None:  # noqa: A002
    """Change a password; whoever is signed in or holds a token must sign in again."""
    if len(password) < SHORTEST_PASSWORD:
        raise BadRequest(f"the password has {len(password)} characters: give at least {SHORTEST_PASSWORD}")
    changed = s.users.update().where(s.users.c.id == id).values(password_hash=HASHER.hash(password))
    if connection.execute(changed).rowcount == 0:
        raise Unknown("user", id)
    for table in (s.sessions, s.codes, s.tokens, s.refresh_tokens):
        connection.execute(delete(table).where(table.c.user_id == id))


def remove(connection: Connection, id: str) -> None:  # noqa: A002
    """Take a user away, with playlists of theirs and for them, saved things, sessions and tokens."""
    for playlist in [*playlists.of_owner(connection, id), *playlists.made_for(connection, id)]:
        playlists.remove(connection, playlist)
    if connection.execute(delete(s.users).where(s.users.c.id == id)).rowcount == 0:
        raise Unknown("user", id)


@functools.cache
def _nobodys_hash() -> str:
    """So that a name that nobody has takes as long to refuse as a wrong password."""
    return HASHER.hash("nobody has this password")


def _user(row: Row[tuple[object, ...]]) -> User:
    return User(row.id, row.display_name, row.email, row.country)
