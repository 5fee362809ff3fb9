"""What the pages answer without a browser: filters, ranges, refusals, what hostile tags may not do."""

from __future__ import annotations

import json
import os
import re
from html import unescape
from pathlib import Path

import httpx
import pytest
import zstandard
from sqlalchemy import select

from ritornello.library import Library, playlists, running, tracks, users
from ritornello.library import schema as s
from ritornello.server.app import create_app
from ritornello.server.site import snippets
from tests.pages.conftest import HOSTILE, request
from tests.server.conftest import PASSWORD, serving

HTML = {"Accept": "text/html"}
DOCS = Path(__file__).parents[2] / "docs" / "clients"
UNKNOWN = "0" * 22


def get(url: str, **more: str) -> httpx.Response:
    return request("GET", url, headers=HTML, params=more or None)


def token(url: str) -> str:
    return str(re.findall(r'data-csrf="([^"]+)"', get(url + "/playlists").text)[0])


def post(url: str, **fields: str) -> httpx.Response:
    return request("POST", url, data=fields)


def one(library: Library, title: str = "Four Walls") -> str:
    with library.connect() as connection:
        return tracks.called(connection, title)[0]


def titles(page: httpx.Response) -> list[str]:
    return [unescape(name) for name in re.findall(r'<a class="title" href="[^"]*">([^<]*)</a>', page.text)]


# The library -------------------------------------------------------------------------------------------------------


def test_sorting_and_filtering_go_by_the_numbers_in_the_library(site: str, library: Library) -> None:
    with library.connect() as connection:
        rows = connection.execute(select(s.tracks.c.name, s.features.c.energy).join(s.features)).all()
    wanted = [name for name, energy in sorted(rows, key=lambda row: -row.energy)]
    assert titles(get(site + "/library", sort="energy", order="down")) == wanted
    middle = sorted(energy for _, energy in rows)[2]
    some = titles(get(site + "/library", sort="energy", order="down", min_energy=str(middle)))
    assert some == wanted[:2]
    assert titles(get(site + "/library", max_energy="0.0001")) == []


def test_words_and_filters_hold_together(site: str) -> None:
    assert titles(get(site + "/library", q="metronomes")) == ["Garage Door"]
    assert titles(get(site + "/library", q="metronomes", max_tempo="100")) == []
    assert titles(get(site + "/library", q="garrage")) == ["Garage Door"]


@pytest.mark.parametrize(
    "address",
    [
        "page=999999999999",
        "page=-1",
        "min_energy=abc",
        "min_energy=nan",
        "sort=name;drop",
        "q=%22%00*",
        "max_key=1e400",
    ],
)
def test_what_cannot_be_read_is_passed_over(site: str, address: str) -> None:
    assert request("GET", f"{site}/library?{address}", headers=HTML).status_code == 200


def test_a_hostile_title_is_escaped_everywhere(site: str, library: Library) -> None:
    own = one(library, HOSTILE)
    for path in ("/library", f"/track/{own}", f"/playground?seed_tracks={own}"):
        page = get(site + path)
        assert page.status_code == 200
        assert HOSTILE not in page.text
        assert "&lt;script&gt;" in page.text
    assert "<img" not in get(site + "/library", q='"><img src=x onerror=alert(1)>').text


def test_a_scan_tells_how_far_it_is(library: Library, notes: list[running.Running | None]) -> None:
    told = [note for note in notes if note is not None]
    assert len(told) == len(notes)
    assert {note.process for note in told} == {os.getpid()}
    assert told[-1].files == 4
    assert [note.done for note in told] == sorted(note.done for note in told)
    assert {note.current for note in told} - {None} <= {"00.wav", "03.wav", "05.wav", "08.wav"}
    assert running.read(library) is None


def test_a_scan_is_told_while_it_runs(site: str, library: Library) -> None:
    assert request("GET", site + "/library/scan").json() == {"running": False}
    running.write(library, running.Running(os.getpid(), 10, 4, 1000, 250, 3, 1, "a song.mp3", 31.5))
    told = request("GET", site + "/library/scan").json()
    assert told == {
        "running": True, "files": 10, "done": 4, "analysed": 3, "refused": 1, "share": 0.25,
        "current": "a song.mp3", "rate": 31.5,
    }  # fmt: skip
    running.end(library)
    assert request("GET", site + "/library/scan").json() == {"running": False}


def test_a_scan_that_was_killed_is_not_told(library: Library) -> None:
    # No process has this number: it is above the largest that Linux, macOS and Windows give.
    running.write(library, running.Running(2**31 - 1, 10, 4, 1000, 250, 3, 1, None, 0.0))
    assert running.read(library) is None
    running.end(library)


# The map -----------------------------------------------------------------------------------------------------------


def test_the_map_has_a_place_for_every_track(site: str) -> None:
    page = get(site + "/library/map")
    state = re.findall(r'data-state="(\w+)"', page.text)[0]
    assert 'data-count="4"' in page.text
    plain = get(site + "/library/map/points", state=state)
    painted = get(site + "/library/map/points", state=state, paint="energy")
    assert (len(plain.content), len(painted.content)) == (4 * 4, 4 * 5)
    told = get(site + "/library/map/tracks", state=state, at="0,3").json()["tracks"]
    assert len({track["id"] for track in told}) == 2
    for wrong in ("4", "-1", "a", "1;2", "²"):
        assert get(site + "/library/map/tracks", state=state, at=wrong).status_code == 400
    assert get(site + "/library/map/points", state="another").status_code == 400
    assert get(site + "/library/map/points", state=state, paint="popularity").status_code == 400


# A track -----------------------------------------------------------------------------------------------------------


def test_a_track_page_tells_what_the_api_tells(site: str, library: Library) -> None:
    own = one(library)
    page = get(f"{site}/track/{own}")
    shown = json.loads(unescape(re.findall(r"<pre[^>]*>(.*?)</pre>", page.text, re.DOTALL)[0]))
    with library.connect() as connection:
        known = tracks.features(connection, [own])[0]
        document = connection.scalars(select(s.analyses.c.document).where(s.analyses.c.track_id == own)).one()
    assert known
    assert shown["energy"] == pytest.approx(known[0].energy, rel=0.01)
    assert shown["analysis_url"] == f"{site}/v1/audio-analysis/{own}"
    assert get(f"{site}/track/{own}/analysis.json").content == zstandard.decompress(document)
    assert "CC0-1.0" in page.text
    assert known[0].model_version in page.text
    assert page.text.count('<td class="n tempo">') == len(known[0].tempo_candidates)


def test_the_file_is_served_in_ranges(site: str, library: Library, music: Path) -> None:
    address = f"{site}/audio/{one(library)}"
    whole = (music / "03.wav").read_bytes()
    part = request("GET", address, headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, whole[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(whole)}"
    assert part.headers["content-type"] == "audio/wav"
    assert request("GET", address, headers={"Host": "rebound.example"}).status_code == 401
    foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert request("GET", address, headers=foreign).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/track/{id}", "/audio/{id}", "/track/{id}/near", "/track/{id}/analysis.json", "/playlists/{id}", "/card/x"],
)
def test_what_is_not_there_is_not_found(site: str, path: str) -> None:
    assert get(site + path.format(id=UNKNOWN)).status_code == 404


def test_every_trait_has_its_card(site: str, library: Library) -> None:
    page = get(f"{site}/track/{one(library)}").text
    linked = set(re.findall(r'href="(/card/\w+)"', page))
    assert len(linked) == 7
    for link in linked:
        card = get(site + link)
        assert card.status_code == 200
        assert "<h2>Where it fails</h2>" in card.text


# Forms -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/playlists", {"name": "forged", "track": "{id}"}),
        ("/developer/clients", {"name": "forged"}),
        ("/developer/clients/x/revoke", {}),
        ("/playlists/x/remove", {}),
    ],
)
def test_no_form_is_taken_that_is_not_of_a_page(site: str, library: Library, path: str, fields: dict[str, str]) -> None:
    given = {name: value.format(id=one(library)) for name, value in fields.items()}
    assert post(site + path, **given).status_code == 403
    assert post(site + path, **given, csrf="forged").status_code == 403
    with library.connect() as connection:
        assert "forged" not in {made.name for made in playlists.all(connection)}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " "}, "needs a name"),
        ({"name": "x" * 101, "track": "{id}"}, "at most 100"),
        ({"name": "empty"}, "0 tracks were chosen"),
        ({"name": "odd", "track": UNKNOWN}, UNKNOWN),
        ({"name": "old", "at": "0", "state": "another"}, "has changed"),
    ],
)
def test_a_playlist_is_refused_with_the_reason(site: str, library: Library, fields: dict[str, str], said: str) -> None:
    given = {name: value.format(id=one(library)) for name, value in fields.items()}
    answer = post(site + "/playlists", **given, csrf=token(site))
    assert answer.status_code in (400, 404)
    assert said in answer.json()["error"]["message"]


def test_people_see_and_change_their_own_playlists_alone(library: Library) -> None:
    with library.begin() as connection:
        for name in ("ann", "ben"):
            users.add(connection, name, PASSWORD)
    try:
        with serving(create_app(library)) as url:
            ann, ben = (_signed_in(url, name) for name in ("ann", "ben"))
            made = ann.post("/playlists", data={"name": "mine", "track": one(library), "csrf": _token(ann)}).json()
            assert "mine" in ann.get("/playlists").text
            assert "mine" not in ben.get("/playlists").text
            assert ben.get(f"/playlists/{made['id']}").status_code == 404
            assert ben.post(f"/playlists/{made['id']}/remove", data={"csrf": _token(ben)}).status_code == 403
            assert ben.post(f"/playlists/{made['id']}/remove", data={"csrf": _token(ann)}).status_code == 403
            # Programs and their requests are shown to whoever runs the server: the oldest account.
            assert "Add a client" in ann.get("/developer").text
            assert "Add a client" not in ben.get("/developer").text
            assert ben.get("/developer/requests").status_code == 403
            assert ben.post("/developer/clients", data={"name": "x", "csrf": _token(ben)}).status_code == 403
            ann.close()
            ben.close()
    finally:
        with library.begin() as connection:
            users.remove(connection, "ann")
            users.remove(connection, "ben")


def _signed_in(url: str, name: str) -> httpx.Client:
    browser = httpx.Client(base_url=url, headers=HTML, timeout=120, follow_redirects=True, verify=False)
    assert browser.post("/login", data={"username": name, "password": PASSWORD, "next": "/playlists"}).is_success
    return browser


def _token(browser: httpx.Client) -> str:
    return str(re.findall(r'data-csrf="([^"]+)"', browser.get("/playlists").text)[0])


# Recommendations ---------------------------------------------------------------------------------------------------


def test_the_playground_gives_what_programs_get(site: str, library: Library) -> None:
    own = one(library)
    told = get(site + "/playground/results", seed_tracks=own, min_energy="0.3", limit="2").json()
    assert len(told["tracks"]) == 2
    assert told["request"] == f"{site}/v1/recommendations?seed_tracks={own}&min_energy=0.3&limit=2"
    made = post(site + "/developer/clients", name="same", csrf=token(site)).json()
    form = {"grant_type": "client_credentials"}
    bearer = request("POST", f"{site}/api/token", data=form, auth=(made["id"], made["secret"])).json()["access_token"]
    served = request("GET", told["request"], headers={"Authorization": f"Bearer {bearer}"}).json()
    assert [track["id"] for track in served["tracks"]] == [track["id"] for track in told["tracks"]]
    assert post(f"{site}/developer/clients/{made['id']}/revoke", csrf=token(site)).status_code == 200


def test_a_sentence_is_shown_as_it_was_understood(site: str) -> None:
    told = get(site + "/playground/read", sentence="house over 100 bpm with purple curtains").json()
    assert [(seed["kind"], seed["name"]) for seed in told["seeds"]] == [("genre", "house")]
    assert told["parameters"] == {"min_tempo": 100.0}
    assert told["unread"] == ["purple", "curtains"]


def test_seeds_are_offered_by_their_beginnings(site: str) -> None:
    told = get(site + "/playground/find", q="square").json()["found"]
    assert {"kind": "artist", "name": "Square Wave Society"}.items() <= told[0].items()
    assert get(site + "/playground/results").status_code == 400


# Developers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "title", "text"), [part for part in snippets.SNIPPETS if part[0]])
def test_the_lines_to_change_are_those_of_the_docs(name: str, title: str, text: str) -> None:
    told = dict(snippets.written("http://127.0.0.1:8080"))[title]
    assert told.strip() in (DOCS / f"{name}.md").read_text(encoding="utf-8")


def test_a_bad_redirect_address_is_refused(site: str) -> None:
    refused = post(site + "/developer/clients", name="x", redirect_uri="http://other.example/", csrf=token(site))
    assert refused.status_code == 400
    assert "in the clear" in refused.json()["error"]["message"]
