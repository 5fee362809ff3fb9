"""Traits of one's own: what a model that a user trained says of tracks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from ritornello.library import schema as s


def put_traits(connection: Connection, names: Sequence[str], sha256: str, card: Mapping[str, Any]) -> None:
    """Make traits known, with the card of the model that speaks."""
    for name in names:
        s.upsert(connection, s.own_traits, "name", {"name": name, "sha256": sha256, "card": dict(card)})


def put(
    connection: Connection, names: Sequence[str], track_ids: Sequence[str], values: Sequence[Sequence[float]]
) -> None:
    """Store values of tracks, a row a track, in the order of the names; there must be none yet."""
    rows = [
        {"track_id": track_id, "trait": name, "value": value}
        for track_id, row in zip(track_ids, values, strict=True)
        for name, value in zip(names, row, strict=True)
    ]
    if rows:
        connection.execute(s.scores.insert(), rows)


def get(connection: Connection, track_id: str) -> dict[str, float]:
    """All that is said of a track, by trait."""
    query = select(s.scores.c.trait, s.scores.c.value).where(s.scores.c.track_id == track_id).order_by(s.scores.c.trait)
    return {row.trait: row.value for row in connection.execute(query)}


def cards(connection: Connection) -> dict[str, dict[str, Any]]:
    """The card of the model behind each trait, by the trait's name."""
    rows = connection.execute(select(s.own_traits).order_by(s.own_traits.c.name))
    return {row.name: {**row.card, "sha256": row.sha256} for row in rows}


def ranked(connection: Connection, name: str, limit: int) -> list[tuple[str, float]]:
    """The tracks with most of a trait, and the values."""
    query = select(s.scores.c.track_id, s.scores.c.value).where(s.scores.c.trait == name)
    rows = connection.execute(query.order_by(s.scores.c.value.desc(), s.scores.c.track_id).limit(limit))
    return [(row.track_id, row.value) for row in rows]


def forget(connection: Connection, names: Sequence[str]) -> None:
    """Drop traits and what was said."""
    connection.execute(delete(s.scores).where(s.scores.c.trait.in_(names)))
    connection.execute(delete(s.own_traits).where(s.own_traits.c.name.in_(names)))


def learned_from(connection: Connection, consent: str) -> list[str]:
    """The traits whose model learned from a listener."""
    rows = connection.execute(select(s.own_traits.c.name, s.own_traits.c.card))
    return [row.name for row in rows if consent in row.card["consents"]]
