"""The whole way of a person who lets a program act: sign in, agree, come back, exchange, refresh, revoke."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from ritornello.library import clients, tokens, users
from ritornello.server import authorize
from ritornello.server.site.visitor import COOKIE
from tests.server.conftest import PASSWORD, REDIRECT, Server

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=120) as browser:
        yield browser


@pytest.fixture
def program(server: Server) -> tuple[str, str]:
    """A new one, to which nobody has agreed."""
    with server.library.begin() as connection:
        client, secret = clients.add(connection, "<b>my app</b>", [REDIRECT, "my-app:back"])
    return client.id, secret


def query(program: str, **changes: str) -> dict[str, str]:
    asked = {"client_id": program, "response_type": "code", "redirect_uri": REDIRECT, "state": "s&t"}
    return {**asked, "scope": "user-read-email user-top-read", **changes}


def hidden(page: httpx.Response, name: str) -> str:
    return unescape(re.findall(f'name="{name}" value="([^"]*)"', page.text)[0])


def sign_in(browser: httpx.Client, asked: dict[str, str], password: str = PASSWORD) -> httpx.Response:
    page = browser.get("/authorize", params=asked)
    form = {"username": "ann", "password": password, "query": hidden(page, "query")}
    return browser.post("/login", data=form)


def agree(browser: httpx.Client, asked: dict[str, str], decision: str = "agree") -> httpx.URL:
    """Sign in, agree, and return where the browser is sent."""
    went = sign_in(browser, asked)
    page = browser.get("/" + went.headers["location"])
    answer = browser.post("/authorize", params=asked, data={"decision": decision, "csrf": hidden(page, "csrf")})
    assert answer.status_code == 302
    return httpx.URL(answer.headers["location"])


def exchange(server: Server, pair: tuple[str, str] | None, **form: str) -> httpx.Response:
    return httpx.post(f"{server.url}/api/token", data=form, auth=pair)


def test_a_code_becomes_a_token_that_stands_for_the_user(
    server: Server, browser: httpx.Client, program: tuple[str, str]
) -> None:
    came_back = agree(browser, query(program[0]))
    assert str(came_back).startswith(REDIRECT + "?")
    assert came_back.params["state"] == "s&t"
    form = {"grant_type": "authorization_code", "code": came_back.params["code"], "redirect_uri": REDIRECT}
    given = exchange(server, program, **form).json()
    assert set(given) == {"access_token", "token_type", "scope", "expires_in", "refresh_token"}
    assert given["expires_in"] == 3600
    assert given["scope"] == "user-read-email user-top-read"
    me = httpx.get(f"{server.url}/v1/me", headers={"Authorization": f"Bearer {given['access_token']}"}).json()
    assert (me["id"], me["email"]) == ("ann", "ann@music.example")
    assert "country" not in me
    again = exchange(server, program, **form)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_is_for_its_client_and_its_address_alone(
    server: Server, browser: httpx.Client, program: tuple[str, str]
) -> None:
    code = agree(browser, query(program[0])).params["code"]
    form = {"grant_type": "authorization_code", "code": code}
    other = (server.client_id, server.client_secret)
    assert exchange(server, other, **form, redirect_uri=REDIRECT).json()["error"] == "invalid_grant"
    # oauthlib calls this a bad request.
    assert exchange(server, program, **form, redirect_uri="my-app:back").status_code == 400
    assert (
        exchange(server, None, **form, redirect_uri=REDIRECT, client_id=program[0]).json()["error"] == "invalid_client"
    )
    assert exchange(server, program, **form, redirect_uri=REDIRECT).status_code == 200


def test_pkce_needs_the_verifier_and_no_secret(server: Server, browser: httpx.Client, program: tuple[str, str]) -> None:
    asked = query(program[0], code_challenge=CHALLENGE, code_challenge_method="S256")
    code = agree(browser, asked).params["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "client_id": program[0]}
    assert exchange(server, None, **form, code_verifier="w" * 64).json()["error"] == "invalid_grant"
    assert exchange(server, program, **form).status_code == 400
    given = exchange(server, None, **form, code_verifier=VERIFIER).json()
    assert given["refresh_token"]


def test_a_public_clients_refresh_token_is_good_for_one_use(
    server: Server, browser: httpx.Client, program: tuple[str, str]
) -> None:
    code = agree(browser, query(program[0], code_challenge=CHALLENGE, code_challenge_method="S256")).params["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "client_id": program[0]}
    first = exchange(server, None, **form, code_verifier=VERIFIER).json()
    refresh = {"grant_type": "refresh_token", "client_id": program[0]}
    second = exchange(server, None, **refresh, refresh_token=first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    # Somebody has the old one: neither may go on.
    assert exchange(server, None, **refresh, refresh_token=first["refresh_token"]).json()["error"] == "invalid_grant"
    assert exchange(server, None, **refresh, refresh_token=second["refresh_token"]).json()["error"] == "invalid_grant"
    assert server.get("/v1/me", authorization=f"Bearer {second['access_token']}").status_code == 401


def test_a_client_with_a_secret_keeps_its_refresh_token(server: Server) -> None:
    pair = (server.client_id, server.client_secret)
    form = {"grant_type": "refresh_token", "refresh_token": server.refresh_token}
    first, second = exchange(server, pair, **form).json(), exchange(server, pair, **form).json()
    assert first["access_token"] != second["access_token"]
    assert first["refresh_token"] == second["refresh_token"] == server.refresh_token
    assert exchange(server, None, **form, client_id=pair[0]).json()["error"] == "invalid_client"
    assert exchange(server, pair, **{**form, "refresh_token": "x"}).json()["error"] == "invalid_grant"


def test_the_implicit_grant_puts_the_token_behind_a_hash(
    server: Server, browser: httpx.Client, program: tuple[str, str]
) -> None:
    came_back = agree(browser, query(program[0], response_type="token"))
    given = dict(parse_qsl(str(came_back).partition("#")[2]))
    assert (given["token_type"], given["expires_in"], given["state"]) == ("Bearer", "3600", "s&t")
    assert not came_back.query
    assert server.get("/v1/me", authorization=f"Bearer {given['access_token']}").json()["id"] == "ann"


def test_who_does_not_agree_is_sent_back_with_an_error(browser: httpx.Client, program: tuple[str, str]) -> None:
    came_back = agree(browser, query(program[0]), decision="deny")
    assert dict(came_back.params) == {"error": "access_denied", "state": "s&t"}


def test_who_agreed_once_is_not_asked_again_unless_the_program_wants_it(
    server: Server, browser: httpx.Client, program: tuple[str, str]
) -> None:
    code = agree(browser, query(program[0])).params["code"]
    exchange(server, program, grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    again = browser.get("/authorize", params=query(program[0]))
    assert "code" in parse_qs(urlsplit(again.headers["location"]).query)
    assert browser.get("/authorize", params=query(program[0], show_dialog="true")).status_code == 200
    assert browser.get("/authorize", params=query(program[0], scope="playlist-modify-public")).status_code == 200


def test_what_a_program_is_called_is_shown_as_text(browser: httpx.Client, program: tuple[str, str]) -> None:
    page = browser.get("/authorize", params=query(program[0]))
    assert "&lt;b&gt;my app&lt;/b&gt;" in page.text
    assert "<b>" not in page.text
    assert page.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    "changes",
    [{"redirect_uri": "https://evil.example/"}, {"client_id": "0" * 32}, {"client_id": ""}, {"redirect_uri": ""}],
)
def test_a_browser_is_never_sent_to_an_address_that_nobody_registered(
    browser: httpx.Client, program: tuple[str, str], changes: dict[str, str]
) -> None:
    page = browser.get("/authorize", params=query(program[0], **changes))
    assert page.status_code == 400
    assert "location" not in page.headers
    assert "cannot be let in" in page.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"scope": "nonsense"}, "invalid_scope"), ({"response_type": "nonsense"}, "unsupported_response_type")],
)
def test_other_mistakes_are_told_to_the_program(
    browser: httpx.Client, program: tuple[str, str], changes: dict[str, str], error: str
) -> None:
    answer = browser.get("/authorize", params=query(program[0], **changes))
    assert answer.status_code == 302
    assert httpx.URL(answer.headers["location"]).params["error"] == error


def test_a_loopback_address_may_have_any_port(browser: httpx.Client, program: tuple[str, str]) -> None:
    assert (
        browser.get("/authorize", params=query(program[0], redirect_uri="http://127.0.0.1:1/callback")).status_code
        == 200
    )
    assert (
        browser.get("/authorize", params=query(program[0], redirect_uri="http://127.0.0.1:1/other")).status_code == 400
    )


def test_nobody_agrees_without_the_page(browser: httpx.Client, program: tuple[str, str]) -> None:
    sign_in(browser, query(program[0]))
    for forged in ("", "0" * 64):
        answer = browser.post("/authorize", params=query(program[0]), data={"decision": "agree", "csrf": forged})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("authorize?")


def test_a_session_ends_when_one_signs_out(browser: httpx.Client, program: tuple[str, str]) -> None:
    went = sign_in(browser, query(program[0]))
    cookie = went.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = browser.get("/" + went.headers["location"])
    session = browser.cookies[COOKIE]
    browser.post("/logout", data={"csrf": hidden(page, "csrf")})
    browser.cookies.set(COOKIE, session)
    assert "login-password" in browser.get("/authorize", params=query(program[0])).text


def test_ten_wrong_passwords_are_enough(
    server: Server, browser: httpx.Client, program: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authorize, "_guesses", type(authorize._guesses)(type(authorize._guesses.storage)()))
    assert [sign_in(browser, query(program[0]), "wrong").status_code for _ in range(10)] == [403] * 10
    barred = sign_in(browser, query(program[0]))
    assert barred.status_code == 429
    assert int(barred.headers["retry-after"]) > 0


def test_a_new_password_ends_everything(server: Server) -> None:
    with server.library.begin() as connection:
        users.add(connection, "eve", "first password")
        token, _ = tokens.grant(connection, server.client_id, "eve", [])
    assert server.get("/v1/me", authorization=f"Bearer {token}").status_code == 200
    with server.library.begin() as connection:
        users.set_password(connection, "eve", "second password")
    assert server.get("/v1/me", authorization=f"Bearer {token}").status_code == 401
    with server.library.connect() as connection:
        assert users.verify(connection, "eve", "first password") is None
        assert users.verify(connection, "eve", "second password") is not None


def test_a_token_can_be_given_back(server: Server) -> None:
    with server.library.begin() as connection:
        access, refresh = tokens.grant(connection, server.client_id, "ann", [])
    pair = (server.client_id, server.client_secret)
    assert httpx.post(f"{server.url}/api/revoke", data={"token": refresh}).status_code == 400
    assert httpx.post(f"{server.url}/api/revoke", data={"token": refresh}, auth=pair).status_code == 200
    assert server.get("/v1/me", authorization=f"Bearer {access}").status_code == 401
    assert exchange(server, pair, grant_type="refresh_token", refresh_token=refresh).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("user-top-read", "GET", "/v1/me/top/tracks"),
        ("user-read-recently-played", "GET", "/v1/me/player/recently-played"),
        ("user-library-read", "GET", "/v1/me/tracks"),
        ("user-library-modify", "DELETE", "/v1/me/tracks?ids=" + "0" * 22),
        ("user-follow-read", "GET", "/v1/me/following?type=artist"),
        ("user-follow-modify", "DELETE", "/v1/me/following?type=artist&ids=" + "0" * 22),
        ("user-library-read", "GET", "/v1/me/library/contains?uris=spotify:track:" + "0" * 22),
        ("user-library-modify", "DELETE", "/v1/me/library?uris=spotify:track:" + "0" * 22),
    ],
)
def test_a_scope_is_needed_and_enough(server: Server, scope: str, method: str, path: str) -> None:
    with server.library.begin() as connection:
        having, _ = tokens.grant(connection, server.client_id, "ann", [scope])
        lacking, _ = tokens.grant(connection, server.client_id, "ann", ["user-read-email"])
    assert server.send(method, path, authorization=f"Bearer {having}").status_code in (200, 204)
    refused = server.send(method, path, authorization=f"Bearer {lacking}")
    assert refused.status_code == 403
    assert scope in refused.json()["error"]["message"]
    assert server.send(method, path, authorization=f"Bearer {server.token}").status_code == 401


@pytest.mark.parametrize(
    "uri",
    ["javascript:alert(1)", "http://app.example/", "https://a.example/#x", "callback", "https:///x", "http://[x/"],
)
def test_an_address_that_is_not_safe_cannot_be_registered(uri: str) -> None:
    with pytest.raises(Exception, match=re.escape(repr(uri))):
        clients.check_redirect_uri(uri)
