"""Which files of some folders are music."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

SUFFIXES = frozenset({".mp3", ".m4a", ".m4b", ".mp4", ".aac", ".ogg", ".oga", ".opus", ".spx", ".flac"}) | frozenset(
    {".wav", ".wave", ".aif", ".aiff", ".aifc", ".wma", ".asf"}
)
"""What a folder is searched for; a file given by name is tried whatever its suffix."""

SKIPPED_FOLDERS = frozenset(
    {"$RECYCLE.BIN", "System Volume Information", "lost+found", "__MACOSX", "@eaDir", "#recycle"}
)
"""Besides all whose name starts with a dot."""


@dataclass(frozen=True, slots=True)
class Found:
    """An audio file on disk."""

    path: Path
    size: int
    mtime_ns: int


def find(roots: Iterable[Path], tell: Callable[[Path, str, bool], None]) -> Iterator[Found]:
    """Audio files under these roots in a stable order, each once; a folder reached twice (links, loops) is read once.

    What cannot be used is told as ``tell(path, reason, refused)``.
    """
    given: set[Path] = set()
    folders: list[Path] = []
    for root in roots:
        try:
            status = root.stat()
        except OSError as error:
            tell(root, _why(error), True)
            continue
        if stat.S_ISDIR(status.st_mode):
            folders.append(root)
        elif root not in given:
            given.add(root)
            yield from _file(root, status, tell)
    walked: set[tuple[int, int]] = set()
    for folder in folders:
        yield from _walk(folder, walked, given, tell)


def _walk(
    root: Path, walked: set[tuple[int, int]], given: set[Path], tell: Callable[[Path, str, bool], None]
) -> Iterator[Found]:
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            status = folder.stat()
            entries = sorted(folder.iterdir())
        except OSError as error:
            tell(folder, _why(error), True)
            continue
        if (status.st_dev, status.st_ino) in walked:
            continue
        walked.add((status.st_dev, status.st_ino))
        for path in entries:
            if path.name.startswith(".") or path in given:
                continue
            audio = path.suffix.lower() in SUFFIXES
            try:
                status = path.stat()
            except OSError as error:
                if audio:
                    tell(path, _why(error), True)
                continue
            if not stat.S_ISDIR(status.st_mode):
                if audio:
                    yield from _file(path, status, tell)
            elif path.name not in SKIPPED_FOLDERS:
                if audio:
                    tell(path, "a folder named like an audio file; its files are scanned", False)
                waiting.append(path)


def _file(path: Path, status: os.stat_result, tell: Callable[[Path, str, bool], None]) -> Iterator[Found]:
    if stat.S_ISREG(status.st_mode):
        yield Found(path, status.st_size, status.st_mtime_ns)
    else:
        tell(path, "neither a file nor a folder", True)


def _why(error: OSError) -> str:
    return {FileNotFoundError: "not there", PermissionError: "may not be opened"}.get(type(error)) or (
        error.strerror or type(error).__name__
    )
