"""Listeners: whose the plays are, and in which time zone they live. A user of the same name is the same person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, case, delete, func, select

from ritornello.errors import BadRequest, Unknown
from ritornello.library import neighbours, open_features, playlists, rights, songs
from ritornello.library import schema as s

if TYPE_CHECKING:
    from ritornello.library.database import Library

LONGEST = 100


@dataclass(frozen=True, slots=True)
class Listener:
    """A person whose plays are here."""

    name: str
    zone: str | None
    """IANA's name; None where it is not known."""
    inferred: bool
    """Whether the zone was guessed from what the plays told."""
    plays: int
    first: int | None
    """Unix milliseconds of the first play, UTC."""
    last: int | None


def check(name: str) -> str:
    """A name that a listener may have."""
    found = name.strip()
    if not found or len(found) > LONGEST or not found.isprintable():
        raise BadRequest(f"the listener's name has to have 1 to {LONGEST} characters: give another one")
    return found


def meet(connection: Connection, name: str, said: str | None, inferred: tuple[str, int] | None) -> None:
    """Remember a listener and the zone: said before inferred, and of two guesses the better founded."""
    row = connection.execute(select(s.listeners).where(s.listeners.c.name == name)).first()
    if row is None:
        connection.execute(s.listeners.insert().values(name=name))
    ours = s.listeners.update().where(s.listeners.c.name == name)
    if said is not None:
        connection.execute(ours.values(zone=said, zone_plays=None))
    elif inferred is not None:
        zone, plays = inferred
        before = (None, None) if row is None else (row.zone, row.zone_plays)
        if before[0] is None or (before[1] is not None and (before[1], before[0]) < (plays, zone)):
            connection.execute(ours.values(zone=zone, zone_plays=plays))


def get(connection: Connection, name: str) -> Listener:
    """Look a listener up."""
    found = [one for one in all(connection) if one.name == name]
    if not found:
        raise Unknown("listener", name)
    return found[0]


def all(connection: Connection) -> list[Listener]:  # noqa: A001
    """List whoever has plays or a zone, by name."""
    here = s.plays.c
    counted = case((here.counted, 1), else_=0)
    told = (func.sum(counted), func.min(here.played_at), func.max(here.played_at))
    plays = {row[0]: row for row in connection.execute(select(here.listener, *told).group_by(here.listener))}
    zones = {row.name: row for row in connection.execute(select(s.listeners))}
    found = []
    for name in sorted({*plays, *zones}):
        zone, row = zones.get(name), plays.get(name)
        guessed = zone is not None and zone.zone_plays is not None
        of_plays = (row[1], row[2], row[3]) if row else (0, None, None)
        found.append(Listener(name, zone.zone if zone else None, guessed, *of_plays))
    return found


def erase(library: Library, name: str) -> int:
    """Remove a listener with all that goes back to them, and overwrite where it lay; returns how many plays went."""
    with library.begin() as connection:
        gone = connection.execute(delete(s.plays).where(s.plays.c.listener == name)).rowcount
        known = connection.execute(delete(s.listeners).where(s.listeners.c.name == name)).rowcount
        if not gone and not known:
            raise Unknown("listener", name)
        rights.forget(connection, name)
        for made in playlists.made_for(connection, name):
            playlists.remove(connection, made)
        songs.forget_unplayed(connection)
        open_features.forget_unused(connection)
    # What was learned from their plays goes with them; it is learned anew from the others.
    neighbours.kept_at(library.path).unlink(missing_ok=True)
    library.scrub()
    return gone
