"""Tracks that sound alike, by the distance of their features, reckoned by the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, select, true

from ritornello.library import schema as s
from ritornello.library import tracks as tracks_
from ritornello.spotify import genres

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ritornello.spotify.tunables import Tunables

_SPREAD = {
    "acousticness": 0.3,
    "danceability": 0.17,
    "energy": 0.25,
    "instrumentalness": 0.35,
    "liveness": 0.2,
    "loudness": 6.0,
    "speechiness": 0.1,
    "tempo": 30.0,
    "valence": 0.25,
}
"""About how far features of two songs lie apart: what counts as one step of each."""
_STEP = {**_SPREAD, "duration_ms": 60_000.0, "key": 3.0, "mode": 1.0, "popularity": 25.0, "time_signature": 1.0}

_TARGETS = 4.0
"""How much more a target counts than the seeds: it is what was asked for in so many words."""
_KNOWN_UNHEARD = {"duration_ms", "popularity"}
_NEIGHBOURS = 400
"""Tracks looked at to find the artists behind them."""


@dataclass(frozen=True, slots=True)
class Seed:
    """What to start from: the place in the space of features, or None for a seed that is not known here."""

    kind: str
    id: str
    is_known: bool
    centre: Mapping[str, float] | None
    leaves_out: tuple[str, ...] = ()
    """Tracks that are the seed itself."""
    genre: tuple[str, ...] = ()
    """The library's names of the genre asked for; such a seed leads to tracks of that genre alone."""


def seed(connection: Connection, kind: str, id: str) -> Seed:  # noqa: A002
    """Find a seed: ``artist``, ``track`` or ``genre``."""
    if kind == "genre":
        named = connection.scalars(select(s.track_genres.c.genre).distinct())
        found = tuple(name for name in named if genres.normal(name) == genres.normal(id))
        tracks = select(s.track_genres.c.track_id).where(s.track_genres.c.genre.in_(found))
        return Seed(kind, id, bool(found) or id in genres.SEEDS, _centre(connection, tracks), genre=found)
    if kind == "track":
        own = tracks_.resolve(connection, [id]).get(id)
        centre = _centre(connection, select(literal(own))) if own else None
        return Seed(kind, id, own is not None, centre, (own,) if own else ())
    known = connection.scalars(select(s.artists.c.id).where(s.artists.c.id == id)).first() is not None
    by = select(s.track_artists.c.track_id).where(s.track_artists.c.artist_id == id)
    return Seed(kind, id, known, _centre(connection, by) if known else None)


def pool(connection: Connection, start: Seed, wanted: Tunables) -> tuple[int, int]:
    """How many tracks a seed can lead to, and how many of those are between the floors and ceilings."""
    if start.centre is None:
        return 0, 0
    everything = _led_to([start])
    return _count(connection, everything), _count(connection, everything.where(*_between(wanted)))


def nearest(connection: Connection, seeds: Sequence[Seed], wanted: Tunables, limit: int, offset: int = 0) -> list[str]:
    """A stretch of the tracks that the seeds lead to, the nearest to a seed and to the targets first."""
    known = [one for one in seeds if one.centre is not None]
    if not known:
        return []
    # SQLite's min() of one argument is an aggregate.
    gaps = [_reach(one) for one in known]
    gap = func.min(*gaps) if len(gaps) > 1 else gaps[0]
    order = [gap + _TARGETS * _off_target(wanted), s.tracks.c.number]
    query = _led_to(known).where(*_between(wanted)).order_by(*order).limit(limit).offset(offset)
    return list(connection.scalars(query))


def unheard(connection: Connection, seeds: Sequence[Seed], wanted: Tunables, limit: int) -> list[str]:
    """Tracks that nobody analysed: those of the seeds' artists, then of their genres, then the most popular.

    None where a floor or a ceiling asks for what only analysis knows.
    """
    if not {*wanted.floors, *wanted.ceilings} <= _KNOWN_UNHEARD:
        return []
    own = [id_ for one in seeds for id_ in (one.leaves_out or (one.id,)) if one.kind == "track"]
    by = select(s.track_artists.c.artist_id).where(s.track_artists.c.track_id.in_(own))
    artist_ids = [one.id for one in seeds if one.kind == "artist"] + list(connection.scalars(by))
    theirs = select(s.track_artists.c.track_id).where(s.track_artists.c.artist_id.in_(artist_ids))
    named = [name for one in seeds for name in one.genre]
    alike = select(s.track_genres.c.genre).where(s.track_genres.c.track_id.in_(theirs)).distinct()
    kin = _has_genre([*named, *connection.scalars(alike)])
    rank = case((s.tracks.c.id.in_(theirs), 0), (kin, 1), else_=2)
    query = select(s.tracks.c.id).where(
        s.tracks.c.id.not_in(select(s.features.c.track_id)), s.tracks.c.id.not_in(own), *_between(wanted)
    )
    if all(one.kind == "genre" for one in seeds):
        query = query.where(kin)
    return list(connection.scalars(query.order_by(rank, s.tracks.c.popularity.desc(), s.tracks.c.number).limit(limit)))


def artists(connection: Connection, artist_id: str, limit: int) -> list[str]:
    """Artists whose tracks lie nearest to the middle of this artist's, the nearest first."""
    from ritornello.spotify.tunables import Tunables

    start = seed(connection, "artist", artist_id)
    near = nearest(connection, [start], Tunables(), _NEIGHBOURS)
    query = (
        select(s.track_artists.c.track_id, s.track_artists.c.artist_id)
        .where(s.track_artists.c.track_id.in_(near), s.track_artists.c.artist_id != artist_id)
        .order_by(s.track_artists.c.position)
    )
    by: dict[str, list[str]] = {}
    for row in connection.execute(query):
        by.setdefault(row.track_id, []).append(row.artist_id)
    found = dict.fromkeys(artist for track in near for artist in by.get(track, ()))
    return [*found, *_kin(connection, artist_id, list(found))][:limit]


def _kin(connection: Connection, artist_id: str, found: Sequence[str]) -> Sequence[str]:
    """Artists that share most genres with one, where nothing was analysed."""
    own = (
        select(s.track_genres.c.genre)
        .join(s.track_artists, s.track_artists.c.track_id == s.track_genres.c.track_id)
        .where(s.track_artists.c.artist_id == artist_id)
    )
    query = (
        select(s.track_artists.c.artist_id)
        .join(s.track_genres, s.track_genres.c.track_id == s.track_artists.c.track_id)
        .where(s.track_genres.c.genre.in_(own), s.track_artists.c.artist_id.not_in([artist_id, *found]))
        .group_by(s.track_artists.c.artist_id)
        .order_by(
            func.count(s.track_genres.c.genre.distinct()).desc(),
            func.count().desc(),
            func.min(s.track_artists.c.track_id),
        )
    )
    return connection.scalars(query.limit(_NEIGHBOURS)).all()


def _led_to(seeds: Sequence[Seed]) -> Select[tuple[str]]:
    query = select(s.tracks.c.id).join(s.features, s.features.c.track_id == s.tracks.c.id)
    left_out = [own for one in seeds for own in one.leaves_out]
    if left_out:
        query = query.where(s.tracks.c.id.not_in(left_out))
    if all(one.kind == "genre" for one in seeds):
        names = [name for one in seeds for name in one.genre]
        query = query.where(_has_genre(names))
    return query


def _reach(start: Seed) -> ColumnElement[float]:
    """The distance to a seed, squared; a track without the genre asked for is out of its reach."""
    assert start.centre is not None
    gap: Any = sum(
        (s.features.c[name] - centre) * (s.features.c[name] - centre) / (_SPREAD[name] ** 2 * len(_SPREAD))
        for name, centre in start.centre.items()
    )
    return gap if start.kind != "genre" else case((_has_genre(start.genre), gap), else_=1e9)


def _has_genre(names: Sequence[str]) -> ColumnElement[bool]:
    return s.tracks.c.id.in_(select(s.track_genres.c.track_id).where(s.track_genres.c.genre.in_(names)))


def _off_target(wanted: Tunables) -> ColumnElement[float]:
    """The mean distance to the targets, in steps, squared."""
    if not wanted.targets:
        return literal(0.0)
    total: Any = 0
    for name, target in wanted.targets.items():
        gap: ColumnElement[float] = func.abs(_column(name) - target)
        if name == "key":
            gap = case((gap > 6, 12 - gap), else_=gap)
        total = total + (gap / _STEP[name]) * (gap / _STEP[name])
    return total / float(len(wanted.targets))  # type: ignore[no-any-return]


def _between(wanted: Tunables) -> list[ColumnElement[bool]]:
    """Floors and ceilings, wider by what rounding may add: the caller looks at the rounded numbers once more."""
    facts: list[ColumnElement[bool]] = [
        _column(name) >= floor - _rounding(name, floor) for name, floor in wanted.floors.items()
    ]
    facts += [_column(name) <= top + _rounding(name, top) for name, top in wanted.ceilings.items()]
    return facts or [true()]


def _rounding(name: str, bound: float) -> float:
    return abs(bound) * 0.005 + 0.0005 if name in _SPREAD else 0.5 if name == "duration_ms" else 0.0


def _column(name: str) -> ColumnElement[Any]:
    if name == "duration_ms":
        return s.tracks.c.duration * 1000
    return s.tracks.c.popularity if name == "popularity" else s.features.c[name]


def _centre(connection: Connection, track_ids: Select[Any]) -> dict[str, float] | None:
    means = [func.avg(s.features.c[name]).label(name) for name in _SPREAD]
    row = connection.execute(select(*means).where(s.features.c.track_id.in_(track_ids))).one()
    return None if row[0] is None else {name: getattr(row, name) for name in _SPREAD}


def _count(connection: Connection, query: Select[tuple[str]]) -> int:
    return connection.scalars(select(func.count()).select_from(query.subquery())).one()
