"""Tracks with their features and analysis."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import zstandard
from sqlalchemy import Connection, Row, delete, func, select

from ritornello.library import albums, artists, index, rights
from ritornello.library import schema as s
from ritornello.track import FEATURES, Artist, AudioFeatures, TempoCandidate, Track

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AUDIO = s.AUDIO


def put(
    connection: Connection, track: Track, features: AudioFeatures, document: bytes, provenance: Mapping[str, str]
) -> None:
    """Store a track, or bring it up to date; ``document`` is the analysis as JSON, as it will be served."""
    put_metadata(connection, track)
    own = owner(connection, track.id)
    row = {name: getattr(features, name) for name in FEATURES}
    row |= {
        "track_id": own,
        "tempo_candidates": [[candidate.bpm, candidate.confidence] for candidate in features.tempo_candidates],
        "confidence": dict(features.confidence),
        "analysis_version": features.analysis_version,
        "model_version": features.model_version,
        "provenance": dict(provenance),
    }
    s.upsert(connection, s.features, "track_id", row)
    s.upsert(connection, s.analyses, "track_id", {"track_id": own, "document": zstandard.compress(document, level=9)})


def put_metadata(connection: Connection, track: Track) -> None:
    """Store what a track is called and released on, and leave its features as they are.

    Audio that a catalogue bound to a track of its own keeps the names of the catalogue, whatever the tags say.
    """
    if owner(connection, track.id) != track.id:
        return
    before = _read(connection, {track.id}).get(track.id)
    albums.put(connection, track.album)
    artists.put(connection, track.artists)
    s.upsert(
        connection,
        s.tracks,
        "id",
        {
            "id": track.id,
            "name": track.name,
            "album_id": track.album.id,
            "duration": track.duration,
            "disc_number": track.disc_number,
            "track_number": track.track_number,
            "explicit": track.explicit,
            "popularity": track.popularity,
            "markets": None if track.markets is None else list(track.markets),
            "licence": track.licence,
        },
    )
    for table in (s.track_artists, s.track_genres, s.external_ids):
        connection.execute(delete(table).where(table.c.track_id == track.id))
    for position, artist in enumerate(track.artists):
        connection.execute(s.track_artists.insert().values(track_id=track.id, position=position, artist_id=artist.id))
    for position, genre in enumerate(track.genres):
        connection.execute(s.track_genres.insert().values(track_id=track.id, position=position, genre=genre))
    for kind, value in track.external_ids.items():
        connection.execute(s.external_ids.insert().values(track_id=track.id, kind=kind, value=value))
    number = connection.scalars(select(s.tracks.c.number).where(s.tracks.c.id == track.id)).one()
    index.track(connection, number, track)
    if before is not None:
        albums.forget_unused(connection, {before.album.id} - {track.album.id})
        artists.forget_unused(connection, _credited(before) - _credited(track))


def owner(connection: Connection, audio_id: str) -> str:
    """Tell which track this audio belongs to: its own, unless a catalogue bound it to another."""
    query = select(s.external_ids.c.track_id).where(s.external_ids.c.value == audio_id, s.external_ids.c.kind == AUDIO)
    return connection.scalars(query).first() or audio_id


def get(connection: Connection, ids: Sequence[str]) -> list[Track | None]:
    """Look up tracks in the order asked; None for an unknown one.

    An id is ours or any external one (Spotify's, ISRC, MusicBrainz, AcoustID). Artists come without genres.
    """
    known = _read(connection, set(ids))
    missing = [asked for asked in ids if asked not in known]
    if missing:
        ours = resolve(connection, missing)
        theirs = _read(connection, set(ours.values()))
        known |= {asked: theirs[own] for asked, own in ours.items()}
    return [known.get(asked) for asked in ids]


def features(connection: Connection, ids: Sequence[str]) -> list[tuple[AudioFeatures, dict[str, str]] | None]:
    """Look up features and where they come from, in the order asked; None where nothing was analysed."""
    ours = resolve(connection, ids)
    query = select(s.features).where(s.features.c.track_id.in_(set(ours.values())))
    known = {row.track_id: (_features(row), row.provenance) for row in connection.execute(query)}
    return [known.get(ours.get(asked, "")) for asked in ids]


class Numbers(NamedTuple):
    """The features of one track as they lie in the table, for answers about many."""

    track_id: str
    acousticness: float
    danceability: float
    duration: float
    energy: float
    instrumentalness: float
    key: int
    liveness: float
    loudness: float
    mode: int
    speechiness: float
    tempo: float
    time_signature: int
    valence: float
    analysis_version: int
    model_version: str
    provenance: str
    """JSON, not read."""


def numbers(connection: Connection, ids: Sequence[str]) -> list[Numbers | None]:
    """Look up the bare numbers, in the order asked; None where nothing was analysed. Ids of ours take one query."""
    known = _numbers(connection, ids)
    missing = [asked for asked in ids if asked not in known]
    if missing:
        ours = resolve(connection, missing)
        theirs = _numbers(connection, list(ours.values()))
        known |= {asked: theirs[own] for asked, own in ours.items() if own in theirs}
    return [known.get(asked) for asked in ids]


def _numbers(connection: Connection, ids: Sequence[str]) -> dict[str, Numbers]:
    return {row[0]: Numbers._make(row) for row in s.among(connection, _NUMBERS, ids)}


_NUMBERS = f"""
SELECT {", ".join(f'"{name}"' for name in Numbers._fields)} FROM features
WHERE track_id IN (SELECT value FROM json_each(?))
"""


class Document(NamedTuple):
    """The analysis of one track and where it comes from."""

    text: bytes
    """JSON, ready to be served."""
    analysis_version: int
    model_version: str
    provenance: str
    """JSON, not read."""


def analysis(connection: Connection, id: str) -> Document | None:  # noqa: A002
    """Look up the analysis of a track; None where nothing was analysed."""
    found = _analysis(connection, id)
    return found or _analysis(connection, resolve(connection, [id]).get(id, ""))


def _analysis(connection: Connection, own: str) -> Document | None:
    row = connection.exec_driver_sql(_DOCUMENT, (own,)).first()
    return None if row is None else Document(zstandard.decompress(row[0]), *row[1:])


_DOCUMENT = """
SELECT document, analysis_version, model_version, provenance FROM analyses JOIN features USING (track_id)
WHERE track_id = ?
"""


def of_album(connection: Connection, album_ids: Sequence[str], limit: int, offset: int = 0) -> dict[str, list[Track]]:
    """The tracks of albums in the order of discs and numbers, a stretch of each."""
    place = func.row_number().over(
        partition_by=s.tracks.c.album_id,
        order_by=(s.tracks.c.disc_number, s.tracks.c.track_number, s.tracks.c.number),
    )
    listed = select(s.tracks.c.id, place.label("place")).where(s.tracks.c.album_id.in_(album_ids)).subquery()
    wanted = select(listed.c.id).where(listed.c.place > offset, listed.c.place <= offset + limit)
    found: dict[str, list[Track]] = {album_id: [] for album_id in album_ids}
    for track in sorted(_read(connection, set(connection.scalars(wanted))).values(), key=_place):
        found[track.album.id].append(track)
    return found


def count_of_album(connection: Connection, album_ids: Sequence[str]) -> dict[str, int]:
    """How many tracks of each album the library holds."""
    query = select(s.tracks.c.album_id, func.count()).where(s.tracks.c.album_id.in_(album_ids))
    rows = connection.execute(query.group_by(s.tracks.c.album_id))
    return {row[0]: row[1] for row in rows}


def top_of_artist(connection: Connection, artist_id: str, limit: int) -> list[Track]:
    """The artist's tracks, the most popular first, then the most played, then those of the earliest albums."""
    played = select(func.count()).where(s.plays.c.track_id == s.tracks.c.id).scalar_subquery()
    query = (
        select(s.tracks.c.id)
        .join(s.track_artists, s.track_artists.c.track_id == s.tracks.c.id)
        .join(s.albums, s.albums.c.id == s.tracks.c.album_id)
        .where(s.track_artists.c.artist_id == artist_id)
        .order_by(s.tracks.c.popularity.desc(), played.desc(), s.albums.c.release_date, s.tracks.c.number)
        .limit(limit)
    )
    return [track for track in get(connection, connection.scalars(query).all()) if track]


def called(connection: Connection, title: str) -> list[str]:
    """The ids of tracks with this title, whatever its case."""
    query = select(s.tracks.c.id).where(func.lower(s.tracks.c.name) == title.lower())
    return list(connection.scalars(query.order_by(s.tracks.c.popularity.desc(), s.tracks.c.number)))


def count(connection: Connection) -> int:
    """Count the tracks."""
    return connection.scalars(select(func.count()).select_from(s.tracks)).one()


def resolve(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Map each known id, ours, external or of a song that was matched, to ours.

    Of several tracks with one external id it is an analysed one.
    """
    found = _resolve(connection, ids)
    missing = [asked for asked in ids if asked not in found]
    if missing:
        held = s.matches.c.state.in_(("found", "confirmed"))
        query = select(s.matches.c.song_id, s.matches.c.track_id).where(s.matches.c.song_id.in_(missing), held)
        taken = {row.song_id: row.track_id for row in connection.execute(query)}
        ours = _resolve(connection, list(taken.values())) if taken else {}
        found |= {song_id: ours[track_id] for song_id, track_id in taken.items() if track_id in ours}
    return found


def _resolve(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    found = {own: own for (own,) in s.among(connection, _OWN, ids)}
    missing = [asked for asked in ids if asked not in found]
    if missing:
        query = (
            select(s.external_ids.c.value, s.external_ids.c.track_id)
            .outerjoin(s.features, s.features.c.track_id == s.external_ids.c.track_id)
            .where(s.external_ids.c.value.in_(missing))
            .order_by(s.features.c.track_id.is_(None), s.external_ids.c.track_id)
        )
        for row in connection.execute(query):
            found.setdefault(row.value, row.track_id)
    return found


_OWN = "SELECT id FROM tracks WHERE id IN (SELECT value FROM json_each(?))"


def _read(connection: Connection, ids: set[str]) -> dict[str, Track]:
    rows = s.among(connection, _TRACKS, ids)
    found = {album.id: album for album in albums.get(connection, list({row[2] for row in rows})) if album}
    credited: dict[str, list[Artist]] = {}
    for track_id, artist_id, name in s.among(connection, _CREDITED, ids):
        credited.setdefault(track_id, []).append(Artist(artist_id, name))
    genres: dict[str, list[str]] = {}
    for track_id, genre in s.among(connection, _GENRES, ids):
        genres.setdefault(track_id, []).append(genre)
    external: dict[str, dict[str, str]] = {}
    for track_id, kind, value in s.among(connection, _EXTERNAL, ids):
        external.setdefault(track_id, {})[kind] = value
    audio = {external.get(row[0], {}).get(AUDIO, row[0]): row[0] for row in rows}
    files = {audio[audio_id]: lying for audio_id, lying in rights.files_of(connection, audio).items()}
    rules = {rule.path: rule for rule in rights.rules(connection)}
    return {
        own: Track(
            id=own,
            name=name,
            artists=tuple(credited.get(own, ())),
            album=found[album_id],
            duration=duration,
            disc_number=disc_number,
            track_number=track_number,
            explicit=bool(explicit),
            popularity=popularity,
            genres=tuple(genres.get(own, ())),
            external_ids=external.get(own, {}),
            markets=None if markets is None else tuple(json.loads(markets)),
            licence=rights.licence(files.get(own, []), licence, rules),
            has_audio=own in files,
        )
        for own, name, album_id, duration, disc_number, track_number, explicit, popularity, markets, licence in rows
    }


_AMONG = "IN (SELECT value FROM json_each(?))"
_TRACKS = f"""
SELECT id, name, album_id, duration, disc_number, track_number, explicit, popularity, markets, licence
FROM tracks WHERE id {_AMONG}
"""
_CREDITED = f"""
SELECT track_id, artists.id, artists.name FROM track_artists JOIN artists ON artists.id = artist_id
WHERE track_id {_AMONG} ORDER BY track_id, position
"""
_GENRES = f"SELECT track_id, genre FROM track_genres WHERE track_id {_AMONG} ORDER BY track_id, position"
_EXTERNAL = f"SELECT track_id, kind, value FROM external_ids WHERE track_id {_AMONG}"


def _features(row: Row[tuple[object, ...]]) -> AudioFeatures:
    return AudioFeatures(
        **{name: getattr(row, name) for name in FEATURES},
        tempo_candidates=tuple(TempoCandidate(bpm, confidence) for bpm, confidence in row.tempo_candidates),
        confidence=row.confidence,
        analysis_version=row.analysis_version,
        model_version=row.model_version,
    )


def _place(track: Track) -> tuple[int, int, str]:
    return track.disc_number, track.track_number, track.id


def _credited(track: Track) -> set[str]:
    return {artist.id for artist in (*track.artists, *track.album.artists)}
