"""Make the pictures in docs/pages from the pieces that Ritornello composes itself.

    python -m tests.pages.pictures [FOLDER WITH A SCANNED library.db]

Without a folder the pieces are written and scanned first, which takes a minute.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image

from ritornello.library import Library, tracks
from ritornello.pieces import write_demo
from ritornello.scan import scan
from ritornello.server.app import create_app
from tests.browser import chromium_path, launch
from tests.pages.conftest import Visit
from tests.server.conftest import serving

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

TARGET = Path(__file__).parents[2] / "docs" / "pages"
SIZES: dict[str, ViewportSize] = {"wide": {"width": 1280, "height": 860}, "narrow": {"width": 390, "height": 844}}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_QUALITY = 82


def library(visit: Visit) -> None:
    visit.open("/library?min_energy=0.1&sort=tempo")
    visit.until("document.querySelectorAll('.tracks tbody tr').length > 5")


def map_(visit: Visit) -> None:
    page = visit.open("/library/map")
    visit.until("document.getElementById('map').dataset.ready === 'plain'")
    page.get_by_label("Colour").select_option("acousticness")
    visit.until("document.getElementById('map').dataset.ready === 'acousticness'")
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    visit.until("document.querySelectorAll('#chosen li').length === 2")
    visit.until("document.querySelector('#map-here a')")


def track(visit: Visit) -> None:
    page = visit.open("/library?q=four+walls")
    page.locator(".tracks .title").first.click()
    visit.until("document.getElementById('timeline').dataset.ready && document.querySelector('#near-list .play')")
    page.locator("#overview").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.locator("h1").click()


def playground(visit: Visit) -> None:
    page = visit.open("/playground")
    page.get_by_label("In a sentence").fill("something calm like Nylon and Reed, nothing over 120 BPM")
    page.get_by_role("button", name="Read").click()
    visit.until("document.querySelectorAll('.results > li').length > 2")


def developer(visit: Visit) -> None:
    page = visit.open("/developer")
    page.get_by_label("Name of the program").fill("my-app")
    visit.until("document.querySelector('.snippet')")


PICTURES: dict[str, Callable[[Visit], None]] = {
    "library": library,
    "map": map_,
    "track": track,
    "playground": playground,
    "developer": developer,
}
"""What each picture shows, and the way there."""


def main() -> None:
    from playwright.sync_api import sync_playwright

    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    with Library.open(folder / "library.db") as shelf:
        with shelf.connect() as connection:
            empty = not tracks.count(connection)
        if empty:
            write_demo(folder / "pieces")
            scan([folder / "pieces"], shelf)
        with serving(create_app(shelf)) as url, sync_playwright() as playwright:
            browser = launch(playwright, chromium_path())
            for name, go in PICTURES.items():
                for size, viewport in SIZES.items():
                    for scheme in SCHEMES:
                        context = browser.new_context(viewport=viewport, color_scheme=scheme)
                        visit = Visit(context.new_page(), url)
                        go(visit)
                        keep(visit.page.screenshot(), TARGET / f"{name}-{size}-{scheme}.webp")
                        context.close()
            browser.close()


def keep(png: bytes, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    Image.open(io.BytesIO(png)).convert("RGB").save(target, "WEBP", quality=_QUALITY, method=6)


if __name__ == "__main__":
    main()
