"""Features that others published, of what the library has no audio of; each value with its source and licence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, or_, select

from ritornello.library import matches
from ritornello.library import schema as s

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_BATCH = 5000
_SOME = 500


@dataclass(frozen=True, slots=True)
class Unheard:
    """A song of a history or a track of a catalogue, without audio."""

    id: str
    isrc: str | None
    musicbrainz: str | None


@dataclass(frozen=True, slots=True)
class OpenFeature:
    """One value."""

    item_id: str
    """Of a song or a track."""
    name: str
    number: float | None
    text: str | None
    spread: float
    """How far submissions are apart; 0 where they agree."""
    submissions: int
    mbid: str
    """The recording that it was published for."""
    by: str
    """How that was found: ``musicbrainz`` or ``isrc``."""
    source: str
    licence: str


def unheard(connection: Connection) -> Iterator[Unheard]:
    """What has an ISRC or a MusicBrainz id, and no features of our own."""
    told = or_(s.songs.c.isrc.is_not(None), s.songs.c.musicbrainz.is_not(None))
    for row in connection.execute(select(s.songs).where(told, matches.own_id(s.songs.c.id).is_(None))):
        yield Unheard(row.id, row.isrc, row.musicbrainz)
    ids = s.external_ids.c
    kinds = ("isrc", "musicbrainz_recording")
    query = select(ids.track_id, ids.kind, ids.value).where(ids.kind.in_(kinds))
    known: dict[str, dict[str, str]] = {}
    for row in connection.execute(query.where(ids.track_id.not_in(select(s.features.c.track_id)))):
        known.setdefault(row.track_id, {})[row.kind] = row.value
    for track_id, values in sorted(known.items()):
        yield Unheard(track_id, *(values.get(kind) for kind in kinds))


def put(connection: Connection, found: Iterable[OpenFeature]) -> int:
    """Store values in the place of older ones; returns how many."""
    rows = [{name: getattr(one, name) for name in OpenFeature.__slots__} for one in found]
    table = s.open_features
    for row in rows:
        connection.execute(delete(table).where(table.c.item_id == row["item_id"], table.c.name == row["name"]))
    if rows:
        connection.execute(table.insert(), rows)
    return len(rows)


def get(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, OpenFeature]]:
    """Values by id and name."""
    found: dict[str, dict[str, OpenFeature]] = {}
    for start in range(0, len(ids), _BATCH):
        query = select(s.open_features).where(s.open_features.c.item_id.in_(ids[start : start + _BATCH]))
        for row in connection.execute(query):
            found.setdefault(row.item_id, {})[row.name] = OpenFeature(**row._mapping)
    return found


@dataclass(frozen=True, slots=True)
class Published:
    """What others published of one thing, and whose listening its presence tells of."""

    title: str
    artist: str
    artist_ids: tuple[str, ...]
    """Of a track; a song of a history has none."""
    listeners: tuple[str, ...]
    """Of a song, which is here because they played it; a track of a catalogue is here by itself."""
    is_song: bool
    values: tuple[OpenFeature, ...]


def batches(connection: Connection, size: int = _SOME) -> Iterator[dict[str, Published]]:
    """All there is, by id, some things at a time."""
    after = ""
    while True:
        item = s.open_features.c.item_id
        ids = connection.scalars(select(item).where(item > after).distinct().order_by(item).limit(size)).all()
        if not ids:
            return
        after, values = ids[-1], get(connection, ids)
        songs = {row.id: row for row in connection.execute(select(s.songs).where(s.songs.c.id.in_(ids)))}
        heard: dict[str, list[str]] = {}
        query = select(s.plays.c.track_id, s.plays.c.listener).where(s.plays.c.track_id.in_(songs)).distinct()
        for id_, listener in connection.execute(query.order_by(s.plays.c.listener)):
            heard.setdefault(id_, []).append(listener)
        named = select(s.tracks.c.id, s.tracks.c.name, s.artists.c.name.label("artist"), s.artists.c.id.label("by"))
        named = named.outerjoin(s.track_artists, s.track_artists.c.track_id == s.tracks.c.id)
        named = named.outerjoin(s.artists, s.artists.c.id == s.track_artists.c.artist_id)
        credited: dict[str, list[Any]] = {}
        for row in connection.execute(named.where(s.tracks.c.id.in_(ids)).order_by(s.track_artists.c.position)):
            credited.setdefault(row.id, []).append(row)
        found = {}
        for id_ in ids:
            told = tuple(values[id_].values())
            if id_ in songs:
                song = songs[id_]
                found[id_] = Published(song.title, song.artist, (), tuple(heard.get(id_, ())), True, told)
            elif id_ in credited:
                rows = credited[id_]
                by = tuple(row.by for row in rows if row.by)
                found[id_] = Published(rows[0].name, rows[0].artist or "", by, (), False, told)
        yield found


def of_recordings(connection: Connection, keys: Sequence[str]) -> dict[str, dict[str, OpenFeature]]:
    """Values by the key of a recording, as :class:`~ritornello.library.plays.What` has it, and by name.

    Of several ids of one recording, the value that most submissions agree on.
    """
    found: dict[str, dict[str, OpenFeature]] = {}
    table, songs = s.open_features, s.songs.c
    for start in range(0, len(keys), _BATCH):
        some = keys[start : start + _BATCH]
        named = select(songs.named.label("key"), table).join(table, table.c.item_id == songs.id)
        own = select(table.c.item_id.label("key"), table)
        for query in (named.where(songs.named.in_(some)), own.where(table.c.item_id.in_(some))):
            for row in connection.execute(query):
                told = {name: value for name, value in row._mapping.items() if name != "key"}
                one, its = OpenFeature(**told), found.setdefault(row.key, {})
                if one.name not in its or its[one.name].submissions < one.submissions:
                    its[one.name] = one
    return found


def forget_unused(connection: Connection) -> None:
    """Drop the values of what is neither song nor track any more."""
    item = s.open_features.c.item_id
    unused = item.not_in(select(s.songs.c.id)) & item.not_in(select(s.tracks.c.id))
    connection.execute(delete(s.open_features).where(unused))
