"""Shows, episodes, audiobooks and chapters: a music library holds none, and says so as Spotify would."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import Unknown
from ritornello.server import errors
from ritornello.server.answers import answer
from ritornello.server.market import InMarket
from ritornello.server.paging import Limit, Offset
from ritornello.spotify import ids
from ritornello.spotify.paging import DEFAULT_LIMIT

router = APIRouter(tags=["Shows, episodes and audiobooks"])

MOST = 50
_PARTS = {"shows": "episodes", "audiobooks": "chapters"}


def _routes(kinds: str) -> None:
    kind = kinds.removesuffix("s")

    @router.get(
        f"/{kinds}",
        summary=f"Several {kinds}",
        name=f"many_{kinds}",
        responses={200: {"model": dict[str, list[None]]}},
    )
    def many(
        request: Request,
        view: InMarket,
        asked: Annotated[str | None, Query(alias="ids", description="Up to 50 ids, separated by commas")] = None,
    ) -> Response:
        """Null for each."""
        found: list[Any] = [None for _ in ids.split(asked, MOST)]
        return answer(request, {kinds: found})

    @router.get(f"/{kinds}/{{id}}", summary=f"One of the {kinds}", name=f"one_{kind}", responses=errors.NOT_FOUND)
    def one(view: InMarket, id: str) -> Response:  # noqa: A002
        """Never found."""
        raise Unknown(kind, ids.one(id))

    if kinds in _PARTS:

        @router.get(
            f"/{kinds}/{{id}}/{_PARTS[kinds]}",
            summary=f"The {_PARTS[kinds]} of one",
            name=f"parts_of_{kind}",
            responses=errors.NOT_FOUND,
        )
        def parts(
            view: InMarket,
            id: str,  # noqa: A002
            limit: Limit = DEFAULT_LIMIT,
            offset: Offset = 0,
        ) -> Response:
            """Never found."""
            raise Unknown(kind, ids.one(id))


for _kinds in ("shows", "episodes", "audiobooks", "chapters"):
    _routes(_kinds)
