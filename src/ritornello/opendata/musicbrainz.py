r"""MusicBrainz's tables ``isrc`` and ``recording`` (CC0): from an ISRC to the ids of recordings.

As in ``mbdump.tar.bz2``: no header, columns separated by tabs, ``\N`` for nothing. Or ``isrc.csv`` with a header that
has ``isrc`` and ``recording_mbid``, as one gets from a query of one's own.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING

from ritornello.opendata.tables import members, telling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_MBID_NAMES = ("recording_mbid", "mbid", "gid")


def recordings(paths: Sequence[Path], isrcs: Iterable[str]) -> dict[str, set[str]]:
    """The MusicBrainz ids of the recordings that have each of these ISRCs; an ISRC may have several."""
    wanted = set(isrcs)
    found: dict[str, set[str]] = defaultdict(set)
    if not wanted:
        return found
    numbers: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        with telling(path):
            for isrc, mbid, number in _isrcs(path):
                if isrc in wanted and mbid is not None:
                    found[isrc].add(mbid)
                elif isrc in wanted:
                    numbers[number].add(isrc)
    for path in paths if numbers else ():
        with telling(path):
            for member in members(path, lambda name: _called(name) == "recording"):
                for cells in _rows(member.file):
                    for isrc in numbers.get(cells[0], ()):
                        found[isrc].add(cells[1])
    return found


def _isrcs(path: Path) -> Iterator[tuple[str, str | None, str]]:
    """ISRCs, each with the id of a recording where the table has it, else with its number."""
    for member in members(path, lambda name: _called(name) in ("isrc", "isrc.csv")):
        if _called(member.name) == "isrc.csv":
            for isrc, mbid in _pairs(member.file):
                yield isrc, mbid, ""
        else:
            for cells in _rows(member.file):
                if len(cells) > 2:
                    yield cells[2], None, cells[1]


def _called(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name.lower().removesuffix(".tsv")


def _rows(file: IO[bytes]) -> Iterator[list[str]]:
    for line in file:
        yield line.decode("utf-8").rstrip("\r\n").split("\t", 3)


def _pairs(file: IO[bytes]) -> Iterator[tuple[str, str]]:
    for row in csv.DictReader(line.decode("utf-8-sig") for line in file):
        mbid = next((row[name] for name in _MBID_NAMES if row.get(name)), None)
        if row.get("isrc") and mbid:
            yield row["isrc"].replace("-", "").upper(), mbid.lower()
