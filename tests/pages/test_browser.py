"""Each page's main task, by mouse and by keyboard, in a real Chromium."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Literal

import pytest

from ritornello.library import playlists, running, tracks
from ritornello.server.site.visitor import NOBODY
from tests.pages.conftest import HOSTILE, Visit, get, post

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

    from ritornello.library import Library

PLAYS = "!document.getElementById('audio').paused && document.getElementById('audio').currentTime > 0"
PAGES = {
    "/library": "document.querySelectorAll('.tracks tbody tr').length === 4",
    "/library/map": "document.getElementById('map').dataset.ready === 'plain'",
    "/track/{id}": "document.getElementById('timeline').dataset.ready && document.querySelector('#near-list .play')",
    "/card/energy": "document.querySelector('.prose table')",
    "/playlists": "document.querySelector('main')",
    "/playground?seed_genres=rock&target_tempo=120": "document.querySelector('.results > li')",
    "/developer": "document.querySelector('.snippet')",
    "/sign-in": "document.getElementById('login-button')",
}
"""Each with what is true once it is drawn."""
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
TITLES = ("Garage Door", "Four Walls", "Tide Tables", HOSTILE)


def ids(library: Library) -> dict[str, str]:
    """From titles to ids."""
    with library.connect() as connection:
        return {name: tracks.called(connection, name)[0] for name in TITLES}


def kept(library: Library) -> dict[str, int]:
    """Names and sizes of the visitor's playlists."""
    with library.connect() as connection:
        return {one.name: one.total for one in playlists.of_owner(connection, NOBODY)}


def rows(visit: Visit) -> list[str]:
    return visit.page.locator(".tracks tbody .title").all_inner_texts()


# The library -------------------------------------------------------------------------------------------------------


def test_one_finds_filters_and_plays_by_mouse(visit: Visit) -> None:
    page = visit.open("/library")
    assert page.locator("#count").inner_text() == "4 tracks"
    page.get_by_role("link", name="Title", exact=True).click()
    visit.until("location.search.includes('sort=title')")
    assert rows(visit) == sorted(rows(visit), key=str.casefold)
    # The right handle of energy, to the left of what is loud.
    handle = page.get_by_label("Energy to")
    box = handle.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.35, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    visit.until("document.getElementById('count').textContent.includes(' of 4 ')")
    assert rows(visit) == ["Tide Tables"]
    page.get_by_role("button", name="Play Tide Tables").click()
    visit.until(PLAYS)
    assert page.locator("#player-title").inner_text() == "Tide Tables"
    page.get_by_role("button", name="Pause Tide Tables").click()
    visit.until("document.getElementById('audio').paused")


def test_one_finds_filters_and_plays_by_keyboard(visit: Visit) -> None:
    page = visit.open("/library")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.get_by_label("Search", exact=True).focus()
    page.keyboard.type("walls")
    visit.until("document.querySelectorAll('.tracks tbody tr').length === 1")
    assert rows(visit) == ["Four Walls"]
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    visit.until("document.querySelectorAll('.tracks tbody tr').length === 4")
    page.get_by_label("Tempo from").focus()
    page.keyboard.press("End")
    visit.until("document.querySelectorAll('.tracks tbody tr').length === 1")
    assert page.get_by_label("Tempo from").get_attribute("aria-valuetext") == "174 BPM"
    page.locator(".tracks tbody .play").focus()
    page.keyboard.press("Enter")
    visit.until(PLAYS)
    assert page.title() == "Library · Ritornello"
    assert page.locator("#player-title").inner_text() == HOSTILE


def test_the_back_button_brings_the_filters_back(visit: Visit) -> None:
    page = visit.open("/library?min_tempo=150")
    assert len(rows(visit)) == 1
    assert page.get_by_label("Tempo from").input_value() == "150"
    page.get_by_role("link", name="Clear all").click()
    visit.until("document.querySelectorAll('.tracks tbody tr').length === 4")
    page.go_back()
    visit.until("document.querySelectorAll('.tracks tbody tr').length === 1")


def test_a_scan_is_watched_until_it_is_over(visit: Visit, library: Library) -> None:
    running.write(library, running.Running(os.getpid(), 10, 4, 1000, 250, 3, 0, "a song.mp3", 31.5))
    page = visit.open("/library")
    page.get_by_text("Scanning: 4 of 10 files").wait_for()
    assert page.locator("#scan-bar").get_attribute("value") == "0.25"
    running.write(library, running.Running(os.getpid(), 10, 9, 1000, 900, 8, 0, "another.mp3", 31.5))
    page.get_by_text("Scanning: 9 of 10 files").wait_for()
    running.end(library)
    page.locator("#scan").wait_for(state="hidden")


# The map -----------------------------------------------------------------------------------------------------------


def test_one_walks_listens_and_chooses_on_the_map_by_mouse(visit: Visit, library: Library) -> None:
    page = visit.open("/library/map")
    visit.until("document.getElementById('map').dataset.ready === 'plain'")
    page.get_by_role("button", name="Rectangle").click()
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2, steps=3)
    page.mouse.up()
    visit.until("document.getElementById('chosen-count').textContent === '4'")
    page.get_by_label("Name of the playlist").fill("All of the plane")
    page.get_by_role("button", name="Save as a playlist").click()
    visit.until("document.getElementById('kept').textContent.includes('4 tracks')")
    assert kept(library)["All of the plane"] == 4
    page.get_by_role("button", name="Play Tide Tables").click()
    visit.until(PLAYS)
    page.get_by_label("Colour").select_option("energy")
    visit.until("document.getElementById('map').dataset.ready === 'energy'")


def test_one_walks_listens_and_chooses_on_the_map_by_keyboard(visit: Visit, library: Library) -> None:
    page = visit.open("/library/map")
    visit.until("document.getElementById('map').dataset.ready === 'plain'")
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    visit.until("document.querySelector('#map-here a')")
    first = page.locator("#map-here a").inner_text()
    page.keyboard.press("Space")
    for key in ("ArrowLeft", "ArrowUp", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    visit.until(PLAYS)
    page.keyboard.press("n")
    visit.until("document.getElementById('chosen-count').textContent === '4'")
    assert first in page.locator("#chosen .title").all_inner_texts()
    page.get_by_label("Name of the playlist").fill("By keys")
    page.keyboard.press("Enter")
    visit.until("document.getElementById('kept').textContent.includes('4 tracks')")
    assert kept(library)["By keys"] == 4


# A track -----------------------------------------------------------------------------------------------------------


def test_one_goes_through_a_track_by_mouse(visit: Visit, library: Library) -> None:
    page = visit.open(f"/track/{ids(library)['Four Walls']}")
    visit.until("document.getElementById('timeline').dataset.ready")
    box = page.locator("#overview").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    visit.until("Number(document.getElementById('overview').getAttribute('aria-valuenow')) > 5")
    half = int(page.locator("#overview").get_attribute("aria-valuenow") or 0)
    page.get_by_role("button", name="Play Four Walls").click()
    visit.until(PLAYS)
    # It starts where the click was, and the drawing follows.
    visit.until(f"Number(document.getElementById('overview').getAttribute('aria-valuenow')) > {half}")
    assert re.fullmatch(r"bar \d+ · beat [1-4]", page.locator("#bar-beat").inner_text())
    visit.until("document.querySelectorAll('#near-list .play').length === 3")
    assert page.locator("#near-list .by").first.inner_text().count("sounds like it") == 1
    page.locator(".traits summary").first.click()
    page.get_by_role("link", name="Card: what taught it and where it fails").first.click()
    visit.until("location.pathname === '/card/energy' && document.querySelector('h1')")
    assert page.locator("h1").inner_text() == "Energy"


def test_one_goes_through_a_track_by_keyboard(visit: Visit, library: Library) -> None:
    page = visit.open(f"/track/{ids(library)['Four Walls']}")
    visit.until("document.getElementById('timeline').dataset.ready")
    slider = page.locator("#overview")
    slider.focus()
    told = []
    for key in ("ArrowRight", "ArrowUp", "PageUp", "Home"):
        page.keyboard.press(key)
        told.append(slider.get_attribute("aria-valuetext") or "")
    assert told[0].startswith("0:05, section 1")
    assert int(told[1].rsplit(" ", 1)[1]) == int(told[0].rsplit(" ", 1)[1]) + 1
    assert "section 2" in told[2] or "section 1" in told[2]
    assert told[3].startswith("0:00")
    page.keyboard.press("Space")
    visit.until(PLAYS)
    page.keyboard.press("Space")
    visit.until("document.getElementById('audio').paused")


def test_a_hostile_title_is_shown_and_not_run(visit: Visit, library: Library) -> None:
    page = visit.open(f"/track/{ids(library)[HOSTILE]}")
    assert page.locator("h1").inner_text() == HOSTILE
    assert page.title() == f"{HOSTILE} · Ritornello"
    page = visit.open(f"/playground?seed_tracks={ids(library)[HOSTILE]}")
    visit.until("document.querySelectorAll('.results > li').length === 3")
    assert HOSTILE in page.locator("#seeds").inner_text()
    assert page.title() == "Playground · Ritornello"


# The playground ----------------------------------------------------------------------------------------------------


def test_one_tunes_recommendations_by_mouse(visit: Visit, library: Library) -> None:
    page = visit.open("/playground")
    page.get_by_label("Seeds").first.fill("garage")
    page.get_by_role("option", name="Garage Door").click()
    visit.until("document.querySelectorAll('.results > li').length === 3")
    assert "sounds like Garage Door" in page.locator(".why").first.inner_text()
    page.locator("[data-aim=tempo]").check()
    visit.until("document.querySelector('.why').textContent.includes('was wished for')")
    page.get_by_role("button", name="Save as a playlist").click()
    visit.until("document.getElementById('kept').textContent.includes('3 tracks')")
    assert kept(library)["From the playground"] == 3
    page.locator("#kept a").click()
    visit.until("location.pathname.startsWith('/playlists/') && document.querySelector('h1')")
    assert page.locator("h1").inner_text() == "From the playground"
    page.get_by_role("button", name="Remove the playlist").click()
    visit.until("location.pathname === '/playlists'")
    assert "From the playground" not in kept(library)


def test_one_tunes_recommendations_by_keyboard(visit: Visit) -> None:
    page = visit.open("/playground")
    page.get_by_label("In a sentence").focus()
    page.keyboard.type("rock, nothing over 130 BPM, purple")
    page.keyboard.press("Enter")
    visit.until("document.getElementById('understood').textContent.includes('Not understood: purple')")
    assert "genre rock; tempo at most 130 BPM" in page.locator("#understood").inner_text()
    assert page.get_by_label("Tempo at most").input_value() == "130"
    page.get_by_label("Seeds").first.focus()
    page.keyboard.type("four")
    visit.until("!document.getElementById('offers').hidden")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    visit.until("document.querySelectorAll('#seeds .chip').length === 2")
    page.get_by_label("Tempo at most").focus()
    page.keyboard.press("End")
    visit.until("!location.search.includes('max_tempo') && document.querySelectorAll('.results > li').length > 0")
    page.get_by_role("button", name="Remove rock").focus()
    page.keyboard.press("Enter")
    visit.until(
        "location.search.startsWith('?seed_tracks=') && document.querySelectorAll('.results > li').length === 3"
    )
    visit.until("!document.getElementById('request').textContent.includes('seed_genres')")
    asked = page.locator("#request").text_content() or ""
    assert re.fullmatch(r"GET http://[^/]+/v1/recommendations\?seed_tracks=\w{22}&limit=20", asked)


# Developers --------------------------------------------------------------------------------------------------------


def test_a_client_is_made_watched_and_revoked(visit: Visit, site: str) -> None:
    page = visit.open("/developer")
    page.get_by_label("Name of the program").fill("my <b>app</b>")
    page.keyboard.press("Enter")
    page.locator("#made-secret").wait_for()
    pair = page.locator("#made-id").inner_text(), page.locator("#made-secret").inner_text()
    assert pair[0] in page.locator(".snippet pre").first.inner_text()
    token = post(f"{site}/api/token", data={"grant_type": "client_credentials"}, auth=pair).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert get(f"{site}/v1/search?type=track&q=garage", headers=headers).status_code == 200
    visit.until("document.getElementById('requests').textContent.includes('GET /v1/search?type&q')")
    log = page.locator("#requests").inner_text()
    assert "my <b>app</b>" in log
    assert "garage" not in log
    assert token not in log
    revoke = page.get_by_role("button", name="Revoke my <b>app</b>")
    revoke.click()
    page.get_by_role("button", name="Really revoke").click()
    visit.until("!document.querySelector('#clients tbody tr')")
    assert get(f"{site}/v1/tracks/x", headers=headers).status_code == 401


# All of them -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_obstacle_or_is_wider_than_a_phone(
    chromium: Browser, site: str, library: Library, scheme: Literal["light", "dark"]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    # In the dark only the colours are others.
    rules = None if scheme == "light" else {"runOnly": ["color-contrast"]}
    context = chromium.new_context(viewport=WIDE, color_scheme=scheme)
    visit = Visit(context.new_page(), site)
    found: dict[str, list[str]] = {}
    for path, drawn in PAGES.items():
        page = visit.open(path.format(id=ids(library)["Garage Door"]))
        visit.until(drawn)
        told = Axe().run(page, options=rules).response["violations"]
        serious = [
            f"{one['id']}: {one['nodes'][0]['html']}" for one in told if one["impact"] in ("serious", "critical")
        ]
        page.set_viewport_size(PHONE)
        width = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size(WIDE)
        found[path] = [*serious, *([f"{width} pixels wide"] if width > PHONE["width"] else [])]
    context.close()
    assert not any(found.values()), found
    assert visit.errors == []


def test_light_and_dark_are_kept(visit: Visit) -> None:
    page = visit.open("/library")
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    page.get_by_role("button", name="Dark or light").click()
    after = page.evaluate(ground)
    assert after != before
    page.reload()
    assert page.evaluate(ground) == after
