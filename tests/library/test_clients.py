from __future__ import annotations

import re
import time

import pytest
from sqlalchemy import text

from ritornello.errors import TokenExpired, Unauthorized, Unknown
from ritornello.library import Library, clients, tokens


def test_a_client_is_verified_by_its_secret_alone(library: Library) -> None:
    with library.begin() as connection:
        client, secret = clients.add(connection, "my app")
        other, _ = clients.add(connection, "other")
    assert re.fullmatch("[0-9a-f]{32}", client.id)
    assert re.fullmatch("[0-9a-f]{32}", secret)
    with library.connect() as connection:
        assert clients.verify(connection, client.id, secret) == client
        assert clients.verify(connection, client.id, secret[:-1]) is None
        assert clients.verify(connection, other.id, secret) is None
        assert clients.verify(connection, "nobody", secret) is None
        assert {one.id: one for one in clients.all(connection)} == {client.id: client, other.id: other}


def test_neither_secrets_nor_tokens_can_be_read_in_the_file(library: Library) -> None:
    with library.begin() as connection:
        client, secret = clients.add(connection, "my app")
        token = tokens.issue(connection, client.id)
        stored = [str(connection.execute(text(f"SELECT * FROM {name}")).all()) for name in ("clients", "tokens")]
    assert "argon2id" in stored[0]
    assert secret not in stored[0]
    assert token not in stored[1]


def test_a_revoked_client_is_gone_with_its_tokens(library: Library) -> None:
    with library.begin() as connection:
        client, secret = clients.add(connection, "my app")
        token = tokens.issue(connection, client.id)
        clients.revoke(connection, client.id)
        assert clients.verify(connection, client.id, secret) is None
        with pytest.raises(Unauthorized):
            tokens.check(connection, token)
        with pytest.raises(Unknown, match="no client"):
            clients.revoke(connection, client.id)


def test_a_token_stands_for_its_client_until_it_expires(library: Library) -> None:
    with library.begin() as connection:
        client, _ = clients.add(connection, "my app")
        token = tokens.issue(connection, client.id, "user-top-read", lifetime=100)
        found = tokens.check(connection, token)
        assert (found.client_id, found.scope) == (client.id, "user-top-read")
        assert 98 <= found.expires - time.time() <= 100
        assert tokens.issue(connection, client.id) != token


def test_an_expired_token_is_told_from_one_that_never_was(library: Library) -> None:
    with library.begin() as connection:
        client, _ = clients.add(connection, "my app")
        expired = tokens.issue(connection, client.id, lifetime=0)
        with pytest.raises(TokenExpired):
            tokens.check(connection, expired)
        with pytest.raises(Unauthorized) as caught:
            tokens.check(connection, "never")
    assert not isinstance(caught.value, TokenExpired)


def test_long_expired_tokens_are_swept_away(library: Library) -> None:
    with library.begin() as connection:
        client, _ = clients.add(connection, "my app")
        tokens.issue(connection, client.id, lifetime=-8 * 24 * 3600)
        tokens.issue(connection, client.id, lifetime=-60)
        tokens.issue(connection, client.id)
        assert connection.execute(text("SELECT count(*) FROM tokens")).scalar() == 2
