from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import Any

import pytest

from ritornello.errors import StudyError
from ritornello.library import Library, plays
from ritornello.study import consent, donations, enrolment, erasure, folder, ledger, receiving, roster
from ritornello.study.folder import Study
from tests.study import made, sealed

ROWS = [sealed.row("2024-03-01T18:20:49Z"), sealed.row("2024-03-02T18:20:49Z", "Venus")]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return made.study(tmp_path / "moodmusic")


@pytest.fixture
def code(study: Study, tmp_path: Path) -> str:
    """Somebody who was invited, and did not answer yet."""
    enrolment.invite(study, made.table(tmp_path / "ids.csv", [{"id": "ann"}]), tmp_path / "letters.csv")
    return next(iter(roster.read(study)))


def reasons(study: Study, path: Path) -> str:
    found = receiving.receive(study, path)
    assert not found.ok
    return str(found.facts["refused"])


def titles(study: Study, code: str) -> list[str]:
    with Library.open(study.library) as library, library.connect() as connection:
        return sorted(one.what.title for one in plays.listened(connection, code))


def test_who_is_invited_gets_a_code_and_is_not_read_before_they_agree(study: Study, code: str, tmp_path: Path) -> None:
    with (tmp_path / "letters.csv").open() as file:
        assert list(csv.reader(file)) == [["id", "code"], ["ann", code]]
    assert consent.agreeing(study) == []
    zipped = tmp_path / f"{code}.zip"
    zipped.write_bytes(b"not opened")
    assert "no consent is in the ledger" in reasons(study, zipped)
    again = enrolment.invite(study, tmp_path / "ids.csv", tmp_path / "letters.csv")
    assert again.facts == {"invited": 0, "people": 1}
    with pytest.raises(StudyError, match="elsewhere"):
        enrolment.invite(study, tmp_path / "ids.csv", study.folder / "letters.csv")


def test_a_sealed_file_brings_its_consent_and_its_plays(study: Study, code: str, tmp_path: Path) -> None:
    scopes = ["participate", "features"]
    told = sealed.statement(study, code, scopes=scopes, left_out={"podcast": 3, donations.TAKEN_OUT: 2})
    given = sealed.write(tmp_path / "given.jwe", study, told, ROWS)
    found = receiving.receive(study, given, remove=True)
    left_out = {"podcast": 3, donations.TAKEN_OUT: 2}
    assert found.facts["files"] == [{"code": code, "rows": 7, "kept": 2, "left_out": left_out}]
    assert titles(study, code) == ["Crying", "Venus"]
    assert not given.exists()
    event, received = ledger.read(study.ledger)[-2:]
    assert (event["event"], event["pid_hmac"], event["scopes"]) == ("given", study.person(code), sorted(scopes))
    assert (event["consent_version_sha256"], event["agreed_at"]) == (study.form, "2024-07-01T10:00:00Z")
    assert (received["event"], received["rows"], received["kept"]) == ("data_received", 7, 2)
    assert received["left_out"] == left_out
    assert consent.agreeing(study, "features") == [code]
    assert consent.agreeing(study, "train_model") == []
    (raw,) = (study.folder / "private" / "raw").iterdir()
    assert b'"statement"' in receiving.unseal(study, code, raw)
    assert b"Venus" not in raw.read_bytes()


def test_the_same_file_again_counts_once(study: Study, code: str, tmp_path: Path) -> None:
    given = sealed.write(tmp_path / "given.jwe", study, sealed.statement(study, code), ROWS)
    receiving.receive(study, given)
    before = study.ledger.read_bytes()
    assert "given.jwe was received before" in "".join(receiving.receive(study, given).lines)
    assert study.ledger.read_bytes() == before


def test_a_newer_statement_counts_and_an_older_one_does_not(study: Study, code: str, tmp_path: Path) -> None:
    for day, scopes in ((2, ["participate"]), (1, made.ALL), (3, ["participate", "features"])):
        told = sealed.statement(study, code, agreed_at=f"2024-07-0{day}T10:00:00Z", scopes=scopes)
        rows = [sealed.row(f"2024-03-0{day}T18:20:49Z")]
        assert receiving.receive(study, sealed.write(tmp_path / f"{day}.jwe", study, told, rows)).ok
        allowed = bool(consent.agreeing(study, "features"))
        assert allowed == (day == 3)
    assert consent.agreeing(study, "train_model") == []
    assert titles(study, code) == ["Crying"] * 3


def spoiled(kind: str, study: Study, code: str, path: Path) -> Path:
    """A file with something wrong."""
    told, rows, key = sealed.statement(study, code), ROWS, None
    changes: dict[str, dict[str, Any]] = {
        "an older form": {"form": "0" * 64},
        "another study": {"study": "f" * 16},
        "nobody": {"code": "P-222222"},
        "no participation": {"scopes": ["features"]},
        "an unknown scope": {"scopes": ["participate", "everything"]},
        "a wrong clock": {"agreed_at": "2199-01-01T00:00:00Z"},
        "an unknown reason": {"left_out": {"Crying": 1}},
        "another format": {"format": 2},
    }
    told |= changes.get(kind, {})
    if kind == "another key":
        key = sealed.public(made.study(study.folder.parent / "other"))
    if kind == "another code":
        path = path.with_name("P-333333.jwe")
    if kind == "an address":
        rows = [*ROWS, sealed.row("2024-03-03T18:20:49Z", ip_addr="198.51.100.77")]
    sealed.write(path, study, told, rows, key)
    if kind == "a changed byte":
        parts = path.read_text().split(".")
        parts[3] = parts[3][:50] + ("A" if parts[3][50] != "A" else "B") + parts[3][51:]
        path.write_text(".".join(parts))
    if kind == "a changed header":
        own = sealed.public(study)
        other = sealed.seal(own, gzip.compress(b"{}")).split(".")[0]
        path.write_text(".".join([other, *path.read_text().split(".")[1:]]))
    if kind == "an end cut off":
        path.write_text(path.read_text()[:-40])
    if kind == "a zip":
        path.write_bytes(b"PK\x03\x04")
    if kind == "no gzip":
        path.write_text(sealed.seal(sealed.public(study), b"{}"))
    return path


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("an older form", "another version of the consent form"),
        ("another study", "sealed for another study"),
        ("another key", "sealed for another study"),
        ("nobody", "neither invited nor enrolled"),
        ("no participation", "did not agree to participate"),
        ("an unknown scope", "never makes"),
        ("an unknown reason", "never makes"),
        ("a wrong clock", "clock"),
        ("another format", "another version of Ritornello"),
        ("another code", "another in its name"),
        ("a changed byte", "changed or damaged"),
        ("a changed header", "changed or damaged"),
        ("an end cut off", "changed or damaged"),
        ("a zip", "changed or damaged"),
        ("no gzip", "no gzip"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_changes_nothing(
    study: Study, code: str, tmp_path: Path, kind: str, says: str
) -> None:
    given = spoiled(kind, study, code, tmp_path / "given.jwe")
    before = study.ledger.read_bytes()
    assert says in reasons(study, given)
    assert study.ledger.read_bytes() == before
    assert not list((study.folder / "private" / "raw").iterdir())
    assert not study.library.exists()


def test_a_bomb_is_not_unpacked(study: Study, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(donations, "MOST_BYTES", 10_000)
    rows = [sealed.row("2024-03-01T18:20:49Z")] * 100
    given = sealed.write(tmp_path / "given.jwe", study, sealed.statement(study, code), rows)
    assert "more than any history" in reasons(study, given)
    assert given.stat().st_size < 2000


def test_rows_with_more_than_the_page_gives_are_not_kept(study: Study, code: str, tmp_path: Path) -> None:
    given = spoiled("an address", study, code, tmp_path / "given.jwe")
    assert "ip_addr in its rows" in reasons(study, given)
    assert not list((study.folder / "private" / "raw").iterdir())
    assert titles(study, code) == []
    for path in study.folder.rglob("*"):
        assert not path.is_file() or b"198.51.100.77" not in path.read_bytes()


def test_a_file_from_before_a_withdrawal_brings_nobody_back(study: Study, code: str, tmp_path: Path) -> None:
    given = sealed.write(tmp_path / "given.jwe", study, sealed.statement(study, code), ROWS)
    receiving.receive(study, given)
    erasure.withdraw(study, code, really=True)
    assert "neither invited nor enrolled, or withdrew" in reasons(study, given)
    assert consent.agreeing(study) == []


def test_who_was_only_invited_can_be_removed(study: Study, code: str) -> None:
    erasure.withdraw(study, code, really=True)
    assert roster.read(study) == {}
    assert [event["event"] for event in ledger.read(study.ledger)] == ["created", "asked", "erased"]


def test_a_changed_form_asks_the_page_again(study: Study, code: str, tmp_path: Path) -> None:
    given = sealed.write(tmp_path / "given.jwe", study, sealed.statement(study, code), ROWS)
    folder.newest_form(study.folder).write_text("another form")
    changed = Study(study.folder, study.settings, study.key)
    assert "another version of the consent form" in reasons(changed, given)


def test_the_key_of_the_page_is_the_studys_and_no_other(study: Study, tmp_path: Path) -> None:
    again = Study(study.folder, study.settings, study.key)
    assert donations.key(study).as_dict(private=True) == donations.key(again).as_dict(private=True)
    assert donations.key(study).thumbprint() != donations.key(made.study(tmp_path / "other")).thumbprint()
    assert "d" not in sealed.public(study).as_dict()
