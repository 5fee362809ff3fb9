from __future__ import annotations

import base64
import os
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ritornello import tags
from ritornello.sound import encode
from ritornello.sound.waveform import Waveform
from ritornello.spotify.ids import is_id, of_name

RECORDING = "b1a9c0e9-d987-4042-ae91-78d6a3267d69"
RELEASE = "0f2ae3a1-1d2b-4a3c-8d4e-5f60718293a4"
PLAYER = "5441c29d-3602-4898-b1a1-b77fa23b8e50"
SPOTIFY = "4uLU6hMCjMI75M1A2tKUQC"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
COMMON = {
    "title": "Tïtel ☃",
    "artist": "Anna feat. Bo",
    "album": "Album",
    "album_artist": "Anna",
    "track": "3/12",
    "disc": "1/2",
    "date": "2003-05-12",
    "genre": "Dub; Folk",
    "comment": f"https://open.spotify.com/intl-de/track/{SPOTIFY}?si=1",
}
TONE = Waveform(np.sin(np.arange(22050) * 0.06)[:, None].repeat(2, axis=1).astype(np.float32) * 0.3, 48000)


def sound(folder: Path, name: str, given: dict[str, str] | None = None, cover: bytes | None = None) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    encode.write(path, TONE, tags=given, cover=cover)
    return path


def id3(*frames: bytes, version: int = 4, flags: int = 0) -> bytes:
    body = b"".join(frames)
    size = len(body)
    safe = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, flags]) + safe + body


def frame(name: str, body: bytes, version: int = 4) -> bytes:
    if version == 2:
        return name.encode() + len(body).to_bytes(3, "big") + body
    size = len(body)
    length = bytes(size >> s & 0x7F for s in (21, 14, 7, 0)) if version == 4 else struct.pack(">I", size)
    return name.encode() + length + b"\0\0" + body


def mp3(folder: Path, tag: bytes, name: str = "x.mp3") -> Path:
    path = sound(folder, name)
    path.write_bytes(tag + path.read_bytes())
    return path


def utf8(text: str) -> bytes:
    return b"\x03" + text.encode()


@pytest.mark.parametrize("suffix", ["mp3", "m4a", "ogg", "opus", "flac"])
def test_the_common_fields_are_read_in_every_format_that_holds_them(tmp_path: Path, suffix: str) -> None:
    read = tags.read(sound(tmp_path, f"x.{suffix}", COMMON, PNG))
    assert read.title == "Tïtel ☃"
    assert read.artists == ("Anna", "Bo")
    assert (read.album, read.album_artists) == ("Album", ("Anna",))
    assert (read.track, read.tracks, read.disc, read.discs) == (3, 12, 1, 2)
    assert read.date == "2003-05-12"
    assert read.genres == ("Dub", "Folk")
    assert read.spotify_id == SPOTIFY
    assert read.cover == tags.Cover(PNG, "image/png")


def test_aiff_wav_and_wma_tell_what_their_containers_can_hold(tmp_path: Path) -> None:
    aiff = tags.read(sound(tmp_path, "x.aiff", COMMON))
    assert (aiff.title, aiff.artists, aiff.album, aiff.track, aiff.tracks) == (
        "Tïtel ☃",
        ("Anna", "Bo"),
        "Album",
        3,
        12,
    )
    wav = tags.read(sound(tmp_path, "x.wav", COMMON))
    assert (wav.title, wav.artists, wav.album, wav.track, wav.tracks) == ("Tïtel ☃", ("Anna", "Bo"), "Album", 3, 12)
    wma = tags.read(sound(tmp_path, "x.wma", COMMON))
    assert (wma.title, wma.artists, wma.album, wma.track, wma.tracks) == ("Tïtel ☃", ("Anna", "Bo"), "Album", 3, 12)
    assert (wma.disc, wma.date, wma.album_artists) == (1, "2003-05-12", ("Anna",))


@pytest.mark.parametrize("suffix", ["mp3", "ogg", "opus", "flac", "wma"])
def test_ids_and_flags_are_read_where_taggers_put_them(tmp_path: Path, suffix: str) -> None:
    given = {
        "ISRC": "us-ab1-23-45678",
        "BARCODE": "0 602537 51749 4",
        "publisher": "Label",
        "MUSICBRAINZ_TRACKID": RECORDING,
        "MusicBrainz Album Id": RELEASE.upper(),
        "MUSICBRAINZ_ARTISTID": PLAYER,
        "ACOUSTID_ID": RELEASE,
        "COMPILATION": "1",
        "ITUNESADVISORY": "1",
        "SPOTIFY_ID": SPOTIFY,
        "RELEASETYPE": "EP",
    }
    read = tags.read(sound(tmp_path, f"x.{suffix}", given))
    assert (read.isrc, read.barcode, read.label) == ("USAB12345678", "0602537517494", "Label")
    assert (read.recording_id, read.album_id, read.artist_ids) == (RECORDING, RELEASE, (PLAYER,))
    assert (read.acoustid, read.spotify_id, read.release_type) == (RELEASE, SPOTIFY, "ep")
    assert read.compilation
    assert read.explicit


def test_id3v2_frames_of_their_own_kind_are_read(tmp_path: Path) -> None:
    tag = id3(
        frame("TPE1", utf8("Anna & Bo")),
        frame("TXXX", utf8("ARTISTS\0Anna\0Bo")),
        frame("UFID", b"http://musicbrainz.org\0" + RECORDING.encode()),
        frame("TXXX", utf8(f"MusicBrainz Release Track Id\0{RELEASE}")),
        frame("TCMP", utf8("1")),
        frame("TCON", utf8("17\0Dub")),
        frame("TSRC", utf8("USAB12345678")),
        frame("WOAF", f"https://open.spotify.com/track/{SPOTIFY}".encode()),
        frame("APIC", b"\0image/jpeg\0\x03\0" + PNG),
        frame("TDRC", utf8("2003-05-12T10:11:12")),
    )
    read = tags.read(mp3(tmp_path, tag))
    assert read.artists == ("Anna", "Bo")
    assert (read.recording_id, read.track_id, read.compilation) == (RECORDING, RELEASE, True)
    assert read.genres == ("Rock", "Dub")
    assert (read.isrc, read.spotify_id, read.date) == ("USAB12345678", SPOTIFY, "2003-05-12")
    assert read.cover == tags.Cover(PNG, "image/png"), "the image says what it is, not the tag"


@pytest.mark.parametrize(
    ("version", "title", "artist", "year"),
    [(2, "TT2", "TP1", "TYE"), (3, "TIT2", "TPE1", "TYER"), (4, "TIT2", "TPE1", "TDRC")],
)
def test_all_versions_of_id3v2_are_read(tmp_path: Path, version: int, title: str, artist: str, year: str) -> None:
    frames = (
        frame(title, b"\x01" + "Tïtel".encode("utf-16"), version),
        frame(artist, b"\0" + "Bö".encode("latin-1"), version),
        frame(year, b"\x001999", version),
    )
    read = tags.read(mp3(tmp_path, id3(*frames, version=version)))
    assert (read.title, read.artists, read.date) == ("Tïtel", ("Bö",), "1999")


@pytest.mark.parametrize("version", [2, 3, 4])
def test_an_unsynchronised_tag_is_read_without_its_escapes(tmp_path: Path, version: int) -> None:
    names = ("TT2", "TP1") if version == 2 else ("TIT2", "TPE1")
    texts = [b"\x01" + text.encode("utf-16") for text in ("Tïtel", "Bö")]
    escaped = [text.replace(b"\xff", b"\xff\0") for text in texts]
    if version == 4:
        frames = [frame(name, text) for name, text in zip(names, escaped, strict=True)]
    else:
        frames = [frame(*one, version).replace(b"\xff", b"\xff\0") for one in zip(names, texts, strict=True)]
    read = tags.read(mp3(tmp_path, id3(*frames, version=version, flags=0x80)))
    assert (read.title, read.artists) == ("Tïtel", ("Bö",))


@pytest.mark.parametrize(("suffix", "order"), [("wav", "<"), ("aiff", ">")])
def test_id3_chunks_of_wav_and_aiff_are_read(tmp_path: Path, suffix: str, order: str) -> None:
    path = sound(tmp_path, f"x.{suffix}")
    tag = id3(frame("TIT2", utf8("Title")), frame("TPE1", utf8("Anna")), frame("APIC", b"\0image/png\0\x03\0" + PNG))
    tag += bytes(len(tag) % 2)
    data = path.read_bytes() + b"ID3 " + struct.pack(f"{order}I", len(tag)) + tag
    path.write_bytes(data[:4] + struct.pack(f"{order}I", len(data) - 8) + data[8:])
    read = tags.read(path)
    assert (read.title, read.artists, read.cover) == ("Title", ("Anna",), tags.Cover(PNG, "image/png"))


def test_id3v1_alone_is_read(tmp_path: Path) -> None:
    path = sound(tmp_path, "x.mp3")
    old = b"TAG" + b"Title".ljust(30, b"\0") + b"Anna".ljust(30, b"\0") + b"Album".ljust(30, b"\0") + b"1987"
    path.write_bytes(path.read_bytes() + old + b"".ljust(28, b"\0") + b"\0\x07" + b"\x11")
    read = tags.read(path)
    assert (read.title, read.artists, read.album) == ("Title", ("Anna",), "Album")
    assert (read.date, read.track, read.genres) == ("1987", 7, ("Rock",))


def test_freeform_atoms_and_advisories_of_m4a_are_read(tmp_path: Path) -> None:
    def atom(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body) + 8) + kind + body

    def freeform(name: str, value: str) -> bytes:
        mean = atom(b"mean", b"\0\0\0\0com.apple.iTunes")
        data = atom(b"data", b"\0\0\0\x01\0\0\0\0" + value.encode())
        return atom(b"----", mean + atom(b"name", b"\0\0\0\0" + name.encode()) + data)

    path = sound(tmp_path, "x.m4a", {"title": "Title"})
    more = freeform("MusicBrainz Track Id", RECORDING) + freeform("ISRC", "USAB12345678")
    more += atom(b"rtng", atom(b"data", b"\0\0\0\x15\0\0\0\0\x01")) + atom(
        b"cpil", atom(b"data", b"\0\0\0\x15\0\0\0\0\x01")
    )
    data = path.read_bytes()
    for kind in (b"moov", b"udta", b"meta", b"ilst"):
        at = data.rindex(kind) - 4
        data = data[:at] + struct.pack(">I", struct.unpack_from(">I", data, at)[0] + len(more)) + data[at + 4 :]
    end = data.rindex(b"ilst") - 4
    end += struct.unpack_from(">I", data, end)[0] - len(more)
    path.write_bytes(data[:end] + more + data[end:])
    read = tags.read(path)
    assert (read.title, read.recording_id, read.isrc) == ("Title", RECORDING, "USAB12345678")
    assert read.explicit
    assert read.compilation


def test_the_content_says_which_tags_a_misnamed_file_has(tmp_path: Path) -> None:
    path = sound(tmp_path, "x.flac", COMMON).rename(tmp_path / "x.mp3")
    assert tags.read(path).artists == ("Anna", "Bo")


def test_odd_numbers_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    def numbers(track: str) -> tuple[int | None, int | None]:
        read = tags.read(sound(tmp_path, "x.flac", {"TRACKNUMBER": track}))
        return read.track, read.tracks

    assert numbers("A5") == (5, None)
    assert numbers("03 of 12") == (3, 12)
    assert numbers("0/0") == (None, None)
    assert numbers("-") == (None, None)
    assert numbers("9" * 500) == (None, None)
    assert tags.read(sound(tmp_path, "x.flac", {"TRACKNUMBER": "3", "TRACKTOTAL": "9"})).tracks == 9


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2003", "2003"),
        ("2003-05", "2003-05"),
        ("20030512", "2003-05-12"),
        ("2003/05/12", "2003-05-12"),
        ("2003-05-12T08:00:00Z", "2003-05-12"),
        ("12.05.2003", "2003"),
        ("2003-13-40", "2003"),
        ("2003-05-40", "2003-05"),
        ("0000-00-00", None),
        ("soon", None),
        ("123456", None),
    ],
)
def test_dates_are_kept_as_exactly_as_they_are_told(tmp_path: Path, given: str, expected: str | None) -> None:
    assert tags.read(sound(tmp_path, "x.flac", {"DATE": given})).date == expected


def test_utf8_that_was_stored_as_latin_1_is_put_right(tmp_path: Path) -> None:
    tag = id3(frame("TIT2", b"\0" + "Café".encode()), frame("TPE1", b"\0" + "Señor Ñ".encode("latin-1")))
    read = tags.read(mp3(tmp_path, tag))
    assert (read.title, read.artists) == ("Café", ("Señor Ñ",))


def test_control_characters_and_lengths_are_tamed(tmp_path: Path) -> None:
    tag = id3(
        frame("TIT2", utf8("a\x07\r\n\tb  c")),
        frame("TPE1", utf8("x" * 200_000)),
        frame("TCON", utf8("\0".join(f"g{i}" for i in range(5000)))),
        frame("COMM", b"\x03eng\0" + b"y" * 100_000),
        frame("APIC", b"\0image/jpeg\0\x03\0" + b"\xff\xd8\xff" + bytes(17 * 2**20)),
    )
    read = tags.read(mp3(tmp_path, tag))
    assert read.title == "a b c"
    assert [len(name) for name in read.artists] == [500]
    assert len(read.genres) == 64
    assert len(read.comment or "") == 4000
    assert read.cover is None


def test_what_is_no_image_is_no_cover(tmp_path: Path) -> None:
    tag = id3(frame("APIC", b"\0image/jpeg\0\x03\0<script>alert(1)</script>"))
    assert tags.read(mp3(tmp_path, tag)).cover is None


def test_ids_that_are_none_are_dropped(tmp_path: Path) -> None:
    given = {"ISRC": "none", "BARCODE": "12", "MUSICBRAINZ_ALBUMID": "?", "SPOTIFY_ID": "spotify:album:" + SPOTIFY}
    read = tags.read(sound(tmp_path, "x.flac", given))
    assert (read.isrc, read.barcode, read.album_id, read.spotify_id) == (None, None, None, None)


@pytest.mark.parametrize(
    ("name", "track", "artists", "title"),
    [
        ("03 - Anna - Title", 3, ("Anna",), "Title"),
        ("Anna - 03 - Title", 3, ("Anna",), "Title"),
        ("Anna - Title", None, ("Anna",), "Title"),
        ("03 Title", 3, (), "Title"),
        ("3. Title", 3, (), "Title"),
        ("1-03 Title", 3, (), "Title"),
        ("03_Some_Title", 3, (), "Some Title"),
        ("99 Luftballons", None, (), "99 Luftballons"),
        ("1979", None, (), "1979"),
        ("AC-DC", None, (), "AC-DC"),
    ],
)
def test_an_untagged_file_is_named_by_its_name(
    tmp_path: Path, name: str, track: int | None, artists: tuple[str, ...], title: str
) -> None:
    read = tags.read(sound(tmp_path / "Some Album", f"{name}.wav"))
    assert (read.track, read.artists, read.title, read.album) == (track, artists, title, "Some Album")


def test_a_disc_folder_is_not_an_album(tmp_path: Path) -> None:
    read = tags.read(sound(tmp_path / "Some Album" / "CD 2", "x.wav"))
    assert (read.album, read.disc) == ("Some Album", 2)


def test_tags_go_before_names(tmp_path: Path) -> None:
    read = tags.read(sound(tmp_path / "Folder", "07 - Zoe - Other.flac", COMMON))
    assert (read.track, read.artists, read.title, read.album) == (3, ("Anna", "Bo"), "Tïtel ☃", "Album")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no names that are no text")
def test_a_name_that_is_no_text_gives_a_title_that_is(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav"))
    sound(tmp_path, "x.wav").rename(path)
    assert tags.read(path).title == "caf?"


@pytest.fixture(scope="module")
def real_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("real")
    kinds = ["mp3", "m4a", "ogg", "flac", "wav", "aiff", "wma"]
    return {kind: sound(folder, f"x.{kind}", COMMON).read_bytes() for kind in kinds}


@settings(max_examples=150)
@given(data=st.data())
def test_no_damage_to_a_file_stops_the_reader(
    real_files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(sorted(real_files)))
    content = bytearray(real_files[kind][:4000])
    for _ in range(data.draw(st.integers(0, 30))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / f"damaged.{kind}"
    path.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]))
    read = tags.read(path)
    assert read.title
    read.title.encode("utf-8")


def test_no_file_at_all_still_has_a_name(tmp_path: Path) -> None:
    assert tags.read(tmp_path / "gone.mp3").title == "gone"


def test_a_track_carries_its_ids_and_its_duration() -> None:
    given = tags.Tags(
        "Title", ("Anna", "Bo"), "Album", disc=2, track=3, tracks=12, date="2003", isrc="USAB12345678",
        spotify_id=SPOTIFY, recording_id=RECORDING, album_id=RELEASE, barcode="0602537517494", explicit=True,
    )  # fmt: skip
    track = tags.to_track(given, "0" * 22, 61.5, cover="c0ffee")
    assert (track.id, track.name, track.duration, track.explicit) == ("0" * 22, "Title", 61.5, True)
    assert (track.disc_number, track.track_number, track.album.total_tracks) == (2, 3, 12)
    assert [artist.name for artist in track.artists] == ["Anna", "Bo"]
    assert track.artists[0].id == of_name("artist", "ANNA")
    assert track.external_ids == {"isrc": "USAB12345678", "spotify": SPOTIFY, "musicbrainz_recording": RECORDING}
    assert track.album.external_ids == {"upc": "0602537517494", "musicbrainz_album": RELEASE}
    assert (track.album.cover, track.album.release_date) == ("c0ffee", "2003")


def album_id(**given: object) -> str:
    album = tags.to_track(tags.Tags("Title", **given), "0" * 22, 1.0).album  # type: ignore[arg-type]
    assert is_id(album.id)
    return album.id


def test_an_album_is_its_title_with_its_album_artist() -> None:
    one = album_id(artists=("Anna",), album="Album")
    assert album_id(artists=("ANNA", "Bo"), album=" album ") == one, "case, blanks and guests do not matter"
    assert album_id(artists=("Bo",), album="Album", album_artists=("Anna",)) == one
    assert album_id(artists=("Bo",), album="Album") != one
    assert album_id(artists=("Anna",), album="Another") != one


def test_a_compilation_is_one_album_whoever_plays() -> None:
    one = album_id(artists=("Anna",), album="Hits", compilation=True)
    assert album_id(artists=("Bo",), album="Hits", compilation=True) == one
    assert album_id(artists=("Bo",), album="Hits", album_artists=("Various Artists",)) == one
    track = tags.to_track(tags.Tags("T", ("Anna",), "Hits", compilation=True), "0" * 22, 1.0)
    assert (track.album.album_type, track.album.artists[0].name) == ("compilation", "Various Artists")


def test_a_musicbrainz_release_is_one_album_however_it_is_written() -> None:
    one = album_id(artists=("Anna",), album="Album", album_id=RELEASE)
    assert album_id(artists=("Bo",), album="Álbum (Deluxe)", album_id=RELEASE) == one


def test_someone_plays_even_if_nobody_says_who() -> None:
    track = tags.to_track(tags.Tags("Title"), "0" * 22, 1.0)
    assert [artist.name for artist in track.artists] == ["Unknown artist"]
    assert track.album.name == "Title"


def test_a_cover_of_wma_is_read_by_ffmpeg(tmp_path: Path) -> None:
    path = sound(tmp_path, "x.wma", COMMON)
    value = b"\x03" + struct.pack("<I", len(PNG)) + "image/png\0\0".encode("utf-16le") + PNG
    name = "WM/Picture\0".encode("utf-16le")
    body = struct.pack("<HH", 1, len(name)) + name + struct.pack("<HH", 1, len(value)) + value
    guid = bytes.fromhex("40a4d0d207e3d21197f000a0c95ea850")
    more = guid + struct.pack("<Q", len(body) + 24) + body
    data = path.read_bytes()
    size, count = struct.unpack_from("<QI", data, 16)
    path.write_bytes(data[:16] + struct.pack("<QI", size + len(more), count + 1) + data[28:30] + more + data[30:])
    read = tags.read(path)
    assert (read.title, read.cover) == ("Tïtel ☃", tags.Cover(PNG, "image/png"))


# Licences ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.opus", "a.mp3", "a.m4a", "a.wav", "a.wma"])
def test_a_licence_in_the_line_of_copyright_is_read_in_every_container(tmp_path: Path, name: str) -> None:
    said = "2009 Ann. Licensed to the public under http://creativecommons.org/licenses/by/3.0/"
    read = tags.read(sound(tmp_path, name, {"copyright": said}))
    assert (read.licence, read.copyright) == ("CC-BY-3.0", said)


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.opus"])
def test_vorbis_comments_have_a_field_for_the_licence(tmp_path: Path, name: str) -> None:
    read = tags.read(sound(tmp_path, name, {"LICENSE": "CC BY-NC-SA 4.0", "COPYRIGHT": "© 2020 Ann"}))
    assert (read.licence, read.copyright) == ("CC-BY-NC-SA-4.0", "© 2020 Ann")


def test_id3_links_to_the_licence(tmp_path: Path) -> None:
    link = frame("WCOP", b"http://creativecommons.org/licenses/by-nd/4.0/")
    read = tags.read(mp3(tmp_path, id3(link, frame("TCOP", utf8("2020 Ann")))))
    assert (read.licence, read.copyright) == ("CC-BY-ND-4.0", "2020 Ann")


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        ({"LICENSE": "ask me"}, "ask me"),
        ({"LICENSE": "ask me", "COPYRIGHT": "CC0"}, "ask me"),
        ({"COPYRIGHT": "© 1999 Label. All rights reserved."}, None),
        ({"LICENSE": "CC-BY-4.0;;;"}, "CC-BY-4.0"),
        ({"LICENSE": "CC0", "LICENCE": "CC BY-NC 4.0"}, "CC0-1.0 AND CC-BY-NC-4.0"),
        ({}, None),
    ],
)
def test_what_names_no_licence_is_kept_as_it_was_said(
    tmp_path: Path, said: dict[str, str], licence: str | None
) -> None:
    assert tags.read(sound(tmp_path, "a.flac", said)).licence == licence
