"""``GET /v1/audio-features``, many and one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import Unknown
from ritornello.library import tracks
from ritornello.server import errors, provenance
from ritornello.server.answers import answer
from ritornello.server.context import Base, OpenLibrary
from ritornello.server.prepared import Prepared
from ritornello.spotify import ids, shapes
from ritornello.spotify.objects import AudioFeaturesObject, ManyAudioFeatures

router = APIRouter(prefix="/audio-features", tags=["Tracks"])

MOST = 100


@router.get("", summary="Audio features of several tracks", responses={200: {"model": ManyAudioFeatures}})
async def many(
    request: Request,
    library: OpenLibrary,
    base: Base,
    ids_: Annotated[str | None, Query(alias="ids", description="Up to 100 track ids, separated by commas")] = None,
) -> Response:
    """Features in the order asked for; null for what is unknown, not analysed or no id."""
    asked = ids.split(ids_, MOST)
    prepared: Prepared[tuple[str, provenance.Origin]] = request.app.state.feature_texts
    moment = prepared.moment()
    # In the event loop: the query takes a fraction of a millisecond, and handing it to a thread as long again.
    with library.connect() as connection:
        found = prepared.get(moment, base, asked, partial(_texts, connection, base))
    body = '{"audio_features": [' + ", ".join(["null" if one is None else one[0] for one in found]) + "]}"
    return answer(request, body.encode(), provenance.tell([one[1] for one in found if one]))


def _texts(connection: Connection, base: str, asked: Sequence[str]) -> dict[str, tuple[str, provenance.Origin]]:
    """Features as JSON, and where they come from, by the ids that were asked for."""
    base = json.dumps(base, ensure_ascii=False)[1:-1]
    return {
        # Another id of a track, such as a path, may hold any character.
        id_: (
            shapes.audio_features_text(one, json.dumps(id_)[1:-1], base),
            (one.analysis_version, one.model_version, one.provenance),
        )
        for id_, one in zip(asked, tracks.numbers(connection, asked), strict=True)
        if one is not None
    }


@router.get(
    "/{id}",
    summary="Audio features of one track",
    responses={200: {"model": AudioFeaturesObject}, **errors.NOT_FOUND},
)
def one(request: Request, library: OpenLibrary, base: Base, id: str) -> Response:  # noqa: A002
    """The thirteen features of one track."""
    with library.connect() as connection:
        found = tracks.features(connection, [ids.one(id)])[0]
    if found is None:
        raise Unknown("audio features of a track", id)
    return answer(request, shapes.audio_features(found[0], id, base), provenance.headers([found]))
