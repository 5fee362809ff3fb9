"""What a catalogue file puts into the library, binds to audio, and takes out again."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, select

from ritornello.library import albums, artists, categories, covers, index, playlists, plays, tracks, users
from ritornello.library import schema as s
from ritornello.spotify import genres, ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ritornello.play import Play
    from ritornello.track import Album, Artist, Track

MIXER = "ritornello"
"""Who owns the mixes made from a library."""
_FEWEST = 3
"""A genre needs this many tracks for a mix."""
_MIX = 50
_FEATURED = 20
_BATCH = 500
_BINDING = ("audio_id", "path")
"""Kinds of external ids that a file gives to say which audio is meant."""


@dataclass(frozen=True, slots=True)
class PlaylistRow:
    """A playlist as a file has it."""

    id: str
    name: str
    owner: str
    description: str = ""
    public: bool = True
    collaborative: bool = False
    featured: bool = False
    cover: str | None = None
    categories: tuple[tuple[str, str], ...] = ()
    """Ids and names."""
    uris: tuple[str, ...] = ()


def artist(connection: Connection, id: str) -> Artist | None:  # noqa: A002
    """Look an artist up."""
    return artists.get(connection, [id])[0]


def album(connection: Connection, id: str) -> Album | None:  # noqa: A002
    """Look an album up."""
    return albums.get(connection, [id])[0]


def put_artist(connection: Connection, artist: Artist) -> None:
    """Store an artist with its popularity."""
    artists.put(connection, [artist])
    connection.execute(s.artists.update().where(s.artists.c.id == artist.id).values(popularity=artist.popularity))


def put_album(connection: Connection, album: Album) -> None:
    """Store an album."""
    albums.put(connection, album)


def put_track(connection: Connection, track: Track) -> None:
    """Store a track; audio that it is bound to stays bound."""
    here = s.external_ids.c
    query = select(here.value).where(here.track_id == track.id, here.kind == tracks.AUDIO)
    audio_id = connection.scalars(query).first()
    if audio_id is not None:
        track = replace(track, external_ids={**track.external_ids, tracks.AUDIO: audio_id})
    tracks.put_metadata(connection, track)


def put_cover(connection: Connection, data: bytes, mime: str) -> str:
    """Store an image; returns its hash."""
    return covers.put(connection, data, mime)


def put_play(connection: Connection, play: Play) -> None:
    """Store a play."""
    plays.add(connection, [play])


def put_playlist(connection: Connection, row: PlaylistRow) -> None:
    """Store a playlist in the place of what there was under its id."""
    if users.get(connection, [row.owner])[0] is None:
        users.add(connection, row.owner, None)
    details = {
        "description": row.description,
        "public": row.public,
        "collaborative": row.collaborative,
        "featured": row.featured,
        "cover": row.cover,
    }
    found = playlists.get(connection, [row.id])[0]
    if found is None:
        found = playlists.create(connection, row.owner, row.name, id=row.id, **details)
    else:
        playlists.change(connection, found, name=row.name, **details)
    if playlists.uris(connection, row.id) != list(row.uris):
        playlists.replace_all(connection, found, row.uris, row.owner)
    for category_id, name in row.categories:
        categories.put(connection, category_id, name, row.id)


def bind(connection: Connection) -> int:
    """Give tracks of a catalogue the audio that was scanned for them; returns how many tracks of one have audio.

    A file is found by its audio's id, its path, an ISRC, or the track's own id in its tags.
    """
    waiting = select(s.tracks.c.id).where(
        s.tracks.c.id.not_in(select(s.features.c.track_id)),
        s.tracks.c.id.not_in(select(s.external_ids.c.track_id).where(s.external_ids.c.kind == tracks.AUDIO)),
    )
    for track_id in connection.scalars(waiting).all():
        audio_id = _audio_for(connection, track_id)
        if audio_id is not None:
            _move(connection, audio_id, track_id)
    bound = select(func.count()).where(s.external_ids.c.kind == tracks.AUDIO)
    return connection.scalars(bound).one()


def refresh_mixes(connection: Connection) -> None:
    """Make a playlist for every genre of which the library has some tracks, and a category for it."""
    count = func.count()
    query = select(s.track_genres.c.genre, count).group_by(s.track_genres.c.genre).having(count >= _FEWEST)
    found = connection.execute(query.order_by(count.desc(), s.track_genres.c.genre)).all()
    wanted = {ids.of_name("playlist", f"mix/{genres.normal(row.genre)}"): row.genre for row in reversed(found)}
    if users.get(connection, [MIXER])[0] is None:
        if not wanted:
            return
        users.add(connection, MIXER, None, display_name="Ritornello")
    for old in playlists.of_owner(connection, MIXER):
        if old.id not in wanted and old.description.startswith(_ABOUT):
            playlists.remove(connection, old)
    for place, (playlist_id, genre) in enumerate(reversed(wanted.items())):
        on_it = (
            select(s.tracks.c.id)
            .join(s.track_genres, s.track_genres.c.track_id == s.tracks.c.id)
            .where(s.track_genres.c.genre == genre)
            .order_by(s.tracks.c.popularity.desc(), s.tracks.c.number)
            .limit(_MIX)
        )
        uris = tuple(ids.uri("track", track_id) for track_id in connection.scalars(on_it))
        name = genre if genre != genre.lower() else genre.title()
        shelf = (genres.normal(genre), name)
        row = PlaylistRow(
            playlist_id,
            f"{name} mix",
            MIXER,
            _ABOUT + genre,
            featured=place < _FEATURED,
            categories=(shelf,),
            uris=uris,
        )
        put_playlist(connection, row)


def rows(connection: Connection) -> Iterator[dict[str, Any]]:
    """Everything that a catalogue file holds, in an order in which it can be read back."""
    for user in users.all(connection):
        if user.id != MIXER:
            named = {"display_name": user.display_name, "email": user.email, "country": user.country}
            yield {"kind": "user", "id": user.id, **named}
    for batch in _batches(connection, s.artists):
        for one in artists.get(connection, batch):
            if one:
                yield {"kind": "artist", "id": one.id, "name": one.name, "popularity": one.popularity}
    for batch in _batches(connection, s.albums):
        yield from (_album_row(one) for one in albums.get(connection, batch) if one)
    for batch in _batches(connection, s.tracks):
        yield from (_track_row(one) for one in tracks.get(connection, batch) if one)
    for batch in _batches(connection, s.playlists):
        for playlist in playlists.get(connection, batch):
            if playlist and not playlist.description.startswith(_ABOUT):
                yield {
                    "kind": "playlist",
                    "id": playlist.id,
                    "name": playlist.name,
                    "owner": playlist.owner_id,
                    "description": playlist.description,
                    "public": playlist.public,
                    "collaborative": playlist.collaborative,
                    "featured": playlist.featured,
                    "categories": _shelves(connection, playlist.id),
                    "tracks": playlists.uris(connection, playlist.id),
                }
    for row in connection.execute(select(s.plays).order_by(s.plays.c.number)):
        played_at = datetime.fromtimestamp(row.played_at / 1000, UTC).isoformat(timespec="milliseconds")
        told = {"user": row.listener, "played_at": played_at, "track": row.track_id, "ms_played": row.ms_played}
        yield {"kind": "play", **told}


_ABOUT = "The most popular tracks of this library in the genre "


def _audio_for(connection: Connection, track_id: str) -> str | None:
    """Find analysed audio that no catalogue has bound yet."""
    known = {
        row.kind: row.value
        for row in connection.execute(select(s.external_ids).where(s.external_ids.c.track_id == track_id))
    }
    audio = s.features.c.track_id
    tagged = select(audio).join(s.external_ids, s.external_ids.c.track_id == audio)
    wanted = []
    if "audio_id" in known:
        wanted.append(select(audio).where(audio == known["audio_id"]))
    if "path" in known:
        named = select(s.files.c.audio_id).where(s.files.c.path == os.fsencode(known["path"]))
        wanted.append(select(audio).where(audio.in_(named)))
    wanted.append(tagged.where(s.external_ids.c.value == track_id))
    if "isrc" in known:
        wanted.append(tagged.where(s.external_ids.c.value == known["isrc"], s.external_ids.c.kind == "isrc"))
    free = audio.not_in(select(s.external_ids.c.track_id).where(s.external_ids.c.kind == tracks.AUDIO))
    for query in wanted:
        found: str | None = connection.scalars(
            query.where(free, audio.in_(select(s.files.c.audio_id))).order_by(audio)
        ).first()
        if found is not None:
            return found
    return None


def _move(connection: Connection, audio_id: str, track_id: str) -> None:
    """Give the features and the analysis of scanned audio to a track, and forget what the tags called it."""
    before = tracks.get(connection, [audio_id])[0]
    duration = select(s.tracks.c.duration).where(s.tracks.c.id == audio_id).scalar_subquery()
    connection.execute(s.tracks.update().where(s.tracks.c.id == track_id).values(duration=duration))
    for table in (s.features, s.analyses, s.embeddings, s.genre_odds):
        connection.execute(table.update().where(table.c.track_id == audio_id).values(track_id=track_id))
    connection.execute(s.external_ids.insert().values(track_id=track_id, kind=tracks.AUDIO, value=audio_id))
    number = connection.scalars(select(s.tracks.c.number).where(s.tracks.c.id == audio_id)).one()
    index.drop_track(connection, number)
    connection.execute(delete(s.tracks).where(s.tracks.c.id == audio_id))
    if before is not None:
        albums.forget_unused(connection, {before.album.id})
        artists.forget_unused(connection, {one.id for one in (*before.artists, *before.album.artists)})


def _batches(connection: Connection, table: Any) -> Iterator[list[str]]:
    found = list(connection.scalars(select(table.c.id).order_by(table.c.number)))
    for start in range(0, len(found), _BATCH):
        yield found[start : start + _BATCH]


def _album_row(album: Album) -> dict[str, Any]:
    return {
        "kind": "album",
        "id": album.id,
        "name": album.name,
        "artists": [one.id for one in album.artists],
        "release_date": album.release_date,
        "album_type": album.album_type,
        "total_tracks": album.total_tracks,
        "label": album.label,
        **{kind: value for kind, value in album.external_ids.items() if kind in ("upc", "ean", "spotify")},
        "popularity": album.popularity,
        "copyrights": [{"text": text, "type": kind} for text, kind in album.copyrights],
        "markets": None if album.markets is None else list(album.markets),
    }


def _track_row(track: Track) -> dict[str, Any]:
    external = {kind: value for kind, value in track.external_ids.items() if kind != tracks.AUDIO}
    if tracks.AUDIO in track.external_ids:
        external["audio_id"] = track.external_ids[tracks.AUDIO]
    return {
        "kind": "track",
        "id": track.id,
        "name": track.name,
        "artists": [one.id for one in track.artists],
        "album": track.album.id,
        "duration_ms": round(track.duration * 1000),
        "disc_number": track.disc_number,
        "track_number": track.track_number,
        "explicit": track.explicit,
        "popularity": track.popularity,
        "genres": list(track.genres),
        **{kind: value for kind, value in external.items() if kind in ("isrc", "upc", "ean", "spotify", *_BINDING)},
        "markets": None if track.markets is None else list(track.markets),
        "licence": track.licence,
    }


def _shelves(connection: Connection, playlist_id: str) -> list[dict[str, str]]:
    here = s.category_playlists.c
    query = select(s.categories).join(s.category_playlists, here.category_id == s.categories.c.id)
    return [
        {"id": row.id, "name": row.name} for row in connection.execute(query.where(here.playlist_id == playlist_id))
    ]
