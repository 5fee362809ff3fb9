"""What a page in a browser says and asks for, how the keyboard gets about in it, and what keeps people out."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Playwright


_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


def chromium_path() -> str | None:
    """The Chromium of this machine; None where there is none."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def launch(playwright: Playwright, path: str | None) -> Browser:
    """Start it, as quiet as it can be made."""
    return playwright.chromium.launch(executable_path=path, args=list(_QUIET))


class Watch:
    """What a page said on the console, and what it asked for."""

    def __init__(self, page: Page) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))


def tab_to(page: Page, wanted: Locator, most: int = 200) -> None:
    """Press Tab until something has the focus."""
    for _ in range(most):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} cannot be reached with Tab")


def barriers(page: Page, *rules: str) -> list[str]:
    """What axe-core finds that keeps people out, serious and critical; by all of its rules unless some are named."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": list(rules)} if rules else None).response["violations"]
    return [
        f"{one['id']}: {node['html']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def obstacles(page: Page, widest: int = 390) -> list[str]:
    """The same in light, in dark (where only colours are others) and, by its width, on a phone."""
    size = page.viewport_size
    assert size is not None
    page.emulate_media(color_scheme="light")
    found = barriers(page)
    page.emulate_media(color_scheme="dark")
    found += barriers(page, "color-contrast")
    page.set_viewport_size({"width": widest, "height": 844})
    found += barriers(page, "color-contrast", "target-size")
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(size)
    return found + [f"{width} pixels wide"] * (width > widest)
