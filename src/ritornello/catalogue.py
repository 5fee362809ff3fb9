"""A catalogue in a file: artists, albums, tracks, playlists and plays without audio, under ids that the file chooses.

One JSON object a line, with a ``kind``; or CSV, one track a row. docs/catalogue.md describes every field.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ritornello.errors import BadRequest, CatalogueError
from ritornello.library import catalogue as stored
from ritornello.library import matches, users
from ritornello.play import Play
from ritornello.spotify import ids
from ritornello.spotify.markets import MARKETS
from ritornello.track import Album, Artist, Track

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from ritornello.library import Library

KINDS = ("user", "artist", "album", "track", "playlist", "play")
OWNER = "ritornello"
"""Who owns a playlist that names nobody."""

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_IMAGES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
_SEVERAL = re.compile(r"\s*;\s*")


@dataclass(slots=True)
class Summary:
    """What an import did: how many of each kind, and how many tracks have audio."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    bound: int = 0


def read(path: Path, library: Library) -> Summary:
    """Import a file into a library, all of it or nothing.

    Parameters
    ----------
    path
        JSON Lines, or CSV where the name ends in ``.csv``.
    library
        What is there under the same id is brought up to date.

    Raises
    ------
    CatalogueError
        With the line and what is wrong there.
    """
    summary = Summary()
    artists: dict[str, Artist] = {}
    albums: dict[str, Album] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file, library.begin() as connection:
            for line, row in _rows(path, file):
                try:
                    kind = _text(row, "kind") or "track"
                    _store(connection, kind, row, _Seen(path.parent, artists, albums))
                except (BadRequest, KeyError, TypeError, ValueError) as error:
                    said = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
                    raise CatalogueError(f"{path}, line {line}: {said}") from error
                summary.counts[kind] += 1
            summary.bound = stored.bind(connection)
            stored.refresh_mixes(connection)
            matches.refresh(connection)
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from error
    return summary


def write(library: Library, file: TextIO) -> int:
    """Export a library's catalogue as JSON Lines, which :func:`read` takes; returns the number of lines."""
    lines = 0
    with library.connect() as connection:
        for row in stored.rows(connection):
            file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
            lines += 1
    return lines


def _rows(path: Path, file: TextIO) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if path.suffix.lower() == ".csv":
        reader = csv.DictReader(file, strict=True)
        try:
            for row in reader:
                yield reader.line_num, {name: value for name, value in row.items() if name and value}
        except csv.Error as error:
            raise CatalogueError(f"{path}, line {reader.line_num}: {error}") from error
        return
    for line, text in enumerate(file, 1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except ValueError as error:
            raise CatalogueError(f"{path}, line {line}: not JSON, {error}") from error
        if not isinstance(row, dict):
            raise CatalogueError(f"{path}, line {line}: expected one JSON object")
        yield line, row


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the file named so far, and where it lies."""

    folder: Path
    artists: dict[str, Artist]
    albums: dict[str, Album]


def _store(connection: Connection, kind: str, row: Mapping[str, Any], seen: _Seen) -> None:
    artists, albums = seen.artists, seen.albums
    match kind:
        case "user":
            id_ = str(row["id"])
            if users.get(connection, [id_])[0] is None:
                details = {name: str(row[name]) for name in ("display_name", "email", "country") if row.get(name)}
                users.add(connection, id_, None, **details)
        case "artist":
            artist = _artist(row)
            artists[artist.id] = artist
            stored.put_artist(connection, artist)
        case "album":
            album = _album(connection, row, seen)
            albums[album.id] = album
            stored.put_album(connection, album)
        case "track":
            stored.put_track(connection, _track(connection, row, seen))
        case "playlist":
            stored.put_playlist(connection, _playlist(connection, row, seen))
        case "play":
            moment = datetime.fromisoformat(str(row["played_at"]))
            at = int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
            ms = row.get("ms_played")
            played = Play(str(row["user"]), at, _id(row["track"]), None if ms is None else int(ms), "catalogue")
            stored.put_play(connection, played)
        case _:
            raise ValueError(f"kind {kind!r} is not known: expected one of {', '.join(KINDS)}")


def _artist(row: Mapping[str, Any]) -> Artist:
    name = str(row["name"])
    return Artist(_id(row.get("id") or ids.of_name("artist", name)), name, popularity=_popularity(row))


def _artists(connection: Connection, given: object, known: dict[str, Artist]) -> tuple[Artist, ...]:
    """Artists by id, by name, or as objects with both; in CSV separated by semicolons."""
    listed = _SEVERAL.split(given.strip()) if isinstance(given, str) else given
    found = []
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict):
            artist = _artist(one)
        elif one in known:
            artist = known[one]
        elif ids.is_id(one) and (before := stored.artist(connection, one)):
            artist = before
        else:
            artist = Artist(ids.of_name("artist", one), one)
        known[artist.id] = artist
        found.append(artist)
    if not found:
        raise ValueError("artists is missing: expected names, ids or objects")
    return tuple(found)


def _album(connection: Connection, row: Mapping[str, Any], seen: _Seen) -> Album:
    name, by = str(row["name"]), _artists(connection, row.get("artists"), seen.artists)
    named = ids.of_name("album", " | ".join((name, *(artist.name for artist in by))))
    date = _text(row, "release_date")
    if date is not None and not _DATE.fullmatch(date):
        raise ValueError(f"release_date {date!r} is no date: expected YYYY, YYYY-MM or YYYY-MM-DD")
    album_type = _text(row, "album_type") or "album"
    if album_type not in ("album", "single", "compilation"):
        raise ValueError(f"album_type {album_type!r} is not known: expected album, single or compilation")
    return Album(
        id=_id(row.get("id") or named),
        name=name,
        artists=by,
        release_date=date,
        album_type=album_type,
        total_tracks=int(row.get("total_tracks") or 1),
        label=_text(row, "label"),
        external_ids={kind: str(row[kind]) for kind in ("upc", "ean", "spotify") if row.get(kind)},
        cover=_cover(connection, row, seen.folder),
        popularity=_popularity(row),
        copyrights=tuple((str(one["text"]), str(one["type"])) for one in row.get("copyrights") or ()),
        markets=_markets(row),
    )


def _track(connection: Connection, row: Mapping[str, Any], seen: _Seen) -> Track:
    albums = seen.albums
    name, by = str(row["name"]), _artists(connection, row.get("artists"), seen.artists)
    album = row.get("album")
    if isinstance(album, dict):
        on = _album(connection, {"artists": [artist.id for artist in by], **album}, seen)
    elif isinstance(album, str) and album in albums:
        on = albums[album]
    elif isinstance(album, str) and ids.is_id(album) and (before := stored.album(connection, album)):
        on = before
    else:
        details = {key.removeprefix("album_"): value for key, value in row.items() if key.startswith("album_")}
        details.setdefault("release_date", row.get("release_date"))
        details.setdefault("album_type", row.get("album_type") or ("album" if album else "single"))
        on = _album(connection, {"artists": [artist.id for artist in by], **details, "name": album or name}, seen)
    albums[on.id] = on
    external = {kind: str(row[kind]) for kind in ("isrc", "ean", "upc", "spotify", "path", "audio_id") if row.get(kind)}
    if "path" in external:
        external["path"] = str((seen.folder / external["path"]).absolute())
    if "isrc" in external:
        external["isrc"] = external["isrc"].replace("-", "").upper()
    return Track(
        id=_id(row["id"]),
        name=name,
        artists=by,
        album=on,
        duration=float(row.get("duration_ms") or 0) / 1000,
        disc_number=int(row.get("disc_number") or 1),
        track_number=int(row.get("track_number") or 1),
        explicit=str(row.get("explicit", "")).lower() in ("true", "1", "yes"),
        popularity=_popularity(row),
        genres=_listed(row.get("genres")),
        external_ids=external,
        markets=_markets(row),
        licence=_text(row, "licence"),
    )


def _playlist(connection: Connection, row: Mapping[str, Any], seen: _Seen) -> stored.PlaylistRow:
    tracks = row.get("tracks") or ()
    return stored.PlaylistRow(
        id=_id(row["id"]),
        name=str(row["name"]),
        owner=str(row.get("owner") or OWNER),
        description=str(row.get("description") or ""),
        public=bool(row.get("public", True)),
        collaborative=bool(row.get("collaborative", False)),
        featured=bool(row.get("featured", False)),
        cover=_cover(connection, row, seen.folder),
        categories=tuple(_category(one) for one in row.get("categories") or ()),
        uris=tuple(one if ":" in one else ids.uri("track", _id(one)) for one in _listed(tracks)),
    )


def _cover(connection: Connection, row: Mapping[str, Any], folder: Path) -> str | None:
    """The hash of the image file that is named."""
    given = _text(row, "cover")
    if given is None:
        return None
    path = folder / given
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"cover {given!r} cannot be read: {error.strerror}") from error
    kind = next((mime for start, mime in _IMAGES if data.startswith(start)), None)
    if kind is None:
        raise ValueError(f"cover {given!r} is no image: expected JPEG or PNG")
    return stored.put_cover(connection, data, kind)


def _category(given: object) -> tuple[str, str]:
    if isinstance(given, dict):
        return str(given["id"]), str(given.get("name") or given["id"])
    return str(given), str(given)


def _markets(row: Mapping[str, Any]) -> tuple[str, ...] | None:
    given = row.get("markets")
    if given is None:
        return None
    found = _listed(given)
    for market in found:
        if market not in MARKETS:
            raise ValueError(f"market {market!r} is not known: expected two-letter country codes such as SE")
    return found


def _listed(given: object) -> tuple[str, ...]:
    if isinstance(given, str):
        return tuple(part for part in _SEVERAL.split(given.strip()) if part)
    return tuple(str(one) for one in given) if isinstance(given, (list, tuple)) else ()


def _popularity(row: Mapping[str, Any]) -> int:
    found = int(row.get("popularity") or 0)
    if not 0 <= found <= 100:
        raise ValueError(f"popularity {found} is out of range: expected 0 to 100")
    return found


def _text(row: Mapping[str, Any], name: str) -> str | None:
    found = row.get(name)
    return None if found in (None, "") else str(found)


def _id(given: object) -> str:
    return ids.one(str(given))
