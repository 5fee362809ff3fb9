"""``GET /track/{id}``: all that is known of one track, to see and to hear."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from ritornello.errors import Unknown
from ritornello.library import open_features, rights, scores, tracks, values
from ritornello.library.columns import TRAITS
from ritornello.library.values import OfValues
from ritornello.recommend.wish import Wish
from ritornello.rights import Use, Verdict
from ritornello.server.answers import Json
from ritornello.server.context import Base, OpenLibrary
from ritornello.server.recommendations import Near
from ritornello.server.rights import NOTICE
from ritornello.server.site import audio, words
from ritornello.server.site.page import page
from ritornello.server.site.visitor import Seeing
from ritornello.spotify import ids, shapes
from ritornello.spotify.tunables import Tunables
from ritornello.track import AudioFeatures, Track

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

router = APIRouter(include_in_schema=False)

_NEIGHBOURS = 8
_MEASURED = ("tempo", "key", "mode", "time_signature", "loudness", "duration")


@dataclass(frozen=True, slots=True)
class Said:
    """One feature as the page tells it."""

    name: str
    title: str
    value: float
    told: str
    confidence: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Values of one origin, and what may be done with them."""

    of: OfValues
    uses: list[tuple[Use, Verdict]]


@router.get("/track/{id}")
def show(request: Request, library: OpenLibrary, base: Base, visitor: Seeing, id: str) -> Response:  # noqa: A002
    """The page; what is drawn from the analysis comes after it."""
    with library.connect() as connection:
        track = tracks.get(connection, [ids.one(id)])[0]
        if track is None:
            raise Unknown("track", id)
        known = tracks.features(connection, [track.id])[0]
        document = tracks.analysis(connection, track.id)
        told = values.of_track(connection, track.id)
        own_traits = scores.get(connection, track.id)
        published = open_features.get(connection, [track.id]).get(track.id, {})
        file = audio.source(connection, track.id)
    analysis = None if document is None else json.loads(document.text)
    return page(
        request,
        "track.html",
        visitor,
        track=track,
        features=None if known is None else known[0],
        traits=[] if known is None else [_trait(known[0], name) for name in TRAITS],
        measured=[] if known is None else [_said(known[0], name) for name in _MEASURED],
        sections=[] if analysis is None else analysis["sections"],
        has_analysis=analysis is not None,
        strongest=[] if analysis is None else strongest(analysis["segments"]),
        values=[_judged(one) for one in told],
        notice=NOTICE,
        own_traits=own_traits,
        published=published.values(),
        file=file if visitor.is_local else None,
        features_json="" if known is None else _json(shapes.audio_features(known[0], track.id, base)),
        base=base,
    )


@router.get("/track/{id}/analysis.json")
def analysis(library: OpenLibrary, visitor: Seeing, id: str) -> Response:  # noqa: A002
    """The very bytes that clients get."""
    with library.connect() as connection:
        found = tracks.analysis(connection, ids.one(id))
    if found is None:
        raise Unknown("audio analysis of a track", id)
    return Json(found.text)


@router.get("/track/{id}/near")
def near(library: OpenLibrary, visitor: Seeing, near: Near, id: str) -> Response:  # noqa: A002
    """What is like it, and why."""
    with library.connect() as connection:
        own = tracks.resolve(connection, [ids.one(id)]).get(id)
        if own is None:
            raise Unknown("track", id)
    answer = near.recommend(Wish((("track", own),), Tunables(), _NEIGHBOURS, explained=True))
    with library.connect() as connection:
        found = tracks.get(connection, [one.track_id for one in answer.tracks])
    pairs = zip(found, answer.tracks, strict=True)
    return Json({"tracks": [told(one, why.reasons, {own: "it"}) for one, why in pairs if one]})


@router.get("/card/{title}")
def card(request: Request, visitor: Seeing, title: str) -> Response:
    """What is known of a trait: what taught it, how far off it is and where it fails."""
    from markdown_it import MarkdownIt

    from ritornello.traits import cards

    if title not in cards.TITLES:
        raise Unknown("card", title)
    # The figures lie beside the cards in docs/traits, not in the package.
    text = re.sub(r"^!\[.*$", "", cards.render(title), flags=re.MULTILINE)
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return page(request, "card.html", visitor, title=title, html=html)


def told(track: Track, reasons: Sequence[str], names: Mapping[str, str]) -> dict[str, object]:
    """A track for a list that a script makes; reasons with the names of the seeds in place of their ids."""
    return {
        "id": track.id,
        "name": track.name,
        "artists": ", ".join(artist.name for artist in track.artists),
        "has_audio": track.has_audio,
        "reasons": [_named(reason, names) for reason in reasons],
    }


def _named(reason: str, names: Mapping[str, str]) -> str:
    for id_, name in names.items():
        before, said, after = reason.partition(f" {id_} (")
        if said:
            # The kind of the seed stands before its id.
            return f"{before.rpartition(' ')[0]} {name} ({after}"
    return reason


def _judged(one: OfValues) -> Judged:
    """What may be done with some values, by the file that allows it on the fewest conditions."""
    return Judged(one, [(use, rights.best(one.told, use)[1]) for use in Use])


def strongest(segments: Sequence[Mapping[str, Any]]) -> list[str]:
    """The three pitch classes that sound most, weighed by how long."""
    sums = [sum(one["pitches"][at] * one["duration"] for one in segments) for at in range(12)]
    return [words.KEYS[at] for at in sorted(range(12), key=lambda at: -sums[at])[:3]]


def _trait(features: AudioFeatures, name: str) -> Said:
    from ritornello.traits import cards

    return _said(features, name, cards.meaning(name))


def _said(features: AudioFeatures, name: str, meaning: str = "") -> Said:
    value = getattr(features, name)
    title = name.replace("_", " ").capitalize()
    return Said(name, title, value, words.say(name, value), features.confidence.get(name, 0.0), meaning)


def _json(shaped: object) -> str:
    return json.dumps(shaped, ensure_ascii=False, indent=2)
