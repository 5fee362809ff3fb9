"""Which track of the library a song of a history is: by an id that both have, else by names and length.

What a person confirmed or refused stays so; all else is found anew whenever songs or tracks come in.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Connection, delete, func, select

from ritornello.errors import BadRequest, Unknown
from ritornello.histories import names
from ritornello.library import schema as s
from ritornello.library import songs, tracks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ritornello.play import Song

_HELD = ("found", "confirmed")
_IDS = (("spotify", "spotify"), ("isrc", "isrc"), ("musicbrainz", "musicbrainz_recording"))
"""Columns of a song, and the kinds of external ids that are the same thing."""
_BATCH = 5000

_Described: TypeAlias = tuple[names.Title, tuple[str, ...], "str | None", "float | None"]


class _Candidate(NamedTuple):
    track_id: str
    described: _Described


class _Found(NamedTuple):
    track_id: str
    by: str
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """A song, how often it was played, and what it is taken for."""

    song_id: str
    song: Song
    plays: int
    track_id: str | None = None
    track: str | None = None
    """Artist and title of the track."""
    by: str | None = None
    score: float | None = None
    state: str | None = None


def refresh(connection: Connection) -> None:
    """Find matches anew for all songs about which nobody has decided."""
    connection.execute(delete(s.matches).where(s.matches.c.state == "found"))
    if not connection.scalars(select(s.songs.c.id).limit(1)).first():
        return
    index = _Index(connection)
    if not index.tracks:
        return
    decided = set(connection.scalars(select(s.matches.c.song_id).where(s.matches.c.state == "confirmed")))
    refused: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(select(s.matches).where(s.matches.c.state == "refused")):
        refused[row.song_id].add(row.track_id)
    lengths = _lengths(connection)
    rows = []
    for song_id, song in _all(connection):
        if song_id not in decided:
            found = index.find(song_id, song, song.duration or lengths.get(song_id), refused.get(song_id, set()))
            if found:
                rows.append({"song_id": song_id, **found._asdict(), "state": "found"})
    if rows:
        connection.execute(s.matches.insert(), rows)


def confirm(connection: Connection, song_id: str, track_id: str) -> None:
    """A person says that the song is this track."""
    _known(connection, song_id)
    own = tracks.resolve(connection, [track_id]).get(track_id)
    if own is None:
        raise Unknown("track", track_id)
    held = (s.matches.c.song_id == song_id, s.matches.c.state.in_(_HELD) | (s.matches.c.track_id == own))
    connection.execute(delete(s.matches).where(*held))
    row = {"song_id": song_id, "track_id": own, "by": "hand", "score": 1.0, "state": "confirmed"}
    connection.execute(s.matches.insert().values(**row))


def refuse(connection: Connection, song_id: str, track_id: str | None = None) -> None:
    """A person says that the song is not this track, or not the one that it is taken for."""
    _known(connection, song_id)
    if track_id is None:
        held = select(s.matches.c.track_id).where(s.matches.c.song_id == song_id, s.matches.c.state.in_(_HELD))
        track_id = connection.scalars(held).first()
        if track_id is None:
            raise BadRequest(f"the song {song_id!r} is taken for no track: give the track that it is not")
    this = (s.matches.c.song_id == song_id, s.matches.c.track_id == track_id)
    connection.execute(delete(s.matches).where(*this))
    row = {"song_id": song_id, "track_id": track_id, "by": "hand", "score": 0.0, "state": "refused"}
    connection.execute(s.matches.insert().values(**row))
    refresh(connection)


def held(connection: Connection, listener: str | None = None) -> list[Match]:
    """Songs that are taken for a track, the least sure first; of one listener or of all."""
    query = (
        _counted(listener)
        .add_columns(s.matches.c.track_id.label("its"), s.matches.c.by, s.matches.c.score, s.matches.c.state)
        .join(s.matches, (s.matches.c.song_id == s.songs.c.id) & s.matches.c.state.in_(_HELD))
        .order_by(s.matches.c.score, func.count().desc(), s.songs.c.id)
    )
    rows = connection.execute(query).all()
    called = _called(connection)
    return [
        Match(row.id, songs.of_row(row), row.plays, row.its, called.get(row.its), row.by, row.score, row.state)
        for row in rows
    ]


def missing(connection: Connection, listener: str | None = None) -> list[Match]:
    """Songs of which the library has nothing, the most played first."""
    query = _counted(listener).where(own_id(s.songs.c.id).is_(None))
    rows = connection.execute(query.order_by(func.count().desc(), s.songs.c.artist, s.songs.c.title, s.songs.c.id))
    return [Match(row.id, songs.of_row(row), row.plays) for row in rows]


def own_id(asked: ColumnElement[str]) -> ColumnElement[str | None]:
    """The track of the library that an id means, in SQL: its own, another id of one, or a match; NULL for none."""
    direct = select(s.tracks.c.id).where(s.tracks.c.id == asked).correlate_except(s.tracks).scalar_subquery()
    ids = s.external_ids
    other = select(ids.c.track_id).where(ids.c.value == asked).limit(1).correlate_except(ids).scalar_subquery()
    match = s.matches
    taken = (
        select(s.tracks.c.id)
        .join(match, match.c.track_id == s.tracks.c.id)
        .where(match.c.song_id == asked, match.c.state.in_(_HELD))
        .limit(1)
        .correlate_except(s.tracks, match)
        .scalar_subquery()
    )
    return func.coalesce(direct, other, taken)


def count(connection: Connection, listener: str) -> int:
    """How many plays of a listener are of tracks of the library."""
    per_song = (
        select(s.plays.c.track_id, func.count().label("plays"))
        .where(s.plays.c.listener == listener, s.plays.c.counted)
        .group_by(s.plays.c.track_id)
        .subquery()
    )
    query = select(func.coalesce(func.sum(per_song.c.plays), 0)).where(own_id(per_song.c.track_id).is_not(None))
    found: int = connection.scalars(query).one()
    return found


class _Index:
    """All tracks of the library, by every id, artist and title."""

    def __init__(self, connection: Connection) -> None:
        self.tracks: set[str] = set()
        self._by_id: dict[tuple[str, str], str] = {}
        self._by_artist: dict[str, list[_Candidate]] = defaultdict(list)
        self._by_title: dict[str, list[_Candidate]] = defaultdict(list)
        for row in connection.execute(select(s.external_ids).order_by(s.external_ids.c.track_id)):
            self._by_id.setdefault((row.kind, row.value), row.track_id)
        credited: dict[str, list[str]] = defaultdict(list)
        by = select(s.track_artists.c.track_id, s.artists.c.name)
        by = by.join(s.artists, s.artists.c.id == s.track_artists.c.artist_id)
        for row in connection.execute(by.order_by(s.track_artists.c.position)):
            credited[row.track_id].append(row.name)
        named = select(s.tracks.c.id, s.tracks.c.name, s.albums.c.name.label("album"), s.tracks.c.duration)
        for row in connection.execute(named.join(s.albums, s.albums.c.id == s.tracks.c.album_id)):
            self._add(row.id, row.name, credited[row.id], row.album, row.duration)

    def _add(self, track_id: str, name: str, by: list[str], album: str, duration: float) -> None:
        self.tracks.add(track_id)
        who = tuple(dict.fromkeys(part for one in [", ".join(by), *by] for part in names.artists(one)))
        made = _Candidate(track_id, (names.title(name), who, album, duration or None))
        for one in who:
            self._by_artist[one].append(made)
        self._by_title[made.described[0].plain].append(made)

    def find(self, song_id: str, song: Song, seconds: float | None, refused: set[str]) -> _Found | None:
        """The track that a song is: by id first; None where nothing is like enough."""
        if song_id in self.tracks and song_id not in refused:
            return _Found(song_id, "spotify", 1.0)
        for column, kind in _IDS:
            value = getattr(song, column)
            track_id = self._by_id.get((kind, value)) if value else None
            if track_id is not None and track_id not in refused:
                return _Found(track_id, column, 1.0)
        ours: _Described = (names.title(song.title), names.artists(song.artist), song.album, seconds)
        near = [one for name in ours[1] for one in self._by_artist.get(name, ())]
        near += self._by_title.get(ours[0].plain, ())
        scored = {one.track_id: names.score(ours, one.described) for one in near if one.track_id not in refused}
        if not scored:
            return None
        best, score = min(scored.items(), key=lambda item: (-item[1], item[0]))
        return _Found(best, "names", round(score, 4)) if score >= names.ENOUGH else None


def _all(connection: Connection) -> Iterator[tuple[str, Song]]:
    wanted = list(connection.scalars(select(s.songs.c.id)))
    for start in range(0, len(wanted), _BATCH):
        yield from songs.get(connection, wanted[start : start + _BATCH]).items()


def _lengths(connection: Connection) -> dict[str, float]:
    """Seconds of songs, from how long they played when they played to their end: the commonest length."""
    here = s.plays.c
    query = select(here.track_id, here.ms_played, func.count().label("times"))
    query = query.where(here.reason_end == "trackdone", here.ms_played > 0).group_by(here.track_id, here.ms_played)
    found: dict[str, tuple[int, int]] = {}
    for row in connection.execute(query):
        found[row.track_id] = max(found.get(row.track_id, (0, 0)), (row.times, row.ms_played))
    return {song_id: ms / 1000 for song_id, (_, ms) in found.items()}


def _counted(listener: str | None) -> Any:
    query = select(s.songs, func.count().label("plays")).join(s.plays, s.plays.c.track_id == s.songs.c.id)
    query = query.where(s.plays.c.counted).group_by(s.songs.c.id)
    return query if listener is None else query.where(s.plays.c.listener == listener)


def _called(connection: Connection) -> dict[str, str]:
    query = (
        select(s.tracks.c.id, s.artists.c.name.label("artist"), s.tracks.c.name)
        .join(s.track_artists, (s.track_artists.c.track_id == s.tracks.c.id) & (s.track_artists.c.position == 0))
        .join(s.artists, s.artists.c.id == s.track_artists.c.artist_id)
    )
    return {row.id: f"{row.artist} – {row.name}" for row in connection.execute(query)}


def _known(connection: Connection, song_id: str) -> None:
    if not songs.get(connection, [song_id]):
        raise Unknown("song", song_id)
