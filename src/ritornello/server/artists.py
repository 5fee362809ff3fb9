"""``GET /v1/artists``: many, one, and what belongs to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import BadRequest, Unknown
from ritornello.library import albums, artists, saved, tracks
from ritornello.server import errors
from ritornello.server.answers import answer
from ritornello.server.context import OpenLibrary, Seen
from ritornello.server.market import InMarket
from ritornello.server.paging import Limit, Offset
from ritornello.server.recommendations import Near
from ritornello.spotify import ids, shapes
from ritornello.spotify.objects import ArtistObject, Artists, ArtistsAlbumObject, ManyArtists, TopTracks
from ritornello.spotify.paging import DEFAULT_LIMIT, Page, page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from ritornello.track import Artist

router = APIRouter(prefix="/artists", tags=["Artists"])

MOST = 50
_TOP = 10
_RELATED = 20


@router.get("", summary="Several artists", responses={200: {"model": ManyArtists}})
def many(
    request: Request,
    library: OpenLibrary,
    view: Seen,
    ids_: Annotated[str | None, Query(alias="ids", description="Up to 50 artist ids, separated by commas")] = None,
) -> Response:
    """Artists in the order asked for; null for what is unknown or no id."""
    asked = ids.split(ids_, MOST)
    with library.connect() as connection:
        shaped = full(connection, artists.get(connection, asked), view)
    return answer(request, {"artists": shaped})


@router.get("/{id}", summary="One artist", responses={200: {"model": ArtistObject}, **errors.NOT_FOUND})
def one(request: Request, library: OpenLibrary, view: Seen, id: str) -> Response:  # noqa: A002
    """An artist with the genres of all its tracks."""
    with library.connect() as connection:
        return answer(request, full(connection, [_known(connection, id)], view)[0])


@router.get(
    "/{id}/albums",
    summary="Albums of an artist",
    responses={200: {"model": Page[ArtistsAlbumObject]}, **errors.NOT_FOUND},
)
def its_albums(
    request: Request,
    library: OpenLibrary,
    view: InMarket,
    id: str,  # noqa: A002
    include_groups: Annotated[str, Query(description="A comma list of " + ", ".join(albums.GROUPS))] = "",
    limit: Limit = DEFAULT_LIMIT,
    offset: Offset = 0,
) -> Response:
    """Albums, singles, compilations, and what the artist appears on; the newest of each first."""
    groups = _groups(include_groups)
    with library.connect() as connection:
        _known(connection, id)
        found, total = albums.of_artist(connection, id, groups, limit, offset)
    shaped = [{**shapes.simplified_album(album, view), "album_group": group} for album, group in found]
    params = {
        **({"include_groups": include_groups} if include_groups else {}),
        **({"market": view.market} if view.market else {}),
    }
    url = f"{view.base}/artists/{id}/albums"
    return answer(request, page(shaped, total=total, limit=limit, offset=offset, url=url, params=params))


@router.get(
    "/{id}/top-tracks", summary="Top tracks of an artist", responses={200: {"model": TopTracks}, **errors.NOT_FOUND}
)
def top_tracks(request: Request, library: OpenLibrary, view: InMarket, id: str) -> Response:  # noqa: A002
    """At most ten: the most popular where popularity is known, then the most played here."""
    with library.connect() as connection:
        _known(connection, id)
        found = tracks.top_of_artist(connection, id, _TOP)
    return answer(request, {"tracks": [shapes.track(track, view) for track in found]})


@router.get("/{id}/related-artists", summary="Related artists", responses={200: {"model": Artists}, **errors.NOT_FOUND})
def related(request: Request, library: OpenLibrary, near: Near, view: Seen, id: str) -> Response:  # noqa: A002
    """At most twenty artists: those with listeners in common where there are enough, those that sound alike if not."""
    with library.connect() as connection:
        own = _known(connection, id)
        found = artists.get(connection, near.related(own.id, _RELATED))
        return answer(request, {"artists": full(connection, found, view)})


def full(connection: Connection, found: Sequence[Artist | None], view: shapes.View) -> list[ArtistObject | None]:
    """Shape artists in full, with how many users of this server follow each."""
    followers = saved.count(connection, "artist", [artist.id for artist in found if artist])
    return [None if one is None else shapes.artist(one, view, followers.get(one.id, 0)) for one in found]


def _known(connection: Connection, id: str) -> Artist:  # noqa: A002
    found = artists.get(connection, [ids.one(id)])[0]
    if found is None:
        raise Unknown("artist", id)
    return found


def _groups(text: str) -> list[str]:
    asked = [part.strip() for part in text.split(",") if part.strip()]
    for group in asked:
        if group not in albums.GROUPS:
            raise BadRequest(f"Invalid include_groups {group!r}: expected a comma list of {', '.join(albums.GROUPS)}")
    return asked or list(albums.GROUPS)
