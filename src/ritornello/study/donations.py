"""Sealed files: what the donation page makes, opened, and held to the study before anything of it counts.

A sealed file is a JWE in compact form (RFC 7516): ECDH-ES over P-256 with A256GCM. In it is gzip, and in that one
object of JSON: the ``statement`` (who agrees to what, under which form, when) and, by source, rows of the export as the
service wrote them, with the keys of :data:`KEPT` and no others. docs/study/donation.md describes it for others.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import ijson
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from ritornello.errors import BadSeal, NoConsent
from ritornello.histories import moments, spotify_account, spotify_extended
from ritornello.play import Refused
from ritornello.study import consent, ledger, roster

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from joserfc.jwk import GuestProtocol

    from ritornello.play import Heard
    from ritornello.study.folder import Study

SUFFIX = ".jwe"
"""By which a sealed file is known."""
FORMAT = 1
"""Of the statement and the rows."""
ALGORITHMS = ["ECDH-ES", "A256GCM"]
KEPT = {
    "spotify_extended": (
        "ts",
        "ms_played",
        "master_metadata_track_name",
        "master_metadata_album_artist_name",
        "master_metadata_album_album_name",
        "spotify_track_uri",
        "reason_start",
        "reason_end",
        "shuffle",
        "skipped",
        "offline",
        "offline_timestamp",
    ),
    "spotify_account": ("endTime", "artistName", "trackName", "msPlayed"),
}
"""Keys of a row that are given, by source; all others stay with the participant."""
TAKEN_OUT = "taken out by the participant"
REASONS = (
    "podcast",
    "audiobook",
    "private session",
    "no title",
    "bad time",
    "bad length",
    "not a play",
    "outside of the period",
    TAKEN_OUT,
)
"""Why the page leaves rows out; of those nothing but their number is given."""

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256 (FIPS 186-5)."""
MOST_BYTES = 512 << 20
"""Unpacked; a million plays have less."""
_AHEAD = timedelta(days=2)
"""By which a participant's clock may be fast."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a sealed file says."""

    code: str
    form: str
    """SHA-256 of the form that the page showed."""
    scopes: frozenset[str]
    agreed_at: str
    """On the participant's clock, UTC."""
    left_out: Mapping[str, int]
    content: bytes
    """JSON, unpacked."""


def key(study: Study) -> ECKey:
    """The key that opens sealed files, made from the study's key, so that it is kept and destroyed with that.

    The candidate of FIPS 186-5, A.2.1, has 128 bits more than the order, so that every key is as likely as any other.
    """
    number = int.from_bytes(study.key.derive("donation page", 48)) % (_ORDER - 1) + 1
    return ECKey.import_key(ec.derive_private_key(number, ec.SECP256R1()))


def open_file(study: Study, path: Path) -> Given:
    """Open a sealed file.

    Raises
    ------
    BadSeal
        Where it is none, is for another study, or is not as it was made.
    """
    sealed, own = path.read_bytes().strip(), key(study)
    registry = jwe.JWERegistry(algorithms=ALGORITHMS)
    registry.max_ciphertext_length = len(sealed)

    def ours(one: GuestProtocol) -> ECKey:
        if one.headers().get("kid") != own.thumbprint():
            raise BadSeal(f"{path.name} was sealed for another study: its page was not written by this one")
        return own

    try:
        packed = jwe.decrypt_compact(sealed, ours, registry=registry).plaintext
    except (JoseError, ValueError) as error:
        raise BadSeal(f"{path.name} is not as the page made it: it was changed or damaged on its way") from error
    return _read(study, path, _unpacked(path, packed or b""))


def agree(study: Study, given: Given) -> None:
    """Write the consent into the ledger, unless it says the same or something newer already.

    Raises
    ------
    NoConsent
        Where the form is another one now, the code is nobody's, or the person withdrew.
    """
    if given.form != study.form:
        raise NoConsent("it was made with another version of the consent form: send the page of today, to ask again")
    if given.code not in roster.read(study):
        raise NoConsent(f"{given.code} was neither invited nor enrolled, or withdrew")
    if "participate" not in given.scopes:
        raise NoConsent(f"{given.code} did not agree to participate")
    before = _last(study, given.code)
    if before is not None and before["event"] == "withdrawn":
        raise NoConsent("the consent was withdrawn")
    if before is None or given.agreed_at > before.get("agreed_at", before["ts"]):
        consent.give(study, given.code, given.scopes, agreed_at=given.agreed_at, by="donation page")
    reason = consent.refusal(study, given.code)
    if reason is not None:
        raise NoConsent(reason)


def plays(content: bytes) -> Iterator[Heard | Refused]:
    """The rows, read as those of an export are."""
    for form in (spotify_extended, spotify_account):
        for row in ijson.items(io.BytesIO(content), f"{form.SOURCE}.item", use_float=True):
            if not isinstance(row, dict):
                yield Refused("not a play")
            elif more := row.keys() - set(KEPT[form.SOURCE]):
                raise BadSeal(f"the sealed file has {', '.join(sorted(more))} in its rows, which the page never gives")
            else:
                yield form.heard(row)


def _unpacked(path: Path, packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(packed, MOST_BYTES)
    except zlib.error as error:
        raise BadSeal(f"{path.name} was not made by the donation page: there is no gzip in it") from error
    if not unpacker.eof:
        raise BadSeal(f"{path.name} unpacks to more than any history has, or ends too early")
    return content


def _read(study: Study, path: Path, content: bytes) -> Given:
    try:
        told = next(ijson.items(io.BytesIO(content), "statement"), None)
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise BadSeal(f"{path.name} was not made by the donation page: there is no JSON in it") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise BadSeal(f"{path.name} has no statement of format {FORMAT}: it is of another version of Ritornello")
    if told.get("study") != study.settings.id:
        raise BadSeal(f"{path.name} was sealed for another study")
    scopes, left_out = told.get("scopes"), told.get("left_out")
    code, form = told.get("code"), told.get("form")
    agreed = moments.iso(told.get("agreed_at"))
    if (
        not isinstance(code, str)
        or not isinstance(form, str)
        or not isinstance(scopes, list)
        or not set(map(str, scopes)) <= consent.SCOPES.keys()
        or not isinstance(left_out, dict)
        or not all(reason in REASONS and type(count) is int and count >= 0 for reason, count in left_out.items())
    ):
        raise BadSeal(f"{path.name} has a statement that the donation page never makes")
    named = roster.code_in(path.name)
    if named not in (None, code):
        raise BadSeal(f"{path.name} has the code {code} in it, and another in its name: ask who sent it")
    if agreed is None or datetime.fromtimestamp(agreed / 1000, UTC) > datetime.now(UTC) + _AHEAD:
        raise BadSeal(f"{path.name} was made on a computer whose clock is wrong: have it set, and the file made again")
    return Given(code, form, frozenset(scopes), _written(agreed), left_out, content)


def _written(moment: int) -> str:
    """As the ledger writes times."""
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _last(study: Study, code: str) -> dict[str, Any] | None:
    """The newest consent or withdrawal of a person."""
    person = study.person(code)
    found = [
        event
        for event in ledger.read(study.ledger)
        if event["pid_hmac"] == person and event["event"] in ("given", "scope_changed", "withdrawn")
    ]
    return found[-1] if found else None
