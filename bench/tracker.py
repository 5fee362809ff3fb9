"""Tracker modules (.mod, .xm, .it, .s3m): their sound and their own clock, from libopenmpt.

A module is a list of rows; its speed (ticks a row) and tempo (ticks in 2.5 s) say how long each lasts. How many rows
make a beat is not written down, except as the highlight in some formats: four is the convention at the usual speed
of 6.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ritornello.sound.waveform import Waveform

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

RATE = 44_100
_BLOCK = 256
_NOTE, _LAST_NOTE = 0, 120
"""Command column of the note; higher numbers there are note-offs and the like."""
_COUNTED = (60.0, 180.0)
"""BPM within which a beat of four rows is believed; outside it two or eight rows are taken."""


@dataclass(frozen=True)
class Row:
    """One row as it was played."""

    start: float
    """Seconds."""
    number: int
    """In its pattern."""
    notes: int
    """How many channels strike a note."""
    seconds: float
    """What speed and tempo make of it."""


@dataclass(frozen=True)
class Module:
    """A module's sound, title and rows."""

    waveform: Waveform
    title: str
    artist: str
    rows: tuple[Row, ...]

    @property
    def steady(self) -> float:
        """Share of the rows that have the commonest length."""
        lengths = Counter(round(row.seconds, 5) for row in self.rows)
        return lengths.most_common(1)[0][1] / len(self.rows)

    @property
    def beat_rows(self) -> int:
        """Rows in a beat by convention: 4, or the neighbouring 2 or 8 where the beat would be too slow or too fast."""
        row = float(np.median([row.seconds for row in self.rows]))
        slow, fast = _COUNTED
        return 8 if 60 / (4 * row) > fast else 2 if 60 / (4 * row) < slow else 4

    @property
    def tempo(self) -> float:
        """BPM."""
        return float(60 / np.median([row.seconds for row in self.rows]) / self.beat_rows)

    @property
    def beats(self) -> tuple[float, ...]:
        """Seconds: the rows that divide by ``beat_rows``."""
        return tuple(row.start for row in self.rows if row.number % self.beat_rows == 0)

    def density(self, rows: int) -> float:
        """Notes on rows that divide by ``rows``, as a multiple of what the other rows carry."""
        on = [row.notes for row in self.rows if row.number % rows == 0]
        off = [row.notes for row in self.rows if row.number % rows]
        return float(np.mean(on) / max(float(np.mean(off)), 0.01)) if on and off else 0.0


def available() -> bool:
    """Whether libopenmpt is installed."""
    return ctypes.util.find_library("openmpt") is not None


@cache
def _library() -> Any:
    library = ctypes.CDLL(ctypes.util.find_library("openmpt"))
    module, number, text = ctypes.c_void_p, ctypes.c_int32, ctypes.c_char_p
    library.openmpt_module_create_from_memory2.restype = module
    library.openmpt_module_get_metadata.restype = text
    library.openmpt_module_get_metadata.argtypes = [module, text]
    library.openmpt_module_read_interleaved_float_stereo.restype = ctypes.c_size_t
    library.openmpt_module_read_interleaved_float_stereo.argtypes = [
        module,
        number,
        ctypes.c_size_t,
        ctypes.POINTER(ctypes.c_float),
    ]
    library.openmpt_module_destroy.argtypes = [module]
    library.openmpt_module_get_num_channels.argtypes = [module]
    for name in ("row", "pattern", "order", "speed", "tempo"):
        getattr(library, f"openmpt_module_get_current_{name}").argtypes = [module]
    library.openmpt_module_get_pattern_row_channel_command.argtypes = [module, number, number, number, ctypes.c_int]
    library.openmpt_module_get_pattern_row_channel_command.restype = ctypes.c_uint8
    return library


def load(path: Path, seconds: float) -> Module:
    """Play the first ``seconds`` of a module."""
    library = _library()
    data = path.read_bytes()
    module = library.openmpt_module_create_from_memory2(data, ctypes.c_size_t(len(data)), *([None] * 7))
    if not module:
        raise ValueError(f"{path} is no module that libopenmpt can play")
    try:
        waveform, rows = _played(library, module, seconds)
        title, artist = (
            library.openmpt_module_get_metadata(module, name).decode("utf-8", "replace").strip()
            for name in (b"title", b"artist")
        )
    finally:
        library.openmpt_module_destroy(module)
    return Module(waveform, title, artist, rows)


def _played(library: Any, module: int, seconds: float) -> tuple[Waveform, tuple[Row, ...]]:
    channels = library.openmpt_module_get_num_channels(module)
    block = (ctypes.c_float * (2 * _BLOCK))()
    blocks: list[NDArray[np.float32]] = []
    rows: list[Row] = []
    before: tuple[int, int, int] | None = None
    frames = 0
    while frames < seconds * RATE:
        got = library.openmpt_module_read_interleaved_float_stereo(module, RATE, _BLOCK, block)
        if got == 0:
            break
        blocks.append(np.ctypeslib.as_array(block)[: 2 * got].astype(np.float32))
        pattern = library.openmpt_module_get_current_pattern(module)
        row = library.openmpt_module_get_current_row(module)
        place = (library.openmpt_module_get_current_order(module), pattern, row)
        if place != before:
            struck = sum(
                0
                < library.openmpt_module_get_pattern_row_channel_command(module, pattern, row, channel, _NOTE)
                <= _LAST_NOTE
                for channel in range(channels)
            )
            speed = library.openmpt_module_get_current_speed(module)
            tempo = library.openmpt_module_get_current_tempo(module)
            rows.append(Row(frames / RATE, row, struck, speed * 2.5 / tempo))
            before = place
        frames += got
    samples = np.concatenate(blocks).reshape(-1, 2)
    return Waveform(samples / np.float32(max(float(np.abs(samples).max()) / 0.95, 1.0)), RATE), tuple(rows)
