"""``GET /v1/audio-analysis/{id}``."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import Unknown
from ritornello.library import tracks
from ritornello.server import errors, provenance
from ritornello.server.answers import answer
from ritornello.server.context import OpenLibrary
from ritornello.spotify import ids
from ritornello.spotify.objects import AudioAnalysisObject

router = APIRouter(prefix="/audio-analysis", tags=["Tracks"])


@router.get(
    "/{id}",
    summary="Audio analysis of one track",
    responses={200: {"model": AudioAnalysisObject}, **errors.NOT_FOUND},
)
async def one(request: Request, library: OpenLibrary, id: str) -> Response:  # noqa: A002
    """Bars, beats, tatums, sections and segments, as they were computed when the file was scanned."""
    # In the event loop, as features are.
    with library.connect() as connection:
        found = tracks.analysis(connection, ids.one(id))
    if found is None:
        raise Unknown("audio analysis of a track", id)
    return answer(
        request, found.text, provenance.tell([(found.analysis_version, found.model_version, found.provenance)])
    )
