"""``study new``: eight answers make a folder with its papers."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ritornello.errors import StudyError
from ritornello.study import folder, keys, papers
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Mapping


def settings(answers: Mapping[str, str]) -> folder.Settings:
    """Answers to :data:`~ritornello.study.folder.QUESTIONS` as settings."""
    missing = [name for name in folder.QUESTIONS if not answers.get(name, "").strip()]
    if missing:
        raise StudyError(f"no answer to {', '.join(missing)}")
    since, found, until = answers["period"].partition(" to ")
    if not found:
        raise StudyError(f"the period is {answers['period']!r}: expected two days, such as 2026-01-01 to 2026-06-30")
    told = {
        name: answers[name].strip() for name in ("title", "researcher", "institution", "contact", "zone", "keep_until")
    }
    health = answers["health"].strip().lower()
    if health not in ("yes", "no"):
        raise StudyError(f"health is {answers['health']!r}: expected yes or no")
    return folder.Settings(
        **told, period_from=since.strip(), period_until=until.strip(), health=health == "yes"
    ).check()


def read_answers(path: Path) -> dict[str, str]:
    """Answers from a JSON file."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StudyError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        raise StudyError(f"{path} has to have texts for {', '.join(folder.QUESTIONS)}")
    return told


def ready(place: Path, key_file: Path | None) -> None:
    """Refuse before anything is asked what would fail after it."""
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise StudyError(f"{place} is not empty: give the name of a folder that is not there yet")
    if key_file is None:
        keys.require_keyring()
    elif key_file.resolve().is_relative_to(place.resolve()):
        raise StudyError(f"{key_file} lies in the study's folder: a key beside what it locks protects nothing")


def answer(name: str, text: str, before: Mapping[str, str]) -> str:
    """One answer, looked at beside those before it, so that it can be asked again.

    Raises
    ------
    StudyError
        With what was expected.
    """
    plain = text.strip()
    others = {"zone": "UTC", "period": "2000-01-01 to 2000-01-02", "health": "no", "keep_until": "9999-12-31"}
    settings({**dict.fromkeys(folder.QUESTIONS, "x"), **others, **before, name: plain})
    return plain


def new(place: Path, told: folder.Settings, key_file: Path | None = None, passphrase: str = "") -> Summary:
    """Make a study; its key goes into the keyring, or into a file under a passphrase."""
    ready(place, key_file)
    key = keys.make()
    told = replace(told, id=secrets.token_hex(8))
    # The key first: a folder without one would be of no use, and in the way of the next attempt.
    if key_file is not None:
        keys.keep_in_file(key_file, key, passphrase)
    else:
        keys.keep_in_keyring(told.id, key)
    study = folder.make(place, told, key, str(key_file.resolve()) if key_file else "keyring")
    written = papers.write(study)
    lines = [f"{place} is made; its key is in {'the keyring of this system' if key_file is None else key_file}"]
    lines += [f"  {path.relative_to(place)}" for path in written]
    lines.append("read these papers, change what is not right, and give them to your ethics board")
    lines.append("then fill in prereg.yaml and fix it: ritornello study freeze")
    return Summary(lines, {"folder": str(place), "papers": [str(path.relative_to(place)) for path in written]})
