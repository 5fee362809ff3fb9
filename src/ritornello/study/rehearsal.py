"""The whole study with people who do not exist: practice for who runs one, and proof that every step does its work."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from ritornello.errors import NoConsent, StudyError
from ritornello.study import (
    auditing,
    consent,
    donors,
    enrolment,
    erasure,
    fitting,
    folder,
    keys,
    occasions,
    papers,
    plans,
    psychds,
    quality,
    receiving,
    reporting,
    risk,
    roster,
    sharing,
    surveys,
)
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ritornello.study.donors import Donors
    from ritornello.study.folder import Study

ANSWERS = folder.Settings(
    title="A rehearsal with people who do not exist",
    researcher="You",
    institution="Your institution",
    contact="you@example.org",
    zone="Europe/Berlin",
    period_from="2024-01-01",
    period_until="2024-06-30",
    health=False,
    keep_until="2030-12-31",
)


def rehearse(
    place: Path,
    people: int = 60,
    prompts: int = 40,
    slope: float = 0.15,
    *,
    seed: int = 1,
    choices: Mapping[str, object] | None = None,
    key: keys.Key | None = None,
    kept: str = "",
    progress: Callable[[str], None] = lambda step: None,
) -> Summary:
    """Run a study from the consent forms to the shared data set, and compare everything with what was planted.

    Parameters
    ----------
    place
        A folder that is not there yet; gets ``sent`` (what tools and participants send), ``inbox`` and ``study``.
    people, prompts
        How many, and how many prompts each; eight of the people have a defect each.
    slope
        The true slope within people, in standard deviations; 0 plants nothing.
    choices
        Of the plan, other than the rehearsal's own.
    key, kept
        The study's key and where it is kept; a new one that is forgotten unless told.
    """
    if place.exists() and any(place.iterdir()):
        raise StudyError(f"{place} is not empty: give the name of a folder that is not there yet")
    start = time.perf_counter()
    progress("people, their histories and their answers")
    made = donors.write(place / "sent", people, prompts, slope, seed=seed)
    study = folder.make(place / "study", replace(ANSWERS), key or keys.make(), kept or "forgotten after the rehearsal")
    papers.write(study)
    _plan(study, {"permutations": 50, "repeats": 2, **(choices or {})})
    plans.freeze(study)
    progress("consent")
    enrolment.enrol(study, made.consents, place / "letters.csv")
    codes = _address(study, made, place / "inbox")
    progress("histories")
    received = receiving.receive(study, place / "inbox", remove=True)
    progress("answers and windows")
    columns = surveys.guess(made.answers)
    surveys.keep(study, made.answers, columns)
    occasions.build(study, made.sounds)
    checked = quality.check(study)
    progress("models, report, risk and shared data")
    fitted = fitting.fit(study)
    reporting.report(study)
    risk.measure(study)
    shared = sharing.share(study)
    found = _found(study, made, codes, received, checked, fitted, shared)
    progress("a withdrawal")
    found |= _withdrawal(study, codes[made.defects["leaves"]])
    found["the ledger follows from its first line to its last"] = bool(auditing.verify(study.folder).facts["events"])
    seconds = time.perf_counter() - start
    within = fitted.facts["within"]
    assert isinstance(within, dict)
    lines = [f"{'yes' if right else 'NO '}  {what}" for what, right in found.items()]
    lines.append(
        f"planted slope {slope:+.3f}, found {within['slope']:+.3f} [{within['low']:+.3f}, {within['high']:+.3f}]"
    )
    lines.append(f"{seconds:.0f} s; read {study.results / 'report.html'}, or report.pdf beside it")
    facts = {
        "checks": found,
        "seconds": round(seconds, 1),
        "report": str(study.results / "report.html"),
        "within": within,
    }
    return Summary(lines, facts, ok=all(found.values()))


def _plan(study: Study, choices: Mapping[str, object]) -> None:
    path = study.folder / "prereg.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8")) | choices
    path.write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")


def _address(study: Study, made: Donors, inbox: Path) -> dict[str, str]:
    """Copy what was sent to the inbox under people's codes, as participants name their files who were told theirs."""
    inbox.mkdir()
    known = roster.by_survey_id(study, roster.read(study))
    codes = {id_: known[study.key.name("survey", id_)] for id_ in made.ids}
    for path in made.inbox.glob("*.zip"):
        id_ = path.stem.partition("_")[0]
        shutil.copyfile(path, inbox / path.name.replace(id_, codes.get(id_, id_)))
    return codes


def _found(
    study: Study,
    made: Donors,
    codes: dict[str, str],
    received: Summary,
    checked: Summary,
    fitted: Summary,
    shared: Summary,
) -> dict[str, bool]:
    """Whether each thing that was planted was found."""
    refused = str(received.facts["refused"])
    flags = checked.facts["flags"]
    assert isinstance(flags, dict)

    def flagged(word: str, who: str) -> bool:
        return any(word in what and codes[made.defects[who]] in some for what, some in flags.items())

    within = fitted.facts["within"]
    assert isinstance(within, dict)
    text = b"".join(path.read_bytes() for path in Path(str(shared.facts["folder"])).rglob("*") if path.is_file())
    return {
        "who did not agree is not read": "no consent is in the ledger" in refused,
        "a file without a code is not read": "no participant's code" in refused,
        "a damaged file is refused": "broken or cut short" in refused,
        "private sessions, podcasts and years outside of the period are left out": all(
            count == people_with(received, reason)
            for reason in ("private session", "podcast", "outside of the period")
            for count in [len(made.ids) - 1]
        ),
        "a shared account is flagged": flagged("shared account", "shared"),
        "a loop through the night is flagged": flagged("nobody listening", "sleeper"),
        "who did not agree to features has none": flagged("no features", "no_features"),
        "who hardly listens is flagged": flagged("no music", "silent"),
        "who did not agree to models is in none": study.person(codes[made.defects["no_model"]])
        not in fitted.facts["people"],  # type: ignore[operator]
        "the analysis is confirmatory": fitted.facts["label"] == "confirmatory",
        "the planted slope lies in the interval": within["low"] <= made.slope <= within["high"],
        "no code and no title is in what is shared": not any(code.encode() in text for code in codes.values())
        and b"Piece" not in text,
        "what is shared is a Psych-DS data set": not psychds.check(Path(str(shared.facts["folder"]))),
    }


def people_with(received: Summary, reason: str) -> int:
    """In how many files something was left out for a reason."""
    files = received.facts["files"]
    assert isinstance(files, list)
    return sum(reason in one["left_out"] for one in files)


def _withdrawal(study: Study, code: str) -> dict[str, bool]:
    """Keep a copy of the model, withdraw somebody, and try to use it."""
    path = study.results / "model.json"
    copy = path.read_bytes()
    told = erasure.withdraw(study, code, really=True)
    anew = path.read_bytes()
    path.write_bytes(copy)
    try:
        fitting.load(study)
        refused = False
    except NoConsent:
        refused = True
    path.write_bytes(anew)
    again = study.person(code) not in fitting.load(study)["people"]
    wanted = ["windows and features", "the plan's models", "the report", "tier 2 to share"]
    return {
        "a withdrawal takes away what was computed": anew != copy,
        "an old model is refused after it": refused,
        "everything is made anew without the person": again
        and code not in consent.agreeing(study)
        and told.facts["rebuilt"] == wanted,
    }
