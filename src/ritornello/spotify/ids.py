"""22-character base-62 ids in Spotify's alphabet, and lists of them."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from ritornello.errors import BadRequest

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
LENGTH = 22
"""Digits of 128 bits in base 62."""

_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_ID = re.compile(rf"[0-9A-Za-z]{{{LENGTH}}}")


def encode(digest: bytes) -> str:
    """Write 16 bytes as 22 base-62 characters."""
    if len(digest) != 16:
        raise ValueError(f"an id is made from 16 bytes, not {len(digest)}")
    number = int.from_bytes(digest, "big")
    characters = []
    for _ in range(LENGTH):
        number, value = divmod(number, 62)
        characters.append(ALPHABET[value])
    return "".join(reversed(characters))


def decode(text: str) -> bytes:
    """Read back the 16 bytes of an id."""
    if not is_id(text):
        raise BadRequest(f"invalid id {text!r}: expected {LENGTH} letters and digits")
    number = 0
    for character in text:
        number = number * 62 + _VALUE[character]
    if number >> 128:
        raise BadRequest(f"invalid id {text!r}: larger than 128 bits")
    return number.to_bytes(16, "big")


def is_id(text: str) -> bool:
    """Tell whether a text has the form of an id; it need not exist."""
    return _ID.fullmatch(text) is not None


def of_name(kind: str, name: str) -> str:
    """Derive the id of an artist or album from its name, the same on every machine; case and spacing do not matter."""
    normal = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    digest = hashlib.blake2b(normal.encode("utf-8", "surrogatepass"), digest_size=16, person=kind.encode())
    return encode(digest.digest())


def uri(kind: str, id: str) -> str:  # noqa: A002
    """``spotify:track:…``, the form that players pass around."""
    return f"spotify:{kind}:{id}"


def split(text: str | None, most: int) -> list[str]:
    """Read a comma list of ids; order and duplicates stay, and so do malformed ids, which are answered with null."""
    if text is None or not text.strip():
        raise BadRequest("ids is missing: expected ids separated by commas")
    found = [part.strip() for part in text.split(",")]
    if len(found) > most:
        raise BadRequest(f"too many ids requested: {len(found)} were given, at most {most} are allowed")
    return found


def one(text: str) -> str:
    """Check a single id."""
    if not is_id(text):
        raise BadRequest(f"invalid id {text!r}: expected {LENGTH} letters and digits")
    return text
