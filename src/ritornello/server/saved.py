"""``/v1/me/tracks`` and its like: what the token's user keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import BadRequest
from ritornello.library import saved, tracks
from ritornello.server.albums import full
from ritornello.server.answers import answer
from ritornello.server.bearer import user
from ritornello.server.context import OpenLibrary
from ritornello.server.market import InMarket
from ritornello.server.paging import Limit, Offset
from ritornello.spotify import ids, people, shapes
from ritornello.spotify.paging import DEFAULT_LIMIT, Page, page
from ritornello.spotify.people_objects import SavedAlbumObject, SavedTrackObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

router = APIRouter(tags=["Library"])

READ, MODIFY = "user-library-read", "user-library-modify"
KINDS = {"tracks": 50, "albums": 20, "episodes": 50, "shows": 50, "audiobooks": 50}
"""How many may be named at once."""


class Ids(BaseModel):
    """Which ones; ``timestamped_ids`` since 2025, of which only the ids count."""

    ids: list[str] | None = None
    timestamped_ids: list[dict[str, str]] | None = None


Asked = Annotated[str, Query(alias="ids", description="A comma list of ids, in place of those in the body")]
Named = Annotated[Ids | list[str] | None, Body()]


def _routes(kinds: str) -> None:
    """The same four operations for each kind."""
    kind, most = kinds.removesuffix("s"), KINDS[kinds]
    item: Any = {"tracks": SavedTrackObject, "albums": SavedAlbumObject}.get(kinds, dict[str, Any])

    @router.get(f"/me/{kinds}", summary=f"Saved {kinds}", name=f"saved_{kinds}", responses={200: {"model": Page[item]}})
    def some(
        request: Request,
        library: OpenLibrary,
        view: InMarket,
        limit: Limit = DEFAULT_LIMIT,
        offset: Offset = 0,
        user_id: str = user(READ),
    ) -> Response:
        """The newest first; of shows, episodes and audiobooks a library has none."""
        with library.connect() as connection:
            found, total = saved.listed(connection, user_id, kind, limit, offset)
            shaped = _shaped(connection, kind, found, view)
        params = {"market": view.market} if view.market else {}
        url = f"{view.base}/me/{kinds}"
        return answer(request, page(shaped, total=total, limit=limit, offset=offset, url=url, params=params))

    @router.put(
        f"/me/{kinds}",
        summary=f"Save {kinds}",
        name=f"save_{kinds}",
        response_class=Response,
        responses={200: {"description": "They are saved"}},
    )
    def save(library: OpenLibrary, named: Named = None, asked: Asked = "", user_id: str = user(MODIFY)) -> Response:
        """Keep them; an id that this library does not know yet is kept too."""
        wanted = which(named, asked, most)
        with library.begin() as connection:
            saved.add(connection, user_id, kind, wanted)
        return Response()

    @router.delete(
        f"/me/{kinds}",
        summary=f"Let saved {kinds} go",
        name=f"let_{kinds}_go",
        response_class=Response,
        responses={200: {"description": "They are not saved any more"}},
    )
    def let_go(library: OpenLibrary, named: Named = None, asked: Asked = "", user_id: str = user(MODIFY)) -> Response:
        """What was not saved is no error."""
        wanted = which(named, asked, most)
        with library.begin() as connection:
            saved.remove(connection, user_id, kind, wanted)
        return Response()

    @router.get(
        f"/me/{kinds}/contains",
        summary=f"Are these {kinds} saved?",
        name=f"are_{kinds}_saved",
        responses={200: {"model": list[bool]}},
    )
    def contains(request: Request, library: OpenLibrary, asked: Asked = "", user_id: str = user(READ)) -> Response:
        """True or false for each, in the order asked."""
        wanted = ids.split(asked, most)
        with library.connect() as connection:
            return answer(request, saved.contains(connection, user_id, kind, wanted))


for _kinds in KINDS:
    _routes(_kinds)


def which(named: Ids | list[str] | None, asked: str, most: int, form: Any = ids.one) -> list[str]:
    """Read ids from the query or the body, as object or bare list: clients send all three."""
    if isinstance(named, Ids):
        body = named.ids or [one.get("id", "") for one in named.timestamped_ids or []]
    else:
        body = named or []
    given = ids.split(asked, most) if asked.strip() else body
    if not given:
        raise BadRequest("ids is missing: expected a comma list in the query or a list in the body")
    if len(given) > most:
        raise BadRequest(f"too many ids requested: {len(given)} were given, at most {most} are allowed")
    return [form(one) for one in given]


def _shaped(
    connection: Connection, kind: str, found: Sequence[tuple[str, int]], view: shapes.View
) -> list[dict[str, object]]:
    asked = [id_ for id_, _ in found]
    if kind == "track":
        known = tracks.get(connection, asked)
        items: Sequence[Any] = [
            track and shapes.track(replace(track, id=id_), view) for id_, track in zip(asked, known, strict=True)
        ]
    else:
        items = full(connection, asked, view) if kind == "album" else []
    return [people.saved(when, kind, item) for (_, when), item in zip(found, items, strict=True) if item]
