"""``GET /v1/recommendations`` and the genres that seed them; why each track is there, on a route of our own."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from ritornello.errors import BadRequest
from ritornello.library import neighbours, tracks
from ritornello.library.neighbours import Neighbours
from ritornello.recommend.wish import Pool, Recommended, Wish
from ritornello.server import errors
from ritornello.server.answers import answer
from ritornello.server.bearer import Token, authorize
from ritornello.server.context import OpenLibrary
from ritornello.server.market import InMarket
from ritornello.server.paging import or_else
from ritornello.spotify import genres, shapes, tunables
from ritornello.spotify.objects import GenreSeeds, RecommendationsObject
from ritornello.spotify.paging import DEFAULT_LIMIT
from ritornello.track import Track

router = APIRouter(prefix="/recommendations", tags=["Tracks"])
own = APIRouter(
    prefix="/ritornello/v1/recommendations",
    tags=["Ritornello"],
    dependencies=[Depends(authorize)],
    responses=errors.DOCUMENTED,
)

MOST_SEEDS = 5
_MORE = 5
"""So many times the limit is asked for, where not all can be played in the market."""
_DAY_MS = 24 * 3600 * 1000
_Many = Annotated[int, or_else(DEFAULT_LIMIT), Query(ge=1, le=100, description="How many, 1 to 100")]
_Seeds = Annotated[str, Query(description="At most five seeds of all kinds together, separated by commas")]

_TUNABLES = {
    "parameters": [
        {
            "name": name,
            "in": "query",
            "required": False,
            "schema": {"type": "integer" if name.split("_", 1)[1] in tunables.WHOLE else "number"},
        }
        for name in tunables.PARAMETERS
    ]
}


class ReasonObject(TypedDict):
    """Why a track is there."""

    id: str
    name: str
    artists: list[str]
    score: float
    sound: float
    taste: float
    trust: float
    off_target: float
    seed: str
    reasons: list[str]


class ReasonsObject(TypedDict):
    """Tracks, the best first, and why."""

    tracks: list[ReasonObject]


def _near(request: Request) -> Neighbours:
    return cast("Neighbours", request.app.state.neighbours)


Near = Annotated[Neighbours, Depends(_near)]


@router.get("/available-genre-seeds", summary="Genres to start from", responses={200: {"model": GenreSeeds}})
def genre_seeds(request: Request) -> Response:
    """The 126 genres that Spotify took as seeds; a library's own genres are taken as well."""
    return answer(request, {"genres": list(genres.SEEDS)})


def _asked(
    request: Request,
    library: OpenLibrary,
    near: Near,
    token: Token,
    seed_artists: _Seeds = "",
    seed_genres: _Seeds = "",
    seed_tracks: _Seeds = "",
    leave_out_days: Annotated[
        int, Query(ge=0, le=3650, description="Leave out what the listener played or skipped in so many days")
    ] = 0,
) -> Wish:
    """Read the seeds, the tunables and what must not come."""
    given = [
        (kind, part.strip())
        for kind, text in (("artist", seed_artists), ("track", seed_tracks), ("genre", seed_genres))
        for part in text.split(",")
        if part.strip()
    ]
    if not 1 <= len(given) <= MOST_SEEDS:
        raise BadRequest(f"invalid request: {len(given)} seeds were given, expected 1 to {MOST_SEEDS} in all")
    wanted = tunables.parse(request.query_params)
    since = int(time.time() * 1000) - leave_out_days * _DAY_MS
    with library.connect() as connection:
        ours = tracks.resolve(connection, [id_ for kind, id_ in given if kind == "track"])
        recent = neighbours.recent(connection, token.user_id, since) if leave_out_days and token.user_id else set()
    return Wish(tuple(given), wanted, own=ours, left_out=frozenset(recent))


Asked = Annotated[Wish, Depends(_asked)]


@router.get("", summary="Recommendations", responses={200: {"model": RecommendationsObject}}, openapi_extra=_TUNABLES)
def recommend(
    request: Request, library: OpenLibrary, view: InMarket, near: Near, asked: Asked, limit: _Many = DEFAULT_LIMIT
) -> Response:
    """Tracks by sound and by taste from the seeds: floors and ceilings hold exactly, all targets weigh the same."""
    found, pools = _find(library, near, asked, view, limit)
    seeds = [_seed(one, view) for one in pools]
    return answer(request, {"seeds": seeds, "tracks": [shapes.track(track, view) for track, _ in found]})


@own.get("", summary="Why a track is recommended", responses={200: {"model": ReasonsObject}}, openapi_extra=_TUNABLES)
def explain(
    request: Request, library: OpenLibrary, view: InMarket, near: Near, asked: Asked, limit: _Many = DEFAULT_LIMIT
) -> Response:
    """The same tracks as ``/v1/recommendations``, each with what spoke for it."""
    found, _ = _find(library, near, replace(asked, explained=True), view, limit)
    return answer(request, {"tracks": [_reason(track, why) for track, why in found]})


def _find(
    library: OpenLibrary, near: Near, asked: Wish, view: shapes.View, limit: int
) -> tuple[list[tuple[Track, Recommended]], tuple[Pool, ...]]:
    """The best that are playable in the market; 400 where no seed is known."""
    found = near.recommend(replace(asked, limit=limit * (_MORE if view.market else 1)))
    if not any(one.is_known for one in found.pools):
        raise BadRequest("invalid request: none of the seeds is in this library")
    with library.connect() as connection:
        named = tracks.get(connection, [one.track_id for one in found.tracks])
    pairs = zip(named, found.tracks, strict=True)
    kept = [(track, why) for track, why in pairs if track and shapes.is_playable(track.markets, view)]
    return kept[:limit], found.pools


def _seed(one: Pool, view: shapes.View) -> dict[str, Any]:
    return {
        "initialPoolSize": one.initial,
        "afterFilteringSize": one.filtered,
        "afterRelinkingSize": one.filtered,
        "id": one.id,
        # Served in capitals, whatever was documented: clients know nothing else.
        "type": one.kind.upper(),
        "href": None if one.kind == "genre" else f"{view.base}/{one.kind}s/{one.id}",
    }


def _reason(track: Track, why: Recommended) -> ReasonObject:
    return {
        "id": track.id,
        "name": track.name,
        "artists": [artist.name for artist in track.artists],
        "score": round(why.score, 4),
        "sound": round(why.sound, 4),
        "taste": round(why.taste, 4),
        "trust": round(why.trust, 4),
        "off_target": round(why.off_target, 4),
        "seed": why.seed,
        "reasons": list(why.reasons),
    }
