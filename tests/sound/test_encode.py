from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from av.audio.resampler import AudioResampler

from ritornello.sound.encode import CONTAINERS, write
from ritornello.sound.waveform import Waveform

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TONES = (300.0, 500.0, 800.0, 1200.0, 1700.0, 2300.0)
TAGS = {
    "title": "Ländler",
    "artist": "A",
    "album": "B",
    "album_artist": "C",
    "track": "3/12",
    "disc": "1/2",
    "date": "2026-11-21",
    "genre": "Folk",
    "comment": "3/4",
}


def chord(channels: int, rate: int, seconds: float = 1.0) -> Waveform:
    """One tone a channel, at -12 dB."""
    time = np.arange(round(seconds * rate)) / rate
    samples = 0.25 * np.sin(2 * np.pi * np.outer(time, TONES[:channels])).astype(np.float32)
    return Waveform(samples[:, 0] if channels == 1 else samples, rate)


def read(path: Path) -> tuple[NDArray[np.float32], int]:
    with av.open(path) as file:
        stream = file.streams.audio[0]
        to_float = AudioResampler(format="fltp")
        planes = [part.to_ndarray() for frame in file.decode(stream) for part in to_float.resample(frame)]
        return np.concatenate(planes, axis=1).T.astype(np.float32), stream.rate


def metadata(path: Path) -> dict[str, str]:
    with av.open(path) as file:
        return {key.lower(): value for key, value in {**file.streams.audio[0].metadata, **file.metadata}.items()}


def level(samples: NDArray[np.float32], rate: int, tone: float) -> float:
    """Amplitude of one tone in the middle half second; LAME and Vorbis take up to 9 % away."""
    middle = samples[rate // 4 : rate // 4 + rate // 2]
    phase = np.exp(-2j * np.pi * tone * np.arange(len(middle)) / rate)
    return float(2 * np.abs(np.mean(middle * phase)))


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = zlib.compress((b"\0" + b"\xff\0\0" * 3) * 2)
    header = struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("suffix", "codec"), [(suffix, codec) for suffix, container in CONTAINERS.items() for codec in container.codecs]
)
def test_every_codec_keeps_both_channels(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f"chord{suffix}"
    rate = 48_000 if codec == "libopus" else 44_100
    write(path, chord(2, rate), codec=codec)
    samples, read_rate = read(path)
    assert read_rate == rate
    assert rate <= len(samples) < rate + 4096
    for channel in range(2):
        assert level(samples[:, channel], rate, TONES[channel]) == pytest.approx(0.25, rel=0.1)
        assert level(samples[:, channel], rate, TONES[1 - channel]) < 0.005


@pytest.mark.parametrize("suffix", [".m4a", ".opus", ".flac", ".wav", ".aiff"])
@pytest.mark.parametrize("channels", [1, 6])
def test_channels_stay_in_order_from_mono_to_surround(tmp_path: Path, suffix: str, channels: int) -> None:
    path = tmp_path / f"chord{suffix}"
    write(path, chord(channels, 48_000))
    samples, rate = read(path)
    assert samples.shape[1] == channels
    low_frequency_channel = 3
    for channel in range(channels):
        if channel != low_frequency_channel:  # lossy codecs cut it off at some hundred Hz
            assert level(samples[:, channel], rate, TONES[channel]) == pytest.approx(0.25, rel=0.1)


@pytest.mark.parametrize(
    ("suffix", "codec", "rate"),
    [
        (".mp3", None, 8000),
        (".m4a", None, 8000),
        (".m4a", None, 96_000),
        (".m4a", "alac", 192_000),
        (".ogg", None, 192_000),
        (".flac", None, 8000),
        (".flac", None, 192_000),
        (".wav", None, 192_000),
        (".wma", None, 8000),
        (".aiff", None, 11_025),
    ],
)
def test_rates_from_8_to_192_khz(tmp_path: Path, suffix: str, codec: str | None, rate: int) -> None:
    path = tmp_path / f"chord{suffix}"
    write(path, chord(2, rate), codec=codec)
    samples, read_rate = read(path)
    assert read_rate == rate
    assert level(samples[:, 0], rate, TONES[0]) == pytest.approx(0.25, rel=0.1)


def test_bit_rate_is_obeyed(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (4 * 44_100, 2)).astype(np.float32)
    for bit_rate in (64_000, 256_000):
        path = tmp_path / f"{bit_rate}.mp3"
        write(path, Waveform(noise, 44_100), bit_rate=bit_rate)
        assert path.stat().st_size * 8 / 4 == pytest.approx(bit_rate, rel=0.05)


def test_samples_beyond_full_scale_are_clipped_not_wrapped(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    write(path, Waveform(np.array([1.5, -1.5, 0.5], dtype=np.float32), 44_100))
    samples, _ = read(path)
    assert samples[:, 0] == pytest.approx([1.0, -1.0, 0.5], abs=1e-4)


@pytest.mark.parametrize("suffix", [".mp3", ".m4a", ".ogg", ".opus", ".flac", ".aiff", ".wma"])
def test_tags_are_stored(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"tagged{suffix}"
    write(path, chord(2, 48_000), tags=TAGS)
    stored = metadata(path)
    assert {key: stored.get(key) for key in TAGS} == TAGS


def test_wav_keeps_the_tags_that_riff_knows(tmp_path: Path) -> None:
    path = tmp_path / "tagged.wav"
    write(path, chord(2, 48_000), tags=TAGS)
    stored = metadata(path)
    for key in ("title", "artist", "album", "track", "date", "genre", "comment"):
        assert stored[key] == TAGS[key]


def test_m4a_stores_the_tempo_in_its_own_atom(tmp_path: Path) -> None:
    path = tmp_path / "tagged.m4a"
    write(path, chord(2, 44_100), tags={"TBPM": "132.4"})
    content = path.read_bytes()
    atom = content[content.index(b"tmpo") :]
    assert int.from_bytes(atom[20:22], "big") == 132


@pytest.mark.parametrize("suffix", [".mp3", ".m4a", ".flac"])
def test_cover_is_stored_as_a_picture(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"covered{suffix}"
    write(path, chord(2, 44_100), cover=png(), tags=TAGS)
    with av.open(path) as file:
        assert [bytes(packet) for packet in file.demux(video=0) if packet.size] == [png()]
    assert metadata(path)["title"] == TAGS["title"]


@pytest.mark.parametrize("suffix", [".ogg", ".opus"])
def test_cover_is_stored_as_a_comment(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"covered{suffix}"
    write(path, chord(2, 48_000), cover=png())
    content = path.read_bytes()
    start = content.index(b"METADATA_BLOCK_PICTURE=") + 23
    block = base64.b64decode(content[start : start + 200].split(b"\n")[0][: 4 * ((42 + len(png()) + 2) // 3) - 4])
    assert block[:8] == struct.pack(">II", 3, 9)
    assert block[8:17] == b"image/png"
    assert struct.unpack(">II", block[21:29]) == (3, 2)
    with av.open(path) as file:
        assert file.streams.video[0].codec_context.width == 3


@pytest.mark.parametrize(
    ("name", "channels", "rate", "codec", "expected"),
    [
        ("a.xyz", 2, 44_100, None, r"no container for suffix '\.xyz'; use one of \.mp3"),
        ("a.mp3", 2, 96_000, None, "got 96000 Hz, but libmp3lame takes 8000"),
        ("a.mp3", 6, 44_100, None, "got 6 channels, but libmp3lame holds at most 2"),
        ("a.ogg", 1, 44_100, None, "got 1 channels.*use opus"),
        ("a.opus", 2, 44_100, None, "got 44100 Hz, but libopus takes 8000"),
        ("a.wma", 2, 96_000, None, "got 96000 Hz, but wmav2 takes"),
        ("a.wav", 2, 4000, None, "got 4000 Hz, expected 8000 to 192000"),
        ("a.m4a", 4, 44_100, "alac", "alac refuses 44100 Hz, quad"),
        ("a.m4a", 2, 44_100, "flac", r"'flac' does not go into \.m4a; use aac or alac"),
    ],
)
def test_what_cannot_go_together_is_refused(
    tmp_path: Path, name: str, channels: int, rate: int, codec: str | None, expected: str
) -> None:
    with pytest.raises(ValueError, match=expected):
        write(tmp_path / name, chord(channels, rate, 0.1), codec=codec)


def test_cover_that_is_no_image_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="give JPEG or PNG"):
        write(tmp_path / "a.mp3", chord(2, 44_100, 0.1), cover=b"not an image")
    with pytest.raises(ValueError, match="holds no cover"):
        write(tmp_path / "a.wav", chord(2, 44_100, 0.1), cover=png())
