"""The key of a study, the keys of its participants, and what is made with them.

The study's key is an age identity. It is kept outside of the folder: in the keyring of the system, or in a file under a
passphrase. Each participant has a key of their own, wrapped by the study's: to destroy it makes every copy of what they
gave unreadable, backups too.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keyring
import keyring.errors
import pyrage
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ritornello.errors import StudyError

if TYPE_CHECKING:
    from pathlib import Path

_SERVICE = "ritornello-study"


@dataclass(frozen=True, repr=False)
class Key:
    """A secret that opens and names."""

    secret: str
    """An age identity."""

    @property
    def recipient(self) -> str:
        """What anybody may know, to lock something that this key alone opens."""
        return str(self._identity().to_public())

    def name(self, space: str, text: str) -> str:
        """Replace a text by a name that nobody without the key can make or guess (HMAC-SHA-256, a subkey a space)."""
        subkey = hmac.digest(self.secret.encode(), f"ritornello study {space}".encode(), "sha256")
        return hmac.new(subkey, text.encode(), hashlib.sha256).hexdigest()

    def derive(self, purpose: str, length: int) -> bytes:
        """Bytes for another key, the same every time (HKDF-SHA-256)."""
        made = HKDF(hashes.SHA256(), length, salt=None, info=f"ritornello study {purpose}".encode())
        return made.derive(self.secret.encode())

    def open(self, sealed: bytes) -> bytes:
        """Open what was locked for this key."""
        try:
            return bytes(pyrage.decrypt(sealed, [self._identity()]))
        except pyrage.DecryptError as error:
            raise StudyError(
                "the key does not open this file: it is another study's, or the file is damaged"
            ) from error

    def _identity(self) -> Any:
        return pyrage.x25519.Identity.from_str(self.secret)


def make() -> Key:
    """A new key."""
    return Key(str(pyrage.x25519.Identity.generate()))


def seal(content: bytes, recipient: str) -> bytes:
    """Lock for one recipient (age, X25519 and ChaCha20-Poly1305)."""
    return bytes(pyrage.encrypt(content, [pyrage.x25519.Recipient.from_str(recipient)]))


def require_keyring() -> None:
    """Refuse where this system has no keyring, as on many servers.

    Raises
    ------
    StudyError
        With the other place for a key.
    """
    if keyring.get_keyring().priority <= 0:
        raise StudyError(
            "this system has no keyring that could keep the study's key: give --key-file with a path outside of the "
            "study's folder, and a passphrase that you do not forget"
        )


def keep_in_keyring(study: str, key: Key) -> None:
    """Hand the key to the keyring of the system."""
    try:
        keyring.set_password(_SERVICE, study, key.secret)
    except keyring.errors.KeyringError as error:
        raise StudyError(
            f"this system has no keyring that could keep the study's key ({error}): "
            "give --key-file with a path outside of the study's folder"
        ) from error


def from_keyring(study: str) -> Key:
    """Ask the keyring of the system."""
    try:
        secret = keyring.get_password(_SERVICE, study)
    except keyring.errors.KeyringError as error:
        raise StudyError(f"the keyring of this system cannot be asked for the study's key: {error}") from error
    if secret is None:
        raise StudyError(
            "the keyring has no key for this study: use the account and the computer on which the study was made"
        )
    return Key(secret)


def forget_in_keyring(study: str) -> None:
    """Take the key out of the keyring, for good."""
    keyring.delete_password(_SERVICE, study)


def check_passphrase(passphrase: str) -> None:
    """Refuse one that is soon guessed."""
    if len(passphrase) < 10:
        raise StudyError("the passphrase has to have ten characters or more")


def keep_in_file(path: Path, key: Key, passphrase: str) -> None:
    """Write the key under a passphrase (age, scrypt)."""
    check_passphrase(passphrase)
    if path.exists():
        raise StudyError(f"{path} is there already: give another path for the key")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pyrage.passphrase.encrypt(key.secret.encode(), passphrase))
    path.chmod(0o600)


def from_file(path: Path, passphrase: str) -> Key:
    """Read a key that was written under a passphrase."""
    try:
        return Key(bytes(pyrage.passphrase.decrypt(path.read_bytes(), passphrase)).decode())
    except FileNotFoundError as error:
        raise StudyError(f"the study's key is not at {path}: bring the file back, or tell where it is") from error
    except pyrage.DecryptError as error:
        raise StudyError(f"the passphrase does not open {path}") from error
