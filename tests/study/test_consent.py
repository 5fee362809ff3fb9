from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from ritornello.errors import NoConsent, StudyError, Tampered, TracesLeft
from ritornello.library import Library, listeners
from ritornello.study import (
    auditing,
    consent,
    enrolment,
    erasure,
    folder,
    keys,
    ledger,
    occasions,
    rebuilding,
    receiving,
    roster,
)
from ritornello.study.folder import Study
from tests.histories import exports
from tests.study import made


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return made.study(tmp_path / "moodmusic")


def export(path: Path, *titles: str) -> Path:
    rows = [exports.new(f"2024-03-0{number}T18:20:49Z", title) for number, title in enumerate(titles, 1)]
    return exports.pack(path, {"Spotify Extended/Streaming_History_Audio_2024_0.json": rows})


def tree(place: Path) -> dict[str, bytes]:
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


# Papers and ledger -------------------------------------------------------------------------------------------------


def test_a_new_study_has_its_papers_and_names_everything_that_was_answered(study: Study) -> None:
    sheet = (study.folder / "consent" / "sheet_v1.md").read_text()
    form = (study.folder / "consent" / "form_v1.md").read_text()
    assert all(made.ANSWERS[name] in sheet for name in ("title", "researcher", "institution", "contact", "keep_until"))
    assert [scope for scope in consent.SCOPES if f"`{scope}`" in form] == made.ALL
    assert {path.name for path in (study.folder / "legal").iterdir()} == {"ropa.md", "dpia.md", "retention.md"}
    assert "health" not in (study.folder / "legal" / "dpia.md").read_text()


@pytest.mark.parametrize(
    ("answer", "given", "says"),
    [
        ("zone", "Berlin", "Berlin"),
        ("period", "2024", "two days"),
        ("period", "2024-06-30 to 2024-01-01", "not in this order"),
        ("health", "maybe", "yes or no"),
        ("contact", " ", "contact"),
    ],
)
def test_answers_that_cannot_be_are_refused(answer: str, given: str, says: str) -> None:
    from ritornello.study import beginning

    with pytest.raises(StudyError, match=says):
        beginning.settings({**made.ANSWERS, answer: given})


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_changed_line_breaks_the_chain(study: Study, line: int) -> None:
    made.enrolled(study, made.agreeing("a"), made.agreeing("b"))
    lines = study.ledger.read_text().splitlines(keepends=True)
    lines[line] = lines[line].replace("researcher", "somebody's")
    study.ledger.write_text("".join(lines))
    if line < 2:
        with pytest.raises(Tampered, match=f"line {line + 2}"):
            auditing.verify(study.folder)
    else:
        assert auditing.verify(study.folder).facts["events"] == 3  # the last line is held by manifests alone


def test_a_line_taken_away_or_put_in_breaks_the_chain(study: Study) -> None:
    made.enrolled(study, made.agreeing("a"), made.agreeing("b"))
    lines = study.ledger.read_text().splitlines(keepends=True)
    for changed in (lines[:1] + lines[2:], lines[:2] + lines[1:]):
        study.ledger.write_text("".join(changed))
        with pytest.raises(Tampered):
            ledger.read(study.ledger)


def test_a_shortened_ledger_shows_in_what_was_derived(study: Study) -> None:
    made.enrolled(study, made.agreeing("a"))
    folder.write_json(study.derived / "manifest.json", {"ledger_head": ledger.head(study.ledger)})
    assert auditing.verify(study.folder).facts["manifests"] == 1
    lines = study.ledger.read_text().splitlines(keepends=True)
    study.ledger.write_text("".join(lines[:-1]))
    with pytest.raises(Tampered, match="manifest"):
        auditing.verify(study.folder)


# Enrolment -----------------------------------------------------------------------------------------------------------


def test_people_get_random_codes_and_keep_them(study: Study, tmp_path: Path) -> None:
    path = made.table(tmp_path / "c.csv", [made.agreeing("a", zone="America/New_York"), made.agreeing("b", [])])
    found = enrolment.enrol(study, path, tmp_path / "letters.csv")
    assert found.facts == {"rows": 2, "enrolled": 1, "declined": 1, "consents": 1, "people": 1}
    (code,) = roster.read(study)
    assert roster.CODE.fullmatch(code)
    assert (tmp_path / "letters.csv").read_text().splitlines()[1] == f"a,{code}"
    assert roster.read(study)[code]["zone"] == "America/New_York"
    assert enrolment.enrol(study, path).facts["consents"] == 0
    assert list(roster.read(study)) == [code]


def test_ids_of_the_survey_are_nowhere_in_the_study(study: Study, tmp_path: Path) -> None:
    made.enrolled(study, made.agreeing("anna.schmidt@example.org"))
    assert not [name for name, content in tree(study.folder).items() if b"schmidt" in content]
    with pytest.raises(StudyError, match="elsewhere"):
        enrolment.enrol(study, tmp_path / "consents.csv", study.folder / "letters.csv")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"id": "a", "participate": "perhaps"}], "line 2: participate is 'perhaps'"),
        ([{"id": "", "participate": "yes"}], "line 2 has no id"),
        ([{"id": "a", "participate": "yes"}] * 2, "more than once"),
        ([{"id": "a", "participate": "yes", "zone": "Mars"}], "line 2: time zone 'Mars'"),
        ([{"ID": "a"}], "no column id and no column participate"),
    ],
)
def test_a_table_that_cannot_be_understood_changes_nothing(
    study: Study, tmp_path: Path, rows: list[dict[str, object]], says: str
) -> None:
    before = tree(study.folder)
    with pytest.raises(StudyError, match=says):
        enrolment.enrol(study, made.table(tmp_path / "c.csv", rows))
    assert tree(study.folder) == before


# Receiving -----------------------------------------------------------------------------------------------------------


def test_what_is_received_rests_encrypted_and_its_plays_are_kept(study: Study, tmp_path: Path) -> None:
    (code,) = made.enrolled(study, made.agreeing("a"))
    given = export(tmp_path / f"{code}.zip", "Crying", "Venus")
    content = given.read_bytes()
    found = receiving.receive(study, given, remove=True)
    assert found.facts["files"] == [{"code": code, "rows": 2, "kept": 2, "left_out": {}}]
    assert not given.exists()
    (sealed,) = (study.folder / "private" / "raw").iterdir()
    assert sealed.read_bytes().startswith(b"age-encryption.org/v1")
    assert receiving.unseal(study, code, sealed) == content
    assert content not in sealed.read_bytes()
    with Library.open(study.library) as library, library.connect() as connection:
        assert [(one.name, one.plays, one.zone) for one in listeners.all(connection)] == [(code, 2, "Europe/Berlin")]
    assert ledger.read(study.ledger)[-1]["event"] == "data_received"


def test_personal_values_of_an_export_get_nowhere(study: Study, tmp_path: Path) -> None:
    (code,) = made.enrolled(study, made.agreeing("a"))
    rows = [exports.old("2024-03-01T18:20:49Z"), exports.old("2024-03-02T18:20:49Z", incognito_mode=True)]
    files: dict[str, object] = {
        "MyData/endsong_0.json": rows,
        "MyData/Userdata.json": {"email": "zarathustra@example.org"},
    }
    receiving.receive(study, exports.pack(tmp_path / f"{code}.zip", files))
    values = [value.encode() for value in exports.PERSONAL.values() if len(value) > 2] + [b"zarathustra"]
    assert not [name for name, content in tree(study.folder).items() if any(value in content for value in values)]


def test_plays_outside_of_the_period_and_in_private_are_left_out(study: Study, tmp_path: Path) -> None:
    (code,) = made.enrolled(study, made.agreeing("a"))
    rows = [
        exports.new("2024-03-01T10:00:00Z"),
        exports.new("2019-03-01T10:00:00Z"),
        exports.new("2024-03-01T11:00:00Z", incognito_mode=True),
        exports.new("2024-03-01T10:00:00Z"),
    ]
    found = receiving.receive(study, exports.pack(tmp_path / f"{code}.zip", {"endsong_0.json": rows}))
    left_out = {"outside of the period": 1, "private session": 1, "told twice": 1}
    assert found.facts["files"] == [{"code": code, "rows": 4, "kept": 1, "left_out": left_out}]


def changed_form(study: Study) -> Study:
    folder.newest_form(study.folder).write_text("another form")
    return folder.Study(study.folder, study.settings, study.key)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("nobody", "no participant's code"),
        ("stranger", "no consent is in the ledger"),
        ("withdrawn", "withdrawn"),
        ("form", "form changed"),
    ],
)
def test_without_consent_nothing_is_read_or_written(study: Study, tmp_path: Path, spoil: str, reason: str) -> None:
    (code,) = made.enrolled(study, made.agreeing("a"))
    made.enrolled(study, made.agreeing("b"))
    name = {"nobody": "my_data", "stranger": "P-222222"}.get(spoil, code)
    if spoil == "withdrawn":
        study.log("withdrawn", code)
    if spoil == "form":
        study = changed_form(study)
    # Not a zip at all: had it been opened, the reason would be another one.
    given = tmp_path / f"{name}.zip"
    given.write_bytes(b"not opened")
    before = tree(study.folder)
    found = receiving.receive(study, given)
    assert not found.ok
    assert reason in str(found.facts["refused"])
    assert tree(study.folder) == before


def test_a_new_answer_to_a_changed_form_counts_again(study: Study) -> None:
    (code,) = made.enrolled(study, made.agreeing("a"))
    study = changed_form(study)
    with pytest.raises(NoConsent, match="form changed"):
        consent.require(study, code)
    assert consent.agreeing(study) == []
    made.enrolled(study, made.agreeing("a", ["participate"]))
    assert consent.agreeing(study) == [code]
    with pytest.raises(NoConsent, match="train_model"):
        consent.require(study, code, "train_model")


def test_a_damaged_file_is_refused_and_leaves_nothing(study: Study, tmp_path: Path) -> None:
    (code,) = made.enrolled(study, made.agreeing("a"))
    given = exports.pack(tmp_path / f"{code}.zip", {"endsong_0.json": '[{"ts": "2024-03-01T10:00:00Z", "ms_play'})
    found = receiving.receive(study, given)
    assert "broken or cut short" in str(found.facts["refused"])
    assert not list((study.folder / "private" / "raw").iterdir())
    assert [event["event"] for event in ledger.read(study.ledger)] == ["created", "given"]


def test_the_same_file_twice_counts_once(study: Study, tmp_path: Path) -> None:
    (code,) = made.enrolled(study, made.agreeing("a"))
    given = export(tmp_path / f"{code}.zip", "Crying")
    receiving.receive(study, given)
    before = study.ledger.read_bytes()
    receiving.receive(study, given)
    assert study.ledger.read_bytes() == before


# Withdrawal ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(study: Study, tmp_path: Path) -> tuple[Study, str, str]:
    """Two people who gave a song of their own each, and one that both heard."""
    one, other = made.enrolled(study, made.agreeing("a"), made.agreeing("b"))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    export(inbox / f"{one}.zip", "Crying", "Venus")
    export(inbox / f"{other}.zip", "Crying", "Army")
    receiving.receive(study, inbox, remove=True)
    made.table(study.work / "survey.csv", [{"code": code, "valence": 7} for code in (one, one, other)])
    made.table(study.derived / "windows.csv", [{"code": code} for code in (one, other)])
    (study.results / "model.json").write_text("{}")
    return study, one, other


def test_a_dry_run_tells_and_deletes_nothing(two: tuple[Study, str, str]) -> None:
    study, one, _ = two
    before = tree(study.folder)
    found = erasure.withdraw(study, one)
    assert found.facts == {
        "dry_run": True,
        "counts": {"raw files": 1, "plays": 2, "rows of surveys": 2, "computed files": 2},
        "rebuild": ["the plan's models"],
    }
    assert {k: v for k, v in tree(study.folder).items() if "library" not in k} == {
        k: v for k, v in before.items() if "library" not in k
    }


def test_after_a_withdrawal_no_byte_of_the_person_is_left(two: tuple[Study, str, str]) -> None:
    study, one, other = two
    needles = [one.encode(), exports.IDS["Venus"].encode(), roster.read(study)[one]["survey"].encode(), b"Venus"]
    assert all(any(needle in content for content in tree(study.folder).values()) for needle in needles)
    erasure.withdraw(study, one, really=True)
    left = tree(study.folder)
    assert not [name for name, content in left.items() if any(needle in content for needle in needles)]
    assert not [name for name in left if one in name]
    assert not receiving.key_path(study, one).exists()
    assert (study.work / "survey.csv").read_text().splitlines() == ["code,valence", f"{other},7"]
    with Library.open(study.library) as library, library.connect() as connection:
        assert [(found.name, found.plays) for found in listeners.all(connection)] == [(other, 2)]
    assert [event["event"] for event in ledger.read(study.ledger)][-2:] == ["withdrawn", "erased"]
    assert consent.agreeing(study) == [other]


def test_of_two_who_send_the_same_file_one_may_leave(study: Study, tmp_path: Path) -> None:
    one, other = made.enrolled(study, made.agreeing("a"), made.agreeing("b"))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    export(inbox / f"{one}.zip", "Crying", "Venus")
    (inbox / f"{other}.zip").write_bytes((inbox / f"{one}.zip").read_bytes())
    receiving.receive(study, inbox)
    assert erasure.withdraw(study, one, really=True).facts["traces"] == []
    (left,) = (study.folder / "private" / "raw").glob("*.age")
    assert left.name.startswith(other)


@pytest.mark.parametrize("coding", ["utf-8", "utf-16-le"])
def test_a_trace_that_is_left_is_told_loudly(two: tuple[Study, str, str], coding: str) -> None:
    study, one, _ = two
    notes = study.folder / "notes" / "call.txt"
    notes.parent.mkdir()
    notes.write_bytes(b"x" * ((1 << 20) - 4) + f"{one} rang".encode(coding))  # across two blocks
    with pytest.raises(TracesLeft, match=r"notes.call\.txt"):
        erasure.withdraw(study, one, really=True)
    notes.unlink()
    erasure.withdraw(study, one, really=True)


def test_a_trace_inside_of_a_zip_is_found(two: tuple[Study, str, str]) -> None:
    study, one, _ = two
    exports.pack(study.folder / "backup.zip", {"survey.csv": f"code\n{one}\n" * 50})
    with pytest.raises(TracesLeft, match="backup"):
        erasure.withdraw(study, one, really=True)


def test_a_trace_in_the_words_of_a_pdf_is_found(two: tuple[Study, str, str]) -> None:
    import typst

    study, one, _ = two
    letter = study.folder / "letter.pdf"
    letter.write_bytes(typst.compile(f"Dear participant {one}, thank you.".encode()))
    assert one.encode() not in letter.read_bytes()
    with pytest.raises(TracesLeft, match="letter"):
        erasure.withdraw(study, one, really=True)
    letter.write_bytes(b"%PDF-1.7 cut short")
    assert not erasure.withdraw(study, one, really=True).facts["traces"]


def test_what_cannot_be_made_again_is_told_and_the_person_is_gone_all_the_same(two: tuple[Study, str, str]) -> None:
    study, one, other = two
    found = erasure.withdraw(study, one, really=True)
    assert not found.ok
    assert "the plan's models could not be made again" in found.warnings[0]
    assert found.facts["rebuilt"] == []
    assert list(roster.read(study)) == [other]


def test_a_withdrawal_that_was_cut_off_still_makes_everything_again(
    two: tuple[Study, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    study, one, _ = two
    made.table(study.derived / "occasions.csv", [{"code": one, "sent_at": 1}])
    made.table(study.work / "survey.csv", [])
    real = rebuilding.rebuild

    def cut(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(rebuilding, "rebuild", cut)
    with pytest.raises(KeyboardInterrupt):
        erasure.withdraw(study, one, really=True)
    assert not (study.derived / "occasions.csv").exists()
    monkeypatch.setattr(rebuilding, "rebuild", real)
    answers: list[dict[str, object]] = [
        {"code": code, "sent_at": 1, "answered_at": 1, "local_hour": 9, "valence": 7} for code in roster.read(study)
    ]
    made.table(study.work / "survey.csv", answers)
    found = erasure.withdraw(study, one, really=True)
    assert found.facts["rebuilt"] == ["windows and features"]
    assert [row["code"] for row in occasions.read(study)] == list(roster.read(study))
    assert not list((study.folder / "private").glob("rebuild*"))


def test_nobody_cannot_withdraw(study: Study) -> None:
    with pytest.raises(StudyError, match="nobody"):
        erasure.withdraw(study, "P-222222", really=True)


# Keys --------------------------------------------------------------------------------------------------------------


def test_a_key_under_a_passphrase_opens_with_it_alone(tmp_path: Path) -> None:
    key = keys.make()
    with pytest.raises(StudyError, match="ten characters"):
        keys.keep_in_file(tmp_path / "key.age", key, "short")
    keys.keep_in_file(tmp_path / "key.age", key, "correct horse battery")
    assert key.secret.encode() not in (tmp_path / "key.age").read_bytes()
    assert keys.from_file(tmp_path / "key.age", "correct horse battery") == key
    with pytest.raises(StudyError, match="passphrase"):
        keys.from_file(tmp_path / "key.age", "wrong horse battery")


def test_names_under_a_key_differ_by_space_and_key() -> None:
    key = keys.make()
    names = {key.name("survey", "a"), key.name("ledger", "a"), keys.make().name("survey", "a"), key.name("survey", "b")}
    assert len(names) == 4
    assert key.name("survey", "a") == key.name("survey", "a")


def test_the_key_of_another_study_opens_nothing(study: Study) -> None:
    with pytest.raises(StudyError, match="not the key"):
        folder.open_study(study.folder, keys.make())
    assert folder.open_study(study.folder, study.key).settings == study.settings


def test_the_ledger_is_plain_json_and_names_nobody(two: tuple[Study, str, str]) -> None:
    study, one, other = two
    text = study.ledger.read_text()
    assert one not in text
    assert other not in text
    keys_of = {frozenset(json.loads(line)) for line in text.splitlines()}
    assert all({"seq", "ts", "event", "pid_hmac", "actor", "prev_sha256"} <= found for found in keys_of)
    assert sqlite3.connect(study.library).execute("select count(*) from plays").fetchone() == (4,)
