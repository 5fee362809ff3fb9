"""May this be done with that? Licences, bases, consent and uses, and what follows from them.

This states facts and conditions as they are written in licences and laws; it is no legal advice. What is not known is
not allowed. ``tests/rights/truth.md`` has every answer as a table, and docs/rights.md says where each comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any, Literal


class Use(StrEnum):
    """What somebody wants to do."""

    PERSONAL = "personal"
    """Measure music for oneself, and look at the numbers."""
    RESEARCH = "research"
    """Non-commercial scientific research; no model is trained."""
    COMMERCIAL = "commercial"
    """Work with the numbers inside a business or a product, without handing them on."""
    TRAIN_RESEARCH = "train-research"
    """Train a model for non-commercial research."""
    TRAIN_COMMERCIAL = "train-commercial"
    """Train a model that may be used and sold by anybody."""
    SHARE_ROWS = "share-rows"
    """Hand the numbers on to anybody."""
    SHARE_AUDIO = "share-audio"
    """Hand the recording on to anybody, or something that it can be rebuilt from."""


class Basis(StrEnum):
    """By what right somebody has a recording."""

    OWN = "own"
    """Recorded by oneself, who holds the rights in the recording and in the work."""
    BOUGHT = "bought"
    """A copy that was lawfully bought or made; nobody gave further rights."""
    LICENCE = "licence"
    """What the licence that the recording is published under says."""
    RESEARCH_EXCEPTION = "research-exception"
    """An exception of copyright for scientific research, in a jurisdiction that has one."""
    CONSENT = "consent"
    """The holder of the rights agreed to some uses."""


class Condition(StrEnum):
    """What must be kept for an answer to be yes."""

    ATTRIBUTION = "attribution"
    """Name the author, the licence and where the work is."""
    SHARE_ALIKE = "share-alike"
    """What is made from it and handed on carries the same licence."""
    NON_COMMERCIAL = "non-commercial"
    """What comes of it is used for no commercial purpose, and handed on for none."""
    UNMODIFIED = "unmodified"
    """Handed on whole and unchanged, or not at all."""
    UNSHARED = "unshared"
    """What comes of it is not handed on."""
    JURISDICTION = "jurisdiction"
    """Rests on an exception of the law of one place: holds there, and within its limits."""


Answer = Literal["yes", "no", "on condition"]

JURISDICTIONS = ("EU", "UK", "US", "SG", "JP", "TW")
"""Places whose exceptions of copyright were looked at; see docs/rights.md."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer, and why."""

    answer: Answer
    conditions: tuple[Condition, ...]
    """In alphabetical order; empty unless the answer is ``on condition``."""
    reason: str
    """One sentence."""

    def __str__(self) -> str:
        return f"{self.answer}{': ' if self.conditions else ''}{', '.join(self.conditions)}"


@dataclass(frozen=True, slots=True)
class Licence:
    """A public licence, by what it asks."""

    id: str
    """SPDX's, or ``LicenseRef-…`` where SPDX has none."""
    url: str | None = None
    attribution: bool = False
    share_alike: bool = False
    non_commercial: bool = False
    no_derivatives: bool = False
    software: bool = False
    """Whether it was written for programs: then it binds copies of the thing, not what the thing computes."""
    barred: str = ""
    """Why it allows nothing that Ritornello does; else empty."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a listener agreed to."""

    id: str
    """Random; says nothing of the person, and stands for the listener in data sets."""
    scope: frozenset[Use] = frozenset()
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a value comes from and by what right: everything that :func:`permits` asks."""

    audio_id: str = ""
    """Hash of the encoded audio."""
    source: str = "audio file"
    software: str = ""
    analysis_version: int = 0
    model_version: str = ""
    licence: str | None = None
    """Of the recording: an SPDX expression, or what was said where that is none."""
    basis: Basis | None = None
    """None: nobody said."""
    jurisdiction: str | None = None
    """One of :data:`JURISDICTIONS`: whose law the analysis was made under."""
    reserved: bool | None = None
    """Whether the holder reserved text and data mining (EU directive 2019/790, article 4); None: nobody looked."""
    scope: frozenset[Use] = frozenset()
    """What the holder of the rights agreed to, where the basis is consent."""
    credit: str = ""
    """Whom to name."""
    evidence: str = ""
    """Who said so: ``rule``, ``tag``, ``sidecar`` or ``catalogue``."""
    weights: tuple[str, ...] = ()
    """Licences of the learned weights that computed the value, and of the labels they learned from."""
    listened: bool = False
    """Whether the value tells what a person listened to."""
    consent: Consent | None = None
    """That person's."""


def permits(row: Provenance, use: Use) -> Verdict:
    """Whether a value may be used so: recording, weights and listener must all allow it, and the strictest wins.

    No legal advice: the answer follows from what was declared, and nobody checked the declaration.
    """
    verdicts = [_listener(row, use), _recording(row, use), *(_weights(licence, use) for licence in row.weights)]
    return strictest([verdict for verdict in verdicts if verdict is not None])


def effects(row: Provenance) -> dict[Use, Verdict]:
    """The answer for every use."""
    return {use: permits(row, use) for use in Use}


def strictest(verdicts: Sequence[Verdict]) -> Verdict:
    """What several verdicts say together: one no is no; else all conditions hold."""
    for verdict in verdicts:
        if verdict.answer == "no":
            return verdict
    conditions = sorted({condition for verdict in verdicts for condition in verdict.conditions})
    told = (verdict.reason for verdict in verdicts if verdict.conditions or not conditions)
    said = dict.fromkeys(part for reason in told for part in reason.split("; "))
    return _allowed(conditions, "; ".join(said))


def is_open(licence: str | None) -> bool:
    """Whether a licence lets anybody hand on a part of a recording, for any purpose; ND and NC do not."""
    verdict = permits(Provenance(licence=licence, basis=Basis.LICENCE), Use.SHARE_AUDIO)
    return verdict.answer != "no" and set(verdict.conditions) <= {Condition.ATTRIBUTION, Condition.SHARE_ALIKE}


# The recording -----------------------------------------------------------------------------------------------------

_TRAINING = frozenset({Use.TRAIN_RESEARCH, Use.TRAIN_COMMERCIAL})
_SHARING = frozenset({Use.SHARE_ROWS, Use.SHARE_AUDIO})
_COMMERCIAL = frozenset({Use.COMMERCIAL, Use.TRAIN_COMMERCIAL})
_RESEARCH = frozenset({Use.RESEARCH, Use.TRAIN_RESEARCH})


def _recording(row: Provenance, use: Use) -> Verdict:
    named = [licence for together in _expression(row.licence or "") for licence in together]
    if barred := next((licence.barred for licence in named if licence.barred), None):
        return _no(barred)
    match row.basis:
        case None:
            return _no("nobody said by what right this recording is here")
        case Basis.OWN:
            return Verdict("yes", (), "its rights are your own")
        case Basis.CONSENT:
            if use in row.scope:
                return Verdict("yes", (), f"the holder of the rights agreed to {use}")
            return _no(f"the holder of the rights did not agree to {use}")
        case Basis.LICENCE:
            return _licensed(row.licence, use)
        case Basis.RESEARCH_EXCEPTION:
            return _excepted(row, use)
        case Basis.BOUGHT:
            return _bought(row, use)


def _licensed(text: str | None, use: Use) -> Verdict:
    if not text:
        return _no("the basis is a licence, and nobody said which")
    alternatives = [
        strictest([_granted(licence, use) for licence in together]) for together in _expression(text) if together
    ]
    if not alternatives:
        return _no("its licence is none that Ritornello knows")
    return min(alternatives, key=_strictness)


def _granted(licence: Licence, use: Use) -> Verdict:
    """What one public licence says of one use."""
    if licence.barred:
        return _no(licence.barred)
    if use is Use.PERSONAL:
        return Verdict("yes", (), f"{licence.id} lets anybody use it")
    if licence.non_commercial and use in _COMMERCIAL:
        return _no(f"{licence.id} allows no commercial use")
    asked = {Condition.ATTRIBUTION} if licence.attribution else set()
    if licence.non_commercial and use not in _RESEARCH | {Use.PERSONAL}:
        asked.add(Condition.NON_COMMERCIAL)
    if licence.no_derivatives:
        if use in (Use.SHARE_ROWS, Use.TRAIN_COMMERCIAL):
            return _no(f"{licence.id} allows no adaptations to be handed on, and whether this is one is not settled")
        if use is Use.SHARE_AUDIO:
            asked.add(Condition.UNMODIFIED)
        if use is Use.TRAIN_RESEARCH:
            asked.add(Condition.UNSHARED)
    if licence.non_commercial and use is Use.TRAIN_RESEARCH:
        asked.add(Condition.NON_COMMERCIAL)
    if licence.share_alike and use in _TRAINING | _SHARING:
        asked.add(Condition.SHARE_ALIKE)
    return _allowed(asked, f"{licence.id} allows it")


_RULES: Mapping[str, tuple[str, frozenset[Use]]] = {
    "UK": ("UK: section 29A CDPA allows analysis for non-commercial research by who has lawful access", _RESEARCH),
    "SG": (
        "Singapore: sections 243 and 244 Copyright Act 2021 allow computational analysis by who has lawful access",
        _RESEARCH | _COMMERCIAL | {Use.SHARE_ROWS},
    ),
    "US": (
        "USA: fair use is decided case by case, and a lawfully bought copy is its first requirement",
        _RESEARCH | _COMMERCIAL | {Use.SHARE_ROWS},
    ),
}
_ARTICLE_3 = "EU: article 3 of directive 2019/790 allows it to research organisations and heritage institutions alone"
_ARTICLE_4 = "EU: article 4 of directive 2019/790 allows text and data mining where it is not reserved"


def _bought(row: Provenance, use: Use) -> Verdict:
    """A lawful copy and nothing else: the exceptions of the place decide."""
    if use is Use.PERSONAL:
        return Verdict("yes", (), "a lawful copy may be measured for oneself")
    if use is Use.SHARE_AUDIO:
        return _no("a bought copy gives no right to hand it on")
    if row.jurisdiction == "EU":
        return _in_the_eu(row.reserved, use)
    return _by_rule(row.jurisdiction, use)


def _in_the_eu(reserved: bool | None, use: Use) -> Verdict:
    if reserved is False:
        return _allowed({Condition.JURISDICTION}, _ARTICLE_4)
    if use in _RESEARCH:
        return _allowed({Condition.JURISDICTION}, _ARTICLE_3)
    if reserved:
        return _no("EU: the holder of the rights reserved text and data mining")
    return _no("EU: nobody looked whether text and data mining is reserved")


def _by_rule(jurisdiction: str | None, use: Use) -> Verdict:
    if jurisdiction is None:
        return _no("nobody said whose law the copy was analysed under")
    if jurisdiction not in _RULES:
        return _no(f"{jurisdiction}: no exception of copyright for it is known to Ritornello")
    reason, uses = _RULES[jurisdiction]
    return _allowed({Condition.JURISDICTION}, reason) if use in uses else _no(f"{reason}, and this use is another")


def _excepted(row: Provenance, use: Use) -> Verdict:
    if use not in _RESEARCH:
        return _no("an exception for research allows nothing but research")
    if row.jurisdiction == "EU":
        return _allowed({Condition.JURISDICTION}, _ARTICLE_3)
    return _by_rule(row.jurisdiction, use)


# Weights and listeners ---------------------------------------------------------------------------------------------


def _weights(text: str, use: Use) -> Verdict | None:
    """What weights, or the labels that taught them, add: nothing if a permissive licence covers them.

    Licences of software bind copies of the weights, which no row is.
    """
    licence = identify(text)
    if licence is None:
        return _no(f"weights that computed it are under {text or 'no licence'}, which Ritornello does not know")
    if licence.barred:
        return _no(licence.barred)
    if licence.software:
        return None
    verdict = _granted(licence, use)
    return replace(verdict, reason=f"weights that computed it: {verdict.reason}")


def _listener(row: Provenance, use: Use) -> Verdict | None:
    if not row.listened:
        return None
    if row.consent is None:
        return _no("the listener was not asked")
    if row.consent.withdrawn:
        return _no("the listener withdrew")
    if use not in row.consent.scope:
        return _no(f"the listener did not agree to {use}")
    return Verdict("yes", (), f"the listener agreed to {use}")


def _no(reason: str) -> Verdict:
    return Verdict("no", (), reason)


def _allowed(asked: Iterable[Condition], reason: str) -> Verdict:
    conditions = tuple(sorted(asked))
    return Verdict("on condition" if conditions else "yes", conditions, reason)


def _strictness(verdict: Verdict) -> tuple[bool, int]:
    return verdict.answer == "no", len(verdict.conditions)


# Licences ----------------------------------------------------------------------------------------------------------

SPOTIFY = "LicenseRef-Spotify-Developer-Terms"
"""What values that came from Spotify's API are under."""

_VERSIONS = ("1.0", "2.0", "2.5", "3.0", "4.0")
_ELEMENTS = ("BY", "BY-SA", "BY-NC", "BY-NC-SA", "BY-ND", "BY-NC-ND")
_PORT = r"(?:-[A-Z]{2,3})?"

_OTHER = (
    Licence("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    Licence("CC-PDM-1.0", "https://creativecommons.org/publicdomain/mark/1.0/"),
    Licence("PDDL-1.0", "https://opendatacommons.org/licenses/pddl/1-0/"),
    Licence("Unlicense", "https://unlicense.org/", software=True),
    Licence("0BSD", "https://opensource.org/license/0bsd", software=True),
    Licence("ODC-By-1.0", "https://opendatacommons.org/licenses/by/1-0/", attribution=True),
    Licence("ODbL-1.0", "https://opendatacommons.org/licenses/odbl/1-0/", attribution=True, share_alike=True),
    Licence("LAL-1.3", "https://artlibre.org/licence/lal/en/", attribution=True, share_alike=True),
    Licence("LAL-1.2", "https://artlibre.org/licence/lal/licence-art-libre-12/", attribution=True, share_alike=True),
    *(
        Licence(name, f"https://spdx.org/licenses/{name}.html", attribution=True, software=True)
        for name in ("MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib", "Artistic-2.0", "OFL-1.1")
    ),
    *(
        Licence(name, f"https://spdx.org/licenses/{name}.html", attribution=True, share_alike=True, software=True)
        for family in ("GPL-2.0", "GPL-3.0", "AGPL-3.0", "LGPL-2.1", "LGPL-3.0", "GFDL-1.2", "GFDL-1.3")
        for name in (f"{family}-only", f"{family}-or-later")
    ),
    Licence(
        SPOTIFY,
        "https://developer.spotify.com/terms",
        barred="Spotify's developer terms (IV.2.a.i) forbid to put what its API says into a model, and to keep it",
    ),
)
_BY_ID = {licence.id.casefold(): licence for licence in _OTHER}
_OLD_IDS = re.compile(r"((?:A|L)?GPL|GFDL)-(\d)(?:\.(\d))?(\+)?", re.IGNORECASE)


def identify(text: str) -> Licence | None:
    """The licence that a text names, as SPDX id, address or usual name; None where that is none or not one.

    A text that names two different licences is not understood here: it takes an expression with OR or AND.
    """
    return _identify(" ".join(text.split()))


def expression(text: str) -> str | None:
    """A text as an SPDX expression in ids, where every part of it is known."""
    alternatives = _expression(text)
    if not alternatives or not all(alternatives):
        return None
    return " OR ".join(" AND ".join(licence.id for licence in together) for together in alternatives)


def url(text: str | None) -> str | None:
    """The address of a licence, where it is one that is known."""
    found = identify(text) if text else None
    return found.url if found else None


@cache
def _expression(text: str) -> list[list[Licence]]:
    """Alternatives, each of licences that hold together; one that is not understood is empty."""
    whole = identify(text)
    if whole is not None:
        return [[whole]]
    if "(" in text or ")" in text:
        return []
    found = []
    for alternative in re.split(r"\s+or\s+", text, flags=re.IGNORECASE):
        parts = [identify(part) for part in re.split(r"\s+and\s+", alternative, flags=re.IGNORECASE)]
        found.append([part for part in parts if part is not None] if all(parts) else [])
    return found


_ADDRESS = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<elements>by(?:-(?:nc|sa|nd))*)(?![\w-])(?:/(?P<version>\d\.\d))?"
    r"(?:/(?P<port>[a-z]{2,3})\b)?"
    r"|publicdomain/(?P<domain>zero|mark)|licenses/(?P<old>publicdomain))",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"(?:CC|Creative Commons)[\s_-]+(?P<elements>BY(?:[\s_-]+(?:NC|SA|ND)){0,2})(?:[\s_-]+v?(?P<version>\d(?:\.\d)?))?"
    r"(?:[\s_-]+(?P<port>[A-Z]{2,3}|igo))?(?:[\s_-]+(?:International|Unported|licen[cs]e|Generic))*",
    re.IGNORECASE,
)
_LONG = re.compile(
    r"(?:Creative Commons[\s:-]+)Attribution(?P<rest>"
    r"(?:[\s-]+(?:Non[\s-]?Commercial|Share[\s-]?Alike|No[\s-]?Deriv(?:ative)?s?(?:[\s-]+Works)?))*)"
    r"(?:[\s(]+v?(?P<version>\d(?:\.\d)?)\)?)?"
    r"(?:[\s(]+(?:International|Unported|Generic|Public|licen[cs]e)\)?)*",
    re.IGNORECASE,
)
_ZERO = re.compile(r"CC[\s_-]?(?:0|zero)(?:[\s_-]*v?1\.0)?(?:[\s_-]*universal)?(?:[\s-]*licen[cs]e)?", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:in the )?public[ -]domain(?: mark)?(?: 1\.0)?", re.IGNORECASE)
_BEFORE = re.compile(
    r"^.*?\b(?:licen[cs]ed|released|available|published)(?: to the public)?(?: under)(?: the| a)?\s+", re.IGNORECASE
)


_NEGATED = re.compile(r"\b(?:not|never|no longer|except|unless)\b", re.IGNORECASE)


@cache
def _identify(text: str) -> Licence | None:
    if _NEGATED.search(text):
        return None
    found = set(map(_of_address, _ADDRESS.finditer(text)))
    if found:
        return _by_id(found.pop()) if len(found) == 1 else None
    for said in (text, _BEFORE.sub("", text)):
        named = said.strip(" .,;")
        known = _by_id(named) or _by_name(named)
        if known is not None:
            return known
    return None


def _of_address(match: re.Match[str]) -> str:
    if match["elements"]:
        return _cc(match["elements"], match["version"], match["port"])
    return "CC0-1.0" if match["domain"] == "zero" else "CC-PDM-1.0"


def _by_name(text: str) -> Licence | None:
    if match := _SHORT.fullmatch(text):
        return _by_id(_cc(match["elements"], match["version"], match["port"]))
    if match := _LONG.fullmatch(text):
        rest = re.sub(r"[\s-]", "", match["rest"]).casefold()
        elements = ["BY"]
        elements += [
            short for long, short in (("noncommercial", "NC"), ("sharealike", "SA"), ("noderiv", "ND")) if long in rest
        ]
        return _by_id(_cc("-".join(elements), match["version"], None))
    if _ZERO.fullmatch(text):
        return _BY_ID["cc0-1.0"]
    if _DOMAIN.fullmatch(text):
        return _BY_ID["cc-pdm-1.0"]
    return None


def _cc(elements: str, version: str | None, port: str | None) -> str:
    """An SPDX id; without a version, which SPDX knows none for, ``LicenseRef-CC-…``."""
    parts = re.split(r"[\s_-]+", elements.upper())
    ordered = "-".join(part for part in ("BY", "NC", "SA", "ND") if part in parts)
    if version is None:
        return f"LicenseRef-CC-{ordered}"
    version = version if "." in version else f"{version}.0"
    return f"CC-{ordered}-{version}" + (f"-{port.upper()}" if port and port.lower() != "igo" else "")


def _by_id(text: str) -> Licence | None:
    if old := _OLD_IDS.fullmatch(text):
        name = f"{old[1]}-{old[2]}.{old[3] or '0'}"
        text = f"{name}-or-later" if old[4] else f"{name}-only"
    if known := _BY_ID.get(text.casefold()):
        return known
    match = re.fullmatch(rf"(?:LicenseRef-CC-({_CC})|CC-({_CC})-({_NUMBER})({_PORT}))", text, re.IGNORECASE)
    if match is None:
        return None
    elements, version, port = (match[1] or match[2]).upper(), match[3], match[4]
    return Licence(
        _cc(elements, version, port[1:] if port else None),
        "/".join(
            (
                "https://creativecommons.org/licenses",
                elements.lower(),
                *(part for part in (version, (port or "")[1:].lower()) if part),
                "",
            )
        ),
        attribution=True,
        share_alike="SA" in elements,
        non_commercial="NC" in elements,
        no_derivatives="ND" in elements,
    )


_CC = "|".join(sorted(_ELEMENTS, key=len, reverse=True))
_NUMBER = "|".join(re.escape(version) for version in _VERSIONS)


# As rows -----------------------------------------------------------------------------------------------------------


def to_json(row: Provenance) -> dict[str, Any]:
    """A provenance in JSON's types, sets sorted."""
    consent = row.consent
    return {
        "audio_id": row.audio_id,
        "source": row.source,
        "software": row.software,
        "analysis_version": row.analysis_version,
        "model_version": row.model_version,
        "licence": row.licence,
        "basis": row.basis,
        "jurisdiction": row.jurisdiction,
        "reserved": row.reserved,
        "scope": sorted(row.scope),
        "credit": row.credit,
        "evidence": row.evidence,
        "weights": list(row.weights),
        "listened": row.listened,
        "consent": consent.id if consent else None,
        "consent_scope": sorted(consent.scope) if consent else [],
        "withdrawn": consent.withdrawn if consent else False,
    }


def from_json(row: Mapping[str, Any]) -> Provenance:
    """The provenance that :func:`to_json` wrote."""
    basis, consent = row["basis"], row["consent"]
    return Provenance(
        **{
            name: row[name]
            for name in ("audio_id", "source", "software", "analysis_version", "model_version", "licence")
        },
        **{name: row[name] for name in ("jurisdiction", "reserved", "credit", "evidence", "listened")},
        basis=Basis(basis) if basis else None,
        scope=frozenset(map(Use, row["scope"])),
        weights=tuple(row["weights"]),
        consent=Consent(consent, frozenset(map(Use, row["consent_scope"])), row["withdrawn"]) if consent else None,
    )
