"""How far a study is, on a page: by codes, quality before outcomes, for whoever runs the server."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import expect

from ritornello.library import Library, users
from ritornello.server.app import create_app
from ritornello.study import beginning, consent, enrolment, erasure, occasions, overview, plans, receiving, surveys
from ritornello.study.folder import Study
from tests import browser
from tests.histories import exports
from tests.pages.conftest import get, post
from tests.server.conftest import PASSWORD, serving
from tests.study import made
from tests.test_cli import free_port, run, wait_for_health

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HTML = {"Accept": "text/html"}
REPORT = "<!doctype html><html lang='en'><title>R</title><style>p { color: rgb(1, 2, 3) }</style><p>slope +0.31</p>"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Two people with a history, one of whom answered; one who was invited and did not answer yet."""
    study = made.study(tmp_path / "moodmusic")
    rows = [made.agreeing("ann", about_age="20s"), made.agreeing("ben", ["participate", "link_survey"])]
    ann, ben = made.enrolled(study, *rows)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for minute, code in enumerate((ann, ben)):
        told = [exports.new(f"2024-03-0{day}T10:0{minute}:00Z") for day in (1, 2, 3)]
        exports.pack(inbox / f"{code}.zip", {"endsong_0.json": told})
    receiving.receive(study, inbox)
    enrolment.invite(study, made.table(tmp_path / "ids.csv", [{"id": "cem"}]), tmp_path / "letters.csv")
    return study


def answered(study: Study, tmp_path: Path) -> None:
    """Ann's answers, one of four missing, beside what she heard."""
    asked = [(f"2024-03-0{day}T11:10:00", value) for day, value in ((1, "3"), (2, "5"), (3, ""), (4, "4"))]
    rows: list[dict[str, object]] = [
        {"id": "ann", "time": moment, "valence": value, "arousal": value} for moment, value in asked
    ]
    path = made.table(tmp_path / "esm.csv", rows)
    surveys.step(study, path, None, preview=False)
    surveys.step(study, path, None, preview=False)
    occasions.build(study)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, str]]:
    with Library.open(tmp_path_factory.mktemp("server") / "library.sqlite") as library:
        app = create_app(library)
        with serving(app) as url:
            yield app, url


@pytest.fixture
def url(server: tuple[FastAPI, str], study: Study) -> str:
    """The address of a server that was started with the study."""
    app, url = server
    app.state.study = study
    return url


def page_of(url: str) -> str:
    answer = get(f"{url}/study", headers=HTML)
    assert answer.status_code == 200
    return answer.text


def people(page: str) -> list[list[str]]:
    """The table of participants without their codes, each cell as text."""
    body = page.split('<table class="people">')[1].split("<tbody>")[1].split("</tbody>")[0]
    found = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in body.split("</tr>")[:-1]]
    return sorted([re.sub(r"<[^>]*>", " ", cell).split() for cell in row] for row in found)  # type: ignore[misc,unused-ignore]


def test_each_participant_is_told_by_code(study: Study, url: str) -> None:
    page = page_of(url)
    assert [" ".join(row[0])[:40] for row in people(page)] == [
        "2 scopes participate, link_survey",
        "7 scopes participate, link_survey, featu",
        "invited, and did not answer yet",
    ]
    assert [[" ".join(cell) for cell in row[1:5]] for row in people(page)] == [
        ["1", "3", "0", "–"],
        ["1", "3", "0", "–"],
        ["0", "0", "0", "–"],
    ]
    assert all(code in page for code in consent.agreeing(study))
    assert not re.search(r"\b(ann|ben|cem)\b", page)
    assert "Next: <code>ritornello study freeze</code>" in page


def test_answers_are_counted_and_not_told(study: Study, url: str, tmp_path: Path) -> None:
    answered(study, tmp_path)
    page = page_of(url)
    assert [" ".join(row[3]) for row in people(page)] == ["0", "3 of 4", "0"]
    assert "3 answers (not looked at: arousal, valence)" in page
    assert "k = 1: the smallest group" in get(f"{url}/study/risk", headers=HTML).text
    assert "Prompts by the hour on people’s clocks; most, 4, between 11 and 12." in page


def test_outcomes_are_closed_until_the_plan_is_fixed_and_quality_was_looked_at(
    study: Study, url: str, tmp_path: Path
) -> None:
    (study.results / "report.html").write_text(REPORT)

    def report() -> tuple[int, str]:
        answer = get(f"{url}/study/report", headers={"Accept": "application/json"})
        return answer.status_code, answer.text

    assert report()[0] == 403
    assert "the plan is not fixed" in report()[1]
    plans.freeze(study)
    assert "there are no tables yet" in report()[1]
    answered(study, tmp_path)
    assert "was not looked at yet" in report()[1]
    page = page_of(url)
    assert "study/report" not in page
    token = re.search(r'data-csrf="(\w+)"', page)
    assert token
    assert post(f"{url}/study/quality", data={"csrf": "0"}).status_code == 403
    assert post(f"{url}/study/quality", data={"csrf": token[1]}).status_code == 303
    assert report() == (200, REPORT)
    assert "study/report" in page_of(url)
    # Other tables have another quality.
    (study.derived / "occasions.csv").write_text((study.derived / "occasions.csv").read_text() + "\n")
    assert "was not looked at yet" in report()[1]


def test_to_run_the_check_of_quality_is_to_look_at_it(study: Study, tmp_path: Path) -> None:
    answered(study, tmp_path)
    plans.freeze(study)
    assert overview.closed(study) is not None
    overview.check(study)
    assert overview.closed(study) is None


def test_who_withdrew_is_a_number(study: Study, url: str) -> None:
    code = consent.agreeing(study)[0]
    erasure.withdraw(study, code, really=True)
    page = page_of(url)
    assert code not in page
    assert "1 withdrew" in page
    assert len(people(page)) == 2


def test_the_donation_page_is_there_to_be_saved(study: Study, url: str) -> None:
    answer = get(f"{url}/study/donation-page", headers=HTML)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert study.form[:12] in answer.text


def test_only_whoever_runs_the_server_sees_a_study(study: Study, tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.sqlite") as library:
        with library.begin() as connection:
            for name in ("ann", "ben"):
                users.add(connection, name, PASSWORD)
        with serving(create_app(library, study=study)) as url:
            for name, status in (("ann", 200), ("ben", 403)):
                with httpx.Client(base_url=url, headers=HTML, follow_redirects=True) as client:
                    client.post("/login", data={"username": name, "password": PASSWORD, "next": "/library"})
                    for path in ("/study", "/study/donation-page"):
                        assert client.get(path).status_code == status
                    assert client.get("/study/risk").status_code == (409 if status == 200 else 403)


def test_serve_asks_for_the_passphrase_and_shows_the_study(tmp_path: Path) -> None:
    place, passphrase = tmp_path / "moodmusic", "a long passphrase"
    beginning.new(place, beginning.settings(made.ANSWERS), tmp_path / "study.key", passphrase)
    with Library.open(tmp_path / "library.sqlite") as library, library.begin() as connection:
        users.add(connection, "ann", PASSWORD)
    port = free_port()
    command = [sys.executable, "-m", "ritornello", "serve", "--port", str(port), "--study", str(place)]
    command += ["--library", str(tmp_path / "library.sqlite")]
    # Without a terminal the passphrase is read from standard input, and Python warns that it may be seen.
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write(passphrase + "\n")
    process.stdin.flush()
    wait_for_health(f"http://127.0.0.1:{port}")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True, timeout=120) as client:
        client.post("/login", data={"username": "ann", "password": PASSWORD, "next": "/library"})
        seen = client.get("/study", headers=HTML).text
    process.terminate()
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert f"<h1>{made.ANSWERS['title']}</h1>" in seen


def test_what_is_no_study_is_not_served(tmp_path: Path) -> None:
    result = run("serve", "--study", tmp_path, "--library", tmp_path / "library.sqlite")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "is not a study" in result.stderr


def test_without_a_study_the_page_says_how_to_open_one(server: tuple[FastAPI, str]) -> None:
    app, url = server
    app.state.study = None
    assert "ritornello up --study FOLDER" in page_of(url)
    assert 'href="/study"' not in page_of(url)
    answer = get(f"{url}/study/risk", headers={"Accept": "application/json"})
    assert "start it with --study" in answer.text


def test_quality_is_looked_at_by_keyboard_and_opens_the_report(
    study: Study, url: str, chromium: Browser, tmp_path: Path
) -> None:
    plans.freeze(study)
    answered(study, tmp_path)
    (study.results / "report.html").write_text(REPORT)
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    watch = browser.Watch(page)
    page.goto(url + "/study")
    browser.tab_to(page, page.get_by_role("button", name="I have looked at the quality"))
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="Read the report")
    expect(link).to_be_visible(timeout=60_000)
    assert browser.obstacles(page) == []
    browser.tab_to(page, link)
    page.keyboard.press("Enter")
    expect(page.locator("p")).to_have_css("color", "rgb(1, 2, 3)")
    context.close()
    assert watch.said == []
    assert all(one.startswith(url) for one in watch.asked)
