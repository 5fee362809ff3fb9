"""What participants send: consent is asked first, then the file is sealed, and its plays of the period are kept."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from ritornello.errors import BadSeal, HistoryError, NoConsent, StudyError
from ritornello.histories import read
from ritornello.library import Library, heard, listeners, matches
from ritornello.play import Heard, Refused
from ritornello.study import consent, donations, keys, ledger, roster
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ritornello.study.folder import Study

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Donation:
    """What became of one file."""

    name: str
    code: str | None = None
    reason: str | None = None
    """Why it was refused; None where it was taken."""
    rows: int = 0
    kept: int = 0
    left_out: Counter[str] | None = None
    known: bool = False
    """Whether this very file was received before."""


def receive(study: Study, inbox: Path, *, remove: bool = False) -> Summary:
    """Receive every file of a folder, or one file: sealed by the donation page, or with the participant's code in its
    name.

    Parameters
    ----------
    inbox
        A folder with zips, folders or single files as services send them, or sealed files.
    remove
        Whether to delete each file from the inbox once its sealed copy was read back and is the same.
    """
    given = sorted(one for one in inbox.iterdir() if not one.name.startswith(".")) if inbox.is_dir() else [inbox]
    if not given:
        raise StudyError(f"{inbox} is empty: put the files of participants there")
    found = [_receive(study, path, remove=remove) for path in given]
    taken = [one for one in found if one.reason is None]
    if taken:
        with Library.open(study.library) as library, library.begin() as connection:
            matches.refresh(connection)
    left_out = sum((one.left_out or Counter() for one in taken), Counter[str]())
    lines = [f"{len(found)} files: {len(taken)} taken, {len(found) - len(taken)} refused"]
    lines.append(f"{sum(one.rows for one in taken):,} rows read, {sum(one.kept for one in taken):,} plays kept")
    lines += [f"  {count:,} left out: {reason}" for reason, count in left_out.most_common()]
    lines += [f"  {one.name} was received before" for one in taken if one.known]
    lines += [f"  {one.name} refused: {one.reason}" for one in found if one.reason]
    if taken and not remove:
        lines.append("the plain files are still in the inbox: delete them, or give --remove")
    facts = {
        "taken": len(taken),
        "refused": [{"code": one.code, "reason": one.reason} for one in found if one.reason],
        "files": [
            {"code": one.code, "rows": one.rows, "kept": one.kept, "left_out": dict(one.left_out or {})}
            for one in taken
        ],
    }
    return Summary(lines, facts, ok=bool(taken))


def seal(study: Study, code: str, content: bytes) -> bytes:
    """Lock with the participant's own key, which is made with their first file."""
    return keys.seal(content, _own_key(study, code).recipient)


def unseal(study: Study, code: str, path: Path) -> bytes:
    """Open what a participant gave."""
    return _own_key(study, code).open(path.read_bytes())


def key_path(study: Study, code: str) -> Path:
    """Where the participant's key lies, locked for the study's key."""
    return study.folder / "private" / "keys" / f"{code}.age"


def _own_key(study: Study, code: str) -> keys.Key:
    path = key_path(study, code)
    if path.exists():
        return keys.Key(study.key.open(path.read_bytes()).decode())
    key = keys.make()
    path.write_bytes(keys.seal(key.secret.encode(), study.settings.recipient))
    return key


def period(study: Study) -> tuple[int, int]:
    """First moment, and first moment that does not count any more; a day wider, for zones differ."""
    first, last = (date.fromisoformat(day) for day in (study.settings.period_from, study.settings.period_until))
    return _moment(first - _DAY), _moment(last + 2 * _DAY)


def _receive(study: Study, path: Path, *, remove: bool) -> Donation:
    """Take one file, all of it or nothing; before consent is known no row of it is read."""
    one = Donation(path.name)
    try:
        sealed = path.suffix.lower() == donations.SUFFIX
        content, rows = _of_the_page(study, path, one) if sealed else _of_a_service(study, path, one)
        fingerprint = _keep(study, one, content, rows)
    except (BadSeal, NoConsent, HistoryError) as error:
        one.reason = str(error)
        return one
    if remove:
        _remove(study, one.code or "", path, fingerprint)
    return one


def _of_a_service(study: Study, path: Path, one: Donation) -> tuple[bytes, Iterable[Heard | Refused]]:
    """What a service sent; not a byte is read before the ledger was asked."""
    one.code = roster.code_in(path.name)
    if one.code is None:
        raise NoConsent(f"{path.name} has no participant's code in its name, such as P-7K3QAB")
    reason = consent.refusal(study, one.code)
    if reason is not None:
        raise NoConsent(reason)
    return _packed(path), read(path)


def _of_the_page(study: Study, path: Path, one: Donation) -> tuple[bytes, Iterable[Heard | Refused]]:
    """What the donation page sealed; its statement is read first, and goes into the ledger."""
    given = donations.open_file(study, path)
    one.code = given.code
    donations.agree(study, given)
    one.left_out = Counter(given.left_out)
    one.rows = one.left_out.total()
    return given.content, donations.plays(given.content)


def _keep(study: Study, one: Donation, content: bytes, rows: Iterable[Heard | Refused]) -> str:
    """Seal what was sent and keep its plays, unless it is here; returns its fingerprint."""
    code = one.code or ""
    fingerprint = hashlib.sha256(content).hexdigest()
    if _received(study, code, fingerprint):
        one.known, one.left_out, one.rows = True, None, 0
        return fingerprint
    _import(study, code, rows, one)
    sealed = study.folder / "private" / "raw" / f"{code}-{fingerprint[:12]}.age"
    sealed.write_bytes(seal(study, code, content))
    study.log(
        "data_received",
        code,
        file_hmac=_file_name(study, fingerprint),
        rows=one.rows,
        kept=one.kept,
        left_out=dict(one.left_out or {}),
    )
    return fingerprint


def _packed(path: Path) -> bytes:
    """The bytes of a file; a folder as a zip, always the same one for the same files."""
    if path.is_file():
        return path.read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for one in sorted(path.rglob("*")):
            if one.is_file():
                package.writestr(zipfile.ZipInfo(one.relative_to(path).as_posix()), one.read_bytes())
    return packed.getvalue()


def _file_name(study: Study, fingerprint: str) -> str:
    return study.key.name("file", fingerprint)


def _received(study: Study, code: str, fingerprint: str) -> bool:
    """Whether the ledger says that this file is here."""
    person, name = study.person(code), _file_name(study, fingerprint)
    here = False
    for event in ledger.read(study.ledger):
        if event["pid_hmac"] == person:
            here = event["event"] != "erased" and (here or event.get("file_hmac") == name)
    return here


def _import(study: Study, code: str, rows: Iterable[Heard | Refused], one: Donation) -> None:
    """Plays of the period into the study's library, in one transaction."""
    zone = roster.read(study)[code]["zone"]
    since, until = period(study)
    left_out = one.left_out or Counter[str]()

    def wanted() -> Iterator[Heard]:
        for row in rows:
            one.rows += 1
            if isinstance(row, Refused):
                left_out[row.reason] += 1
            elif not since <= row.started_at < until:
                left_out["outside of the period"] += 1
            else:
                yield row

    with Library.open(study.library) as library, library.begin() as connection:
        one.kept = heard.add(connection, code, wanted())
        listeners.meet(connection, code, zone, None)
    left_out["told twice"] = one.rows - one.kept - left_out.total()
    one.left_out = +left_out


def _moment(day: date) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _remove(study: Study, code: str, path: Path, fingerprint: str) -> None:
    """Delete from the inbox what is safely sealed."""
    sealed = study.folder / "private" / "raw" / f"{code}-{fingerprint[:12]}.age"
    if hashlib.sha256(unseal(study, code, sealed)).hexdigest() != fingerprint:
        raise StudyError(f"the sealed copy of {path} is not the same as the file: it was not deleted")
    if path.is_file():
        path.unlink()
        return
    for one in sorted(path.rglob("*"), reverse=True):
        one.rmdir() if one.is_dir() else one.unlink()
    path.rmdir()
