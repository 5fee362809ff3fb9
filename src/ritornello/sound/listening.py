"""One pass over a file: everything that must be measured while the samples stream by.

Only rows of features are kept, so memory grows by about a megabyte a minute and never with the file's own size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ritornello.sound import loudness
from ritornello.sound.decode import Block, Decoding
from ritornello.sound.downmix import Downmix
from ritornello.sound.pitch import PitchStream
from ritornello.sound.spectrum import (
    BANDS,
    FRAME_RATE,
    HOP,
    RATE,
    WINDOW,
    Frames,
    decibels,
    hann,
    mel_weights,
    power,
)
from ritornello.sound.waveform import Excerpt, Waveform

Floats = NDArray[np.float32]

EXCERPT_SECONDS = 30
LINEAR_BANDS = 8
"""Bands of equal width below 5,512.5 Hz, for the rhythmstring."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one pass over a file leaves.

    Attributes
    ----------
    num_samples
        At 22,050 Hz.
    bands
        Mel bands in dB, shape ``(frames, 40)``, :data:`~ritornello.sound.spectrum.FRAME_RATE` frames a second.
    linear_bands
        The eight bands of the rhythmstring in dB, shape ``(frames, 8)``.
    level
        Momentary K-weighted level of the mono signal in dB, shape ``(frames,)``.
    loudness_energy
        K- and channel-weighted energy in steps of 0.1 s.
    pitches, tuning
        Pitch content and tuning histogram of :mod:`ritornello.sound.pitch`.
    excerpt
        The middle half minute in mono at the file's own rate.
    begin, middle, end
        One second each, mono at 22,050 Hz.
    input_process
        How the file was decoded, in Spotify's words.
    """

    num_samples: int
    bands: Floats
    linear_bands: Floats
    level: Floats
    loudness_energy: NDArray[np.float64]
    pitches: Floats
    tuning: NDArray[np.float64]
    excerpt: Waveform
    begin: Floats
    middle: Floats
    end: Floats
    input_process: str

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.num_samples / RATE


def listen(decoding: Decoding) -> Heard:
    """Decode a file and measure it on the way.

    Raises
    ------
    Unreadable, NotAudio, Damaged
        From :class:`~ritornello.sound.decode.Decoding`.
    """
    ears: _Ears | None = None
    for block in decoding.blocks():
        if ears is None:
            ears = _Ears(block, decoding.stated_duration)
        ears.hear(block)
    assert ears is not None, "a decoding without blocks raises Damaged"
    return ears.done(decoding.decoder)


class _Ears:
    """The running measurements of one pass."""

    def __init__(self, first: Block, stated_duration: float | None) -> None:
        self._downmix = Downmix(first.layout, first.rate)
        self._num_samples = 0
        native, analysed = (
            None if stated_duration is None else int(stated_duration / 2 * r) for r in (first.rate, RATE)
        )
        self._excerpt = Excerpt(EXCERPT_SECONDS * first.rate, native)
        self._begin, self._middle, self._end = Excerpt(RATE, RATE // 2), Excerpt(RATE, analysed), Excerpt(RATE)
        frequencies = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
        linear = frequencies[:, None] // (5512.5 / LINEAR_BANDS) == np.arange(LINEAR_BANDS)
        self._k = loudness.k_weights(frequencies)
        self._columns = np.hstack([mel_weights(), linear.astype(np.float32), self._k[:, None]])
        self._taper = hann(WINDOW)
        self._frames, self._rows = Frames(WINDOW, HOP), _Rows(self._columns.shape[1])
        # Frames side by side, untapered, keep all the energy, which is all that is asked of the other signals.
        self._flat = np.ones(WINDOW, np.float32)
        self._others = [(Frames(WINDOW, WINDOW), _Rows(1)) for _ in self._downmix.weights[1:]]
        self._pitch = PitchStream()

    def hear(self, block: Block) -> None:
        signals, mono = self._downmix.feed(block)
        if block.rate == self._downmix.rate:
            self._excerpt.feed(mono)
        self._take(signals)

    def _take(self, signals: list[Floats]) -> None:
        mono = signals[0]
        self._num_samples += len(mono)
        for keeper in (self._begin, self._middle, self._end):
            keeper.feed(mono)
        self._pitch.feed(mono)
        self._measure(self._frames.feed(mono))
        for (frames, energies), samples in zip(self._others, signals[1:], strict=True):
            self._measure_energy(frames.feed(samples), energies)

    def _measure(self, frames: Iterable[Floats]) -> None:
        for block in frames:
            rows = power(block, self._taper) @ self._columns
            rows[:, :-1] = decibels(rows[:, :-1])
            self._rows.add(rows)

    def _measure_energy(self, frames: Iterable[Floats], energies: _Rows) -> None:
        for block in frames:
            silent = not block.any()
            energies.add(
                np.zeros((len(block), 1), np.float32) if silent else (power(block, self._flat) @ self._k)[:, None]
            )

    def done(self, decoder: str) -> Heard:
        self._take(self._downmix.finish())
        self._measure(self._frames.finish())
        for frames, energies in self._others:
            self._measure_energy(frames.finish(), energies)
        rows = self._rows.array()
        pitches, tuning = self._pitch.finish()
        names = {1: "mono", 2: "L+R"}.get(len(self._downmix.layout), "+".join(self._downmix.layout))
        return Heard(
            num_samples=self._num_samples,
            bands=rows[:, :BANDS],
            linear_bands=rows[:, BANDS:-1],
            level=loudness.momentary(rows[:, -1]),
            loudness_energy=self._loudness_energy(rows[:, -1]),
            pitches=pitches,
            tuning=tuning,
            excerpt=Waveform(self._excerpt.samples(), self._downmix.rate),
            begin=self._begin.samples(),
            middle=self._middle.samples(),
            end=self._end.samples(),
            input_process=f"{decoder} {names} {self._downmix.rate}->{RATE}",
        )

    def _loudness_energy(self, mono: Floats) -> NDArray[np.float64]:
        duration = self._num_samples / RATE
        energy = self._downmix.weights[0] * loudness.on_grid(mono, FRAME_RATE, duration)
        for weight, (_, energies) in zip(self._downmix.weights[1:], self._others, strict=True):
            energy += weight * loudness.on_grid(energies.array()[:, 0], RATE / WINDOW, duration)
        above = self._downmix.energy_above_band()[: len(energy)]
        energy[: len(above)] += above * loudness.ABOVE_BAND_GAIN
        return np.asarray(energy)


class _Rows:
    """Rows of features that grow with the track."""

    def __init__(self, columns: int) -> None:
        self._pieces: list[Floats] = [np.zeros((0, columns), np.float32)]

    def add(self, rows: Floats) -> None:
        self._pieces.append(rows)

    def array(self) -> Floats:
        self._pieces = [np.concatenate(self._pieces)]
        return self._pieces[0]
