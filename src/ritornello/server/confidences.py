"""``GET /ritornello/v1/…``: what Spotify's shapes have no place for, how far to trust each feature and where tracks
lie.
"""

from __future__ import annotations

import struct

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from ritornello.errors import Unknown
from ritornello.library import embeddings, scores, tracks
from ritornello.server import errors
from ritornello.server.answers import answer
from ritornello.server.bearer import authorize
from ritornello.server.context import OpenLibrary
from ritornello.spotify import ids
from ritornello.track import FEATURES


class Trusted(TypedDict):
    """A feature, in the units that Ritornello uses inside: seconds, dB, BPM, 0..1."""

    value: float
    confidence: float


class Reading(TypedDict):
    """One reading of the pulse."""

    bpm: float
    confidence: float


class TrustedFeatures(TypedDict):
    """The thirteen features by name, and what computed them."""

    id: str
    features: dict[str, Trusted]
    tempo_candidates: list[Reading]
    own_traits: dict[str, float]
    """What models of one's own say, 0..1 each."""
    analysis_version: int
    model_version: str
    provenance: dict[str, str]


class EmbeddingObject(TypedDict):
    """Vectors of a track and of its sections, in their order."""

    id: str
    version: str
    track: list[float]
    sections: list[list[float]]


router = APIRouter(
    prefix="/ritornello/v1", tags=["Ritornello"], dependencies=[Depends(authorize)], responses=errors.DOCUMENTED
)


@router.get(
    "/audio-features/{id}",
    summary="Features with confidences",
    responses={200: {"model": TrustedFeatures}, **errors.NOT_FOUND},
)
def features(request: Request, library: OpenLibrary, id: str) -> Response:  # noqa: A002
    """Each feature with its confidence, the readings of the tempo, traits of one's own, and what computed them.

    Units are as inside Ritornello.
    """
    with library.connect() as connection:
        asked = ids.one(id)
        found = tracks.features(connection, [asked])[0]
        if found is None:
            raise Unknown("audio features of a track", id)
        own = scores.get(connection, tracks.resolve(connection, [asked])[asked])
    known, provenance = found
    return answer(
        request,
        {
            "id": id,
            "features": {
                name: {"value": getattr(known, name), "confidence": known.confidence[name]} for name in FEATURES
            },
            "tempo_candidates": [
                {"bpm": reading.bpm, "confidence": reading.confidence} for reading in known.tempo_candidates
            ],
            "own_traits": own,
            "analysis_version": known.analysis_version,
            "model_version": known.model_version,
            "provenance": provenance,
        },
    )


@router.get(
    "/embeddings/{id}",
    summary="Embedding of a track and its sections",
    responses={200: {"model": EmbeddingObject}, **errors.NOT_FOUND},
)
def embedding(request: Request, library: OpenLibrary, id: str) -> Response:  # noqa: A002
    """Vectors of length 1; only those of one version may be compared, and their products say how alike two tracks
    are.
    """
    with library.connect() as connection:
        found = embeddings.get(connection, [ids.one(id)])[0]
    if found is None:
        raise Unknown("embedding of a track", id)
    return answer(
        request,
        {
            "id": id,
            "version": found.version,
            "track": _numbers(found.track),
            "sections": [_numbers(section) for section in found.sections],
        },
    )


def _numbers(stored: bytes) -> list[float]:
    return list(struct.unpack(f"<{len(stored) // 2}e", stored))
