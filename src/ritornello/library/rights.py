"""By what right things are here: rules about paths, consent of listeners, and what both mean for a track."""

from __future__ import annotations

import os
import time
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, delete, select

from ritornello import weights
from ritornello.errors import BadRequest, Unknown
from ritornello.library import schema as s
from ritornello.library import scores
from ritornello.rights import Basis, Consent, Provenance, Use, Verdict, expression, is_open, permits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Rule:
    """What somebody said of a file, or of a folder and all below it."""

    path: Path
    basis: Basis
    licence: str | None = None
    """None leaves what the file says."""
    jurisdiction: str | None = None
    reserved: bool | None = None
    scope: frozenset[Use] = frozenset()
    credit: str | None = None


def rule(
    path: Path,
    basis: Basis,
    licence: str | None,
    jurisdiction: str | None,
    reserved: bool | None,
    scope: Iterable[str],
    credit: str | None,
) -> Rule:
    """A rule as somebody typed it, or what is wrong with it."""
    agreed = frozenset(map(Use, scope))
    if licence is not None:
        known = expression(licence)
        if known is None:
            raise BadRequest(
                f"{licence!r} is no licence that is known: expected an SPDX id such as CC-BY-4.0, or its address"
            )
        licence = known
    if (basis is Basis.CONSENT) != bool(agreed):
        raise BadRequest(
            f"basis {basis} {'needs' if basis is Basis.CONSENT else 'has no'} --scope: it tells what was agreed to"
        )
    if jurisdiction is not None and basis not in (Basis.BOUGHT, Basis.RESEARCH_EXCEPTION):
        raise BadRequest(f"basis {basis} has no --jurisdiction: only exceptions of copyright depend on it")
    return Rule(path.absolute(), basis, licence, jurisdiction, reserved, agreed, credit)


def put(connection: Connection, rule: Rule) -> None:
    """Store a rule in place of an earlier one for the same path."""
    row = {
        "path": os.fsencode(rule.path),
        "basis": rule.basis,
        "licence": rule.licence,
        "jurisdiction": rule.jurisdiction,
        "reserved": rule.reserved,
        "scope": sorted(rule.scope),
        "credit": rule.credit,
        "set_at": int(time.time()),
    }
    s.upsert(connection, s.rules, "path", row)


def remove(connection: Connection, path: Path) -> None:
    """Take a rule away; what files say of themselves counts again."""
    if connection.execute(delete(s.rules).where(s.rules.c.path == os.fsencode(path))).rowcount == 0:
        raise Unknown("rule for", str(path))


def rules(connection: Connection) -> list[Rule]:
    """All rules, in the order of their paths."""
    return [
        Rule(
            Path(os.fsdecode(row.path)),
            Basis(row.basis),
            row.licence,
            row.jurisdiction,
            row.reserved,
            frozenset(map(Use, row.scope)),
            row.credit,
        )
        for row in connection.execute(_RULES)
    ]


def rule_for(rules: Mapping[Path, Rule], path: Path) -> Rule | None:
    """The rule of the path itself or of the nearest folder above it."""
    return next((rules[at] for at in (path, *path.parents) if at in rules), None) if rules else None


# Listeners ---------------------------------------------------------------------------------------------------------


def consent(connection: Connection, listener: str, scope: Iterable[Use]) -> Consent:
    """Store that a listener agreed to these uses and no others; agreeing anew after a withdrawal has a new id.

    Models know a consent by its id, so that those of before the withdrawal stay refused.
    """
    before = consents(connection).get(listener)
    id_ = before.id if before and not before.withdrawn else uuid.uuid4().hex
    agreed = Consent(id_, frozenset(scope))
    if before and before.withdrawn:
        _forget_name(connection, before.id)
    row = {"id": id_, "listener": listener, "scope": sorted(agreed.scope), "given_at": int(time.time())}
    s.upsert(connection, s.consents, "id", row)
    return agreed


def forget(connection: Connection, listener: str) -> None:
    """Withdraw for a listener who is erased, and forget the name; models stay refused."""
    before = consents(connection).get(listener)
    if before is not None:
        withdraw(connection, listener)
        _forget_name(connection, before.id)


def _forget_name(connection: Connection, id: str) -> None:  # noqa: A002
    """A consent that was withdrawn stays known by its id alone."""
    connection.execute(s.consents.update().where(s.consents.c.id == id).values(listener=f"\0{id}"))


def withdraw(connection: Connection, listener: str) -> Consent:
    """Store that a listener withdrew: their plays are exported no more, and models that learned from them refused."""
    before = consents(connection).get(listener)
    if before is None:
        raise Unknown("consent of listener", listener)
    changed = s.consents.update().where(s.consents.c.id == before.id, s.consents.c.withdrawn_at.is_(None))
    connection.execute(changed.values(withdrawn_at=int(time.time())))
    scores.forget(connection, scores.learned_from(connection, before.id))
    return Consent(before.id, before.scope, withdrawn=True)


def consents(connection: Connection) -> dict[str, Consent]:
    """What each listener agreed to."""
    return {
        row.listener: Consent(row.id, frozenset(map(Use, row.scope)), row.withdrawn_at is not None)
        for row in connection.execute(select(s.consents).order_by(s.consents.c.given_at))
    }


def withdrawn(connection: Connection, ids: Iterable[str]) -> dict[str, int]:
    """Those of these consents that were withdrawn, with the moment, in Unix seconds."""
    query = select(s.consents.c.id, s.consents.c.withdrawn_at).where(s.consents.c.withdrawn_at.is_not(None))
    known = {row.id: int(row.withdrawn_at) for row in connection.execute(query)}
    return {id_: known[id_] for id_ in ids if id_ in known}


_NO_FILE: tuple[None] = (None,)

# Tracks ------------------------------------------------------------------------------------------------------------


def of_tracks(
    connection: Connection, ids: Sequence[str], known: Mapping[Path, Rule] | None = None
) -> dict[str, list[Provenance]]:
    """The provenance of each track's features, one for each file of it: a track may be used as any of its files may.

    A rule counts before the catalogue, that before a file beside the audio, and that before the tags.
    ``ids`` are ours; tracks that are not known are left out.
    """
    if known is None:
        known = {rule.path: rule for rule in rules(connection)}
    here = s.tracks.c
    features, embeddings = s.features.c, s.embeddings.c
    computed = (features.analysis_version, features.model_version, features.provenance, embeddings.version)
    query = select(here.id, here.licence, *computed).where(here.id.in_(ids))
    query = query.outerjoin(s.features, features.track_id == here.id)
    query = query.outerjoin(s.embeddings, embeddings.track_id == here.id)
    rows = connection.execute(query).all()
    bound = select(s.external_ids.c.track_id, s.external_ids.c.value).where(
        s.external_ids.c.kind == s.AUDIO, s.external_ids.c.track_id.in_(ids)
    )
    audio = {row.id: row.id for row in rows} | {row.track_id: row.value for row in connection.execute(bound)}
    lying = files_of(connection, audio.values())
    found = {}
    for row in rows:
        origin = row.provenance or {}
        versions = [version for version in (row.model_version, row.version) if version]
        origins: dict[str, Any] = {
            "audio_id": audio[row.id],
            "source": origin.get("source", ""),
            "software": origin.get("software", ""),
            "analysis_version": row.analysis_version or 0,
            "model_version": row.model_version or "",
            "weights": tuple(sorted({licence for version in versions for licence in weights.lineage(version)})),
        }
        told = [_declared(file, row.licence, known) for file in lying.get(audio[row.id]) or _NO_FILE]
        found[row.id] = [replace(one, **origins) for one in told]
    return found


def of_track(connection: Connection, track_id: str) -> list[Provenance]:
    """The provenance of one track, by our id or another."""
    from ritornello.library import tracks

    own = tracks.resolve(connection, [track_id]).get(track_id)
    if own is None:
        raise Unknown("track", track_id)
    return of_tracks(connection, [own])[own]


def of_listener(consent: Consent | None) -> Provenance:
    """The provenance of a listener's plays: that they were heard is for the listener alone to give away."""
    scope = consent.scope if consent else frozenset()
    return Provenance(source="listening", basis=Basis.CONSENT, scope=scope, listened=True, consent=consent)


def best(told: Sequence[Provenance], use: Use) -> tuple[Provenance, Verdict]:
    """Of the files of one track, the one that allows a use on the fewest conditions."""
    judged = [(one, permits(one, use)) for one in told]
    return min(judged, key=lambda pair: (pair[1].answer == "no", len(pair[1].conditions)))


def summary(connection: Connection) -> Counter[Provenance]:
    """How many files of tracks are under each kind of right; what differs from file to file is left out."""
    known = {rule.path: rule for rule in rules(connection)}
    counts: Counter[Provenance] = Counter()
    for ids in batches(connection):
        for told in of_tracks(connection, ids, known).values():
            counts.update(replace(one, audio_id="", credit="") for one in told)
    return counts


def batches(connection: Connection, size: int = _BATCH) -> Iterator[list[str]]:
    """Ids of all tracks that have features, in an order that new tracks only add to, some at a time."""
    after = 0
    while True:
        query = select(s.tracks.c.number, s.tracks.c.id).join(s.features, s.features.c.track_id == s.tracks.c.id)
        rows = connection.execute(query.where(s.tracks.c.number > after).order_by(s.tracks.c.number).limit(size)).all()
        if not rows:
            return
        yield [row.id for row in rows]
        after = rows[-1].number


def licence(files: Sequence[FileRights], catalogue: str | None, known: Mapping[Path, Rule]) -> str | None:
    """The licence under which a recording may be handed on, of several files an open one; None where there is none."""
    if not files and not catalogue:
        return None
    told = [_declared(file, catalogue, known) for file in files or _NO_FILE]
    public = [one.licence for one in told if one.basis is Basis.LICENCE and one.licence]
    return next((one for one in public if is_open(one)), public[0] if public else None)


class FileRights(NamedTuple):
    """What one file says of its rights."""

    audio_id: str
    path: bytes
    licence: str | None
    copyright: str | None
    sidecar_licence: str | None
    sidecar_copyright: str | None


def files_of(connection: Connection, audio_ids: Iterable[str]) -> dict[str, list[FileRights]]:
    """What the files of each audio say of their rights, in the order of their paths."""
    found: dict[str, list[FileRights]] = defaultdict(list)
    for row in s.among(connection, _FILES, audio_ids):
        found[row[0]].append(FileRights._make(row))
    return found


_FILES = f"""
SELECT {", ".join(FileRights._fields)} FROM files
WHERE audio_id IN (SELECT value FROM json_each(?)) AND status = 'analysed' ORDER BY path
"""
_RULES = select(s.rules).order_by(s.rules.c.path)


def _declared(file: FileRights | None, catalogue: str | None, known: Mapping[Path, Rule]) -> Provenance:
    """What is said of one file: by a rule, by its catalogue, beside it or in its tags, in this order."""
    rule = rule_for(known, Path(os.fsdecode(file.path))) if file is not None else None
    said: list[tuple[str, str | None, str | None]] = [("catalogue", catalogue, None)]
    if file is not None:
        said += [("sidecar", file.sidecar_licence, file.sidecar_copyright), ("tag", file.licence, file.copyright)]
    evidence, named, credit = next((told for told in said if told[1]), ("", None, None))
    credit = credit or next((told[2] for told in said if told[2]), None)
    if rule is None:
        basis = Basis.LICENCE if named else None
        return Provenance(licence=named, basis=basis, credit=credit or "", evidence=evidence)
    return Provenance(
        licence=rule.licence or named,
        basis=rule.basis,
        jurisdiction=rule.jurisdiction,
        reserved=rule.reserved,
        scope=rule.scope,
        credit=rule.credit or credit or "",
        evidence="rule",
    )
