"""Who agreed to what: the ledger read as standings, and the questions that every step asks of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ritornello.errors import NoConsent
from ritornello.study import ledger, roster

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ritornello.study.folder import Study

SCOPES = {
    "participate": "take part in this study with my listening history",
    "link_survey": "have my answers linked to what I listened to",
    "features": "have the sound of the music I listened to described by numbers",
    "train_model": "have statistical models fitted to my data",
    "share_restricted": "have my de-identified answers and summaries given to other researchers under an agreement",
    "share_public": "have group results and synthetic data published that my data contributed to",
    "recontact": "be contacted again",
    "health_items": "have my answers about health and distress used (special category, Article 9 GDPR)",
}
"""What a participant can say yes to, each by itself; the words follow "I agree to"."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger says of one person now."""

    scopes: frozenset[str]
    form: str
    """SHA-256 of the form that was agreed to."""
    withdrawn: bool


def standings(study: Study) -> dict[str, Standing]:
    """Everybody whom the ledger knows, by its name for them."""
    found: dict[str, Standing] = {}
    for event in ledger.read(study.ledger):
        person = event["pid_hmac"]
        if event["event"] in ("given", "scope_changed"):
            found[person] = Standing(frozenset(event["scopes"]), event["consent_version_sha256"], withdrawn=False)
        elif event["event"] == "withdrawn":
            found[person] = Standing(frozenset(), found[person].form, withdrawn=True)
    return found


def give(study: Study, code: str, scopes: Iterable[str], **how: str) -> bool:
    """Record what somebody agreed to under the form as it is now, and how; returns whether that is new."""
    wanted = frozenset(scopes)
    if unknown := wanted - SCOPES.keys():
        raise ValueError(f"no such scopes: {sorted(unknown)}")
    now = standings(study).get(study.person(code))
    if now is not None and not now.withdrawn and (now.scopes, now.form) == (wanted, study.form):
        return False
    event = "given" if now is None or now.withdrawn else "scope_changed"
    study.log(event, code, consent_version_sha256=study.form, scopes=sorted(wanted), **how)
    return True


def refusal(study: Study, code: str, *scopes: str) -> str | None:
    """Why somebody's data may not be used so; None where it may."""
    return _refusal(standings(study).get(study.person(code)), study.form, scopes)


def require(study: Study, code: str, *scopes: str) -> None:
    """Go on only with consent.

    Raises
    ------
    NoConsent
        With the reason.
    """
    reason = refusal(study, code, *scopes)
    if reason is not None:
        raise NoConsent(f"{code}: {reason}; nothing was read or written")


def agreeing(study: Study, *scopes: str) -> list[str]:
    """The codes of all who agree to all of these now."""
    told = standings(study)
    return [
        code
        for code in sorted(roster.read(study))
        if _refusal(told.get(study.person(code)), study.form, scopes) is None
    ]


def roster_hash(study: Study, codes: Iterable[str]) -> str:
    """One hash for a group of people, the same in whatever order."""
    names = sorted(study.person(code) for code in codes)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def _refusal(standing: Standing | None, form: str, scopes: tuple[str, ...]) -> str | None:
    if standing is None:
        return "no consent is in the ledger"
    if standing.withdrawn:
        return "the consent was withdrawn"
    if standing.form != form:
        return "the consent form changed since: ask again, and enrol with the new answer"
    missing = [scope for scope in ("participate", *scopes) if scope not in standing.scopes]
    return f"did not agree to {', '.join(missing)}" if missing else None
