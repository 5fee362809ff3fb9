from __future__ import annotations

import base64
import hashlib
import json
import queue
import re
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from ritornello.errors import StudyError
from ritornello.library import Library, plays
from ritornello.study import consent, donation_page, donations, enrolment, folder, ledger, receiving, roster
from ritornello.study.folder import Study
from tests import browser as browsers
from tests.histories import exports
from tests.study import made

# The page as it is written -------------------------------------------------------------------------------------------


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return made.study(tmp_path / "moodmusic")


def inline(page: str, name: str) -> str:
    found = re.search(rf"<{name}(?: type=\"module\")?>(.*?)</{name}>", page, re.DOTALL)
    assert found
    return found[1]


def told(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="told">(.*?)</script>', page, re.DOTALL)
    assert found
    read: dict[str, Any] = json.loads(found[1])
    return read


def test_the_page_allows_itself_and_nothing_else(study: Study) -> None:
    page = donation_page.page(study)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    rules = dict(rule.split(" ", 1) for rule in policy[1].replace("&#39;", "'").split("; "))
    hashes = {
        name: base64.b64encode(hashlib.sha256(inline(page, name).encode()).digest()).decode()
        for name in ("style", "script")
    }
    assert rules == {
        "default-src": "'none'",
        "script-src": f"'sha256-{hashes['script']}'",
        "style-src": f"'sha256-{hashes['style']}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert "style=" not in page
    assert not re.search(r"\bon\w+=\"", page)
    # What a policy cannot forbid is not in the script.
    assert not re.search(r"location|\.open\(|RTCPeer|fetch\(|XMLHttp|WebSocket|import\(", inline(page, "script"))
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page


def test_the_page_holds_the_public_key_alone(study: Study) -> None:
    page = donation_page.page(study)
    secret = donations.key(study).as_dict(private=True)
    assert told(page)["key"] == {name: secret[name] for name in ("kty", "crv", "x", "y")}
    assert str(secret["d"]) not in page
    assert study.key.secret not in page


def test_the_page_asks_what_stands_in_the_form(study: Study) -> None:
    form = folder.newest_form(study.folder)
    form.write_text(
        "# Yes?\n\nSome *words* and <b>signs</b> and [a link](https://elsewhere.example).\n\n"
        "- [ ] yes [ ] no  take part (`participate`)\n- be asked\n  again (`recontact`)\n- a plain item (`nothing`)\n",
        encoding="utf-8",
    )
    page = donation_page.page(Study(study.folder, study.settings, study.key))
    boxes = re.findall(r'name="scope" value="(\w+)"><span>(.*?)</span>', page)
    assert boxes == [
        ("participate", 'take part <span class="quiet">(needed to take part)'),
        ("recontact", "be asked again"),
    ]
    assert "<h3>Yes?</h3>" in page
    assert "<em>words</em> and &lt;b&gt;signs&lt;/b&gt;" in page
    assert "<a href" not in page
    assert "<li>a plain item" in page


def test_a_form_without_participation_makes_no_page(study: Study) -> None:
    folder.newest_form(study.folder).write_text("- share (`share_public`)")
    with pytest.raises(StudyError, match="no line with"):
        donation_page.page(study)


def test_words_of_the_study_cannot_end_the_script(tmp_path: Path) -> None:
    from ritornello.study import beginning, keys, papers

    answers = made.ANSWERS | {"title": "</script><b>", "contact": "</script><i>"}
    study = folder.make(tmp_path / "odd", beginning.settings(answers), keys.make())
    papers.write(study)
    page = donation_page.page(study)
    assert page.count("</script>") == 2
    assert told(page)["contact"] == "</script><i>"


# The page in a browser -----------------------------------------------------------------------------------------------


@pytest.fixture
def code(study: Study, tmp_path: Path) -> str:
    enrolment.invite(study, made.table(tmp_path / "ids.csv", [{"id": "ann"}]), tmp_path / "letters.csv")
    return next(iter(roster.read(study)))


@pytest.fixture
def page(chromium: Browser, study: Study, code: str, tmp_path: Path) -> Iterator[Page]:
    donation_page.write(study, tmp_path / "donation.html")
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, timezone_id="Europe/Berlin")
    opened = context.new_page()
    watch = browsers.Watch(opened)
    opened.goto((tmp_path / "donation.html").as_uri())
    yield opened
    assert watch.said == []
    assert watch.asked == [(tmp_path / "donation.html").as_uri()]
    context.close()


def play(day: int, title: str, artist: str = "Björk", **changes: Any) -> dict[str, Any]:
    return exports.old(f"2024-03-{day:02}T18:20:49Z", title, master_metadata_album_artist_name=artist, **changes)


def export(path: Path) -> Path:
    """Six plays of the period, and what is to stay with the participant."""
    rows = [
        play(1, "Crying"),
        play(2, "Venus"),
        play(3, "Army"),
        play(4, "Glory", "Portishead"),
        play(5, "Roads", "Portishead"),
        play(6, "Sinnerman", "Nina Simone"),
        exports.old("2019-03-01T18:20:49Z", "Longago"),
        play(7, "Hidden", incognito_mode=True),
        exports.old("2024-03-08T18:20:49Z", None, spotify_episode_uri="spotify:episode:x", episode_name="Confession"),
    ]
    files: dict[str, object] = {
        "Spotify Extended/Streaming_History_Audio_2024_0.json": rows,
        "Account/Userdata.json": {"email": "zarathustra@example.org"},
    }
    return exports.pack(path, files)


def saved(page: Page, to: Path) -> Path:
    with page.expect_download() as download:
        page.keyboard.press("Enter")  # the link to save has the focus
    path = to / download.value.suggested_filename
    download.value.save_as(path)
    return path


def opened(study: Study, code: str) -> bytes:
    """What the study has of what was sealed."""
    (raw,) = (study.folder / "private" / "raw").iterdir()
    return receiving.unseal(study, code, raw)


def titles(study: Study, code: str) -> list[str]:
    with Library.open(study.library) as library, library.connect() as connection:
        return sorted(one.what.title for one in plays.listened(connection, code))


DROP = """([name, data]) => {
  const given = new DataTransfer();
  given.items.add(new File([Uint8Array.from(atob(data), (one) => one.charCodeAt(0))], name));
  const drop = document.getElementById("drop");
  for (const kind of ["dragover", "drop"])
    drop.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: given }));
}"""


def test_a_history_is_looked_through_and_given_by_mouse(study: Study, code: str, page: Page, tmp_path: Path) -> None:
    zipped = export(tmp_path / "my_spotify_data.zip")
    page.evaluate(DROP, [zipped.name, base64.b64encode(zipped.read_bytes()).decode()])
    expect(page.locator("#summary")).to_have_text("6 plays of 6 songs by 3 artists, from 1 March 2024 to 6 March 2024.")
    expect(page.locator("#chart rect")).to_have_count(6)
    stays = page.locator("#kept").inner_text()
    for words in ("IP) addresses, in 9 rows", "user name, in 9", "devices", "1 podcasts", "1 private", "Userdata.json"):
        assert words in stays
    page.get_by_role("button", name="Take out Venus by Björk").click()
    page.locator("#top").get_by_role("button", name="Take out all by Portishead").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_label("Song or artist").fill("glory")
    page.get_by_role("button", name="Take out all 1 play that match").click()
    page.get_by_label("Song or artist").fill("")
    page.get_by_label("From").fill("2024-03-06")
    page.get_by_role("button", name="Take out all 1 play that match").click()
    expect(page.locator("#summary")).to_contain_text("3 plays of 3 songs by 2 artists")
    page.get_by_label("take part in this study").click()
    page.get_by_label("described by numbers").click()
    page.get_by_label("Your code").fill(code.lower())
    page.get_by_role("button", name="Seal the file").click()
    expect(page.locator("#ready")).to_contain_text(f"{code}.jwe is ready: 3 plays")

    found = receiving.receive(study, saved(page, tmp_path))
    left_out = {"podcast": 1, "private session": 1, "outside of the period": 1, donations.TAKEN_OUT: 3}
    assert found.facts["files"] == [{"code": code, "rows": 9, "kept": 3, "left_out": left_out}]
    assert titles(study, code) == ["Army", "Crying", "Roads"]
    event = ledger.read(study.ledger)[-2]
    assert (event["scopes"], event["consent_version_sha256"]) == (["features", "participate"], study.form)
    given = opened(study, code)
    gone = [*exports.PERSONAL.values(), *exports.PERSONAL, "Venus", "Glory", "Sinnerman", "Longago", "Hidden"]
    assert [word for word in [*gone, "Confession", "zarathustra"] if len(word) > 2 and word.encode() in given] == []
    assert b"Crying" in given


def test_a_history_is_looked_through_and_given_by_keyboard(study: Study, code: str, page: Page, tmp_path: Path) -> None:
    browsers.tab_to(page, page.locator("#files"))
    page.set_input_files("#files", export(tmp_path / "my_spotify_data.zip"))  # the system's own dialog
    expect(page.locator("#summary")).to_contain_text("6 plays")
    browsers.tab_to(page, page.locator("#top").get_by_role("button", name="Take out all by Portishead"))
    page.keyboard.press("Enter")
    expect(page.locator("#undone")).to_have_text("2 plays taken out.")
    # The row is gone, and the one in its place has the focus.
    expect(page.locator("#top").get_by_role("button", name="Take out all by Nina Simone")).to_be_focused()
    browsers.tab_to(page, page.get_by_label("Song or artist"))
    page.keyboard.type("sinner")
    expect(page.locator("#found")).to_have_text("1 play shown below match.")
    browsers.tab_to(page, page.get_by_role("button", name="Take out all 1 play that match"))
    page.keyboard.press("Space")
    expect(page.get_by_label("Song or artist")).to_be_focused()
    browsers.tab_to(page, page.get_by_role("button", name="Seal the file"))
    page.keyboard.press("Enter")
    expect(page.locator("#not-yet")).to_be_focused()
    assert page.locator("#not-yet li").count() == 2
    page.keyboard.press("Shift+Tab")
    for label in ("Your code", "be contacted again", "take part in this study"):
        for _ in range(9):
            if page.get_by_label(label).evaluate("one => one === document.activeElement"):
                break
            page.keyboard.press("Shift+Tab")
        expect(page.get_by_label(label)).to_be_focused()
        page.keyboard.type(code) if label == "Your code" else page.keyboard.press("Space")
    browsers.tab_to(page, page.get_by_role("button", name="Seal the file"))
    page.keyboard.press("Enter")
    expect(page.locator("#save")).to_be_focused()
    assert receiving.receive(study, saved(page, tmp_path)).ok
    assert titles(study, code) == ["Army", "Crying", "Venus"]
    assert consent.agreeing(study, "recontact") == [code]
    assert consent.agreeing(study, "train_model") == []


def test_a_change_after_sealing_asks_to_seal_again(page: Page, code: str, tmp_path: Path) -> None:
    page.set_input_files("#files", export(tmp_path / "my_spotify_data.zip"))
    page.get_by_label("take part in this study").click()
    page.get_by_label("Your code").fill(code)
    page.get_by_role("button", name="Seal the file").click()
    expect(page.locator("#sealed")).to_be_visible()
    page.get_by_label("be contacted again").click()
    expect(page.locator("#sealed")).to_be_hidden()
    expect(page.locator("#sealing")).to_have_text("You changed something after sealing: seal again.")


def odd_rows() -> list[dict[str, Any]]:
    """Rows as they are told now and then."""
    rows = [play(day, f"Song {number}") for number in range(400) for day in (1, 2, 3)]
    at = "2024-03-19T18:20:49Z"
    names = ('Quote " and \\', "}{][", '\\"}', "  padded  ", "日本 🎵", "Unknown Track", "", None, 7)
    rows += [exports.new(at, "Named", spotify_track_uri=None, master_metadata_track_name=name) for name in names * 60]
    rows += [exports.new(at, ms=ms) for ms in (0, -1, "1000", None, 2**31, 1234.4, True)]
    moments = (1710871829, 1710871829000, 1710000000000, 0, None, 99, "x", 5e14, 1710872500)
    rows += [exports.new(at, "Began", offline_timestamp=moment) for moment in moments]
    times = (
        "2024-03-19T18:20:49",
        "2024-03-19 18:20:49",
        "2024-03-19T20:20:49+02:00",
        "soon",
        None,
        "1999-01-01T00:00:00Z",
    )
    rows += [{**exports.new(at, "When"), "ts": time} for time in times]
    edges = ("2023-12-30T23:59:59Z", "2023-12-31T00:05:00Z", "2024-07-01T23:59:00Z", "2024-07-02T00:04:00Z")
    rows += [exports.new(edge, "Edge", ms=1000) for edge in edges]
    # Begun an hour before the period ended, and long after; told in seconds and in milliseconds.
    begun = (1719874800, 1719874800000, 1719878460, 1719878460000)
    rows += [exports.new("2024-07-02T01:00:00Z", "Edge", offline_timestamp=moment) for moment in begun]
    rows += [exports.new("2024-07-01T23:59:30Z", "Edge", ms=1, offline_timestamp=1719878460)]
    rows += [
        exports.new(at, "Flags", skipped=value, shuffle=other) for value in (True, None, 1) for other in (False, "")
    ]
    rows += [exports.new(at, "Private", incognito_mode=value) for value in (1, True, 0, None)]
    return [*rows, {"unknown": {"nested": [1, "}"]}}]


def account_of(study: Study, path: Path) -> dict[str, Any]:
    """What became of the rows of a file."""
    files: Any = receiving.receive(study, path).facts["files"]
    return {name: value for name, value in files[0].items() if name != "code"}


def test_what_the_page_gives_is_what_the_reader_would_have_kept(
    study: Study, code: str, page: Page, tmp_path: Path
) -> None:
    (other,) = made.enrolled(study, made.agreeing("bob"))
    account: list[dict[str, Any]] = [
        exports.account("2024-03-10 18:20"),
        exports.account("2024-03-10 18:20", "Unknown Track"),
        exports.account("2024-13-10 18:20"),
        exports.account("2024-03-10 18:21", ms="x"),
        {"endTime": "2024-03-10 18:20", "podcastName": "P", "episodeName": "E", "msPlayed": 1},
    ]
    files: dict[str, object] = {
        "endsong_0.json": odd_rows(),
        "StreamingHistory_music_0.json": account,
        "endsong_1.json": [],
    }
    zipped = exports.pack(tmp_path / f"{other}.zip", files)
    page.set_input_files("#files", zipped)
    page.get_by_label("take part in this study").click()
    page.get_by_label("Your code").fill(code)
    page.get_by_role("button", name="Seal the file").click()
    expect(page.locator("#save")).to_be_focused()
    ours, theirs = account_of(study, saved(page, tmp_path)), account_of(study, zipped)
    assert ours == theirs
    assert ours["kept"] > 1200
    assert len(theirs["left_out"]) == 7

    def kept(whose: str) -> list[tuple[object, ...]]:
        with Library.open(study.library) as library, library.connect() as connection:
            found = connection.exec_driver_sql(
                "select played_at, ended_at, ms_played, track_id, source, quality, reason_start, reason_end, shuffle, "
                "skipped, offline from plays where listener = ? order by digest",
                (whose,),
            )
            return [tuple(row) for row in found]

    assert kept(code) == kept(other)


def test_what_is_no_history_is_told_and_not_read(page: Page, tmp_path: Path) -> None:
    rows = json.dumps([play(day, "Crying") for day in range(1, 20)])
    broken = tmp_path / "endsong_0.json"
    broken.write_text(rows[:-40])
    personal = exports.write(tmp_path / "Userdata.json", {"email": "zarathustra@example.org"})
    package = exports.pack(tmp_path / "other.zip", {"Identity.json": "{}"})
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(export(tmp_path / "whole.zip").read_bytes()[:-30])
    page.set_input_files("#files", [broken, personal, package, damaged])
    expect(page.locator("#trouble li")).to_have_text(
        [
            "endsong_0.json is damaged or cut short: download it again.",
            "Userdata.json is not a listening history, and was not opened.",
            re.compile(r"other\.zip holds no listening history of Spotify\."),
            "damaged.zip is a damaged zip: download it again.",
        ]
    )
    expect(page.locator("#rest")).to_be_hidden()
    page.set_input_files("#files", tmp_path / "whole.zip")
    expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator("#summary")).to_contain_text("6 plays")


@pytest.mark.parametrize(
    ("missing", "says"),
    [("DecompressionStream", "it has no DecompressionStream here"), ("crypto.subtle", "it has no WebCrypto here")],
)
def test_a_browser_that_cannot_do_it_is_told(
    chromium: Browser, study: Study, tmp_path: Path, missing: str, says: str
) -> None:
    donation_page.write(study, tmp_path / "donation.html")
    page = chromium.new_page()
    where, _, name = ("window." + missing).rpartition(".")
    page.add_init_script(f"Object.defineProperty({where}, '{name}', {{ value: undefined }})")
    page.goto((tmp_path / "donation.html").as_uri())
    expect(page.locator("#trouble li")).to_contain_text(says)
    expect(page.locator("#files")).to_be_disabled()
    page.close()


def test_a_seal_that_fails_is_told_and_may_be_tried_again(page: Page, code: str, tmp_path: Path) -> None:
    page.set_input_files("#files", export(tmp_path / "my_spotify_data.zip"))
    page.get_by_label("take part in this study").click()
    page.get_by_label("Your code").fill(code)
    page.evaluate("() => { const real = btoa; btoa = () => { btoa = real; throw new RangeError('too long'); }; }")
    page.get_by_role("button", name="Seal the file").click()
    expect(page.locator("#sealing")).to_have_text("Sealing did not work: too long. Nothing was given.")
    page.get_by_role("button", name="Seal the file").click()
    expect(page.locator("#save")).to_be_focused()


REACH = """async (at) => {
  const tried = [];
  const go = (what) => { try { tried.push(what()); } catch (error) { tried.push(error); } };
  go(() => fetch(`http://${at}/fetch`, { mode: "no-cors" }));
  go(() => navigator.sendBeacon(`http://${at}/beacon`, "x"));
  go(() => { new Image().src = `http://${at}/image`; });
  go(() => new WebSocket(`ws://${at}/socket`));
  go(() => new EventSource(`http://${at}/events`));
  go(() => { const one = new XMLHttpRequest(); one.open("GET", `http://${at}/request`); one.send(); });
  go(() => new Worker(`http://${at}/worker`));
  for (const [name, told] of [["script", "src"], ["iframe", "src"], ["link", "href"], ["video", "src"]])
    go(() => {
      const one = document.createElement(name);
      if (name === "link") one.rel = "stylesheet";
      one[told] = `http://${at}/${name}`;
      document.body.append(one);
    });
  go(() => {
    const form = document.createElement("form");
    form.action = `http://${at}/form`;
    form.target = "hole";
    const hole = document.createElement("iframe");
    hole.name = "hole";
    document.body.append(hole, form);
    form.submit();
  });
  await Promise.allSettled(tried);
  await new Promise((done) => setTimeout(done, 300));
  return tried.length;
}"""


class Listener(socketserver.ThreadingTCPServer):
    """Hears what is sent to it, and answers nothing."""

    daemon_threads = True

    def __init__(self) -> None:
        self.heard: queue.Queue[bytes] = queue.Queue()
        super().__init__(("127.0.0.1", 0), Hearing)


class Hearing(socketserver.BaseRequestHandler):
    server: Listener

    def handle(self) -> None:
        self.server.heard.put(self.request.recv(1000))


def test_no_byte_leaves_the_page(chromium: Browser, study: Study, code: str, tmp_path: Path) -> None:
    donation_page.write(study, tmp_path / "sealed.html")
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", (tmp_path / "sealed.html").read_text())
    (tmp_path / "free.html").write_text(free)
    with Listener() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        for name in ("sealed", "free"):
            context = chromium.new_context()
            opened = context.new_page()
            opened.goto((tmp_path / f"{name}.html").as_uri())
            assert opened.evaluate(REACH, f"127.0.0.1:{server.server_address[1]}/{name}") == 12
            if name == "sealed":
                context.close()
        # Browsers may open a connection before they refuse, and then send nothing over it.
        heard = [server.heard.get(timeout=20)]
        while not any(b"/free/" in one for one in heard):
            heard.append(server.heard.get(timeout=20))
        context.close()
        server.shutdown()
    assert not [one for one in heard if one and b"/free/" not in one]


def test_nothing_keeps_people_out(page: Page, code: str, tmp_path: Path) -> None:
    assert browsers.obstacles(page) == []
    page.set_input_files("#files", export(tmp_path / "my_spotify_data.zip"))
    page.get_by_role("button", name="Take out Venus by Björk").click()
    page.get_by_label("take part in this study").click()
    page.get_by_label("Your code").fill(code)
    page.get_by_role("button", name="Seal the file").click()
    expect(page.locator("#save")).to_be_focused()
    for one in page.locator("summary").all():
        one.click()
    assert browsers.obstacles(page) == []
