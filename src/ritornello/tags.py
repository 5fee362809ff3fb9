"""What a file says about itself: title, artists, album, numbers, dates, ids, cover.

tinytag (MIT) reads ID3v1 and ID3v2, MP4 atoms, Vorbis comments, FLAC blocks, RIFF INFO, AIFF chunks and ASF objects.
FFmpeg's own readers, through PyAV, fill in what it leaves out: numbers such as ``A5`` or a WMA ``3/12``, covers of WMA,
ID3v2.4 tags written with unsynchronisation, files that tinytag refuses. What neither sees comes from the names of file
and folder.

Tags are written by strangers, so nothing in them is trusted: text is cut to length and cleaned of control characters,
numbers, dates and ids that do not look like what they claim are dropped, and an image is what its first bytes say.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

import av
from av.stream import Disposition
from tinytag import TinyTag, TinyTagException

from ritornello import rights
from ritornello.spotify.ids import of_name
from ritornello.track import Album, Artist, Track

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

UNKNOWN_ARTIST = "Unknown artist"
VARIOUS_ARTISTS = "Various Artists"

_LONGEST_TEXT = 500
_LONGEST_COMMENT = 4000
_MOST_VALUES = 64
_LARGEST_COVER = 16 * 2**20

_IMAGES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF8", "image/gif"))


@dataclass(frozen=True, slots=True)
class Cover:
    """The front cover, as it lies in the file."""

    data: bytes
    mime: str


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file says about itself, cleaned; ``None`` or empty where it says nothing."""

    title: str
    artists: tuple[str, ...] = ()
    album: str = ""
    album_artists: tuple[str, ...] = ()
    disc: int | None = None
    discs: int | None = None
    track: int | None = None
    tracks: int | None = None
    date: str | None = None
    """``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``."""
    genres: tuple[str, ...] = ()
    isrc: str | None = None
    barcode: str | None = None
    label: str | None = None
    explicit: bool = False
    compilation: bool = False
    release_type: str | None = None
    """``album``, ``single``, ``ep``, …, as MusicBrainz calls it."""
    recording_id: str | None = None
    """MusicBrainz; so are the next four."""
    track_id: str | None = None
    album_id: str | None = None
    artist_ids: tuple[str, ...] = ()
    album_artist_ids: tuple[str, ...] = ()
    acoustid: str | None = None
    spotify_id: str | None = None
    cover: Cover | None = None
    comment: str | None = None
    licence: str | None = None
    """An SPDX expression, or the words of the file where those name none."""
    copyright: str | None = None


def read(path: Path) -> Tags:
    """Read the tags of one file; whatever is wrong with them, there is an answer."""
    fields, cover = _from_tinytag(path)
    more, other_cover = _from_ffmpeg(path, cover is None)
    fields = {**more, **fields}
    album, folder_disc = _from_folder(path.parent)
    artists = _names(fields.get("artist", []))
    number, artist, title = _from_name(path.stem, artists)
    track, tracks = _numbers(fields, "track", "tracktotal", "totaltracks")
    disc, discs = _numbers(fields, "disc", "disctotal", "totaldiscs")
    return Tags(
        title=_text(fields, "title") or title,
        artists=artists or ((artist,) if artist else ()),
        album=_text(fields, "album") or album,
        album_artists=_names([*fields.get("albumartist", []), *fields.get("albumartists", [])]),
        disc=disc or folder_disc,
        discs=discs,
        track=track or number,
        tracks=tracks,
        date=_date(fields),
        genres=_unique(part for value in fields.get("genre", []) for part in re.split(r"\s*;\s*", value)),
        isrc=_match(fields, r"[A-Z]{2}[A-Z0-9]{3}\d{7}", "isrc", "tsrc"),
        barcode=_match(fields, r"\d{8,14}", "barcode", "upc", "ean"),
        label=_text(fields, "label", "publisher", "organization"),
        explicit=bool({"1", "4"} & set(fields.get("rtng", []) + fields.get("itunesadvisory", []))),
        compilation=bool({"1", "true"} & {v.lower() for key in _COMPILATION for v in fields.get(key, [])}),
        release_type=(_text(fields, "musicbrainzalbumtype", "releasetype") or "").lower() or None,
        recording_id=_mbid(fields, "ufid", "ufi", "musicbrainztrackid"),
        track_id=_mbid(fields, "musicbrainzreleasetrackid"),
        album_id=_mbid(fields, "musicbrainzalbumid"),
        artist_ids=_mbids(fields, "musicbrainzartistid"),
        album_artist_ids=_mbids(fields, "musicbrainzalbumartistid"),
        acoustid=_mbid(fields, "acoustidid"),
        spotify_id=_spotify_id(fields),
        cover=cover or other_cover,
        comment=(_text(fields, "comment", longest=_LONGEST_COMMENT)),
        licence=_licence(fields),
        copyright=_text(fields, *_COPYRIGHT),
    )


def to_track(tags: Tags, audio_id: str, duration: float, cover: str | None = None) -> Track:
    """The catalogue's view of a tagged recording; ``cover`` is the hash under which the library keeps the image.

    An artist is a name, whatever its case. An album is its MusicBrainz id where tagged, else its title together with
    its album artists; without an album artist that is "Various Artists" on a compilation, else the first artist.
    """
    artists = tuple(_artist(name) for name in tags.artists or (UNKNOWN_ARTIST,))
    return Track(
        id=audio_id,
        name=tags.title,
        artists=artists,
        album=_album(tags, artists[0], cover),
        duration=duration,
        disc_number=tags.disc or 1,
        track_number=tags.track or 1,
        explicit=tags.explicit,
        genres=tags.genres,
        external_ids=_given(
            isrc=tags.isrc,
            spotify=tags.spotify_id,
            musicbrainz_recording=tags.recording_id,
            musicbrainz_track=tags.track_id,
            acoustid=tags.acoustid,
        ),
    )


def _artist(name: str) -> Artist:
    return Artist(id=of_name("artist", name), name=name)


def _album(tags: Tags, first: Artist, cover: str | None) -> Album:
    names = tags.album_artists or ((VARIOUS_ARTISTS,) if tags.compilation else (first.name,))
    title = tags.album or tags.title
    various = (
        tags.compilation or _fold(names[0]) == _fold(VARIOUS_ARTISTS) or "compilation" in (tags.release_type or "")
    )
    single = (tags.release_type or "").startswith(("single", "ep"))
    return Album(
        id=of_name("album", tags.album_id or " | ".join((title, *names))),
        name=title,
        artists=tuple(_artist(name) for name in names),
        release_date=tags.date,
        album_type="compilation" if various else "single" if single else "album",
        total_tracks=max(tags.tracks or 1, tags.track or 1),
        label=tags.label,
        external_ids=_given(upc=tags.barcode, musicbrainz_album=tags.album_id),
        cover=cover,
    )


def _given(**ids: str | None) -> dict[str, str]:
    return {kind: value for kind, value in ids.items() if value}


def _fold(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


# Reading -----------------------------------------------------------------------------------------------------------


def _from_tinytag(path: Path) -> tuple[dict[str, list[str]], Cover | None]:
    """Fields by plain name, and the cover. The first bytes choose the reader, the name only where they say nothing."""
    try:
        with path.open("rb") as opened:
            head = opened.read(10)
            opened.seek(0)
            escaped = len(head) == 10 and head.startswith(b"ID3") and bool(head[5] & 0x80)
            if escaped and head[3] > 3:
                return {}, None
            file = _unescaped(opened) if escaped else opened
            try:
                tag = TinyTag.get(file_obj=file, duration=False, image=True)
            except TinyTagException:
                tag = TinyTag.get(filename=path, file_obj=file, duration=False, image=True)
    except (TinyTagException, OSError):
        return {}, None
    image = tag.images.front_cover or tag.images.any
    return _plain(tag.as_dict()), _cover(image.data) if image else None


def _unescaped(file: BinaryIO) -> BinaryIO:
    """An ID3v2.2 or 2.3 tag without its unsynchronisation: the zeros behind 0xFF, which tinytag takes for text."""
    head = file.read(10)
    size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
    body = file.read(min(size, 2 * _LARGEST_COVER)).replace(b"\xff\0", b"\xff")
    length = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return BytesIO(head[:5] + bytes([head[5] & 0x7F]) + length + body)


def _from_ffmpeg(path: Path, want_cover: bool) -> tuple[dict[str, list[str]], Cover | None]:
    try:
        with av.open(path, metadata_errors="replace") as container:
            found = dict(container.metadata)
            for stream in container.streams.audio:
                found.update(stream.metadata)
            pictures = [s for s in container.streams if s.disposition & Disposition.attached_pic] if want_cover else []
            packet = next(container.demux(pictures[0]), None) if pictures else None
            return _plain(found), _cover(bytes(packet)) if packet else None
    except (av.FFmpegError, OSError, ValueError):
        return {}, None


_RENAMED = {"year": "date", "cpil": "compilation"}
_COMPILATION = ("compilation", "tcmp", "tcp", "iscompilation", "itunescompilation")


def _plain(fields: Mapping[str, object]) -> dict[str, list[str]]:
    """Lower-case alphanumeric keys (``MusicBrainz Album Id`` and ``MUSICBRAINZ_ALBUMID`` are one) and clean values."""
    plain: dict[str, list[str]] = {}
    for key, value in fields.items():
        name = "".join(letter for letter in key.lower() if letter.isalnum())
        values = plain.setdefault(_RENAMED.get(name, name), [])
        for text in value if isinstance(value, list) else [value]:
            values.extend(part for part in map(_clean, str(text)[: 4 * _LONGEST_COMMENT].split("\0")) if part)
        del values[_MOST_VALUES:]
    return {name: values for name, values in plain.items() if values}


def _clean(text: str) -> str:
    """One line of printable text; UTF-8 that was read as Latin-1 is put right."""
    try:
        text = text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        text = text.encode("utf-8", "replace").decode("utf-8")
    text = "".join(" " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter for letter in text)
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _cover(data: bytes) -> Cover | None:
    if len(data) > _LARGEST_COVER:
        return None
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return Cover(data, "image/webp")
    return next((Cover(data, mime) for magic, mime in _IMAGES if data.startswith(magic)), None)


# Fields ------------------------------------------------------------------------------------------------------------


def _text(fields: Mapping[str, list[str]], *names: str, longest: int = _LONGEST_TEXT) -> str | None:
    return next((fields[name][0][:longest].strip() for name in names if fields.get(name)), None)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value[:_LONGEST_TEXT].strip() for value in values if value.strip()))[:_MOST_VALUES]


_JOINED = re.compile(
    r"\s*;\s*|\s*[(\[]\s*(?:feat\.?|ft\.?|featuring)\s+|\s+(?:feat\.?|ft\.?|featuring)\s+", re.IGNORECASE
)


def _names(values: list[str]) -> tuple[str, ...]:
    """Artists, one each. A joined credit beside its own parts (``A & B``, ``A``, ``B``) is left out."""
    if len(values) > 2 and all(part in values[0] for part in values[1:]):
        values = values[1:]
    return _unique(_unbracketed(part) for value in values for part in _JOINED.split(value))


def _unbracketed(name: str) -> str:
    return name.rstrip(" )]") if not {"(", "["} & set(name) else name


def _numbers(fields: Mapping[str, list[str]], name: str, *totals: str) -> tuple[int | None, int | None]:
    """``3``, ``3/12``, ``A5`` or ``03 of 12``: the number and, where told, the total."""
    digits = re.findall(r"[0-9]+", _text(fields, name) or "")
    total = digits[1:2] or re.findall(r"[0-9]+", _text(fields, *totals) or "")[:1]
    return _number(digits[:1]), _number(total)


def _number(digits: list[str]) -> int | None:
    value = int(digits[0][:9]) if digits else 0
    return value if 0 < value < 10_000 else None


def _date(fields: Mapping[str, list[str]]) -> str | None:
    """The first year that any field names, as exactly as a field that agrees with it tells."""
    given = [
        value for name in ("date", "tdrl", "releasedate", "originaldate", "tdor") for value in fields.get(name, [])
    ]
    dates = [date for date in map(_one_date, given) if date]
    return max((date for date in dates if date[:4] == dates[0][:4]), key=len, default=None)


def _one_date(text: str) -> str | None:
    found = re.match(r"(\d{4})(\d{2})(\d{2})(?!\d)", text) or re.match(
        r"(\d{4})(?!\d)(?:[-/.](\d{1,2})(?!\d)(?:[-/.](\d{1,2})(?!\d))?)?", text
    )
    found = found or re.search(r"(?<!\d)(\d{4})(?!\d)()()", text)
    if not found or not 1000 <= int(found[1]) < 3000:
        return None
    year, month, day = found[1], int(found[2] or 0), int(found[3] or 0)
    if not 1 <= month <= 12:
        return year
    return f"{year}-{month:02}-{day:02}" if 1 <= day <= 31 else f"{year}-{month:02}"


_LICENCE = ("license", "licence", "wcop", "copyrighturl", "licenseurl")
_COPYRIGHT = ("copyright", "tcop", "tcr", "cprt", "copy")


def _licence(fields: Mapping[str, list[str]]) -> str | None:
    """From the fields for it; else from the line of copyright, where that names one."""
    said = [value for name in _LICENCE for value in fields.get(name, [])]
    told = [rights.expression(value) or value for value in said]
    if not told:
        told = [known for name in _COPYRIGHT for value in fields.get(name, []) if (known := rights.expression(value))]
    # Two that differ both hold, as far as anybody can tell.
    return " AND ".join(dict.fromkeys(told))[:_LONGEST_TEXT] or None


def _match(fields: Mapping[str, list[str]], pattern: str, *names: str) -> str | None:
    values = (re.sub(r"[\s-]", "", value).upper() for name in names for value in fields.get(name, []))
    return next((value for value in values if re.fullmatch(pattern, value, re.ASCII)), None)


_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def _mbids(fields: Mapping[str, list[str]], *names: str) -> tuple[str, ...]:
    return _unique(uuid.lower() for name in names for value in fields.get(name, []) for uuid in _UUID.findall(value))


def _mbid(fields: Mapping[str, list[str]], *names: str) -> str | None:
    return next(iter(_mbids(fields, *names)), None)


_SPOTIFY = re.compile(r"(?:spotify:track:|open\.spotify\.com/(?:intl-[a-z]+/)?track/)([0-9A-Za-z]{22})(?![0-9A-Za-z])")


def _spotify_id(fields: Mapping[str, list[str]]) -> str | None:
    """From a field of that name, else from the first address of a Spotify track in any field."""
    for name in ("spotifyid", "spotifytrackid"):
        for value in fields.get(name, []):
            if re.fullmatch(r"[0-9A-Za-z]{22}", value):
                return value
    found = (_SPOTIFY.search(value) for values in fields.values() for value in values)
    return next((match[1] for match in found if match), None)


# Names of files and folders ----------------------------------------------------------------------------------------


def _from_name(stem: str, artists: tuple[str, ...]) -> tuple[int | None, str | None, str]:
    """Track number, artist and title from ``03 - Artist - Title``, ``Artist - 03 - Title``, ``03. Title`` and the like.

    A bare number before a blank counts only with a leading zero: ``99 Luftballons`` is a title.
    """
    text = _clean(stem if " " in stem else stem.replace("_", " "))[:_LONGEST_TEXT] or "Untitled"
    parts = [part for part in re.split(r"\s+[-–—]\s+", text) if part]
    number: list[str] = []
    if head := re.match(r"(?:\d[-.])?(\d{1,3})(?:\s*[-.)_]\s*|\s+-\s+)(?=\D)|(?:\d-)?(0\d{1,2})\s+(?=\S)", text):
        number = [head[1] or head[2]]
        parts = [part for part in re.split(r"\s+[-–—]\s+", text[head.end() :]) if part]
    elif len(parts) == 3 and re.fullmatch(r"\d{1,3}", parts[1]):
        number = [parts.pop(1)]
    if len(parts) == 2 and (not artists or _fold(parts[0]) in map(_fold, artists)):
        return _number(number), parts[0], parts[1]
    return _number(number), None, " - ".join(parts) or text


def _from_folder(folder: Path) -> tuple[str, int | None]:
    """Album and disc number from ``Album`` or ``Album/CD 2``."""
    disc = re.fullmatch(r"(?:cd|dis[ck])[\s_-]*(\d{1,2})", folder.name, re.IGNORECASE)
    name = folder.parent.name if disc else folder.name
    return _clean(name)[:_LONGEST_TEXT], _number([disc[1]]) if disc else None
