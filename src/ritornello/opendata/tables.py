"""Dumps as they are published: plain or compressed files, and tar archives of them, one member after the other."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, cast

import zstandard

from ritornello.errors import OpenDataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_COMPRESSED = frozenset({".bz2", ".gz", ".xz", ".zst"})


class Member(NamedTuple):
    """One file of a dump; it can be read until the next one is asked for."""

    name: str
    """Path within the archive, or the name of the file itself without what tells its compression."""
    file: IO[bytes]


def members(path: Path, wanted: Callable[[str], bool]) -> Iterator[Member]:
    """The files in a dump whose names are wanted: of an archive, of a folder, or the file itself."""
    if path.is_dir():
        for one in sorted(path.rglob("*")):
            if one.is_file():
                yield from members(one, wanted)
        return
    name = path.stem if path.suffix.lower() in _COMPRESSED else path.name
    if not name.lower().endswith(".tar") and not wanted(name):
        return
    with _opened(path) as file:
        if not name.lower().endswith(".tar"):
            yield Member(name, file)
            return
        with tarfile.open(fileobj=file, mode="r|") as archive:
            for entry in archive:
                if entry.isfile() and wanted(entry.name):
                    inside = archive.extractfile(entry)
                    assert inside is not None
                    yield Member(entry.name, inside)


def _opened(path: Path) -> IO[bytes]:
    match path.suffix.lower():
        case ".bz2":
            return bz2.open(path, "rb")
        case ".gz":
            return cast("IO[bytes]", gzip.open(path, "rb"))
        case ".xz":
            return lzma.open(path, "rb")
        case ".zst":
            unpacked = zstandard.ZstdDecompressor().stream_reader(path.open("rb"), read_across_frames=True)
            return io.BufferedReader(unpacked)
        case _:
            return path.open("rb")


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Say which dump is broken, whoever reads it."""
    try:
        yield
    except (tarfile.TarError, zstandard.ZstdError, lzma.LZMAError, gzip.BadGzipFile, EOFError) as error:
        raise OpenDataError(f"{path} is damaged or was not downloaded to its end: {error}") from error
    except UnicodeDecodeError as error:
        raise OpenDataError(
            f"{path} is not UTF-8 text at byte {error.start}: give the dump as it was published"
        ) from error
    except OSError as error:
        raise OpenDataError(f"{path} cannot be read: {error.strerror or error}") from error
