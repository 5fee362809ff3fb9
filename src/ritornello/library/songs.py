"""Songs: what histories name, whether or not there is audio of it."""

from __future__ import annotations

from dataclasses import fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, select

from ritornello.library import schema as s
from ritornello.play import Song
from ritornello.spotify import ids
from ritornello.track import Album, Artist, Track

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BATCH = 500
_NAMES = tuple(field.name for field in fields(Song))
_told = attrgetter(*_NAMES)


def named(song: Song) -> str:
    """The id that title and artist alone give, whatever the case."""
    return ids.of_name("song", f"{song.artist}\0{song.title}")


def merged(one: Song, other: Song) -> Song:
    """What two rows tell of one song, in either order the same: known before unknown, else first by the alphabet."""
    if one == other:
        return one
    pairs = zip(_NAMES, _told(one), _told(other), strict=True)
    return Song(**{name: min(a, b) if a is not None and b is not None else a or b for name, a, b in pairs})


def put(connection: Connection, songs: Mapping[str, tuple[Song, str]]) -> None:
    """Store songs, each with the id of its names, by their id, and together with what was told of them before."""
    wanted = list(songs)
    for start in range(0, len(wanted), _BATCH):
        some = wanted[start : start + _BATCH]
        before = get(connection, some)
        new = [{"id": id_, **_row(*songs[id_])} for id_ in some if id_ not in before]
        if new:
            connection.execute(s.songs.insert(), new)
        for id_, old in before.items():
            both = merged(old, songs[id_][0])
            if both != old:
                connection.execute(s.songs.update().where(s.songs.c.id == id_).values(**_row(both, named(both))))


def get(connection: Connection, wanted: Sequence[str]) -> dict[str, Song]:
    """Songs by their id; unknown ones are not in the answer."""
    query = select(s.songs).where(s.songs.c.id.in_(wanted))
    return {row.id: of_row(row) for row in connection.execute(query)}


def of_row(row: Any) -> Song:
    """The song in a row that has all of its columns."""
    return Song(**{name: getattr(row, name) for name in _NAMES})


def forget_unplayed(connection: Connection) -> int:
    """Drop songs that no play names any more, and their matches; returns how many."""
    return connection.execute(delete(s.songs).where(s.songs.c.id.not_in(select(s.plays.c.track_id)))).rowcount


def as_track(id_: str, song: Song) -> Track:
    """A song in the form of a track, for answers that list what there is no audio of."""
    artist = Artist(ids.of_name("artist", song.artist), song.artist)
    name = song.album or song.title
    album = Album(ids.of_name("album", f"{name} | {artist.name}"), name, (artist,))
    external = {"spotify": song.spotify, "isrc": song.isrc, "musicbrainz_recording": song.musicbrainz}
    told = {kind: value for kind, value in external.items() if value}
    if song.album is None:
        album = replace(album, album_type="single")
    return Track(id_, song.title, (artist,), album, song.duration or 0.0, external_ids=told)


def _row(song: Song, name: str) -> dict[str, object]:
    return {"named": name, **dict(zip(_NAMES, _told(song), strict=True))}
