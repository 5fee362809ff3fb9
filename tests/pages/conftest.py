"""A library of real pieces behind a real server, and a real browser before it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ritornello.library import Library, running
from ritornello.pieces import DEMO
from ritornello.pieces.render import render
from ritornello.scan import scan
from ritornello.server.app import create_app
from ritornello.sound.encode import write
from tests.server.conftest import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_PIECES = (0, 3, 5, 8)
"""Rock, house, ambient, drum and bass."""
_SECONDS = 24.0
_PATIENCE = 60.0
"""Seconds; a busy machine may take long."""
HOSTILE = '<script>document.title = "broken into"</script>'
"""A title that a page must show and not run."""


def request(method: str, url: str, **more: Any) -> httpx.Response:
    """Ask without what httpx prepares for every call of its own: certificates, a tenth of a second of them."""
    with httpx.Client(verify=False, timeout=_PATIENCE) as client:
        return client.request(method, url, **more)


get, post = partial(request, "GET"), partial(request, "POST")


@pytest.fixture(scope="session")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with four short pieces of our own, as WAV and so quickly written, and one with a hostile title."""
    folder = tmp_path_factory.mktemp("music")
    for number in _PIECES:
        piece = DEMO[number]
        sound = render(replace(piece, seconds=_SECONDS).score(), 22_050)
        title = HOSTILE if number == _PIECES[-1] else piece.title
        tags = {
            "title": title,
            "artist": piece.artist,
            "album": "Known Answers",
            "genre": piece.style,
            "copyright": "CC0-1.0",
        }
        write(folder / f"{number:02}.wav", sound, tags=tags)
    return folder


@pytest.fixture(scope="session")
def notes() -> list[running.Running | None]:
    """What the scan of the library told to other processes, each time that it had something to tell."""
    return []


@pytest.fixture(scope="session")
def library(
    music: Path, notes: list[running.Running | None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Library]:
    with Library.open(tmp_path_factory.mktemp("library") / "library.sqlite") as library:
        summary = scan([music], library, jobs=1, progress=lambda _: notes.append(running.read(library)))
        assert summary.analysed == len(_PIECES), summary.refusals
        yield library


@pytest.fixture(scope="session")
def site(library: Library) -> Iterator[str]:
    """The address of the server."""
    with serving(create_app(library)) as url:
        yield url


class Visit:
    """One look at the site: a page, and what went wrong behind it."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        page.on("console", lambda said: self.errors.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(site) else self.elsewhere.append(asked.url))

    def open(self, path: str) -> Page:
        """Go somewhere."""
        self.page.goto(self.site + path)
        return self.page

    def until(self, condition: str) -> None:
        """Wait until an expression is true in the page; asked from here, as the page itself may not evaluate text."""
        end = time.monotonic() + _PATIENCE
        while not self._holds(condition):
            assert time.monotonic() < end, f"never came true: {condition}"
            self.page.wait_for_timeout(20)

    def _holds(self, condition: str) -> bool:
        from playwright.sync_api import Error

        try:
            return bool(self.page.evaluate(condition))
        except Error:
            # Between two pages there is nothing to ask, or what is asked about is not there yet.
            return False


@pytest.fixture
def visit(chromium: Browser, site: str) -> Iterator[Visit]:
    """Nothing may go wrong, and nothing may be asked of another host."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(_PATIENCE * 1000)
    visit = Visit(context.new_page(), site)
    yield visit
    context.close()
    assert visit.errors == []
    assert visit.elsewhere == []
