"""Licences that lie beside the music: ``song.flac.license`` as REUSE has it, or a ``LICENSE`` for a whole folder.

Of a folder's file only what stands in its first lines counts: a line ``SPDX-License-Identifier``, the one address of
Creative Commons, or the name of a licence alone on a line.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from ritornello import rights

if TYPE_CHECKING:
    from collections.abc import Iterable

SUFFIX = ".license"
FOLDERS = ("license", "licence", "license.txt", "licence.txt", "license.md", "licence.md", "copying", "copying.txt")

_LONGEST = 4096
_SPDX = re.compile(r"SPDX-License-Identifier:[ \t]*(.+)")
_COPYRIGHT = re.compile(r"SPDX-FileCopyrightText:[ \t]*(.+)|^(?:Copyright|©)[ \t]+(.+)$", re.IGNORECASE | re.MULTILINE)


def read(paths: Iterable[Path]) -> dict[Path, tuple[str | None, str | None]]:
    """Licence and copyright of those audio files that a file beside them speaks of, its own before its folder's."""
    by_folder: dict[Path, list[Path]] = defaultdict(list)
    for path in paths:
        by_folder[path.parent].append(path)
    found = {}
    for folder, members in by_folder.items():
        try:
            beside = {entry.name: entry for entry in folder.iterdir() if _may_tell(entry.name)}
        except OSError:
            continue
        general = next((entry for name, entry in sorted(beside.items()) if name.lower() in FOLDERS), None)
        for path in members:
            entry = beside.get(path.name + SUFFIX) or general
            told = _told(entry) if entry is not None else (None, None)
            if told != (None, None):
                found[path] = told
    return found


def _may_tell(name: str) -> bool:
    return name.endswith(SUFFIX) or name.lower() in FOLDERS


def _told(path: Path) -> tuple[str | None, str | None]:
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST).decode("utf-8", "replace")
    except OSError:
        return None, None
    by = " and ".join(dict.fromkeys((first or second).strip() for first, second in _COPYRIGHT.findall(text))) or None
    return _licence(text), by


def _licence(text: str) -> str | None:
    """Several SPDX lines all hold; else what the text names, if it names one."""
    if said := [line.strip() for line in _SPDX.findall(text)]:
        return " AND ".join(dict.fromkeys(rights.expression(line) or line for line in said))
    if whole := rights.identify(text):
        return whole.id
    named = {known.id for line in text.splitlines()[:20] if (known := rights.identify(line))}
    return named.pop() if len(named) == 1 else None
