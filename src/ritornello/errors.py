"""Every error that Ritornello raises on purpose.

::

    RitornelloError
    ├── AudioError              this file cannot be analysed; has .path and .reason
    │   ├── Unreadable          it is not there, is a folder, or may not be opened
    │   ├── NotAudio            it opens, but holds no audio that any decoder knows
    │   ├── Damaged             it is audio, but not one frame could be decoded
    │   └── TooShort            it decodes to less sound than a beat or a chord needs
    ├── LibraryError            the library cannot be opened, created or brought up to date
    ├── CatalogueError          a catalogue file cannot be imported
    ├── HistoryError            a listening history cannot be imported
    ├── OpenDataError           a dump of open data cannot be read
    ├── DatasetError            a data set cannot be written, read or vouched for
    ├── ModelError              a model cannot be trained or opened
    │   └── Withdrawn           it learned from a listener who withdrew
    ├── StudyError              a study's folder, plan, key or survey is not what it should be
    │   ├── NoConsent           somebody did not agree to this; nothing was written
    │   ├── BadSeal             a sealed file cannot be opened, or is not for this study
    │   ├── Tampered            the ledger or a manifest is not what was written
    │   └── TracesLeft          after a withdrawal something of the person is still there
    ├── Unknown                 no such track, client or album; has .what and .given
    ├── Unauthorized            the access token is missing or not one of ours
    │   └── TokenExpired        it was one of ours, and its time is over
    ├── Forbidden               the access token is valid, but does not allow this
    ├── TooMany                 requests came faster than they are answered; has .wait
    ├── AccountsError           the accounts service refuses to give a token; has .code and .description
    ├── BadWeights              a shipped model file is missing or is not the one its card describes
    └── BadRequest              what was asked cannot be parsed; the message says what was expected

A message says what was given, what was expected and what to do. ``server`` maps these classes to HTTP status in one
table, ``cli`` to exit status in another.
"""

from __future__ import annotations

from pathlib import Path


class RitornelloError(Exception):
    """Base of all errors raised on purpose."""


class AudioError(RitornelloError):
    """A file that cannot be analysed."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = Path(path)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class Unreadable(AudioError):
    """The file is not there, is a folder, or may not be opened."""


class NotAudio(AudioError):
    """The file opens, but holds no audio that any decoder knows."""


class Damaged(AudioError):
    """The file is audio, but not one frame of it could be decoded."""


class TooShort(AudioError):
    """The file decodes to less sound than a beat or a chord needs."""


class LibraryError(RitornelloError):
    """The library cannot be opened, created or brought up to date."""


class CatalogueError(RitornelloError):
    """A catalogue file cannot be imported; the message has the line."""


class HistoryError(RitornelloError):
    """A listening history cannot be imported; the message has the file, and nothing of what is in it."""


class OpenDataError(RitornelloError):
    """A dump of open data cannot be read."""


class DatasetError(RitornelloError):
    """A data set cannot be written, read or vouched for; the message names the file."""


class ModelError(RitornelloError):
    """A model of one's own cannot be trained or opened."""


class Withdrawn(ModelError):
    """A model learned from a listener who withdrew, and is not used any more."""


class StudyError(RitornelloError):
    """A study's folder, plan, key or survey is not what it should be."""


class NoConsent(StudyError):
    """Somebody did not agree to this, or not to the form as it is now; nothing was written."""


class BadSeal(StudyError):
    """A sealed file of a participant cannot be opened, or is not for this study."""


class Tampered(StudyError):
    """The ledger or a manifest is not what was written."""


class TracesLeft(StudyError):
    """After a withdrawal something of the person is still there."""


class Unknown(RitornelloError):
    """No such track, artist, album or client."""

    def __init__(self, what: str, given: str) -> None:
        super().__init__(what, given)
        self.what = what
        self.given = given

    def __str__(self) -> str:
        return f"no {self.what} {self.given!r} in this library"


class Unauthorized(RitornelloError):
    """The access token is missing or not one of ours."""


class Forbidden(RitornelloError):
    """The access token is valid, but does not allow this."""


class TooMany(RitornelloError):
    """Requests came faster than the server was told to answer; ``wait`` is in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait

    def __str__(self) -> str:
        return f"API rate limit exceeded: wait {self.wait} s"


class TokenExpired(Unauthorized):
    """The access token was one of ours, and its time is over."""


class AccountsError(RitornelloError):
    """The accounts service refuses to give a token; ``code`` is one of OAuth's words, such as ``invalid_client``."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code, description)
        self.code = code
        self.description = description

    def __str__(self) -> str:
        return f"{self.code}: {self.description}"


class BadWeights(RitornelloError):
    """A shipped model file is missing or is not the one its card describes."""


class BadRequest(RitornelloError):
    """What was asked cannot be parsed; the message says what was expected."""
