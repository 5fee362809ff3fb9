"""``GET /v1/recommendations`` and the genres that seed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import BadRequest
from ritornello.library import similar, tracks
from ritornello.server.answers import answer
from ritornello.server.context import OpenLibrary
from ritornello.server.market import InMarket
from ritornello.server.paging import or_else
from ritornello.spotify import genres, shapes, tunables
from ritornello.spotify.objects import GenreSeeds, RecommendationsObject
from ritornello.spotify.paging import DEFAULT_LIMIT

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ritornello.track import Track

router = APIRouter(prefix="/recommendations", tags=["Tracks"])

MOST_SEEDS = 5
_STRETCH = 100
_FARTHEST = 1000
"""How many of the nearest are looked at where most cannot be played in the market."""
_Many = Annotated[int, or_else(DEFAULT_LIMIT), Query(ge=1, le=100, description="How many, 1 to 100")]

_TUNABLES = [
    {
        "name": name,
        "in": "query",
        "required": False,
        "schema": {"type": "integer" if name.split("_", 1)[1] in tunables.WHOLE else "number"},
    }
    for name in tunables.PARAMETERS
]


@router.get("/available-genre-seeds", summary="Genres to start from", responses={200: {"model": GenreSeeds}})
def genre_seeds(request: Request) -> Response:
    """The 126 genres that Spotify took as seeds; a library's own genres are taken as well."""
    return answer(request, {"genres": list(genres.SEEDS)})


@router.get(
    "",
    summary="Recommendations",
    responses={200: {"model": RecommendationsObject}},
    openapi_extra={"parameters": _TUNABLES},
)
def recommend(
    request: Request,
    library: OpenLibrary,
    view: InMarket,
    seed_artists: Annotated[str, Query(description="Artist ids; at most five seeds of all kinds together")] = "",
    seed_genres: Annotated[str, Query(description="Genres")] = "",
    seed_tracks: Annotated[str, Query(description="Track ids")] = "",
    limit: _Many = DEFAULT_LIMIT,
) -> Response:
    """Tracks near the seeds: floors and ceilings hold exactly, all targets weigh the same."""
    asked = [
        (kind, part.strip())
        for kind, text in (("artist", seed_artists), ("track", seed_tracks), ("genre", seed_genres))
        for part in text.split(",")
        if part.strip()
    ]
    if not 1 <= len(asked) <= MOST_SEEDS:
        raise BadRequest(f"invalid request: {len(asked)} seeds were given, expected 1 to {MOST_SEEDS} in all")
    wanted = tunables.parse(request.query_params)
    with library.connect() as connection:
        seeds = [similar.seed(connection, kind, id_) for kind, id_ in asked]
        if not any(one.is_known for one in seeds):
            raise BadRequest("invalid request: none of the seeds is in this library")
        found = _find(connection, seeds, wanted, view, limit)
        shaped = [_seed(connection, one, wanted, view) for one in seeds]
    return answer(request, {"seeds": shaped, "tracks": [shapes.track(track, view) for track in found]})


def _find(
    connection: Connection, seeds: list[similar.Seed], wanted: tunables.Tunables, view: shapes.View, limit: int
) -> list[Track]:
    """The nearest that pass by the numbers that clients see, and are playable in the market."""
    kept: list[Track] = []
    offset = 0
    while len(kept) < limit and offset < _FARTHEST:
        near = similar.nearest(connection, seeds, wanted, _STRETCH, offset)
        found = zip(tracks.get(connection, near), tracks.features(connection, near), strict=True)
        kept += [
            track
            for track, features in found
            if track
            and features
            and tunables.passes(tunables.served(track, features[0]), wanted)
            and shapes.is_playable(track.markets, view)
        ]
        if len(near) < _STRETCH:
            break
        offset += _STRETCH
    if len(kept) < limit:
        unheard = tracks.get(connection, similar.unheard(connection, seeds, wanted, limit))
        kept += [track for track in unheard if track and shapes.is_playable(track.markets, view)]
    return kept[:limit]


def _seed(connection: Connection, one: similar.Seed, wanted: tunables.Tunables, view: shapes.View) -> dict[str, Any]:
    initial, filtered = similar.pool(connection, one, wanted)
    return {
        "initialPoolSize": initial,
        "afterFilteringSize": filtered,
        "afterRelinkingSize": filtered,
        "id": one.id,
        # Served in capitals, whatever was documented: clients know nothing else.
        "type": one.kind.upper(),
        "href": None if one.kind == "genre" else f"{view.base}/{one.kind}s/{one.id}",
    }
