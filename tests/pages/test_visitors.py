"""Who may look at a page and send its forms, over a real socket."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from ritornello.library import Library, users
from ritornello.server.app import create_app
from tests.pages.conftest import get, post
from tests.server.conftest import PASSWORD, serving

HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Of one person, who has an account."""
    with Library.open(tmp_path_factory.mktemp("people") / "library.sqlite") as library:
        with library.begin() as connection:
            users.add(connection, "ann", PASSWORD)
        yield library


@pytest.fixture(scope="module")
def url(library: Library) -> Iterator[str]:
    with serving(create_app(library)) as url:
        yield url


def test_nobody_is_asked_on_a_machine_of_one_person(url: str) -> None:
    assert get(url + "/library", headers=HTML).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"Host": "rebound.example"},
        {"Host": "127.0.0.1.rebound.example"},
        {"X-Forwarded-For": "203.0.113.7"},
    ],
)
def test_other_ways_in_lead_to_the_sign_in(url: str, changed: dict[str, str]) -> None:
    went = get(url + "/library?q=a%26b", headers={**HTML, **changed})
    assert (went.status_code, went.headers["location"]) == (303, "/sign-in?next=%2Flibrary%3Fq%3Da%2526b")
    refused = get(url + "/library", headers=changed)
    assert (refused.status_code, refused.json()["error"]["status"]) == (401, 401)


def test_where_several_have_accounts_everybody_signs_in(url: str, library: Library) -> None:
    with library.begin() as connection:
        users.add(connection, "ben", PASSWORD)
    with httpx.Client(base_url=url, headers=HTML, follow_redirects=True, timeout=120, verify=False) as browser:
        asked = browser.get("/library")
        assert asked.url.path == "/sign-in"
        form = {"username": "ben", "password": "wrong word", "next": "/library"}
        assert browser.post("/login", data=form).status_code == 403
        inside = browser.post("/login", data={**form, "password": PASSWORD})
        assert (inside.status_code, inside.url.path) == (200, "/library")
        assert "ben · sign out" in inside.text
        token = re.findall('name="csrf" value="([^"]+)"', inside.text)[0]
        browser.post("/logout", data={"csrf": "forged"})
        assert browser.get("/library").url.path == "/library"
        browser.post("/logout", data={"csrf": token, "next": "/sign-in"})
        assert browser.get("/library").url.path == "/sign-in"
    with library.begin() as connection:
        users.remove(connection, "ben")


def test_a_server_that_others_reach_asks_who_you_are(library: Library) -> None:
    with serving(create_app(library, public=True)) as url:
        assert get(url + "/library", headers=HTML).status_code == 303


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "library"])
def test_the_sign_in_leads_nowhere_else(url: str, onward: str) -> None:
    went = post(url + "/login", data={"username": "ann", "password": PASSWORD, "next": onward})
    assert (went.status_code, went.headers["location"]) == (303, "authorize?")


@pytest.mark.parametrize(
    ("site", "mode", "status"),
    [
        ("none", "navigate", 200),
        ("cross-site", "navigate", 200),
        ("cross-site", "no-cors", 403),
        ("same-site", "cors", 403),
        ("same-origin", "cors", 200),
    ],
)
def test_other_sites_may_lead_here_and_no_more(url: str, site: str, mode: str, status: int) -> None:
    told = {**HTML, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Origin": "https://elsewhere.example"}
    answer = get(url + "/library", headers=told)
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


def test_another_site_cannot_sign_somebody_in(url: str) -> None:
    form = {"username": "ann", "password": PASSWORD, "next": "/library"}
    told = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    refused = post(url + "/login", data=form, headers=told)
    assert (refused.status_code, refused.cookies.get("ritornello_session")) == (403, None)


def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(url: str) -> None:
    answer = get(url + "/library", headers=HTML)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert re.findall(r"""(?:src|href)=["'](?!/|#)[^"']*""", answer.text) == []
    assert re.findall(r"\sstyle=|<style|\son[a-z]+=|<script(?! [^>]*src=)", answer.text) == []


def test_programs_read_the_api_from_any_site_as_before(url: str) -> None:
    answer = get(url + "/health", headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "content-security-policy" not in answer.headers


def test_what_is_not_there_is_said_on_a_page_to_people_and_in_json_to_programs(url: str) -> None:
    page = get(url + "/nowhere", headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    told = get(url + "/nowhere")
    assert (told.status_code, told.json()["error"]["status"]) == (404, 404)
