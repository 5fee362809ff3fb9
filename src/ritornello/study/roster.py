"""The participants by their codes: random, derived from nothing, easy to read out on the telephone."""

from __future__ import annotations

import json
import re
import secrets
from typing import TYPE_CHECKING, TypedDict

from ritornello.study import folder

if TYPE_CHECKING:
    from ritornello.study.folder import Study

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without those that look like others."""
CODE = re.compile(rf"P-[{LETTERS}]{{6}}")


class Person(TypedDict):
    """What is kept of a participant beside plays and answers."""

    survey: str
    """The id in the survey, under the study's key."""
    zone: str
    about: dict[str, str]
    """Answers about the person, such as an age band."""


def read(study: Study) -> dict[str, Person]:
    """All participants by code."""
    path = study.folder / "private" / "roster.json"
    found: dict[str, Person] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def write(study: Study, people: dict[str, Person]) -> None:
    """Keep the participants."""
    folder.write_json(study.folder / "private" / "roster.json", people)


def new_code(taken: dict[str, Person]) -> str:
    """A code that nobody has."""
    while (code := "P-" + "".join(secrets.choice(LETTERS) for _ in range(6))) in taken:
        pass
    return code


def code_in(name: str) -> str | None:
    """The code in the name of a file."""
    found = CODE.search(name.upper())
    return found[0] if found else None


def by_survey_id(study: Study, people: dict[str, Person]) -> dict[str, str]:
    """Codes by the name of the survey's id under the key."""
    return {person["survey"]: code for code, person in people.items()}
