"""Playlists that make themselves: written as ordinary playlists of one owner, a new edition each day or week."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from ritornello.library import catalogue, matches, playlists, saved, users
from ritornello.library import schema as s
from ritornello.library.catalogue import MIXER, PlaylistRow
from ritornello.library.plays import LEAST_MS
from ritornello.spotify import ids

if TYPE_CHECKING:
    import numpy as np

    from ritornello.library import Library
    from ritornello.library.neighbours import Neighbours
    from ritornello.recommend.heard import Ints
    from ritornello.recommend.known import Known
    from ritornello.recommend.shelf import Shelf

_EDITION = re.compile(r" Edition (\S+)\.$")
_MOODS = ("moods", "Moods")
_MADE_FOR_YOU = ("made-for-you", "Made for you")
_RELEASED_DAYS = 60
_LATELY_DAYS = 30

HOURS = {
    "sleep": (0, 6),
    "happy": (6, 9),
    "focus": (9, 12),
    "workout": (12, 15),
    "sad": (15, 18),
    "party": (18, 20),
    "calm": (20, 24),
}
"""When each mood is offered first: hours of the day."""


@dataclass(frozen=True, slots=True)
class Mix:
    """A playlist before it is written."""

    id: str
    name: str
    about: str
    listener: str | None
    """Whom it is for; None for everybody."""
    category: tuple[str, str]
    tracks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A mix, and how its tracks are found when its period has begun."""

    kind: str
    name: str
    about: str
    edition: str
    make: Callable[[np.random.Generator], Ints]
    listener: str | None = None
    category: tuple[str, str] = _MADE_FOR_YOU


def refresh(library: Library, near: Neighbours, now: datetime, *, again: bool = False) -> list[str]:
    """Write the editions of this day and week that are not written yet, ``again`` all of them; returns their names.

    What is written stays until its period is over, whatever happens to the library meanwhile.
    """
    from ritornello.recommend.mixes import FEWEST

    known = near.known()
    with library.connect() as connection:
        everybody = [user.id for user in users.all(connection)]
        standing = set() if again else {id_ for id_, of in _editions(connection).items() if of in _periods(now)}
        plans = [*_moods(known, now)]
        for listener in everybody:
            if listener in known.listeners:
                plans += _personal(connection, known, listener, now, standing)
            else:
                standing -= {one.id for one in playlists.made_for(connection, listener)}
    new = [_mix(known, plan) for plan in plans if _id(plan.kind, plan.listener) not in standing]
    new = [mix for mix in new if len(mix.tracks) >= FEWEST]
    with library.begin() as connection:
        for gone in _editions(connection).keys() - standing - {mix.id for mix in new}:
            playlists.remove(connection, playlists.one(connection, gone))
        for mix in new:
            _write(connection, mix)
    return [mix.name if mix.listener is None else f"{mix.name} for {mix.listener}" for mix in new]


def for_hour(hour: int) -> tuple[list[str], str]:
    """The ids of the mood playlists for an hour of the day, and a greeting."""
    fits = [key for key, (first, last) in HOURS.items() if first <= hour < last]
    part = "morning" if 5 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"
    return [_id(key, None) for key in fits], f"Good {part}"


def _moods(known: Known, now: datetime) -> Iterator[_Plan]:
    from ritornello.recommend import mixes

    for mood in mixes.MOODS:
        about = f"{mood.name} music from this library, chosen by how it sounds."
        make = partial(mixes.mood, known.shelf, mood)
        yield _Plan(mood.key, f"{mood.name} mix", about, _periods(now)[0], make, None, _MOODS)


def _personal(connection: Connection, known: Known, listener: str, now: datetime, standing: set[str]) -> list[_Plan]:
    from ritornello.recommend import mixes

    shelf, (day, week) = known.shelf, _periods(now)
    before = [shelf.place[id_] for id_ in _on(connection, _id("discover", listener)) if id_ in shelf.place]
    since = f"{now - timedelta(days=_RELEASED_DAYS):%Y-%m-%d}"
    last = _newest(connection, listener, now)
    month = last - timedelta(days=_LATELY_DAYS)
    lately = _counts(connection, known, listener, month, last)
    once = _counts(connection, known, listener, datetime.fromtimestamp(0, UTC), month)
    released = _released(connection, shelf.ids)
    plans = [
        _Plan("discover", "Discover Weekly", "Music that is new to you and near what you like.", week,
              lambda draw: mixes.discover(known, listener, draw, before)),
        _Plan("radar", "Release Radar", "The newest from artists you listen to.", week,
              lambda draw: mixes.radar(known, listener, released, since, draw)),
        _Plan("repeat", "On Repeat", "What you played most in the last thirty days.", day,
              lambda draw: mixes.repeat(shelf, lately)),
        _Plan("rewind", "Repeat Rewind", "What you played most before, and not lately.", week,
              lambda draw: mixes.rewind(shelf, once, lately)),
    ]  # fmt: skip
    # How many kinds of taste there are is settled once a day.
    settled = _id("daily 1", listener) in standing
    kinds = [] if settled else mixes.daily(known, listener, _draw("daily", listener, day))
    for number, rows in enumerate(kinds, start=1):
        about = f"One of the kinds of music you like, with more of it: {_names(shelf, rows)}."
        plans.append(_Plan(f"daily {number}", f"Daily Mix {number}", about, day, lambda draw, rows=rows: rows))  # type: ignore[misc]
    return [replace(plan, listener=listener) for plan in plans]


def _periods(now: datetime) -> tuple[str, str]:
    """The names of a day's and a week's edition."""
    return f"{now:%Y-%m-%d}", f"{now:%G-W%V}"


def _mix(known: Known, plan: _Plan) -> Mix:
    rows = plan.make(_draw(plan.kind, plan.listener, plan.edition))
    tracks = tuple(known.shelf.ids[row] for row in rows)
    about = f"{plan.about} Edition {plan.edition}."
    return Mix(_id(plan.kind, plan.listener), plan.name, about, plan.listener, plan.category, tracks)


def _write(connection: Connection, mix: Mix) -> None:
    """Store a mix; what is for one listener is private and in their library, once, for they may let it go."""
    first = playlists.get(connection, [mix.id])[0] is None
    row = PlaylistRow(
        mix.id,
        mix.name,
        MIXER,
        mix.about,
        public=mix.listener is None,
        featured=mix.listener is None,
        categories=(mix.category,) if mix.listener is None else (),
        uris=tuple(ids.uri("track", track) for track in mix.tracks),
    )
    if users.get(connection, [MIXER])[0] is None:
        users.add(connection, MIXER, None, display_name="Ritornello")
    catalogue.put_playlist(connection, row)
    if first and mix.listener is not None:
        saved.add(connection, mix.listener, "playlist", [mix.id], public=False)


def _editions(connection: Connection) -> dict[str, str]:
    """The playlists that were written, and of when each is."""
    found = {one.id: _EDITION.search(one.description) for one in playlists.of_owner(connection, MIXER)}
    return {id_: match.group(1) for id_, match in found.items() if match}


def _on(connection: Connection, playlist_id: str) -> list[str]:
    listed = select(s.playlist_items.c.track_id).where(s.playlist_items.c.playlist_id == playlist_id)
    return [id_ for id_ in connection.scalars(listed) if id_]


def _counts(connection: Connection, known: Known, listener: str, since: datetime, until: datetime) -> Counter[int]:
    """How often each track was played in a time, by row."""
    here = s.plays.c
    query = select(here.track_id, func.count().label("plays")).where(
        here.listener == listener,
        here.counted,
        here.played_at >= int(since.timestamp() * 1000),
        here.played_at < int(until.timestamp() * 1000),
        func.coalesce(here.ms_played, LEAST_MS) >= LEAST_MS,
    )
    per_id = query.group_by(here.track_id).subquery()
    counts: Counter[int] = Counter()
    for row in connection.execute(select(per_id.c.plays, matches.own_id(per_id.c.track_id).label("own"))):
        if row.own in known.shelf.place:
            counts[known.shelf.place[row.own]] += row.plays
    return counts


def _newest(connection: Connection, listener: str, now: datetime) -> datetime:
    """When a listener last played anything: histories are imported late."""
    newest = connection.scalars(select(func.max(s.plays.c.played_at)).where(s.plays.c.listener == listener)).one()
    return min(now, datetime.fromtimestamp((newest or 0) / 1000 + 1, UTC))


def _released(connection: Connection, wanted: tuple[str, ...]) -> dict[str, str]:
    """When each track's album came out."""
    query = select(s.tracks.c.id, s.albums.c.release_date).join(s.albums, s.albums.c.id == s.tracks.c.album_id)
    known = {row.id: row.release_date or "" for row in connection.execute(query)}
    return {id_: known.get(id_, "") for id_ in wanted}


def _names(shelf: Shelf, rows: Ints) -> str:
    """The three artists with most tracks."""
    common = Counter(int(artist) for artist in shelf.artists[rows]).most_common(3)
    return ", ".join(shelf.artist_names[artist] for artist, _ in common)


def _draw(kind: str, listener: str | None, edition: str) -> np.random.Generator:
    """Chance that is the same for the same edition."""
    import numpy as np

    digest = hashlib.blake2b(f"{kind}/{listener}/{edition}".encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def _id(kind: str, listener: str | None) -> str:
    return ids.of_name("playlist", f"made/{kind}/{listener or ''}")
