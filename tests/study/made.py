"""Studies made for tests: a folder, a key, people who agreed."""

from __future__ import annotations

import csv
from pathlib import Path

from ritornello.study import beginning, consent, enrolment, folder, keys, papers, roster
from ritornello.study.folder import Study

ANSWERS = {
    "title": "Music and mood",
    "researcher": "R. Searcher",
    "institution": "University of Somewhere",
    "contact": "study@example.org",
    "zone": "Europe/Berlin",
    "period": "2024-01-01 to 2024-06-30",
    "health": "no",
    "keep_until": "2034-12-31",
}
ALL = [name for name in consent.SCOPES if name != "health_items"]


def study(place: Path) -> Study:
    """A new study."""
    made = folder.make(place, beginning.settings(ANSWERS), keys.make())
    papers.write(made)
    return made


def table(path: Path, rows: list[dict[str, object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def agreeing(id_: str, scopes: list[str] = ALL, **more: object) -> dict[str, object]:
    """A row of a consent form."""
    return {"id": id_, **{scope: "yes" if scope in scopes else "no" for scope in consent.SCOPES}, **more}


def enrolled(place: Study, *rows: dict[str, object]) -> list[str]:
    """Codes of people who filled in the form, in the order of the rows."""
    enrolment.enrol(place, table(place.folder.parent / "consents.csv", list(rows)))
    codes = roster.by_survey_id(place, roster.read(place))
    return [codes[place.key.name("survey", str(row["id"]))] for row in rows]
