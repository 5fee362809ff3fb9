"""By what right each value of a track is here: what was measured, what weights say, what others published."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from ritornello import weights
from ritornello.library import open_features, rights, tracks
from ritornello.library import schema as s
from ritornello.rights import Basis, Provenance, expression
from ritornello.spotify.tunables import TRAITS as LEARNED
from ritornello.track import FEATURES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ritornello.library.open_features import OpenFeature


@dataclass(frozen=True, slots=True)
class OfValues:
    """By what right some values of a track are here, once for each of its files."""

    kind: str
    """``measured``, ``learned``, ``embedding``, ``genres`` or ``open``."""
    names: tuple[str, ...]
    told: tuple[Provenance, ...]


def of_track(connection: Connection, track_id: str) -> list[OfValues]:
    """The provenance of everything that is told of a track, value by value; by our id or another."""
    told = rights.of_track(connection, track_id)
    own = tracks.resolve(connection, [track_id])[track_id]
    found = []
    if told[0].analysis_version:
        plain = tuple(replace(one, model_version="", weights=()) for one in told)
        found.append(OfValues("measured", tuple(name for name in FEATURES if name not in LEARNED), plain))
        found.append(OfValues("learned", LEARNED, tuple(_by(one, one.model_version) for one in told)))
    for kind, table in (("embedding", s.embeddings), ("genres", s.genre_odds)):
        version = connection.scalars(select(table.c.version).where(table.c.track_id == own)).first()
        if version is not None:
            found.append(OfValues(kind, (kind,), tuple(_by(one, version) for one in told)))
    for name, value in sorted(open_features.get(connection, [own]).get(own, {}).items()):
        found.append(OfValues("open", (name,), (of_open(value),)))
    return found


def _by(row: Provenance, version: str) -> Provenance:
    return replace(row, model_version=version, weights=weights.lineage(version))


def of_open(value: OpenFeature) -> Provenance:
    """The provenance of a value that others published: its licence is theirs, no recording was heard here."""
    licence = expression(value.licence) or value.licence
    return Provenance(source=value.source, licence=licence, basis=Basis.LICENCE, credit=value.source, evidence="source")
