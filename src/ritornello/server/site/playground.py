"""``GET /playground``: seeds, tunables or a sentence in, tracks out at once, with why."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import BadRequest
from ritornello.library import artists, columns, neighbours, search, tracks
from ritornello.library.columns import Columns, Scale
from ritornello.recommend.wish import Wish
from ritornello.server.answers import Json
from ritornello.server.context import Base, OpenLibrary
from ritornello.server.recommendations import MOST_SEEDS, Near
from ritornello.server.site import histograms
from ritornello.server.site.library import Browse
from ritornello.server.site.page import page
from ritornello.server.site.track import told
from ritornello.server.site.visitor import Seeing
from ritornello.spotify import genres, tunables

router = APIRouter(include_in_schema=False)

_KINDS = ("track", "artist", "genre")
_OFFERED = 5
"""Of each kind, while somebody types."""
_DAY_MS = 24 * 3600 * 1000
_ORDER = tuple("duration_ms" if name == "duration" else name for name in columns.NAMES)


@dataclass(frozen=True, slots=True)
class Tunable:
    """An attribute with a floor, a ceiling and a target."""

    name: str
    title: str
    scale: Scale
    low: float
    high: float
    target: float | None
    bars: tuple[histograms.Bar, ...]


@router.get("/playground")
def show(request: Request, library: OpenLibrary, browsing: Browse, visitor: Seeing) -> Response:
    """The page, as its address says."""
    asked = request.query_params
    wanted = tunables.parse(asked)
    with library.connect() as connection:
        seeds = [_seed(connection, kind, id_) for kind, id_ in given_seeds(asked)[:MOST_SEEDS]]
    here = browsing.columns()
    return page(
        request,
        "playground.html",
        visitor,
        seeds=[one for one in seeds if one],
        tunables=[_tunable(here, name, wanted) for name in _ORDER],
        most=MOST_SEEDS,
        total=len(here.ids),
    )


@router.get("/playground/find")
def find(library: OpenLibrary, near: Near, visitor: Seeing, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """What could be a seed, while somebody types."""
    if not q.strip():
        return Json({"found": []})
    word = genres.normal(q.strip())
    labels = [name for name in dict.fromkeys((*near.known().shelf.labels, *genres.SEEDS)) if word in name]
    labels.sort(key=lambda name: (not name.startswith(word), name))
    with library.connect() as connection:
        heard = search.tracks(connection, q, limit=_OFFERED, offset=0).items
        people = search.artists(connection, q, limit=_OFFERED, offset=0).items
    found = [
        *({"kind": "genre", "id": name, "name": name, "by": ""} for name in labels[:3]),
        *({"kind": "artist", "id": one.id, "name": one.name, "by": ""} for one in people),
        *({"kind": "track", "id": one.id, "name": one.name, "by": _by(one)} for one in heard),
    ]
    return Json({"found": found})


@router.get("/playground/read")
def read(
    library: OpenLibrary, near: Near, visitor: Seeing, sentence: Annotated[str, Query(max_length=500)] = ""
) -> Response:
    """What a sentence is taken to mean."""
    # Loads the names of what can be heard, as recommendations do.
    from ritornello.recommend import sentence as sentences

    shelf = near.known().shelf
    reading = sentences.read(sentence, shelf.labels, list(zip(shelf.artist_names, shelf.artist_ids, strict=True)))
    with library.connect() as connection:
        seeds = [_seed(connection, kind, id_) for kind, id_ in reading.seeds]
    return Json({"seeds": [one for one in seeds if one], "parameters": reading.parameters, "unread": reading.unread})


@router.get("/playground/results")
def results(
    request: Request,
    library: OpenLibrary,
    base: Base,
    near: Near,
    visitor: Seeing,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    leave_out_days: Annotated[int, Query(ge=0, le=3650)] = 0,
) -> Response:
    """The tracks, why each is there, and the request that a program would send for them."""
    given = given_seeds(request.query_params)
    if not 1 <= len(given) <= MOST_SEEDS:
        raise BadRequest(f"{len(given)} seeds were given: choose one to {MOST_SEEDS}")
    with library.connect() as connection:
        own = tracks.resolve(connection, [id_ for kind, id_ in given if kind == "track"])
        since = int(time.time() * 1000) - leave_out_days * _DAY_MS
        recent = neighbours.recent(connection, visitor.id, since) if leave_out_days else set()
    wish = Wish(tuple(given), tunables.parse(request.query_params), limit, own, frozenset(recent), explained=True)
    answer = near.recommend(wish)
    with library.connect() as connection:
        found = tracks.get(connection, [one.track_id for one in answer.tracks])
        seeds = [_seed(connection, kind, id_) for kind, id_ in given]
    names = {one["id"]: one["name"] for one in seeds if one}
    pairs = zip(found, answer.tracks, strict=True)
    listed = [
        {**told(one, why.reasons, names), "sound": why.sound, "taste": why.taste, "score": why.score}
        for one, why in pairs
        if one
    ]
    pools = [
        {**(seed or {"kind": pool.kind, "id": pool.id, "name": pool.id}), **_size(pool)}
        for seed, pool in zip(seeds, answer.pools, strict=True)
    ]
    return Json({"tracks": listed, "pools": pools, "request": f"{base}/recommendations?{_request(request, limit)}"})


def given_seeds(asked: Mapping[str, str]) -> list[tuple[str, str]]:
    """Kind and id of each seed in an address."""
    return [
        (kind, part.strip()) for kind in _KINDS for part in asked.get(f"seed_{kind}s", "").split(",") if part.strip()
    ]


def _request(request: Request, limit: int) -> str:
    kept = [(name, value) for name, value in request.query_params.items() if name not in ("limit", "leave_out_days")]
    return urlencode([*((name, value) for name, value in kept if value), ("limit", str(limit))], safe=",")


def _size(pool: Any) -> dict[str, int | bool]:
    return {"known": pool.is_known, "initial": pool.initial, "filtered": pool.filtered}


def _seed(connection: Connection, kind: str, id: str) -> dict[str, str] | None:  # noqa: A002
    """A seed with its name; None where nothing here is called so."""
    if kind == "genre":
        return {"kind": kind, "id": id, "name": id, "by": ""}
    if kind == "artist":
        artist = artists.get(connection, [id])[0]
        return None if artist is None else {"kind": kind, "id": id, "name": artist.name, "by": ""}
    track = tracks.get(connection, [id])[0]
    return None if track is None else {"kind": kind, "id": id, "name": track.name, "by": _by(track)}


def _by(track: Any) -> str:
    return ", ".join(artist.name for artist in track.artists)


def _tunable(here: Columns, name: str, wanted: tunables.Tunables) -> Tunable:
    own = "duration" if name == "duration_ms" else name
    scale, factor = here.scales[own], 1000 if name == "duration_ms" else 1
    told = replace(scale, low=scale.low * factor, high=scale.high * factor, step=scale.step * factor)
    return Tunable(
        name,
        own.replace("_", " ").capitalize(),
        told,
        wanted.floors.get(name, told.low),
        wanted.ceilings.get(name, told.high),
        wanted.targets.get(name),
        histograms.bars(here, own),
    )
