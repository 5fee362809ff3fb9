"""``GET /audio/{id}``: a file as it lies on the disk, with ranges, for whoever looks at the pages."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import FileResponse, Response

from ritornello.errors import Unknown
from ritornello.library import files, tracks
from ritornello.server.context import OpenLibrary
from ritornello.server.site.visitor import Seeing
from ritornello.spotify import ids

router = APIRouter(include_in_schema=False)

_TYPES = {
    ".aac": "audio/aac",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
}


@router.get("/audio/{id}")
def audio(library: OpenLibrary, visitor: Seeing, id: str) -> Response:  # noqa: A002
    """The first of a track's files that is there."""
    with library.connect() as connection:
        found = source(connection, id)
    if found is None:
        raise Unknown("file of a track", id)
    suffix = found.suffix.lower()
    kind = _TYPES.get(suffix) or mimetypes.guess_type(f"file{suffix}")[0] or "application/octet-stream"
    return FileResponse(found, media_type=kind, headers={"Cache-Control": "private, no-cache"})


def source(connection: Connection, id: str) -> Path | None:  # noqa: A002
    """The first of a track's files that is there; None where none is."""
    track = tracks.get(connection, [ids.one(id)])[0]
    if track is None:
        return None
    paths = files.of_audio(connection, track.external_ids.get(tracks.AUDIO, track.id))
    return next((path for path in paths if path.is_file()), None)
