"""The plan of a study: what is asked, how it is computed, and whether that was fixed before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import jinja2
import yaml

from ritornello.errors import StudyError
from ritornello.study.listening import LISTENS, Listen
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from pathlib import Path

    from ritornello.study.folder import Study

Label = Literal["confirmatory", "deviation", "exploratory"]


@dataclass(frozen=True)
class Plan:
    """``prereg.yaml``: every choice that could be made after the data were seen, made before."""

    hypothesis: str = "People feel better than usual after they heard music with more energy than usual."
    outcome: str = "valence"
    """One primary outcome, as the survey's mapping names it."""
    music: str = "energy"
    """One primary feature of what was heard."""
    direction: Literal["either", "positive", "negative"] = "either"
    smallest_effect: float = 0.05
    """In standard deviations; smaller slopes would not matter."""
    window_minutes: int = 60
    """How long before a prompt what was heard counts."""
    other_windows: tuple[int, ...] = (15, 180)
    secondary_outcomes: tuple[str, ...] = ("arousal",)
    secondary_music: tuple[str, ...] = ("valence_of_music", "repetition", "chosen", "skipped", "diversity")
    correction: Literal["bh", "holm"] = "bh"
    alpha: float = 0.05
    listen: Listen = "any"
    """Which plays make the sound of a window, each by the time it played; see
    :func:`~ritornello.study.listening.counted`."""
    shortest_play_seconds: float = 30.0
    least_coverage: float = 0.3
    """Of the minutes in a window, the share that must have features for the window to count."""
    least_prompts: int = 10
    """People with fewer complete windows are not in the models; how many is reported."""
    folds: int = 10
    repeats: int = 5
    permutations: int = 200
    bootstraps: int = 1000
    seed: int = 1

    def check(self) -> Plan:
        """Refuse what cannot be."""
        if self.music == self.outcome or not 0 < self.alpha < 1 or not 0 <= self.least_coverage <= 1:
            raise StudyError("the plan needs a music feature, another outcome, alpha and least_coverage within 0 and 1")
        if min(self.window_minutes, self.least_prompts, self.folds - 1, self.permutations, self.bootstraps) < 1:
            raise StudyError("the plan's windows, prompts, folds, permutations and bootstraps have to be positive")
        for name, known in (
            ("direction", ("either", "positive", "negative")),
            ("correction", ("bh", "holm")),
            ("listen", LISTENS),
        ):
            if getattr(self, name) not in known:
                raise StudyError(f"the plan's {name} is {getattr(self, name)!r}: expected {' or '.join(known)}")
        return self


_WORDS = {
    "hypothesis": "What you expect, in one sentence.",
    "outcome": "The one primary outcome, by the name that survey_map.yaml will give it.",
    "music": (
        "The one primary feature of what was heard: energy, valence_of_music, danceability, acousticness,"
        " instrumentalness,\n# tempo, loudness, repetition, diversity, chosen, skipped, minutes, or of open data"
        " open_happy and so on."
    ),
    "direction": "either, positive or negative.",
    "smallest_effect": "The smallest slope that would matter, in standard deviations within people.",
    "window_minutes": "How long before a prompt what was heard counts.",
    "other_windows": "Reported beside.",
    "secondary_outcomes": "Secondary questions, held to one correction as a family.",
    "secondary_music": "More of them.",
    "correction": "bh (false discovery rate) or holm (familywise error).",
    "alpha": "The level of the primary test, and one minus that of intervals.",
    "listen": (
        "Which plays make the sound of a window: any (by the time they played), long (see the next), half (of the"
        " track),\n# completed, unlooped (any but one recording over and over)."
    ),
    "shortest_play_seconds": "Shorter plays count for neither repetition nor diversity.",
    "least_coverage": "Of the minutes in a window, the share that must have features for the window to count.",
    "least_prompts": "People with fewer complete occasions are in no model.",
    "folds": "Of cross-validation, by person.",
    "repeats": "Of cross-validation.",
    "permutations": "Of the test whether music adds to prediction.",
    "bootstraps": "Samples of people, for intervals of prediction.",
    "seed": "Of everything that is drawn by chance.",
}
"""What stands above each line of a draft."""


def write_draft(place: Path) -> Path:
    """Write a plan with the defaults, to be filled in."""
    path = place / "prereg.yaml"
    parts = ["# The plan. Fill it in before you look at outcomes, then fix it with `ritornello study freeze`.\n"]
    for name, value in asdict(Plan()).items():
        if isinstance(value, tuple):
            line = f"{name}: [{', '.join(map(str, value))}]\n"
        else:
            line = yaml.safe_dump({name: value}, allow_unicode=True, width=200)
        parts.append(f"# {_WORDS[name]}\n{line}")
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def read(place: Path) -> Plan:
    """Read the plan."""
    path = place / "prereg.yaml"
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise StudyError(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    return _plan(path, told)


def change(plan: Plan, changes: dict[str, str]) -> Plan:
    """The plan with other choices, as texts; for what is explored."""
    told = asdict(plan)
    for name, text in changes.items():
        if name not in told:
            raise StudyError(f"the plan has no {name!r}: expected one of {', '.join(told)}")
        told[name] = yaml.safe_load(text)
    return _plan(None, told)


def freeze(study: Study) -> Summary:
    """Fix the plan: its hash goes into the ledger, and a form to print and to upload is written."""
    plan = read(study.folder)
    lock = study.folder / "prereg.lock"
    if lock.exists():
        now = frozen(study.folder)
        if now == plan:
            return Summary(["the plan was fixed before, and has not changed since"], {"sha256": digest(plan)})
        raise StudyError(
            f"the plan was fixed on {json.loads(lock.read_text())['ts']} and {_names(now, plan)} changed since: "
            "undo that, "
            "or go on and have the results reported as deviations"
        )
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = {"sha256": digest(plan), "ts": stamp, "plan": asdict(plan)}
    lock.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    study.log("frozen", plan_sha256=digest(plan))
    form = study.folder / "prereg.md"
    form.write_text(_form(study, plan, stamp), encoding="utf-8")
    lines = [
        f"the plan is fixed ({digest(plan)[:12]}…)",
        f"upload {form} to a registry such as OSF before data comes in",
    ]
    return Summary(lines, {"sha256": digest(plan), "form": str(form)})


def frozen(place: Path) -> Plan | None:
    """The plan as it was fixed; None where it was not."""
    path = place / "prereg.lock"
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    plan = _plan(path, told["plan"])
    if digest(plan) != told["sha256"]:
        raise StudyError(f"{path} was changed by hand: restore it from a backup")
    return plan


def label(place: Path, plan: Plan) -> tuple[Label, list[str]]:
    """Whether results under a plan confirm, deviate or explore, and which choices are other than fixed."""
    before = frozen(place)
    if before is None:
        return "exploratory", []
    changed = [one.name for one in fields(Plan) if getattr(before, one.name) != getattr(plan, one.name)]
    if not changed:
        return "confirmatory", []
    return ("exploratory" if {"outcome", "music"} & set(changed) else "deviation"), changed


def digest(plan: Plan) -> str:
    """SHA-256 of the plan's content, whatever its layout."""
    return hashlib.sha256(json.dumps(asdict(plan), sort_keys=True).encode()).hexdigest()


def _plan(path: Path | None, told: object) -> Plan:
    if not isinstance(told, dict):
        raise StudyError(f"{path or 'the plan'} has no lines such as `outcome: valence`")
    known = {one.name for one in fields(Plan)}
    if unknown := set(told) - known:
        raise StudyError(f"{path or 'the plan'} has {', '.join(sorted(map(str, unknown)))}, which no plan has")
    default = Plan()
    for name, value in told.items():
        kind = type(getattr(default, name))
        if kind is tuple and isinstance(value, (list, tuple)):
            told[name] = tuple(value)
        elif not (isinstance(value, kind) or (kind is float and isinstance(value, int))) or isinstance(value, bool):
            raise StudyError(
                f"{path or 'the plan'}: {name} is {value!r}, expected something like {getattr(default, name)!r}"
            )
    return replace(default, **told).check()


def _names(before: Plan | None, now: Plan) -> str:
    return ", ".join(one.name for one in fields(Plan) if getattr(before, one.name) != getattr(now, one.name))


def _form(study: Study, plan: Plan, stamp: str) -> str:
    told = {"study": study.settings, "plan": plan, "choices": asdict(plan), "stamp": stamp, "sha256": digest(plan)}
    template = (files("ritornello.study") / "forms" / "prereg.md").read_text(encoding="utf-8")
    text = jinja2.Template(template, undefined=jinja2.StrictUndefined, trim_blocks=True).render(told)
    return f"{text}\n"
