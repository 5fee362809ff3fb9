"""The folder that a study is, and what ``study.yaml`` says of it."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ritornello import __version__
from ritornello.errors import BadRequest, StudyError
from ritornello.histories import zones
from ritornello.study import ledger

if TYPE_CHECKING:
    from ritornello.study.keys import Key

PRIVATE = ("private/raw", "private/keys", "private/work")
FOLDERS = ("consent", "legal", *PRIVATE, "derived", "results", "share")


@dataclass(frozen=True)
class Settings:
    """What the eight questions of ``study new`` ask, and what follows from them."""

    title: str
    researcher: str
    institution: str
    contact: str
    zone: str
    """Where participants live, unless their own zone is told; IANA's name."""
    period_from: str
    period_until: str
    """First and last day of the plays that are taken; earlier and later ones are not kept."""
    health: bool
    """Whether the survey asks about health or distress: special categories of personal data."""
    keep_until: str
    """The day on which keys are destroyed."""
    id: str = ""
    """Random."""
    recipient: str = ""
    """Public half of the study's key."""
    key: str = "keyring"
    """``keyring``, or the path of the file that has the key under a passphrase."""

    def check(self) -> Settings:
        """Refuse what cannot be.

        Raises
        ------
        StudyError
            With what was given and what was expected.
        """
        for one in fields(self)[:4]:
            if not str(getattr(self, one.name)).strip():
                raise StudyError(f"{one.name} is empty: the information sheet has to say it")
        try:
            zones.check(self.zone)
            days = [date.fromisoformat(day) for day in (self.period_from, self.period_until, self.keep_until)]
        except (BadRequest, ValueError, TypeError) as error:
            raise StudyError(f"{error}; days are written as 2026-01-31") from error
        if not days[0] < days[1] <= days[2]:
            raise StudyError(
                f"the period {days[0]} to {days[1]} and the end of keeping {days[2]} are not in this order"
            )
        return self


QUESTIONS = {
    "title": "What is the study called, in words that participants understand?",
    "researcher": "Who is responsible for it?",
    "institution": "At which institution, with its address?",
    "contact": "Under which e-mail address can participants reach you?",
    "zone": "In which time zone do participants live (such as Europe/Berlin)?",
    "period": "Which days of listening do you need (such as 2026-01-01 to 2026-06-30)?",
    "health": "Does the survey ask about health or distress, such as PHQ-8 or WHO-5 (yes or no)?",
    "keep_until": "Until which day is personal data kept (such as 2036-12-31)?",
}
"""By the field of :class:`Settings` that the answer fills; ``period`` fills two."""


@dataclass(frozen=True)
class Study:
    """A folder and the key to it."""

    folder: Path
    settings: Settings
    key: Key
    actor: str = "researcher"
    """Who acts, for the ledger; a role and no name."""

    @property
    def ledger(self) -> Path:
        """The chain of events."""
        return self.folder / "ledger.jsonl"

    @property
    def library(self) -> Path:
        """Plays, and music that the researcher scans into it."""
        return self.folder / "private" / "work" / "library.db"

    @property
    def work(self) -> Path:
        """Tables under participants' codes."""
        return self.folder / "private" / "work"

    @property
    def derived(self) -> Path:
        """Tables that steps make and can make again."""
        return self.folder / "derived"

    @property
    def results(self) -> Path:
        """Models, figures and the report."""
        return self.folder / "results"

    @cached_property
    def form(self) -> str:
        """SHA-256 of the consent form as it is now; to change it asks everybody again."""
        return hashlib.sha256(newest_form(self.folder).read_bytes()).hexdigest()

    def person(self, code: str) -> str:
        """Name a participant's code as the ledger does."""
        return self.key.name("ledger", code)

    def log(self, event: str, code: str | None = None, **details: object) -> dict[str, Any]:
        """Write into the ledger."""
        return ledger.append(self.ledger, event, self.person(code) if code else None, actor=self.actor, **details)


def newest_form(folder: Path) -> Path:
    """The consent form with the highest number."""
    forms = sorted((folder / "consent").glob("form_v*.md"), key=lambda path: int(path.stem.removeprefix("form_v")))
    if not forms:
        raise StudyError(f"{folder / 'consent'} has no form_v1.md: a study without a consent form takes nobody's data")
    return forms[-1]


def make(folder: Path, settings: Settings, key: Key, kept: str = "keyring") -> Study:
    """Lay out a new study: folders, settings, a ledger with its first line."""
    if folder.exists() and any(folder.iterdir()):
        raise StudyError(f"{folder} is not empty: give the name of a folder that is not there yet")
    settings = Settings(
        **asdict(settings.check())
        | {"id": settings.id or secrets.token_hex(8), "recipient": key.recipient, "key": kept}
    )
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("private/\nderived/\n", encoding="utf-8")
    (folder / "study.yaml").write_text(
        yaml.safe_dump(asdict(settings), sort_keys=False, allow_unicode=True), encoding="utf-8"
    )
    study = Study(folder, settings, key)
    study.log("created", software=f"ritornello {__version__}")
    return study


def settings_of(folder: Path) -> Settings:
    """Read ``study.yaml``."""
    path = folder / "study.yaml"
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Settings(**told).check()
    except FileNotFoundError as error:
        raise StudyError(
            f"{folder} is not a study: it has no study.yaml; make one with `ritornello study new`"
        ) from error
    except (yaml.YAMLError, TypeError) as error:
        raise StudyError(f"{path} cannot be understood: {' '.join(str(error).split())}") from error


def open_study(folder: Path, key: Key) -> Study:
    """Open a study with its key."""
    settings = settings_of(folder)
    if key.recipient != settings.recipient:
        raise StudyError(f"this is not the key of {folder}")
    return Study(folder, settings, key)


def write_json(path: Path, data: object) -> None:
    """Write all of a file or nothing of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)
