"""What the arrays of :mod:`ritornello.recommend` are made from: tracks, plays, saved tracks, playlists."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import Connection, false, func, select

from ritornello.library import embeddings, genre_odds
from ritornello.library import schema as s
from ritornello.library.catalogue import MIXER
from ritornello.library.plays import LEAST_MS
from ritornello.recommend import heard as heard_
from ritornello.recommend import shelf as shelf_
from ritornello.recommend.heard import Floats, Matrix
from ritornello.recommend.index import LARGE
from ritornello.recommend.known import Known
from ritornello.spotify.rounding import level, milliseconds, trait
from ritornello.spotify.tunables import ATTRIBUTES, LEVELS, TRAITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ritornello.recommend.shelf import Shelf

_SAVED = 3
"""Plays that having saved a track counts as."""
_FEATURES = (*TRAITS, *LEVELS, "key", "mode", "time_signature")
_Marks = tuple[Any, Any]


def refresh(connection: Connection, known: Known | None, marks: _Marks) -> tuple[Known, _Marks]:
    """Read what has changed since the marks were set; what was learned before is kept while it may still speak."""
    now = marks_of(connection)
    if known is not None and now == marks:
        return known, marks
    shelf = known.shelf if known is not None and now[0] == marks[0] else load(connection)
    heard, rows = likes(connection, shelf)
    listeners = {name: at for at, (kind, name) in enumerate(rows) if kind == "listener"}
    names = tuple(f"{kind} {name}" for kind, name in rows)
    # What learning makes of it: taste of plays, and for a large library an index.
    small = heard is None and len(shelf.ids) <= LARGE
    found = Known(shelf, heard, listeners, None, names, learned=small)
    if known is not None and known.shelf is shelf:
        found = replace(found, index=known.index)
    if known is not None and known.taste is not None and found.contains(known):
        found = replace(found, taste=known.taste)
    return found, now


def marks_of(connection: Connection) -> _Marks:
    """Something that differs once what is read here does."""
    return _mark_tracks(connection), _mark_likes(connection)


def load(connection: Connection) -> Shelf:
    """Read all tracks."""
    query = (
        select(s.tracks.c.id, s.tracks.c.duration, s.tracks.c.popularity, *(s.features.c[name] for name in _FEATURES))
        .join(s.features, s.features.c.track_id == s.tracks.c.id, isouter=True)
        .order_by(s.tracks.c.number)
    )
    rows = connection.execute(query).all()
    place = {row.id: at for at, row in enumerate(rows)}
    values = np.array([_values(row) for row in rows], float).reshape(len(rows), len(ATTRIBUTES))
    artists = connection.execute(select(s.artists.c.id, s.artists.c.name).order_by(s.artists.c.number)).all()
    number = {row.id: at for at, row in enumerate(artists)}
    by = select(s.track_artists.c.track_id, s.track_artists.c.artist_id).order_by(
        s.track_artists.c.track_id, s.track_artists.c.position
    )
    tagged = connection.execute(select(s.track_genres.c.track_id, s.track_genres.c.genre))
    return shelf_.build(
        ids=[row.id for row in rows],
        values=values,
        vectors=vectors(connection, place),
        credited=[(place[track], number[artist]) for track, artist in connection.execute(by)],
        artists=[(row.id, row.name) for row in artists],
        tags=[(place[track], genre) for track, genre in tagged],
        odds={place[track]: odds for track, odds in genre_odds.all(connection).items()},
    )


def vectors(connection: Connection, place: Mapping[str, int]) -> Floats:
    """Embeddings of the newest version there is, one row a track; zeros where there is none."""
    newest = connection.scalars(select(s.embeddings.c.version).order_by(s.embeddings.c.version.desc()).limit(1)).first()
    ids, packed = embeddings.all(connection, newest) if newest else ([], b"")
    stored = np.frombuffer(packed, "<f2").astype(np.float32).reshape(len(ids), -1) if ids else np.zeros((0, 0))
    table = np.zeros((len(place), stored.shape[1]), np.float32)
    table[[place[id_] for id_ in ids]] = stored
    return table


def likes(connection: Connection, shelf: Shelf) -> tuple[Matrix | None, list[tuple[str, str]]]:
    """Read who likes what: plays that were no skips, saved tracks, and playlists that people made; and whose rows."""
    named = select(s.external_ids.c.value, s.external_ids.c.track_id)
    external = {row.value: row.track_id for row in connection.execute(named)}
    matched = select(s.matches.c.song_id, s.matches.c.track_id).where(s.matches.c.state.in_(("found", "confirmed")))
    external |= {row.song_id: row.track_id for row in connection.execute(matched)}
    counts: dict[tuple[tuple[str, str], int], float] = defaultdict(float)

    def count(row: tuple[str, str], track_id: str, much: float) -> None:
        at = shelf.place.get(track_id, shelf.place.get(external.get(track_id, ""), -1))
        if at >= 0:
            counts[row, at] += much

    for listener, track_id, times in connection.execute(_plays()):
        count(("listener", listener), track_id, times)
    saved = select(s.saved.c.user_id, s.saved.c.item_id).where(s.saved.c.kind == "track")
    for user, track_id in connection.execute(saved):
        count(("listener", user), track_id, _SAVED)
    listed = (
        select(s.playlist_items.c.playlist_id, s.playlist_items.c.track_id)
        .join(s.playlists, s.playlists.c.id == s.playlist_items.c.playlist_id)
        .where(s.playlists.c.owner_id != MIXER, s.playlist_items.c.track_id.is_not(None))
    )
    for playlist, track_id in connection.execute(listed):
        count(("playlist", playlist), track_id, 1)
    if not counts:
        return None, []
    names = {row: at for at, row in enumerate(sorted({row for row, _ in counts}))}
    heard = heard_.matrix(
        [names[row] for row, _ in counts],
        [column for _, column in counts],
        list(counts.values()),
        (len(names), len(shelf.ids)),
    )
    return heard, list(names)


def _values(row: Any) -> list[float]:
    """The attributes of a track, rounded as clients see them, in the order of ``ATTRIBUTES``."""
    values: dict[str, float] = {"duration_ms": milliseconds(row.duration), "popularity": row.popularity}
    if row.energy is not None:
        values |= {name: trait(getattr(row, name)) for name in TRAITS}
        values |= {name: level(getattr(row, name)) for name in LEVELS}
        values |= {"key": row.key, "mode": row.mode, "time_signature": row.time_signature}
    return [values.get(name, np.nan) for name in ATTRIBUTES]


def _plays() -> Any:
    here = s.plays.c
    lasting = func.coalesce(here.ms_played, LEAST_MS) >= LEAST_MS
    liked = (here.counted, lasting, ~func.coalesce(here.skipped, false()))
    return select(here.listener, here.track_id, func.count()).where(*liked).group_by(here.listener, here.track_id)


def _mark_tracks(connection: Connection) -> Any:
    """Numbers that differ once tracks, their features or their genres do."""
    features = s.features.c
    parts = (
        select(func.count(), func.max(s.tracks.c.id), func.total(s.tracks.c.number), func.total(s.tracks.c.popularity)),
        select(func.count(), func.total(features.energy + features.tempo), func.total(features.valence)),
        select(
            func.count(), func.count(s.track_genres.c.genre.distinct()), func.total(func.length(s.track_genres.c.genre))
        ),
        select(func.count(), func.count(s.track_artists.c.artist_id.distinct()), func.max(s.track_artists.c.artist_id)),
        select(func.count(), func.max(s.artists.c.number), func.total(func.length(s.artists.c.name))),
    )
    return tuple(tuple(connection.execute(part).one()) for part in parts)


def _mark_likes(connection: Connection) -> Any:
    """Numbers that differ once plays, saved tracks or playlists do."""
    parts = (
        select(
            func.count(), func.max(s.plays.c.number), func.total(s.plays.c.played_at), func.total(s.plays.c.counted)
        ),
        select(
            func.count(), func.max(s.matches.c.track_id), func.max(s.matches.c.song_id), func.total(s.matches.c.score)
        ),
        select(func.count(), func.total(s.saved.c.added_at), func.max(s.saved.c.item_id)).where(
            s.saved.c.kind == "track"
        ),
        select(func.count(), func.total(s.playlists.c.version), func.max(s.playlists.c.number)).where(
            s.playlists.c.owner_id != MIXER
        ),
        select(func.count(), func.max(s.external_ids.c.value), func.max(s.external_ids.c.track_id)),
    )
    return tuple(tuple(connection.execute(part).one()) for part in parts)
