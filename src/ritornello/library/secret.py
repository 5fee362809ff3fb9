"""How secrets are kept: passwords as Argon2id hashes, random tokens as their SHA-256."""

from __future__ import annotations

import hashlib

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

# OWASP's smallest setting for Argon2id: a scan beside the server keeps its memory.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def is_right(hashed: str, given: str) -> bool:
    """Compare a password or secret with its hash."""
    try:
        return HASHER.verify(hashed, given)
    except VerifyMismatchError:
        return False


def digest(token: str) -> str:
    """Under which a random token is stored; 256 bits of chance need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
