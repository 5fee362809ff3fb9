"""Make the pictures of habits, of a study and of its donation page, with people and music that do not exist.

python -m tests.pages.people
"""

from __future__ import annotations

import math
import random
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ritornello import importing
from ritornello.library import Library
from ritornello.server.app import create_app
from ritornello.study import donation_page, keys, rehearsal
from ritornello.study.folder import open_study
from tests.browser import chromium_path, launch
from tests.histories import exports
from tests.library import rows
from tests.pages.pictures import SCHEMES, SIZES, TARGET, keep
from tests.server.conftest import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ARTISTS = (
    "Ana Veld",
    "Kite Harbour",
    "The Slow Ferry",
    "Ilse Orban",
    "Nine Lamps",
    "Marrow",
    "Tomas Rye",
    "Paper Coast",
)
TITLES = ("Morning", "River", "Glass", "Signal", "Harbour", "Salt", "Window", "Ember")
GENRES = ("art pop", "folk", "jazz", "electronic")
SINCE, UNTIL = datetime(2023, 1, 2, tzinfo=UTC), datetime(2024, 11, 18, tzinfo=UTC)


def history(chance: random.Random) -> list[dict[str, Any]]:
    """Two years of mornings and evenings, with more new songs as time goes by."""
    songs = [*product(ARTISTS, TITLES)]
    chance.shuffle(songs)
    told, at = [], SINCE
    while at < UNTIL:
        eager = math.exp(-(((at.hour - 7) / 1.5) ** 2)) + 1.3 * math.exp(-(((at.hour - 19) / 2.5) ** 2))
        if chance.random() < 0.45 * (0.1 + eager) * (1.3 if at.weekday() > 4 else 1):
            known = min(len(songs), 8 + (at - SINCE).days // 10)
            told += [_play(chance, at + timedelta(minutes=4 * n), *songs[_rank(chance, known)]) for n in range(5)]
        at += timedelta(hours=1)
    return told


def _rank(chance: random.Random, known: int) -> int:
    return min(int(chance.expovariate(3 / known)), known - 1)


def _play(chance: random.Random, at: datetime, artist: str, title: str) -> dict[str, Any]:
    named = {"master_metadata_album_artist_name": artist, "master_metadata_album_album_name": f"{artist} sings"}
    ended = chance.choice(("trackdone", "trackdone", "trackdone", "fwdbtn"))
    why = {"reason_start": chance.choice(("trackdone", "clickrow")), "reason_end": ended}
    return exports.new(f"{at:%Y-%m-%dT%H:%M:%SZ}", title, 180_000, spotify_track_uri=None, **named, **why)


def fill(library: Library, folder: Path) -> Path:
    """Half of the music, and the history of somebody; returns the zip that it came in."""
    chance = random.Random(7)
    with library.begin() as connection:
        for number, (artist, title) in enumerate(product(ARTISTS, TITLES)):
            if number % 2:
                made = rows.track(
                    title,
                    artist,
                    on=rows.album(f"{artist} sings", artist),
                    genres=(GENRES[number // 2 % 4],),
                    duration=180.0,
                )
                sound = {"energy": number / 64, "valence": chance.random(), "tempo": 80.0 + number}
                rows.put(connection, made, **sound)
    zipped = exports.pack(folder / "my_spotify_data.zip", {"Streaming_History_Audio_2023-2024_0.json": history(chance)})
    importing.import_files([zipped], library, "you", zone="Europe/Berlin")
    return zipped


def site(browser: Browser, url: str) -> None:
    """Habits and study, as the first screen shows them."""
    for size, viewport in SIZES.items():
        for scheme in SCHEMES:
            context = browser.new_context(viewport=viewport, color_scheme=scheme)
            page = context.new_page()
            page.set_default_timeout(120_000)
            for name in ("habits", "study"):
                page.goto(f"{url}/{name}")
                keep(page.screenshot(), TARGET / f"{name}-{size}-{scheme}.webp")
            context.close()


def donation(browser: Browser, page_file: Path, zipped: Path) -> None:
    """What would be given, once somebody took something out."""
    for scheme in SCHEMES:
        context = browser.new_context(viewport={"width": 860, "height": 1000}, color_scheme=scheme)
        page = context.new_page()
        page.goto(page_file.as_uri())
        page.set_input_files("#files", zipped)
        page.locator("#top button").nth(1).click(timeout=60_000)
        page.evaluate("document.querySelector('[aria-labelledby=look-title]').scrollIntoView()")
        keep(page.screenshot(), TARGET / f"donation-{scheme}.webp")
        context.close()


def main() -> None:
    from playwright.sync_api import sync_playwright

    folder, key = Path(tempfile.mkdtemp()), keys.make()
    rehearsal.rehearse(folder / "practice", 24, 20, key=key, kept="forgotten")
    study = open_study(folder / "practice" / "study", key)
    with Library.open(folder / "library.db") as library:
        zipped = fill(library, folder)
        page_file = folder / "donation.html"
        donation_page.write(study, page_file)
        with serving(create_app(library, study=study)) as url, sync_playwright() as playwright:
            browser = launch(playwright, chromium_path())
            site(browser, url)
            donation(browser, page_file, zipped)
            browser.close()


if __name__ == "__main__":
    main()
