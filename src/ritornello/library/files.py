"""Files: what each held when it was last looked at, so that it is not decoded again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, delete, select

from ritornello.library import schema as s
from ritornello.library import tracks


@dataclass(frozen=True, slots=True)
class File:
    """One file as a scan left it."""

    path: Path
    size: int
    """Bytes."""
    mtime_ns: int
    audio_id: str | None
    """The id of its audio, which is that of its track; None when it was refused before it could be hashed."""
    status: Literal["analysed", "refused"]
    reason: str | None
    """Why it was refused."""
    warnings: tuple[str, ...]
    analysis_version: int
    model_version: str
    licence: str | None = None
    """As the tags say: an SPDX expression, or their words where those name none."""
    copyright: str | None = None


def put(connection: Connection, file: File) -> None:
    """Remember a file, or what has become of it."""
    row = {
        "path": os.fsencode(file.path),
        "size": file.size,
        "mtime_ns": file.mtime_ns,
        "audio_id": file.audio_id,
        "status": file.status,
        "reason": file.reason,
        "warnings": list(file.warnings),
        "analysis_version": file.analysis_version,
        "model_version": file.model_version,
        "licence": file.licence,
        "copyright": file.copyright,
    }
    s.upsert(connection, s.files, "path", row)


def get(connection: Connection, path: Path) -> File | None:
    """Look a file up by its path, as it was given to :func:`put`."""
    row = connection.execute(select(s.files).where(s.files.c.path == os.fsencode(path))).first()
    return None if row is None else _file(row)


def all(connection: Connection, under: Path | None = None) -> list[File]:  # noqa: A001
    """List the files known, in the order of their paths, or those at and below one path."""
    query = select(s.files).order_by(s.files.c.path)
    if under is not None:
        query = query.where(_at_or_below(under))
    return [_file(row) for row in connection.execute(query)]


def put_sidecars(connection: Connection, under: Path, said: Mapping[Path, tuple[str | None, str | None]]) -> int:
    """Store licence and copyright that files beside them tell, and forget what none tells any more; counts changes."""
    here = s.files.c
    query = select(here.path, here.sidecar_licence, here.sidecar_copyright).where(_at_or_below(under))
    changed = 0
    for path, *before in connection.execute(query).all():
        licence, copyright_ = said.get(Path(os.fsdecode(path)), (None, None))
        if before != [licence, copyright_]:
            told = {"sidecar_licence": licence, "sidecar_copyright": copyright_}
            connection.execute(s.files.update().where(here.path == path).values(told))
            changed += 1
    return changed


def of_audio(connection: Connection, audio_id: str) -> list[Path]:
    """The files that hold this audio."""
    query = select(s.files.c.path).where(s.files.c.audio_id == audio_id, s.files.c.status == "analysed")
    return [Path(os.fsdecode(path)) for path in connection.scalars(query.order_by(s.files.c.path))]


def forget(connection: Connection, path: Path) -> None:
    """Forget a file; its track stays."""
    connection.execute(delete(s.files).where(s.files.c.path == os.fsencode(path)))


def analysed_versions(connection: Connection, audio_id: str) -> tuple[int, str] | None:
    """Tell which analysis version and model version this audio was last analysed with; None if it never was."""
    query = select(s.features.c.analysis_version, s.features.c.model_version)
    row = connection.execute(query.where(s.features.c.track_id == tracks.owner(connection, audio_id))).first()
    return None if row is None else (row.analysis_version, row.model_version)


_SEPARATOR = os.fsencode(os.sep)


def _at_or_below(path: Path) -> ColumnElement[bool]:
    root = os.fsencode(path)
    below = root if root.endswith(_SEPARATOR) else root + _SEPARATOR
    after = below[:-1] + bytes([below[-1] + 1])
    return (s.files.c.path == root) | (s.files.c.path >= below) & (s.files.c.path < after)


def _file(row: Row[Any]) -> File:
    return File(
        path=Path(os.fsdecode(row.path)),
        size=row.size,
        mtime_ns=row.mtime_ns,
        audio_id=row.audio_id,
        status=row.status,
        reason=row.reason,
        warnings=tuple(row.warnings),
        analysis_version=row.analysis_version,
        model_version=row.model_version,
        licence=row.licence,
        copyright=row.copyright,
    )
