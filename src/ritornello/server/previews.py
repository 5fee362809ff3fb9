"""``GET /mp3-preview/{id}``: half a minute to hear, without a token, as pages put it into ``<audio src>``."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from ritornello.errors import AudioError, Unknown
from ritornello.library import files, tracks
from ritornello.server import errors
from ritornello.server.context import OpenLibrary, Seen
from ritornello.spotify import ids, shapes

if TYPE_CHECKING:
    from ritornello.library import Library

router = APIRouter(prefix="/mp3-preview", tags=["Tracks"])

_one_at_a_time = threading.Lock()


@router.get(
    "/{id}",
    summary="Half a minute of a track",
    response_class=Response,
    responses={
        200: {"content": {"audio/mpeg": {}}, "description": "An MP3 of up to 30 seconds"},
        206: {"content": {"audio/mpeg": {}}, "description": "The bytes asked for"},
        **errors.OPEN,
    },
)
def preview(library: OpenLibrary, view: Seen, id: str) -> Response:  # noqa: A002
    """The most telling half minute; on a public server only of recordings under an open licence."""
    with library.connect() as connection:
        track = tracks.get(connection, [ids.one(id)])[0]
        if track is None or not shapes.may_preview(track, view):
            raise Unknown("preview of a track", id)
        sources = files.of_audio(connection, track.external_ids.get(tracks.AUDIO, track.id))
        document = tracks.analysis(connection, track.id)
    source = next((path for path in sources if path.is_file()), None)
    if source is None or document is None:
        raise Unknown("preview of a track", id)
    made = _made(library, track.id, source, document.text)
    return FileResponse(made, media_type="audio/mpeg", headers={"Cache-Control": "public, max-age=86400"})


def _made(library: Library, track_id: str, source: Path, document: bytes) -> Path:
    """Find the clip beside the library, or make it, one at a time."""
    folder = library.path.with_name(library.path.name + "-previews")
    target = folder / f"{track_id}.mp3"
    if target.is_file():
        return target
    # Loaded when the first clip is made, for it needs the decoder.
    from ritornello import preview as clip

    with _one_at_a_time:
        if not target.is_file():
            folder.mkdir(exist_ok=True)
            part = folder / f"{track_id}.{os.getpid()}.part.mp3"
            try:
                clip.make(source, document, part)
                part.replace(target)
            except AudioError as error:
                raise Unknown("preview of a track", track_id) from error
            finally:
                part.unlink(missing_ok=True)
    return target
