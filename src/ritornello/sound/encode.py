"""Sound into a file: the counterpart of decoding, for pieces, previews and tests."""

from __future__ import annotations

import base64
import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import av.error
import numpy as np
from av.audio.stream import AudioStream
from av.codec import Codec
from av.packet import Packet
from av.stream import Disposition, Stream

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from av.container import OutputContainer

    from ritornello.sound.waveform import Waveform

LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1"}
"""Channel count to FFmpeg's layout; channels in FFmpeg's order (5.1: L R C LFE, then the two surrounds)."""


@dataclass(frozen=True, slots=True)
class _Container:
    format: str
    codecs: tuple[str, ...]
    """Default first."""
    options: Mapping[str, str]
    cover: str = ""
    """``stream`` or ``comment`` where a cover can be stored."""


_ID3 = {"write_id3v2": "1"}
CONTAINERS = {
    ".mp3": _Container("mp3", ("libmp3lame",), {}, "stream"),
    ".m4a": _Container("ipod", ("aac", "alac"), {}, "stream"),
    ".ogg": _Container("ogg", ("vorbis", "libopus"), {}, "comment"),
    ".opus": _Container("opus", ("libopus",), {}, "comment"),
    ".flac": _Container("flac", ("flac",), {}, "stream"),
    ".wav": _Container("wav", ("pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_u8"), {}),
    ".aiff": _Container("aiff", ("pcm_s16be", "pcm_s24be", "pcm_s32be"), _ID3),
    ".aif": _Container("aiff", ("pcm_s16be", "pcm_s24be", "pcm_s32be"), _ID3),
    ".wma": _Container("asf", ("wmav2",), {}),
}
_MAX_CHANNELS = {"libmp3lame": 2, "wmav2": 2}
_RATES = {"wmav2": (8000, 11025, 16000, 22050, 32000, 44100, 48000)}
_BIT_RATES = {"libmp3lame": 192_000, "aac": 192_000, "libopus": 128_000, "wmav2": 128_000}
# What a codec can carry grows with the rate and the channels; the encoders refuse more at low rates.
_MAX_BITS_PER_SAMPLE = {"libmp3lame": 3.0, "aac": 6.0}


def write(
    path: Path,
    waveform: Waveform,
    *,
    codec: str | None = None,
    bit_rate: int | None = None,
    tags: Mapping[str, str] | None = None,
    cover: bytes | None = None,
) -> None:
    """Encode a waveform into a file; the suffix says which container.

    Lossy codecs pad: an AAC, Vorbis or WMA file may decode to some thousand samples of silence more at its end.

    Parameters
    ----------
    path
        Ends in one of :data:`CONTAINERS`: mp3, m4a, ogg, opus, flac, wav, aiff, aif or wma. Overwritten.
    waveform
        1 to 6 channels at 8 to 192 kHz, full scale ±1; louder samples are clipped by integer codecs.
    codec
        FFmpeg's name, such as ``alac`` for m4a or ``pcm_s24le`` for wav; default: the container's usual one.
    bit_rate
        Bits a second for lossy codecs; default: transparent or nearly so at 44.1 kHz.
    tags
        By FFmpeg's names: title, artist, album, album_artist, track, disc, date, genre, comment, TBPM, INITIALKEY,
        ISRC and others. What a container has no place for is dropped by it: wav keeps the RIFF INFO names, m4a the
        iTunes ones.
    cover
        A JPEG or PNG image.

    Raises
    ------
    ValueError
        Where suffix, codec, rate, channels or cover cannot go together; the message names what can.
    """
    container = _container(path)
    codec = codec or container.codecs[0]
    channels = 1 if waveform.samples.ndim == 1 else waveform.samples.shape[1]
    _check(path, container, codec, channels, waveform.rate)
    tags = dict(tags or {})
    if container.format == "ipod" and "TBPM" in tags:
        tags["tmpo"] = str(round(float(tags.pop("TBPM"))))
    if cover is not None and container.cover == "":
        raise ValueError(f"{path.name}: this container holds no cover; write mp3, m4a, flac, ogg or opus")
    if cover is not None and container.cover == "comment":
        tags["METADATA_BLOCK_PICTURE"] = base64.b64encode(_flac_picture(cover)).decode()

    # FFmpeg's ipod muxer differs from mp4 by its brand alone, but takes no pictures.
    format_name = "mp4" if container.format == "ipod" and cover is not None else container.format
    with av.open(path, "w", format=format_name, options=dict(container.options)) as output:
        # FFmpeg calls its own Vorbis encoder experimental, and the wheel carries no other.
        stream = output.add_stream(codec, rate=waveform.rate, options={"strict": "experimental"})
        assert isinstance(stream, AudioStream)
        stream.layout = LAYOUTS[channels]
        wanted = bit_rate or _default_bit_rate(codec, waveform.rate, channels)
        if wanted:
            stream.bit_rate = wanted
        output.metadata.update(tags)
        picture = _attach(output, cover) if cover is not None and container.cover == "stream" else None
        try:
            output.start_encoding()
        except av.error.FFmpegError as error:
            raise ValueError(
                f"{path.name}: {codec} refuses {waveform.rate} Hz, {LAYOUTS[channels]}, {wanted or 'default'} bit/s: "
                f"{error.strerror}; try another rate, channel count or bit rate"
            ) from error
        if picture is not None:
            output.mux(picture)
        _encode(output, stream, waveform, channels)


def _container(path: Path) -> _Container:
    found = CONTAINERS.get(path.suffix.lower())
    if found is None:
        raise ValueError(f"{path.name}: no container for suffix {path.suffix!r}; use one of {', '.join(CONTAINERS)}")
    return found


def _check(path: Path, container: _Container, codec: str, channels: int, rate: int) -> None:
    if codec not in container.codecs:
        raise ValueError(f"{path.name}: {codec!r} does not go into {path.suffix}; use {' or '.join(container.codecs)}")
    if channels not in LAYOUTS:
        raise ValueError(f"{path.name}: got {channels} channels, expected 1 to {max(LAYOUTS)}")
    if codec == "vorbis" and channels != 2:
        raise ValueError(
            f"{path.name}: got {channels} channels, but FFmpeg's Vorbis encoder writes stereo only; use opus"
        )
    if channels > _MAX_CHANNELS.get(codec, max(LAYOUTS)):
        raise ValueError(f"{path.name}: got {channels} channels, but {codec} holds at most {_MAX_CHANNELS[codec]}")
    rates = _RATES.get(codec) or Codec(codec, "w").audio_rates
    if rates and rate not in rates:
        known = ", ".join(str(r) for r in sorted(rates))
        raise ValueError(f"{path.name}: got {rate} Hz, but {codec} takes {known}; resample first")
    if not 8000 <= rate <= 192_000:
        raise ValueError(f"{path.name}: got {rate} Hz, expected 8000 to 192000")


def _default_bit_rate(codec: str, rate: int, channels: int) -> int | None:
    usual = _BIT_RATES.get(codec)
    if usual is None:
        return None
    scaled = usual if channels <= 2 else usual * channels // 2
    return min(scaled, int(_MAX_BITS_PER_SAMPLE.get(codec, 16.0) * rate * channels))


def _encode(output: OutputContainer, stream: AudioStream, waveform: Waveform, channels: int) -> None:
    planes = waveform.samples.reshape(-1, channels).T.astype(np.float32, copy=False)
    if stream.codec_context.name == "wmav2":  # it keeps its last frame to itself
        planes = np.pad(planes, ((0, 0), (0, stream.frame_size)))
    for start in range(0, planes.shape[1], waveform.rate):
        chunk = np.ascontiguousarray(planes[:, start : start + waveform.rate])
        frame = av.AudioFrame.from_ndarray(chunk, format="fltp", layout=LAYOUTS[channels])
        frame.sample_rate = waveform.rate
        frame.pts = start
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def _attach(output: OutputContainer, cover: bytes) -> Packet[Stream]:
    codec, width, height = _picture(cover)
    stream = output.add_mux_stream(codec, width=width, height=height)
    stream.disposition = Disposition.attached_pic
    packet: Packet[Stream] = Packet(cover)
    packet.stream = stream
    packet.pts = packet.dts = 0
    return packet


def _picture(cover: bytes) -> tuple[str, int, int]:
    """Codec name, width and height in pixels."""
    try:
        with av.open(io.BytesIO(cover)) as image:
            context = image.streams.video[0].codec_context
            codec, width, height = context.name, context.width, context.height
    except (av.error.FFmpegError, IndexError) as error:
        raise ValueError(f"cover: {len(cover)} bytes that are no image; give JPEG or PNG") from error
    if codec not in {"mjpeg", "png"}:
        raise ValueError(f"cover: got an image in {codec}; give JPEG or PNG")
    return codec, width, height


def _flac_picture(cover: bytes) -> bytes:
    """A METADATA_BLOCK_PICTURE (RFC 9639, section 8.8), which Ogg files carry as a comment in base64."""
    codec, width, height = _picture(cover)
    mime = b"image/jpeg" if codec == "mjpeg" else b"image/png"
    front_cover = 3
    head = struct.pack(">II", front_cover, len(mime)) + mime + struct.pack(">I", 0)
    return head + struct.pack(">5I", width, height, 24, 0, len(cover)) + cover
