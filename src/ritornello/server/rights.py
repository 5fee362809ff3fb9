"""``GET /ritornello/v1/rights/{id}`` and ``/ritornello/v1/traits``: what may be done with each value, and the traits of
one's own with the cards of the models that tell them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from ritornello.errors import Unknown
from ritornello.library import scores, tracks, values
from ritornello.rights import effects, to_json
from ritornello.server import errors
from ritornello.server.answers import answer
from ritornello.server.bearer import authorize
from ritornello.server.context import OpenLibrary
from ritornello.spotify import ids

if TYPE_CHECKING:
    from ritornello.library.values import OfValues
    from ritornello.rights import Provenance, Verdict

NOTICE = "These are facts and conditions as they were declared, and no legal advice. What is not known is not allowed."


class Answered(TypedDict):
    """The answer for one use."""

    answer: str
    conditions: list[str]
    reason: str


class FileOrigin(TypedDict):
    """Where values come from by one of the track's files, by what right, and the answer for every use."""

    provenance: dict[str, Any]
    permits: dict[str, Answered]


class ValueRights(TypedDict):
    """Values that have the same origin, by their names; a track may be used as any of its files may."""

    kind: str
    names: list[str]
    files: list[FileOrigin]


class RightsObject(TypedDict):
    """Everything that is told of a track, value by value, and its traits of one's own by their models' cards."""

    id: str
    notice: str
    values: list[ValueRights]
    own_traits: dict[str, dict[str, Answered]]


class OwnTrait(TypedDict):
    """A trait that a model of one's own tells: under which licence the model is, and what it may be used for."""

    name: str
    sha256: str
    licence: str | None
    permits: dict[str, Answered]
    test: dict[str, Any]


class OwnTraits(TypedDict):
    """All there are."""

    traits: list[OwnTrait]


class TrackTraits(TypedDict):
    """What models of one's own say of a track, 0..1 each."""

    id: str
    traits: dict[str, float]


router = APIRouter(
    prefix="/ritornello/v1", tags=["Ritornello"], dependencies=[Depends(authorize)], responses=errors.DOCUMENTED
)


@router.get(
    "/rights/{id}", summary="Rights of each value", responses={200: {"model": RightsObject}, **errors.NOT_FOUND}
)
def rights(request: Request, library: OpenLibrary, id: str) -> Response:  # noqa: A002
    """For every value of a track its provenance, basis and licence, and for each use an answer with its reason."""
    asked = ids.one(id)
    with library.connect() as connection:
        found = values.of_track(connection, asked)
        own = scores.get(connection, tracks.resolve(connection, [asked])[asked])
        cards = scores.cards(connection)
    told = {
        "id": id,
        "notice": NOTICE,
        "values": [_values(one) for one in found],
        "own_traits": {name: cards[name]["permits"] for name in own},
    }
    return answer(request, told)


@router.get("/traits", summary="Traits of one's own", responses={200: {"model": OwnTraits}})
def traits(request: Request, library: OpenLibrary) -> Response:
    """The traits that `ritornello train` made and `ritornello score` told, with what their cards say."""
    with library.connect() as connection:
        cards = scores.cards(connection)
    kept = ("sha256", "licence", "permits", "test")
    return answer(
        request, {"traits": [{"name": name, **{key: card[key] for key in kept}} for name, card in cards.items()]}
    )


@router.get(
    "/traits/{id}",
    summary="Traits of one's own of a track",
    responses={200: {"model": TrackTraits}, **errors.NOT_FOUND},
)
def of_track(request: Request, library: OpenLibrary, id: str) -> Response:  # noqa: A002
    """What models of one's own say of a track; empty where none has."""
    asked = ids.one(id)
    with library.connect() as connection:
        own = tracks.resolve(connection, [asked]).get(asked)
        if own is None:
            raise Unknown("track", id)
        return answer(request, {"id": id, "traits": scores.get(connection, own)})


def _values(one: OfValues) -> ValueRights:
    return {"kind": one.kind, "names": list(one.names), "files": [_origin(row) for row in one.told]}


def _origin(row: Provenance) -> FileOrigin:
    # Rows of listening are not values of a track, so what is told of listeners is left out.
    told = {key: value for key, value in to_json(row).items() if key not in _OF_LISTENERS}
    return {"provenance": told, "permits": {use: _answered(verdict) for use, verdict in effects(row).items()}}


_OF_LISTENERS = ("listened", "consent", "consent_scope", "withdrawn")


def _answered(verdict: Verdict) -> Answered:
    return {"answer": verdict.answer, "conditions": list(verdict.conditions), "reason": verdict.reason}
