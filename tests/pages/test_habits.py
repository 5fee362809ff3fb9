"""What was heard when, on a page: histories whose answer is known, brought in and erased."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from ritornello import importing
from ritornello.library import Library, users
from ritornello.server.app import create_app
from tests import browser
from tests.histories import exports
from tests.library import rows
from tests.pages.conftest import get, post
from tests.server.conftest import PASSWORD, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HTML = {"Accept": "text/html"}


def told() -> list[dict[str, Any]]:
    """Three songs: most plays begin on a Tuesday at seven in the evening; one song is new in April."""
    evenings = [exports.old(f"2024-03-{day:02}T18:20:49Z", "Crying") for day in (5, 12, 19)]
    mornings = [exports.old(f"2024-03-0{day}T07:20:49Z", "Venus") for day in (6, 7)]
    april = exports.old("2024-04-10T07:20:49Z", "Army", master_metadata_album_artist_name="Low")
    return [*evenings, *mornings, april, exports.old("2024-03-08T18:20:49Z", None, episode_name="Confession")]


def fill(library: Library, folder: Path) -> None:
    """One of the songs is audio, energy 0.8; and Ann's history."""
    with library.begin() as connection:
        made = rows.track("Crying", "Björk", on=rows.album("Debut", "Björk"), duration=180.0)
        rows.put(connection, made, energy=0.8)
    importing.import_files([exports.write(folder / "endsong_0.json", told())], library, "ann", zone="Europe/Berlin")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the library of :func:`seen` lies."""
    return tmp_path_factory.mktemp("seen")


@pytest.fixture(scope="module")
def seen(kept: Path) -> Iterator[str]:
    """A server with Ann's history, which no test changes."""
    with Library.open(kept / "library.sqlite") as library:
        fill(library, kept)
        with serving(create_app(library)) as url:
            yield url


def page_of(url: str, query: str = "") -> str:
    answer = get(f"{url}/habits{query}", headers=HTML)
    assert answer.status_code == 200
    return answer.text


def csrf(url: str) -> str:
    found = re.search(r'data-csrf="(\w+)"', page_of(url))
    assert found
    return found[1]


def cells(page: str, heading: str) -> list[list[str]]:
    """The table behind a chart, row by row."""
    table = page.split(f'aria-label="{heading} as a table"')[1].split("</table>")[0]
    return [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in table.split("<tbody>")[1].split("</tr>")[:-1]]


def test_the_page_tells_what_was_heard_when(seen: str) -> None:
    page = page_of(seen)
    assert "Most plays begin on Tuesday between 19 and 20 o’clock: 3." in page
    assert cells(page, "By weekday and hour")[1][20] == "3"
    assert cells(page, "New in each month") == [["April 2024", "1", "1"], ["March 2024", "2", "1"]]
    assert cells(page, "Energy") == [["March 2024", "0.80"]]
    assert "over the 3 plays of music that is in this library, 50% of all" in page
    assert re.findall(r'<span class="title">([^<]*)</span>', page)[:2] == ["Björk", "Low"]
    assert "2024-03-05 to 2024-04-10, by the clock of Europe/Berlin" in page


def test_a_span_has_lists_of_its_own_and_calls_new_what_is_new_at_all(seen: str) -> None:
    page = page_of(seen, "?since=2024-03-12&until=2024-04-10")
    assert cells(page, "New in each month") == [["April 2024", "1", "1"], ["March 2024", "2", "1"]]
    assert "<dt>plays</dt><dd>3</dd>" in page
    month = page_of(seen, "?days=28")
    assert "<dt>plays</dt><dd>2</dd>" in month
    assert "2024-03-19 to 2024-04-10" in month
    assert "There is no play in this span" in page_of(seen, "?since=2025-01-01")
    assert "<dt>plays</dt><dd>6</dd>" in page_of(seen, "?since=yesterday&days=many")


def test_charts_are_of_the_page_and_have_words(seen: str) -> None:
    page = page_of(seen)
    drawn = re.findall(r"<svg class=\"chart[^>]*>", page)
    assert len(drawn) == 2 * 2 + 7
    assert all('role="img" aria-label="' in one for one in drawn)
    assert "var(--accent)" in page
    assert re.findall(r"\sstyle=|<style|#1000\d\d", page) == []


def bring(url: str, content: bytes, name: str, listener: str, token: str, **more: str) -> httpx.Response:
    asked = {"file": name, "listener": listener, **more}
    return post(f"{url}/habits/import", params=asked, content=content, headers={"X-Csrf": token})


def test_a_file_is_brought_in_with_an_account_of_its_rows(seen: str, tmp_path: Path) -> None:
    zipped = exports.pack(tmp_path / "my.zip", {"endsong_0.json": told(), "Userdata.json": "{}"})
    found = bring(seen, zipped.read_bytes(), "my.zip", "dan", csrf(seen), zone="Europe/Berlin")
    expected = {"rows": 7, "kept": 6, "duplicates": 0, "refused": {"podcast": 1}, "matched": 3}
    assert found.json() == {"listener": "dan", "zone": "Europe/Berlin", **expected}
    again = bring(seen, zipped.read_bytes(), "my.zip", "dan", csrf(seen)).json()
    assert (again["kept"], again["duplicates"]) == (0, 6)
    assert not list(tmp_path.glob("ritornello-*"))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("my.zip", b"PK\x03\x04", "my.zip"),
        ("Userdata.json", b"{}", "Userdata.json is about a person"),
        ("../../etc/endsong_0.json", b'[{"ts": "20', "endsong_0.json: the JSON is broken"),
        ("", b"", "history is empty"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(seen: str, name: str, content: bytes, says: str) -> None:
    answer = bring(seen, content, name, "ann", csrf(seen))
    assert answer.status_code == 400
    message = answer.json()["error"]["message"]
    assert says in message
    assert "/tmp" not in message
    assert "<dt>plays</dt><dd>6</dd>" in page_of(seen)


def test_only_a_page_of_ours_brings_in_and_erases(seen: str) -> None:
    content = exports.old("2024-03-01T18:20:49Z")
    for token in ("", "0" * 64):
        assert bring(seen, str([content]).encode(), "endsong_0.json", "ann", token).status_code == 403
    form = {"listener": "ann", "repeated": "ann"}
    assert post(f"{seen}/habits/erase", data=form).status_code == 403
    asked = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
    given = post(f"{seen}/habits/erase", data={**form, "csrf": csrf(seen)}, headers=asked)
    assert given.status_code == 403
    assert "<dt>plays</dt><dd>6</dd>" in page_of(seen)


def test_a_history_is_erased_once_its_name_was_written(seen: str, kept: Path) -> None:
    rows = [exports.old("2024-03-01T18:20:49Z", "Gloaming")]
    assert bring(seen, json.dumps(rows).encode(), "endsong_0.json", "gus", csrf(seen)).status_code == 200
    assert any(b"Gloaming" in path.read_bytes() for path in kept.glob("library.sqlite*"))
    form = {"listener": "gus", "csrf": csrf(seen)}
    assert post(f"{seen}/habits/erase", data=form).status_code == 400
    done = post(f"{seen}/habits/erase", data={**form, "repeated": "gus"})
    assert (done.status_code, done.headers["location"]) == (303, "/habits")
    assert "<option>gus" not in page_of(seen)
    assert not any(b"Gloaming" in path.read_bytes() for path in kept.glob("library.sqlite*"))


def test_who_signs_in_sees_their_own_history_alone(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.sqlite") as library, serving(create_app(library)) as url:
        fill(library, tmp_path)
        with library.begin() as connection:
            for name in ("ben", "ann"):
                users.add(connection, name, PASSWORD)
        with httpx.Client(base_url=url, headers=HTML, follow_redirects=True) as client:
            client.post("/login", data={"username": "ben", "password": PASSWORD, "next": "/habits"})
            seen = client.get("/habits?listener=ann").text
            assert "Björk" not in seen
            assert 'id="whose" name="listener" value="ben" maxlength="100" required readonly' in seen
            token = re.search(r'data-csrf="(\w+)"', seen)
            assert token
            brought = client.post(
                "/habits/import?file=x.json&listener=ann", content=b"[]", headers={"X-Csrf": token[1]}
            )
            assert brought.status_code == 403
            form = {"listener": "ann", "repeated": "ann", "csrf": token[1]}
            assert client.post("/habits/erase", data=form).status_code == 403


# In a browser --------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(chromium: Browser, seen: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    opened = context.new_page()
    watch = browser.Watch(opened)
    yield opened
    context.close()
    assert [one for one in watch.said if "status of 400" not in one] == []
    assert [one for one in watch.asked if not one.startswith(seen)] == []


DROP = """([name, data]) => {
  const given = new DataTransfer();
  given.items.add(new File([Uint8Array.from(atob(data), (one) => one.charCodeAt(0))], name));
  document.getElementById("drop").dispatchEvent(
    new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: given }));
}"""


def test_a_zip_is_dropped_and_looked_at(seen: str, page: Page, tmp_path: Path) -> None:
    zipped = exports.pack(tmp_path / "my.zip", {"endsong_0.json": told()})
    page.goto(seen + "/habits")
    page.locator("#to-bring").click()
    page.locator("#whose").fill("eva")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.evaluate(DROP, [zipped.name, base64.b64encode(zipped.read_bytes()).decode()])
    expect(page.locator("#account")).to_be_focused(timeout=60_000)
    assert page.locator("#account li").all_inner_texts() == ["6 plays kept, of 7 rows", "1 left out: podcast"]
    page.get_by_role("link", name="Look at them").click()
    expect(page.locator("figcaption").first).to_have_text(
        "Most plays begin on Tuesday between 19 and 20 o’clock: 3.", timeout=60_000
    )


def test_a_history_is_brought_in_and_erased_by_keyboard(seen: str, page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "endsong_1.json"
    broken.write_text('[{"ts": "2024')
    page.goto(seen + "/habits")
    browser.tab_to(page, page.locator("#bring-panel > summary"))
    page.keyboard.press("Enter")
    browser.tab_to(page, page.get_by_label("Files"))
    page.set_input_files("#file", [exports.write(tmp_path / "endsong_0.json", told()), broken])
    browser.tab_to(page, page.locator("#whose"))
    page.keyboard.press("Control+A")
    page.keyboard.type("fay")
    page.keyboard.press("Enter")
    expect(page.locator("#account")).to_be_focused(timeout=60_000)
    expect(page.locator("#account .warning")).to_contain_text("endsong_1.json: the JSON is broken or cut short")
    browser.tab_to(page, page.get_by_role("link", name="Look at them"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/habits?listener=fay", timeout=60_000)
    browser.tab_to(page, page.locator("#erase-panel > summary"))
    page.keyboard.press("Enter")
    browser.tab_to(page, page.get_by_label("Write fay to confirm"))
    page.keyboard.type("fay")
    page.keyboard.press("Enter")
    page.wait_for_url("**/habits", timeout=60_000)
    assert "<option>fay" not in page_of(seen)


def test_nothing_keeps_people_out(seen: str, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(seen + "/habits", timeout=60_000)
    for one in page.locator("summary:visible").all():
        one.click()
    assert browser.obstacles(page) == []
    page.close()
