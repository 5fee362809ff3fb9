"""``GET /v1/me/player/recently-played``."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import BadRequest
from ritornello.library import plays
from ritornello.server.answers import answer
from ritornello.server.bearer import user
from ritornello.server.context import OpenLibrary, Seen
from ritornello.server.paging import Limit, or_else
from ritornello.spotify import people
from ritornello.spotify.paging import DEFAULT_LIMIT
from ritornello.spotify.people_objects import PlayHistory

router = APIRouter(tags=["Player"])

_Moment = Annotated[int | None, or_else(None), Query(ge=0, le=2**53, description="Unix milliseconds")]


@router.get("/me/player/recently-played", summary="Recently played", responses={200: {"model": PlayHistory}})
def recent(
    request: Request,
    library: OpenLibrary,
    view: Seen,
    after: _Moment = None,
    before: _Moment = None,
    limit: Limit = DEFAULT_LIMIT,
    user_id: str = user("user-read-recently-played"),
) -> Response:
    """Plays of tracks in this library and of histories, the newest first; with `after`, the first that came later."""
    if after is not None and before is not None:
        raise BadRequest("after and before were both given: expected one of them")
    with library.connect() as connection:
        found, more = plays.recent(connection, user_id, limit, after=after, before=before)
        known = plays.called(connection, [play.track_id for play in found])

    def link(**changed: object) -> str:
        return f"{view.base}/me/player/recently-played?{urlencode({**changed, 'limit': limit})}"

    onward = ("after", found[0]) if after is not None and found else ("before", found[-1]) if found else None
    return answer(
        request,
        {
            "href": link(**{name: at for name, at in (("after", after), ("before", before)) if at is not None}),
            "items": [
                people.play(play, replace(track, id=play.track_id), view)
                for play, track in zip(found, known, strict=True)
                if track
            ],
            "limit": limit,
            "next": link(**{onward[0]: onward[1].played_at}) if more and onward else None,
            "cursors": {"after": str(found[0].played_at), "before": str(found[-1].played_at)} if more else None,
        },
    )
