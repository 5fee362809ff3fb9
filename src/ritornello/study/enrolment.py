"""Codes for people: with their answers to the consent form, or as an invitation to answer it on the donation page."""

from __future__ import annotations

import csv
import hashlib
from typing import TYPE_CHECKING

from ritornello.errors import BadRequest, StudyError
from ritornello.histories import zones
from ritornello.study import consent, ledger, roster
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from pathlib import Path

    from ritornello.study.folder import Study

_YES = frozenset({"yes", "y", "1", "true", "ja", "oui", "x", "agree", "agreed"})
_NO = frozenset({"no", "n", "0", "false", "nein", "non", "", "disagree", "declined"})
_ABOUT = "about_"


def enrol(study: Study, path: Path, letters: Path | None = None, invited: int | None = None) -> Summary:
    """Read a table with one row a person: ``id``, one column a scope, ``zone`` and ``about_…`` where they were asked.

    Nothing is written unless the whole table can be read. People who were enrolled before keep their code.

    Parameters
    ----------
    path
        CSV in UTF-8.
    letters
        Where to write ids beside codes, to tell people theirs; outside of the study's folder, for it links both.
    invited
        How many were invited, for the report to tell how many of them came how far.
    """
    if letters is not None:
        _check_letters(study, letters)
    rows = _rows(path, ("id", "participate"))
    people = roster.read(study)
    codes = roster.by_survey_id(study, people)
    told, new, changed, declined = [], 0, 0, 0
    for id_, scopes, zone, about in rows:
        if "participate" not in scopes and study.key.name("survey", id_) not in codes:
            declined += 1
            continue
        name = study.key.name("survey", id_)
        code = codes.get(name) or roster.new_code(people)
        codes[name] = code
        new += code not in people
        people[code] = {"survey": name, "zone": zone or study.settings.zone, "about": about}
        told.append((id_, code, scopes))
    roster.write(study, people)
    _asked(study, path, declined, invited)
    for _, code, scopes in told:
        changed += consent.give(study, code, scopes)
    if letters is not None:
        _write_letters(letters, [(id_, code) for id_, code, _ in told])
    lines = [
        f"{len(rows)} rows read: {new} people enrolled, {declined} declined",
        f"{changed} consents written into the ledger; {len(told) - changed} were there already",
    ]
    lines += [f"  {sum(scope in scopes for *_, scopes in told):4} agreed to {scope}" for scope in consent.SCOPES]
    if letters is None:
        lines.append("give --letters PATH to have a list of ids and codes, so that you can tell people theirs")
    facts = {"rows": len(rows), "enrolled": new, "declined": declined, "consents": changed, "people": len(people)}
    return Summary(lines, facts)


def invite(study: Study, path: Path, letters: Path) -> Summary:
    """Give codes to people who will be asked on the donation page; nothing of theirs is read before they agreed.

    Parameters
    ----------
    path
        CSV in UTF-8 with one row a person: ``id``, and ``zone`` and ``about_…`` where they are known.
    letters
        Where to write ids beside codes, outside of the study's folder.
    """
    _check_letters(study, letters)
    people = roster.read(study)
    codes = roster.by_survey_id(study, people)
    told, new = [], 0
    for id_, _, zone, about in _rows(path, ("id",)):
        name = study.key.name("survey", id_)
        if name not in codes:
            codes[name] = roster.new_code(people)
            people[codes[name]] = {"survey": name, "zone": zone or study.settings.zone, "about": about}
            new += 1
        told.append((id_, codes[name]))
    roster.write(study, people)
    _asked(study, path, 0, new)
    _write_letters(letters, told)
    lines = [f"{new} people invited, {len(told) - new} had a code before; {letters} tells each of them theirs"]
    lines.append("send the page of `ritornello study donation-page` with the code, and delete the letters then")
    return Summary(lines, {"invited": new, "people": len(people)})


def _asked(study: Study, path: Path, declined: int, invited: int | None) -> None:
    """Count who was asked and said no, once a file; of them nothing else is kept."""
    name = study.key.name("file", hashlib.sha256(path.read_bytes()).hexdigest())
    known = any(event.get("file_hmac") == name for event in ledger.read(study.ledger) if event["event"] == "asked")
    if (declined or invited) and not known:
        study.log("asked", file_hmac=name, declined=declined, invited=invited or 0)


def _check_letters(study: Study, letters: Path) -> None:
    if letters.resolve().is_relative_to(study.folder.resolve()):
        raise StudyError(f"{letters} lies in the study's folder: ids and codes together have to be kept elsewhere")


def _rows(path: Path, needed: tuple[str, ...]) -> list[tuple[str, frozenset[str], str, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            columns = list(table.fieldnames or ())
            rows = list(table)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StudyError(f"{path} cannot be read as CSV in UTF-8: {error}") from error
    missing = [name for name in needed if name not in columns]
    if missing:
        raise StudyError(
            f"{path} has no column {' and no column '.join(missing)}: expected id, and for consent one "
            f"column a scope with yes or no ({', '.join(consent.SCOPES)}), of which participate is needed; rename "
            "columns accordingly"
        )
    found = [_row(path, number, row) for number, row in enumerate(rows, 2)]
    ids = [id_ for id_, *_ in found]
    twice = {id_ for id_ in ids if ids.count(id_) > 1}
    if twice:
        raise StudyError(f"{path} has {len(twice)} ids more than once: keep the row that counts, and remove the other")
    return found


def _row(path: Path, number: int, row: dict[str, str]) -> tuple[str, frozenset[str], str, dict[str, str]]:
    id_ = (row["id"] or "").strip()
    if not id_:
        raise StudyError(f"{path}, line {number} has no id")
    scopes = set()
    for scope in consent.SCOPES:
        answer = (row.get(scope) or "").strip().lower()
        if answer in _YES:
            scopes.add(scope)
        elif answer not in _NO:
            raise StudyError(f"{path}, line {number}: {scope} is {answer!r}, and has to be yes or no")
    zone = (row.get("zone") or "").strip()
    try:
        zones.check(zone) if zone else None
    except BadRequest as error:
        raise StudyError(f"{path}, line {number}: {error}") from error
    about = {
        name.removeprefix(_ABOUT): value.strip() for name, value in row.items() if name and name.startswith(_ABOUT)
    }
    return id_, frozenset(scopes), zone, about


def _write_letters(path: Path, codes: list[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("id", "code"))
        table.writerows(codes)
