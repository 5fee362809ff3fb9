"""How far a scan is, told to other processes through a small file beside the library."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from pathlib import Path

    from ritornello.library import Library


@dataclass(frozen=True, slots=True)
class Running:
    """A scan that is at work."""

    process: int
    files: int
    """To be looked into; 0 while they are looked for."""
    done: int
    bytes: int
    bytes_done: int
    analysed: int
    refused: int
    current: str | None
    """The name of a file that is being read."""
    rate: float
    """Seconds of audio analysed in a second."""


def write(library: Library, running: Running) -> None:
    """Tell how far it is, in place of what was told before."""
    target = _file(library)
    part = target.with_name(f"{target.name}.{running.process}")
    part.write_text(json.dumps(asdict(running)), encoding="utf-8")
    # On Windows a file that is being read cannot be replaced; the next note will do.
    with suppress(PermissionError):
        part.replace(target)


def read(library: Library) -> Running | None:
    """The scan that is at work; None where there is none, or only what one that was killed left behind."""
    try:
        found = Running(**json.loads(_file(library).read_text(encoding="utf-8")))
    except (FileNotFoundError, PermissionError):
        return None
    return found if psutil.pid_exists(found.process) else None


def end(library: Library) -> None:
    """Tell that it is over, unless another one tells by now."""
    running = read(library)
    if running is None or running.process == os.getpid():
        _file(library).unlink(missing_ok=True)


def _file(library: Library) -> Path:
    return library.path.with_name(library.path.name + "-scan.json")
