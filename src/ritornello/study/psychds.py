"""The documented rules of Psych-DS 1 for a data set: what it must be, and what is recommended.

Source: the schema of the specification (psych-ds.github.io), whose own validator needs JavaScript. Whether every
property is one that schema.org knows is not checked.
"""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

KEYWORDS = ("study", "site", "subject", "session", "task", "condition", "trial", "stimulus", "description")
"""What the names of data files may tell; others are allowed and advised against."""
IGNORED = ".psychdsignore"
_NAME = re.compile(r"([a-z]+-[a-zA-Z0-9]+)(_[a-z]+-[a-zA-Z0-9]+)*_data\.csv")
_REQUIRED = ("name", "description", "variableMeasured")
_RECOMMENDED = ("author", "citation", "license", "funder", "url", "identifier", "keywords")
_SCHEMA = re.compile(r"https?://(www\.)?schema\.org/?")


def check(place: Path) -> list[str]:
    """What makes a folder no Psych-DS data set; empty where nothing does."""
    told, wrong = _description(place / "dataset_description.json")
    if not (place / "data").is_dir():
        return [*wrong, "data/ is not there"]
    files = sorted((place / "data").rglob("*.csv"))
    valid = [path for path in files if _NAME.fullmatch(path.name)]
    wrong += [f"{path.name} is not named keyword-value_…_data.csv" for path in files if path not in valid]
    if not valid:
        wrong.append("data/ has no data file: expected a name such as study-mood_data.csv")
    for path in valid:
        wrong += _table(path, told, place)
    return wrong


def advise(place: Path) -> list[str]:
    """What is recommended, and not there."""
    told, _ = _description(place / "dataset_description.json")
    found = [
        f"{stem}.md or {stem}.txt is not there"
        for stem in ("README", "CHANGES")
        if not any((place / f"{stem}{ending}").exists() for ending in (".md", ".txt"))
    ]
    found += [f"dataset_description.json has no {name}" for name in _RECOMMENDED if name not in told]
    for path in sorted((place / "data").rglob("*_data.csv")):
        words = [part.partition("-")[0] for part in path.name.removesuffix("_data.csv").split("_")]
        found += [f"{path.name}: {word} is no official keyword" for word in words if word not in KEYWORDS]
    ignored = (place / IGNORED).read_text(encoding="utf-8").split() if (place / IGNORED).exists() else []
    known = {"dataset_description.json", "README.md", "README.txt", "CHANGES.md", "CHANGES.txt", IGNORED, *ignored}
    found += [f"{path.name} is no part of Psych-DS: name it in {IGNORED}" for path in _others(place, known)]
    return found


def _others(place: Path, known: set[str]) -> list[Path]:
    return [path for path in sorted(place.iterdir()) if path.is_file() and path.name not in known]


def _description(path: Path) -> tuple[dict[str, Any], list[str]]:
    """The metadata, and what is wrong with them."""
    if not path.exists():
        return {}, [f"{path.name} is not there"]
    try:
        told = json.loads(path.read_bytes().decode("utf-8"))
    except ValueError as error:
        return {}, [f"{path.name} is no JSON in UTF-8: {error}"]
    if not isinstance(told, dict):
        return {}, [f"{path.name} is no object"]
    wrong = [f"{path.name} has no {name}" for name in _REQUIRED if not told.get(name)]
    kind = told.get("@type", told.get("type"))
    if kind is None:
        wrong.append(f"{path.name} has no @type")
    elif str(kind).rpartition("/")[2].rpartition(":")[2] != "Dataset":
        wrong.append(f"{path.name} has the @type {kind}, and has to be a Dataset")
    context = told.get("@context")
    places = list(context.values()) if isinstance(context, dict) else [context]
    if not any(isinstance(one, str) and _SCHEMA.fullmatch(one) for one in places):
        wrong.append(f"{path.name} has no @context https://schema.org/")
    return told, wrong


def _table(path: Path, told: dict[str, Any], place: Path) -> list[str]:
    """What is wrong with a data file; metadata beside it take the place of those above."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        return [f"{path.name} is no CSV in UTF-8: {error}"]
    if not rows or not any(rows[0]):
        return [f"{path.name} has no header"]
    header, *rest = rows
    wrong = [
        f"{path.name} has the column {name!r} twice" for name in sorted({n for n in header if header.count(n) > 1})
    ]
    wrong += [
        f"{path.name}, line {number} has {len(row)} cells, the header {len(header)}"
        for number, row in enumerate(rest, 2)
        if len(row) != len(header)
    ][:1]
    if "row_id" in header:
        values = [row[header.index("row_id")] for row in rest if len(row) == len(header)]
        wrong += [f"{path.name}: row_id is not different in every row"] if len(set(values)) != len(values) else []
    measured = _measured(path, told, place)
    wrong += [f"{name} of {path.name} is not in variableMeasured" for name in header if name not in measured]
    return wrong


def _measured(path: Path, told: dict[str, Any], place: Path) -> set[str]:
    """Names of columns that the metadata of a file list: its own, else its folder's, else those above."""
    listed = told.get("variableMeasured", [])
    folders = [folder for folder in reversed(path.parents) if folder.is_relative_to(place / "data")]
    for beside in [*(folder / "file_metadata.json" for folder in folders), path.with_suffix(".json")]:
        if beside.exists():
            listed = json.loads(beside.read_text(encoding="utf-8")).get("variableMeasured", listed)
    return {one["name"] if isinstance(one, dict) else str(one) for one in listed}
