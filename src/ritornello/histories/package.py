"""What a person is sent, as it comes: a zip, a folder that was one, or a single file.

Only files that are known to hold plays are opened. What an account says of its owner, what was paid, searched or
inferred, and what other people do stay closed. Nothing is unpacked to disk.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from ritornello.errors import HistoryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SPOTIFY = (
    r"(streaminghistory(_music|_podcast|_audiobook)?_?\d*"
    r"|endsong(_\d+)?|endvideo(_\d+)?"
    r"|streaming_history_(audio|video)_.*)( ?\(\d+\))?\.json"
)
"""Names of Spotify's files with plays, without their folders; whether letters are capitals does not matter."""
_PLAYS = re.compile(rf"{SPOTIFY}|recenttracks.*\.(csv|json)", re.IGNORECASE)
_LISTENS = re.compile(r"(.*/)?listens/(.*/)?[^/]+\.jsonl", re.IGNORECASE)
_PERSONAL = re.compile(
    r"(userdata|identity|identifiers|payments|inferences|searchqueries|follow|duonewfamily|family\w*|playlist\w*"
    r"|yourlibrary|marquee|wrapped\w*|yoursoundcapsule|customerservicehistory|messagedata|podcastinteractivity\w*"
    r"|user)( ?\(\d+\))?\.json",
    re.IGNORECASE,
)
"""Names of files that are about a person, or about others; they are not opened even when they are asked for."""

_MOST_ENTRIES = 10_000
_MOST_BYTES = 4 << 30
"""Of a whole package; the largest histories have a hundredth of it."""
_LIKELY_BYTES = 32 << 20
_MOST_SHRINKING = 250
"""Histories shrink to a twentieth when they are zipped, bombs to a thousandth."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file with plays."""

    name: str
    """For messages."""
    open: Callable[[], IO[bytes]]
    size: int
    """Bytes, as far as the package tells."""


@contextmanager
def parts(path: Path) -> Iterator[list[Part]]:
    """The files with plays that a path holds, in a fixed order.

    Raises
    ------
    HistoryError
        Where there are none, or where the package is not what it should be.
    """
    try:
        if path.is_dir():
            yield _some(
                [_file(one, path) for one in sorted(path.rglob("*")) if one.is_file() and _holds_plays(one)], path
            )
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as package:
                yield _some(_entries(package, path), path)
        elif _PERSONAL.fullmatch(path.name):
            raise HistoryError(f"{path} is about a person and holds no plays: it was not opened")
        else:
            yield [_file(path, path.parent)]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise HistoryError(f"{path} is a damaged zip: download it again") from error
    except OSError as error:
        raise HistoryError(f"{path} cannot be read: {error.strerror or error}") from error


def _file(path: Path, folder: Path) -> Part:
    return Part(str(path), lambda: path.open("rb"), path.stat().st_size)


def _entries(package: zipfile.ZipFile, path: Path) -> list[Part]:
    found = [entry for entry in package.infolist() if not entry.is_dir()]
    _check(found, path)
    wanted = sorted((entry for entry in found if _holds_plays(_inside(entry))), key=lambda entry: entry.filename)
    return [Part(f"{path}, {entry.filename}", _opener(package, entry), entry.file_size) for entry in wanted]


def _opener(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: package.open(entry)


def _check(entries: list[zipfile.ZipInfo], path: Path) -> None:
    """Refuse what no service sends: it was made to do harm, or was packed anew by somebody."""
    if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > _MOST_BYTES:
        raise HistoryError(f"{path} unpacks to more than any history has: refused as a zip bomb")
    for entry in entries:
        inside = _inside(entry)
        if inside.is_absolute() or ".." in inside.parts or re.match(r"[A-Za-z]:", entry.filename):
            raise HistoryError(f"{path} holds a file whose name leads out of it ({entry.filename}): refused")
        if entry.file_size > _LIKELY_BYTES and entry.file_size > _MOST_SHRINKING * max(entry.compress_size, 1):
            raise HistoryError(f"{path} unpacks to far more than its size ({entry.filename}): refused as a zip bomb")
        if inside.suffix.lower() == ".zip":
            raise HistoryError(
                f"{path} holds another zip ({entry.filename}): unpack it, and give the zips inside of it"
            )
        if entry.flag_bits & 1 and _holds_plays(inside):
            raise HistoryError(f"{path} is locked with a password: unpack it, and give the folder")


def _inside(entry: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(entry.filename.replace("\\", "/"))


def _holds_plays(path: Path | PurePosixPath) -> bool:
    # macOS adds a hidden twin to every file that it packs.
    if path.name.startswith(".") or "__MACOSX" in path.parts:
        return False
    return bool(_PLAYS.fullmatch(path.name) or _LISTENS.fullmatch(path.as_posix()))


def _some(found: list[Part], path: Path) -> list[Part]:
    if found:
        return found
    raise HistoryError(
        f"{path} holds no listening history: expected StreamingHistory….json (Spotify's account data), "
        "Streaming_History_Audio_….json or endsong_….json (its extended history), or listens/….jsonl (ListenBrainz); "
        "nothing else in it was opened"
    )
