from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import frictionless
import keyring
import numpy as np
import pypdf
import pytest
from click.testing import CliRunner, Result
from keyring.backend import KeyringBackend

from ritornello import cli
from ritornello.errors import NoConsent, StudyError
from ritornello.study import (
    auditing,
    consent,
    copying,
    doctor,
    erasure,
    fitting,
    folder,
    keys,
    occasions,
    plans,
    power,
    psychds,
    quality,
    rehearsal,
    reporting,
    risk,
    roster,
    sharing,
)
from ritornello.study.folder import Study
from ritornello.study.models import panel
from ritornello.study.report import closing, material, results
from ritornello.study.report.blocks import Not, Report, Text
from ritornello.study.summary import Summary
from tests.study import made


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Summary]:
    place = tmp_path_factory.mktemp("rehearsal") / "practice"
    key = keys.make()
    choices = {"permutations": 2, "secondary_music": ["repetition"], "other_windows": [15], "bootstraps": 200}
    told = rehearsal.rehearse(place, 22, 20, 0.3, choices=choices, key=key, seed=3)
    return folder.open_study(place / "study", key), told


def test_everything_that_was_planted_is_found(rehearsed: tuple[Study, Summary]) -> None:
    checks = rehearsed[1].facts["checks"]
    assert isinstance(checks, dict)
    assert len(checks) == 17
    assert not [what for what, right in checks.items() if not right]


def test_the_report_has_its_twelve_sections_and_figures(rehearsed: tuple[Study, Summary]) -> None:
    study, _ = rehearsed
    page = (study.results / "report.html").read_text(encoding="utf-8")
    assert [f"<h2>{number}. " in page for number in range(1, 13)] == [True] * 12
    figures = {path.stem for path in (study.results / "figures").glob("*.svg")}
    expected = "benchmarks flow coverage hours slopes spread persons means scores forks"
    assert figures == set(expected.split())
    assert page.count("<svg") == len(figures) == page.count('role="img" aria-label="')
    for path in (study.results / "figures").glob("*.svg"):
        assert ElementTree.parse(path).getroot().tag.endswith("svg")
    slope = fitting.load(study)["within"]["slope"]
    assert f"{slope:+.3f}" in page
    assert not [code for code in roster.read(study) if code in page]
    assert (study.results / "tables" / "within.csv").read_text().startswith("question,outcome,music,slope")


@pytest.fixture(scope="module")
def gathered(rehearsed: tuple[Study, Summary]) -> material.Material:
    return material.gather(rehearsed[0])


@pytest.fixture(scope="module")
def told(gathered: material.Material) -> Report:
    return reporting.write(gathered)


@pytest.mark.parametrize(("r", "said"), [(0.4, False), (0.6, True), (-0.6, True)])
def test_a_correlation_larger_than_any_published_is_called_so(
    gathered: material.Material, r: float, said: bool
) -> None:
    model = {**gathered.model, "between": {**gathered.model["between"], "r": r}}
    chapter = results.between_people(replace(gathered, model=model))
    texts = [one.text for one in chapter.blocks if isinstance(one, Text)]
    assert any("larger than any comparable published result" in text for text in texts) == said


def test_the_report_on_paper_says_what_the_page_says(rehearsed: tuple[Study, Summary], told: Report) -> None:
    study, _ = rehearsed
    paper = pypdf.PdfReader(study.results / "report.pdf")
    assert str(paper.root_object["/MarkInfo"].get_object()) == "{'/Marked': True, '/Suspects': False}"
    assert str(paper.root_object["/Lang"]) == "en"
    assert paper.metadata is not None
    assert paper.metadata.title == study.settings.title
    titles = [str(one["/Title"]) for one in paper.outline if not isinstance(one, list)]
    assert [title.partition(".")[0] for title in titles[:12]] == [str(number) for number in range(1, 13)]
    assert titles == [chapter.title for chapter in told.chapters]
    words = "".join(page.extract_text() for page in paper.pages)
    plain = re.sub(r"[\s\u2010\u00ad-]", "", words)
    html = (study.results / "report.html").read_text(encoding="utf-8")
    for chapter in told.chapters:
        for block in chapter.blocks:
            if isinstance(block, Text | Not):
                assert re.sub(r"[\s-]", "", block.text)[:60] in plain
                assert block.text[:40] in html.replace("&#39;", "'").replace("&gt;", ">").replace("&lt;", "<")
    # Figures are drawn and not painted: no page has a picture of dots.
    assert not [page for page in paper.pages if page.images]
    alternatives = [one.words for one in told.figures]
    assert all(len(text) > 20 for text in alternatives)


def test_every_chapter_says_what_it_does_not_show(rehearsed: tuple[Study, Summary], told: Report) -> None:
    without = [chapter.title for chapter in told.chapters if not any(isinstance(one, Not) for one in chapter.blocks)]
    assert without == ["12. Limits", "Methods and sources"]
    numbered = {chapter.title.partition(".")[0] for chapter in told.chapters[:12]}
    cited = {number for _, where in closing.CHECKLIST for number in re.findall(r"\b\d+\b", where)}
    assert cited <= numbered
    tables = sorted(path.name for path in (rehearsed[0].results / "tables").glob("table_*.csv"))
    assert len(tables) == len(told.tables)


def test_no_sentence_says_that_music_causes_moods(told: Report) -> None:
    words = re.compile(
        r"\b(caus|lead(s|ing)? to|due to|improv|increases|reduces|because (they|people) (heard|listened))", re.I
    )
    said = [block.text for chapter in told.chapters for block in chapter.blocks if isinstance(block, Text)]
    said += [figure.caption for figure in told.figures] + [table.caption for table in told.tables]
    assert len(said) > 30
    assert not [text for text in said if words.search(text)]


def test_what_is_explored_is_called_so(rehearsed: tuple[Study, Summary]) -> None:
    study, _ = rehearsed
    quick = {"permutations": "1", "repeats": "1", "secondary_outcomes": "[]", "secondary_music": "[]"}
    found = fitting.fit(study, {"music": "repetition", "other_windows": "[]", **quick})
    assert found.facts["label"] == "exploratory"
    assert fitting.load(study)["label"] == "confirmatory"
    with pytest.raises(StudyError, match="mood"):
        fitting.fit(study, {"mood": "1"})
    reporting.report(study)
    assert "exploratory" in (study.results / "report.html").read_text(encoding="utf-8")


def test_quality_is_looked_at_without_outcomes(rehearsed: tuple[Study, Summary]) -> None:
    found = quality.check(rehearsed[0])
    assert "valence" not in str(found.facts["columns"]).split("'")
    assert "energy" in str(found.facts["columns"])


@pytest.mark.parametrize("tier", [2, 3])
def test_what_is_shared_validates_and_has_no_person_in_it(rehearsed: tuple[Study, Summary], tier: int) -> None:
    study, _ = rehearsed
    found = sharing.share(study, 2 if tier == 2 else 3)
    place = Path(str(found.facts["folder"]))
    report = frictionless.validate(str(place / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note"])
    assert psychds.check(place) == []
    unasked = {"citation", "funder", "url", "identifier"}
    assert {one.rpartition(" ")[2] for one in psychds.advise(place)} == unasked
    text = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    people = roster.read(study)
    assert not [code for code in people if code.encode() in text or people[code]["survey"].encode() in text]
    assert b"Piece" not in text
    assert b"Ensemble" not in text
    header = next(place.glob("data/*.csv")).read_text().partition("\n")[0].split(",")
    assert not {"code", "sent_at", "local_hour", "zone"} & set(header)
    assert not {"valence", "energy"} & set(header)
    assert {"valence_within", "energy_within"} <= set(header)
    assert (place / "aggregates.csv").exists() == (tier == 3)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
def test_croissant_is_valid_and_gives_the_rows(rehearsed: tuple[Study, Summary]) -> None:
    croissant = pytest.importorskip("mlcroissant", reason="install the group `readers` to validate Croissant")
    found = sharing.share(rehearsed[0])
    opened = croissant.Dataset(Path(str(found.facts["folder"])) / "croissant.json")
    records = list(opened.records("occasions"))
    assert len(records) == found.facts["rows"]
    assert records[0]["occasions/part_of_day"].decode() in sharing.PARTS
    assert not opened.metadata.issues.errors


def test_slopes_can_be_computed_again_from_what_is_shared(rehearsed: tuple[Study, Summary]) -> None:
    study, _ = rehearsed
    place = Path(str(sharing.share(study).facts["folder"]))
    with next((place / "data").glob("*.csv")).open() as file:
        rows = [row for row in csv.DictReader(file) if row["valence_within"] and row["energy_within"]]
    shared = np.array([[float(row["energy_within"]), float(row["valence_within"])] for row in rows])
    codes = set(consent.agreeing(study, "link_survey", "share_restricted"))
    used = panel.of_rows([row for row in occasions.read(study) if row["code"] in codes])
    x, y = (used.split(used.column(name))[0] for name in ("energy", "valence"))
    both = np.isfinite(x) & np.isfinite(y)
    found, true = np.polyfit(shared[:, 0], shared[:, 1], 1), np.polyfit(x[both], y[both], 1)
    assert found[0] == pytest.approx(true[0], rel=0.1)


def test_a_model_of_people_who_did_not_agree_to_publish_is_left_out(rehearsed: tuple[Study, Summary]) -> None:
    study, _ = rehearsed
    before = study.ledger.read_bytes()
    code = next(code for code in consent.agreeing(study, "train_model", "share_public"))
    consent.give(study, code, [scope for scope in made.ALL if scope != "share_public"])
    found = sharing.share(study, 3)
    assert "the model is left out: 1 people in it did not agree to have group results published" in found.lines
    assert not (Path(str(found.facts["folder"])) / "model.json").exists()
    study.ledger.write_bytes(before)
    assert (Path(str(sharing.share(study, 3).facts["folder"])) / "model.json").exists()


def test_a_dry_run_of_a_withdrawal_says_what_would_be_made_again(rehearsed: tuple[Study, Summary]) -> None:
    study, _ = rehearsed
    before = (study.results / "model.json").read_bytes()
    told = erasure.withdraw(study, next(iter(roster.read(study))))
    again = told.facts["rebuild"]
    assert isinstance(again, list)
    assert {"windows and features", "the plan's models", "the report"} <= set(again)
    assert "tier 2 to share" in again
    assert "would be made again, of those who remain:" in told.lines
    assert (study.results / "model.json").read_bytes() == before


def test_nothing_is_shared_of_a_few(rehearsed: tuple[Study, Summary], tmp_path: Path) -> None:
    study = made.study(tmp_path / "small")
    made.enrolled(study, *(made.agreeing(id_) for id_ in "abcd"))
    rows = [{"code": code, "sent_at": "1"} for code in roster.read(study)]
    made.table(study.derived / "occasions.csv", rows)  # type: ignore[arg-type]
    occasions.write_manifest(study, study.derived, roster.read(study))
    with pytest.raises(NoConsent, match="4 people"):
        sharing.share(study)


def test_a_table_changed_by_hand_or_of_people_who_left_is_not_read(rehearsed: tuple[Study, Summary]) -> None:
    study, _ = rehearsed
    path = study.derived / "occasions.csv"
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    with pytest.raises(StudyError, match="changed by hand"):
        occasions.read(study)
    path.write_bytes(before)
    form = folder.newest_form(study.folder)
    text = form.read_bytes()
    form.write_bytes(text + b"one more line")
    changed = folder.Study(study.folder, study.settings, study.key)
    with pytest.raises(NoConsent, match="do not agree"):
        occasions.read(changed)
    with pytest.raises(NoConsent, match="do not agree"):
        fitting.load(changed)
    form.write_bytes(text)
    assert occasions.read(study)


def test_a_participant_gets_a_copy_of_everything(rehearsed: tuple[Study, Summary], tmp_path: Path) -> None:
    import zipfile

    study, _ = rehearsed
    code = next(code for code in roster.read(study) if list((study.folder / "private" / "raw").glob(f"{code}*")))
    copying.copy(study, code, tmp_path / "copy.zip")
    with zipfile.ZipFile(tmp_path / "copy.zip") as package:
        names = set(package.namelist())
        others = [one for one in roster.read(study) if one != code]
        text = b"".join(package.read(name) for name in names)
    assert {
        "about.json",
        "consents.json",
        "plays.csv",
        "as_sent_1",
        "work_survey.csv",
        "derived_occasions.csv",
    } <= names
    assert not [one for one in others if one.encode() in text]
    with pytest.raises(StudyError, match="outside of it"):
        copying.copy(study, code, study.folder / "copy.zip")


def test_the_doctor_says_what_is_not_ready(rehearsed: tuple[Study, Summary]) -> None:
    found = doctor.examine(rehearsed[0].folder)
    assert list(found.facts["bad"]) == ["the key is kept where it can be found"]  # type: ignore[call-overload]


# Numbers of privacy and power --------------------------------------------------------------------------------------


def test_how_alike_people_are_is_counted_as_by_hand() -> None:
    people = [{"age": age, "gender": gender} for age, gender in ("yf", "yf", "ym", "of", "of", "of")]
    assert risk.k_anonymity(people, ["age", "gender"]) == 1
    assert risk.k_anonymity(people, ["age"]) == 3
    assert risk.l_diversity(people, ["age"], ["low", "low", "low", "low", "high", "low"]) == 1


def test_people_are_alone_with_tracks_that_nobody_else_heard() -> None:
    own = [frozenset({f"{number}a", f"{number}b", "all"}) for number in range(4)]
    assert risk.unicity(own, 3) == 1.0
    assert 0.5 < risk.unicity(own, 1) < 0.8
    assert risk.unicity([frozenset({"all"})] * 3, 1) == 0.0


def test_power_is_that_of_the_simulations() -> None:
    # 100 people with 40 complete occasions see .05 in .88 of simulated studies, 30 with 40 see .10 in .90.
    assert power.within(100, 40, 0.05, spread=0.0) == pytest.approx(0.88, abs=0.02)
    assert power.within(30, 40, 0.10, spread=0.0) == pytest.approx(0.92, abs=0.03)
    assert power.within(60, 40, 0.0) == pytest.approx(0.05, abs=1e-6)
    assert power.table(plans.Plan()).facts["between"] == {
        "0.10": 783,
        "0.13": 463,
        "0.20": 194,
        "0.25": 124,
        "0.30": 85,
    }


# Commands ----------------------------------------------------------------------------------------------------------


class Memory(KeyringBackend):
    """A keyring that forgets."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Memory]:
    memory = Memory()
    before = keyring.get_keyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def run(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli.main, ["study", *map(str, arguments)], input=stdin)


def test_a_study_is_made_by_eight_answers_and_closed_again(ring: Memory, tmp_path: Path) -> None:
    place = tmp_path / "moodmusic"
    found = run("new", place, stdin="\n".join(made.ANSWERS.values()) + "\n")
    assert found.exit_code == 0, found.output
    assert "consent/form_v1.md" in found.output
    assert len(ring.kept) == 1
    assert not [
        path
        for path in place.rglob("*")
        if path.is_file() and next(iter(ring.kept.values())).encode() in path.read_bytes()
    ]
    assert "age1" in (place / "study.yaml").read_text()
    made.table(tmp_path / "consents.csv", [made.agreeing("a"), made.agreeing("b")])
    enrolled = run("enrol", tmp_path / "consents.csv", "--study", place, "--json")
    assert json.loads(enrolled.stdout)["enrolled"] == 2
    assert run("freeze", "--study", place).exit_code == 0
    code = next(iter(json.loads((place / "private" / "roster.json").read_text())))
    told = run("withdraw", code, "--study", place, "--json")
    assert json.loads(told.stdout)["dry_run"] is True
    assert json.loads(run("withdraw", code, "--study", place, "--yes", "--json").stdout)["dry_run"] is False
    assert json.loads(run("verify", "--study", place, "--json").stdout)["events"] == 6
    assert "1 withdrew" in run("audit", "--study", place).output
    assert json.loads(run("power", "--study", place, "--json").stdout)["between"]["0.10"] == 783
    assert ElementTree.parse(place / "power.svg").getroot().tag.endswith("svg")
    assert run("doctor", "--study", place).exit_code == 0
    assert "would go" in run("close", "--study", place).output
    assert run("close", "--study", place, "--yes").exit_code == 0
    assert not ring.kept
    assert not [path for path in (place / "private").rglob("*") if path.is_file()]
    gone = run("risk", "--study", place)
    assert gone.exit_code == 1
    assert "the keyring has no key" in gone.output


def test_an_answer_that_cannot_be_is_asked_again_at_once(ring: Memory, tmp_path: Path) -> None:
    told = dict(made.ANSWERS)
    lines = []
    for name, answer in told.items():
        wrong = {"zone": "Berlin", "period": "last year", "health": "perhaps", "keep_until": "2001-01-01"}
        lines += [wrong[name], answer] if name in wrong else [answer]
    found = run("new", tmp_path / "moodmusic", stdin="\n".join(lines) + "\n")
    assert found.exit_code == 0, found.output
    assert found.output.count("Error:") == 4
    assert "such as Europe/Berlin" in found.output
    assert auditing.verify(tmp_path / "moodmusic").facts["events"] == 1


def test_a_computer_without_a_keyring_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())  # type: ignore[no-untyped-call]
    try:
        found = run("new", tmp_path / "moodmusic")
    finally:
        keyring.set_keyring(before)
    assert found.exit_code == 1
    assert "--key-file" in found.output
    assert "What is the study called" not in found.output
    assert not (tmp_path / "moodmusic").exists()


def test_a_study_is_made_by_a_script(ring: Memory, tmp_path: Path) -> None:
    (tmp_path / "answers.json").write_text(json.dumps(made.ANSWERS))
    place = tmp_path / "moodmusic"
    beside = ("--key-file", place / "key.age", "--passphrase-stdin")
    refused = run("new", place, "--answers", tmp_path / "answers.json", *beside, stdin="correct horse battery\n")
    assert "lies in the study's folder" in refused.output
    assert not place.exists()
    found = run("new", place, "--answers", tmp_path / "answers.json", "--json")
    assert json.loads(found.stdout)["folder"] == str(place)
    missing = run("freeze", "--study", tmp_path)
    assert missing.exit_code == 1
    assert "is not a study" in missing.output


def test_an_error_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "answers.json").write_text(json.dumps({**made.ANSWERS, "zone": "Berlin"}))
    found = run("new", tmp_path / "s", "--answers", tmp_path / "answers.json")
    assert found.exit_code == 1
    assert "such as Europe/Berlin" in found.output
    assert not (tmp_path / "s").exists()


def test_audit_and_verify_need_no_key(rehearsed: tuple[Study, Summary]) -> None:
    study, _ = rehearsed
    assert auditing.verify(study.folder).facts["manifests"]
    assert auditing.audit(study.folder).facts["people"] == 22
    assert erasure.traces(study.folder, [b"nobody-has-this-text"]) == []
