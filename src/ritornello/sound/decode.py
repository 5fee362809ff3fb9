"""An audio file in, blocks of samples out: the only place that knows FFmpeg.

FFmpeg's decoders come in PyAV's wheel, so every format works without a system package. Frames go through a queue of
FFmpeg's own and leave it in blocks of some seconds, because an array for every frame and an array of the whole file
both cost more. The down-mix is ours: FFmpeg's own raises in-phase stereo by 3 dB.
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

LEAST_RATE = 1000
"""Hz; what says less is no sound."""
BLOCK_STEPS = 20
"""Tenths of a second in a block: short enough to stay in the processor's cache while it is measured."""

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
        One array a channel, shape ``(n,)``, full scale ±1; all blocks but the last are :data:`BLOCK_STEPS` long.
    rate
        Hz.
    layout
        Channel names in FFmpeg's spelling, such as ``("FL", "FR")``.
    """

    samples: tuple[NDArray[np.float32], ...]
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
        """Decode the file once, in blocks of :data:`BLOCK_STEPS`.

        Raises
        ------
        Unreadable, NotAudio, Damaged
            With the path and what to do.
        """
        with _open(self.path) as container:
            stream = _audio_stream(container, self.path)
            self.decoder = stream.codec_context.name
            self.stated_duration = _stated_duration(container, stream)
            seconds = 0.0
            for block in self._decode(container, stream):
                seconds += len(block.samples[0]) / block.rate
                yield block
            if not seconds:
                raise Damaged(
                    self.path, f"no {self.decoder} frame in it could be decoded; make a new copy from the source"
                )
            self._account(seconds)

    def _decode(self, container: InputContainer, stream: AudioStream) -> Iterator[Block]:
        running, decode = _hash(stream), stream.codec_context.decode
        queue, queued, full = av.AudioFifo(), ("", 0, 0), 0
        bad_packets = 0
        for packet in _packets(container, stream, self.warnings):
            running.update(packet)
            try:
                decoded = decode(packet)
            except av.error.FFmpegError:
                bad_packets += 1
                continue
            for frame in decoded:
                kind = frame.format.name, frame.sample_rate, frame.layout.nb_channels
                if kind != queued:  # the queue itself would take fewer channels, and read what is not there
                    if frame.sample_rate < LEAST_RATE:
                        raise NotAudio(
                            self.path,
                            f"its header says {frame.sample_rate} Hz, and sound has {LEAST_RATE} or more; make a new "
                            "copy from the source",
                        )
                    yield from _read(queue)
                    queue, queued, full = av.AudioFifo(), kind, BLOCK_STEPS * round(frame.sample_rate / 10)
                frame.pts = None  # the queue would hold it against its own count
                queue.write(frame)
                while queue.samples >= full:
                    yield from _read(queue, full)
        yield from _read(queue)
        self.digest = running.digest()
        if bad_packets:
            self.warnings.append(f"{bad_packets} damaged packets were skipped")

    def _account(self, decoded_seconds: float) -> None:
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
        running = _hash(stream)
        for packet in _packets(container, stream, []):
            running.update(packet)
        return running.digest()


def _hash(stream: AudioStream) -> hashlib.blake2b:
    """A hash that has codec, rate and channel count, so that equal PCM bytes at two rates stay two recordings."""
    context = stream.codec_context
    return hashlib.blake2b(f"{context.name}/{context.sample_rate}/{context.channels}/".encode(), digest_size=16)


def _read(queue: av.AudioFifo, samples: int = 0) -> Iterator[Block]:
    """Take so many samples, or all, from the queue."""
    frame = queue.read(samples)
    if frame is not None:
        yield _block(frame)


def _block(frame: AudioFrame) -> Block:
    layout = tuple(channel.name for channel in frame.layout.channels)
    dtype = _DTYPE[frame.format.name.removesuffix("p")]
    if frame.format.is_planar:
        channels = [np.frombuffer(memoryview(plane), dtype, frame.samples) for plane in frame.planes]
    else:
        together = np.frombuffer(memoryview(frame.planes[0]), dtype, frame.samples * len(layout))
        channels = list(together.reshape(frame.samples, len(layout)).T)
    return Block(tuple(_full_scale(channel) for channel in channels), frame.sample_rate, layout)


def _full_scale(samples: NDArray[Any]) -> NDArray[np.float32]:
    """Any kind of sample as float32, ±1."""
    if samples.dtype.kind == "f":
        plain = np.ascontiguousarray(samples, np.float32)
        # A sum of squares is finite if all its parts are, and costs a fifth of looking at each.
        return plain if np.isfinite(plain @ plain) else np.nan_to_num(plain, nan=0.0, posinf=1.0, neginf=-1.0)
    bits = 8 * samples.dtype.itemsize
    scaled = samples.astype(np.float32)
    scaled *= np.float32(2.0 ** (1 - bits))
    return scaled - np.float32(1.0) if samples.dtype.kind == "u" else scaled


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
    try:
        yield from container.demux(stream)
    except av.error.FFmpegError as error:
        warnings.append(f"reading stopped early ({_reason(error)})")


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
