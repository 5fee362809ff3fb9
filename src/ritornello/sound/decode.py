"""An audio file in, blocks of samples out: the only place that knows FFmpeg.

FFmpeg's decoders come in PyAV's wheel, so every format works without a system package. Frames are read plane by plane
into one buffer and handed on in blocks of ten seconds, because PyAV's per-frame arrays and whole-file arrays both
cost more than the decoding itself. The down-mix is ours: FFmpeg's own raises in-phase stereo by 3 dB.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import av
import numpy as np
from numpy.typing import NDArray

from ritornello.errors import Damaged, NotAudio, Unreadable

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

av.logging.set_level(None)

DEMUXERS = "aac,aiff,ape,asf,au,caf,flac,matroska,mov,mp3,ogg,tta,w64,wav,wv"
"""Containers that hold sound and point nowhere else: a playlist dressed as music is refused, not followed."""

BLOCK_SECONDS = 10.0
"""All the calls that a block goes through cost about half a millisecond; ten seconds of it take a few megabytes."""

_SCALE = {"u8": 128.0, "s16": 32768.0, "s32": 2147483648.0, "s64": 9223372036854775808.0, "flt": 1.0, "dbl": 1.0}
_DTYPE: dict[str, type[Any]] = {
    "u8": np.uint8,
    "s16": np.int16,
    "s32": np.int32,
    "s64": np.int64,
    "flt": np.float32,
    "dbl": np.float64,
}


@dataclass(frozen=True, slots=True)
class Block:
    """Some seconds of decoded sound.

    Attributes
    ----------
    samples
        Shape ``(channels, n)``, float32, full scale ±1; valid until the next block is asked for.
    rate
        Hz.
    layout
        Channel names in FFmpeg's spelling, such as ``("FL", "FR")``.
    """

    samples: NDArray[np.float32]
    rate: int
    layout: tuple[str, ...]


@dataclass(slots=True)
class Decoding:
    """One pass over one file: iterate :meth:`blocks`, then read what the pass found out.

    Attributes
    ----------
    stated_duration
        Seconds that the container promises, or None.
    digest
        16 bytes, BLAKE2b over the encoded audio and its format; tags and file name do not enter.
    warnings
        What was wrong and survived, one sentence each.
    """

    path: Path
    decoder: str = ""
    stated_duration: float | None = None
    digest: bytes = b""
    warnings: list[str] = field(default_factory=list)

    def blocks(self) -> Iterator[Block]:
        """Decode the file once, in blocks of about ten seconds.

        Raises
        ------
        Unreadable, NotAudio, Damaged
            With the path and what to do.
        """
        with _open(self.path) as container:
            stream = _audio_stream(container, self.path)
            self.decoder = stream.codec_context.name
            self.stated_duration = _stated_duration(container, stream)
            digest = _Digest(stream)
            buffer: _Buffer | None = None
            bad_packets = 0
            decoded_seconds = 0.0
            for packet in _packets(container, stream, self.warnings):
                digest.update(packet)
                try:
                    decoded = packet.decode()
                except av.error.FFmpegError:
                    bad_packets += 1
                    continue
                for frame in decoded:
                    decoded_seconds += frame.samples / frame.sample_rate
                    if buffer is None or not buffer.takes(frame):
                        if buffer is not None and buffer.filled:
                            yield buffer.block()
                        buffer = _Buffer(frame)
                    yield from buffer.add(frame)
            if buffer is not None and buffer.filled:
                yield buffer.block()
            self.digest = digest.value()
            if not decoded_seconds:
                raise Damaged(
                    self.path, f"no {self.decoder} frame in it could be decoded; make a new copy from the source"
                )
            self._account(bad_packets, decoded_seconds)

    def _account(self, bad_packets: int, decoded_seconds: float) -> None:
        if bad_packets:
            self.warnings.append(f"{bad_packets} damaged packets were skipped")
        promised, held = _promised_bytes(self.path), self.path.stat().st_size
        if promised > held:
            self.warnings.append(f"truncated: {held} of {promised} bytes are there, {decoded_seconds:.1f} s of sound")
            return
        stated = self.stated_duration
        if stated is not None and decoded_seconds < 0.95 * stated - 0.5:
            self.warnings.append(f"truncated: {decoded_seconds:.1f} s decoded of {stated:.1f} s stated")


def digest(path: Path) -> bytes:
    """Hash the encoded audio of a file without decoding it; equal to :attr:`Decoding.digest`.

    Returns
    -------
    16 bytes.
    """
    with _open(path) as container:
        stream = _audio_stream(container, path)
        running = _Digest(stream)
        for packet in _packets(container, stream, []):
            running.update(packet)
        return running.value()


class _Digest:
    """BLAKE2b over codec, rate, channel count and packets, so equal PCM bytes at two rates stay two recordings."""

    def __init__(self, stream: AudioStream) -> None:
        context = stream.codec_context
        self._hash = hashlib.blake2b(digest_size=16)
        self._hash.update(f"{context.name}/{context.sample_rate}/{context.channels}/".encode())

    def update(self, packet: Packet[AudioStream]) -> None:
        self._hash.update(packet)

    def value(self) -> bytes:
        return self._hash.digest()


class _Buffer:
    """A block under construction; frames are copied into it plane by plane."""

    def __init__(self, frame: AudioFrame) -> None:
        self.rate = frame.sample_rate
        self.layout = tuple(channel.name for channel in frame.layout.channels)
        self.planar = frame.format.is_planar
        self._signature = frame.sample_rate, frame.format.name, frame.layout.name
        kind = frame.format.name.removesuffix("p")
        self._dtype, self._scale = _DTYPE[kind], _SCALE[kind]
        self._samples = np.empty((len(self.layout), int(BLOCK_SECONDS * self.rate) + 16384), np.float32)
        self._full = int(BLOCK_SECONDS * self.rate)
        self.filled = 0

    def takes(self, frame: AudioFrame) -> bool:
        return (frame.sample_rate, frame.format.name, frame.layout.name) == self._signature

    def add(self, frame: AudioFrame) -> Iterator[Block]:
        n, channels = frame.samples, len(self.layout)
        if self.filled + n > self._samples.shape[1]:
            if self.filled:
                yield self.block()
            if n > self._samples.shape[1]:
                self._samples = np.empty((channels, n), np.float32)
        target = self._samples[:, self.filled : self.filled + n]
        if self.planar:
            for channel in range(channels):
                target[channel] = np.frombuffer(memoryview(frame.planes[channel]), self._dtype, n)
        else:
            target[:] = np.frombuffer(memoryview(frame.planes[0]), self._dtype, n * channels).reshape(n, channels).T
        if self._dtype is np.uint8:
            target -= self._scale
        self.filled += n
        if self.filled >= self._full:
            yield self.block()

    def block(self) -> Block:
        samples = self._samples[:, : self.filled]
        if self._scale != 1.0:
            samples *= np.float32(1.0 / self._scale)
        if not np.isfinite(samples).all():
            np.nan_to_num(samples, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)
        self.filled = 0
        return Block(samples, self.rate, self.layout)


def _open(path: Path) -> InputContainer:
    if not path.exists():
        raise Unreadable(path, "no such file; check the path")
    if not path.is_file():
        raise Unreadable(path, "not a file; give a folder to `ritornello scan` instead")
    try:
        if path.stat().st_size == 0:
            raise NotAudio(path, "the file is empty; make a new copy from the source")
        return av.open(
            str(path.absolute()),
            options={"format_whitelist": DEMUXERS, "protocol_whitelist": "file"},
            metadata_errors="replace",
        )
    except av.error.PermissionError as error:
        raise Unreadable(path, "may not be opened; give this user the right to read it") from error
    except (av.error.FFmpegError, OSError) as error:
        raise NotAudio(path, f"not an audio file that can be read ({_reason(error)})") from error


def _audio_stream(container: InputContainer, path: Path) -> AudioStream:
    if not container.streams.audio:
        container.close()
        raise NotAudio(path, "the file holds no audio stream")
    stream = container.streams.audio[0]
    stream.codec_context.thread_count = 1
    return stream


def _packets(container: InputContainer, stream: AudioStream, warnings: list[str]) -> Iterator[Packet[AudioStream]]:
    """Packets of one stream; an unreadable rest ends the file rather than the scan."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.error.FFmpegError as error:
            warnings.append(f"reading stopped early ({_reason(error)})")
            return
        yield packet


def _stated_duration(container: InputContainer, stream: AudioStream) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return None if container.duration is None else container.duration / av.time_base


def _promised_bytes(path: Path) -> int:
    """Bytes that the header of a WAV or AIFF file promises, which FFmpeg trims to what is there; 0 for other files."""
    with path.open("rb") as file:
        header = file.read(8)
    order: dict[bytes, Literal["little", "big"]] = {b"RIFF": "little", b"FORM": "big"}
    if header[:4] not in order or header[4:] in (b"\xff" * 4, b"\0" * 4):  # a stream's header knows no length
        return 0
    return int.from_bytes(header[4:], order[header[:4]]) + 8


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return str(text).lower()
