"""One pass over a file: everything that must be measured while the samples stream by.

Only rows of features are kept, a megabyte a minute, and only of the first hour and a half.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ritornello.sound import downmix, loudness
from ritornello.sound.decode import Block, Decoding
from ritornello.sound.pitch import PitchStream
from ritornello.sound.rows import Rows
from ritornello.sound.spectrum import BANDS, RATE, WINDOW, Bands, BandStream, Kept, decibels, mel_weights
from ritornello.sound.waveform import Excerpt, Spread, Waveform, Windows

Floats = NDArray[np.float32]

LONGEST = 5400
"""Seconds from the start of a file whose spectra are kept. What comes after counts for duration, loudness and excerpt
alone, so that memory does not grow for ever."""
EXCERPT_SECONDS = 30
WINDOW_SECONDS = 3.01
SPREAD_WINDOWS = 8
"""Where the file says how long it is: as many as the networks of the traits hear."""
MOST_WINDOWS = 20
"""Where it does not, or is wrong: half as many to all of them."""
LINEAR_BANDS = 8
"""Bands of equal width below 5,512.5 Hz, for the rhythmstring."""

_LARGE = 31 << 20
"""Bytes. glibc gives blocks of megabytes back to the system after each use, and fetching them again takes a twentieth
of the analysis; once it has seen a block of this size come back, it keeps those below."""


@dataclass(frozen=True, slots=True)
class Gist:
    """What one pass over a file leaves of it for its features.

    Attributes
    ----------
    num_samples
        At 22,050 Hz, of the whole file.
    bands
        Mel bands in dB, shape ``(frames, 40)``, :data:`~ritornello.sound.spectrum.FRAME_RATE` frames a second.
    loudness_energy
        K- and channel-weighted energy in steps of 0.1 s.
    pitches, tuning
        Pitch content and tuning histogram of :mod:`ritornello.sound.pitch`.
    excerpt
        The middle half minute in mono at the file's own rate.
    windows
        Eight to twenty stretches of three seconds from all over the track (fewer below half a minute), mono at
        22,050 Hz, each with the sample at which it starts.
    """

    num_samples: int
    bands: Floats
    loudness_energy: NDArray[np.float64]
    pitches: Floats
    tuning: NDArray[np.float64]
    excerpt: Waveform
    windows: list[tuple[int, Floats]]

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.num_samples / RATE

    @property
    def looked_at(self) -> float:
        """Seconds from the start that bands and pitches cover: all, or :data:`LONGEST`."""
        return min(self.duration, LONGEST)


@dataclass(frozen=True, slots=True)
class Heard(Gist):
    """What one pass over a file leaves of it for its analysis.

    Attributes
    ----------
    fine_bands
        Mel bands in dB, shape ``(frames, 40)``; like all that follows at
        :data:`~ritornello.sound.spectrum.FINE_RATE` frames a second.
    linear_bands
        The eight bands of the rhythmstring in dB, shape ``(frames, 8)``.
    level
        Momentary K-weighted level of the mono signal in dB, shape ``(frames,)``.
    begin, middle, end
        One second each, mono at 22,050 Hz.
    input_process
        How the file was decoded, in Spotify's words.
    """

    fine_bands: Floats
    linear_bands: Floats
    level: Floats
    begin: Floats
    middle: Floats
    end: Floats
    input_process: str


def skim(decoding: Decoding) -> Gist:
    """Decode a file and measure on the way what its features need.

    Raises
    ------
    Unreadable, NotAudio, Damaged
        From :class:`~ritornello.sound.decode.Decoding`.
    """
    return _pass(_Ears, decoding).gist()


def listen(decoding: Decoding) -> Heard:
    """Decode a file and measure on the way what its analysis needs; raises what :func:`skim` does."""
    return _pass(_CloseEars, decoding).heard(decoding.decoder)


def _pass(kind: type[_Kind], decoding: Decoding) -> _Kind:
    np.empty(_LARGE, np.uint8)  # asked for, never touched, and given back at once
    blocks = decoding.blocks()
    first = next(blocks)  # a decoding without blocks raises Damaged
    ears = kind(first, decoding.stated_duration)
    for block in chain([first], blocks):
        ears.hear(block)
    ears.finish()
    return ears


class _Ears:
    """The running measurements of one pass."""

    STREAMS = 1
    """Streams of frames, each with a hop of :data:`~ritornello.sound.spectrum.HOP`."""

    def __init__(self, first: Block, stated_duration: float | None) -> None:
        self._rate = first.rate
        self._excerpt = Excerpt(EXCERPT_SECONDS * first.rate, _middle(stated_duration, first.rate))
        length = round(WINDOW_SECONDS * RATE)
        self._windows = Windows(length, MOST_WINDOWS)
        self._spread = Spread(length, SPREAD_WINDOWS, int(min(stated_duration or 0.0, LONGEST) * RATE), step=RATE)
        self._loudness = loudness.Meter()
        self._resampler = downmix.Resampler()
        self._num_samples = 0
        self._kinds = self._kept()
        self._streams = [BandStream(self._kinds, stream) for stream in range(self.STREAMS)]
        self._pitch = PitchStream()

    def _kept(self) -> list[Kept]:
        """What is kept of every frame, the mel bands first."""
        return [Kept(Bands(mel_weights()), decibels, Rows(BANDS, self.STREAMS))]

    def hear(self, block: Block) -> None:
        """Take a block."""
        self._loudness.feed(block)
        mono = downmix.mono(block)
        if block.rate == self._rate:
            self._excerpt.feed(mono)
        self._take(self._resampler.feed(mono, block.rate))

    def finish(self) -> None:
        """Take what lies beyond the last block."""
        self._take(self._resampler.finish())
        self._pitch.finish()
        for stream in self._streams:
            stream.finish()

    def _take(self, samples: Floats) -> None:
        near = samples[: max(LONGEST * RATE - self._num_samples, 0)]
        self._num_samples += len(samples)
        self._windows.feed(near)
        self._spread.feed(near)
        self._pitch.feed(near)
        for stream in self._streams:
            stream.feed(near)

    def gist(self) -> Gist:
        """What the features need; after :meth:`finish`."""
        return Gist(
            num_samples=self._num_samples,
            bands=self._kinds[0].rows.array()[:: self.STREAMS],
            loudness_energy=self._loudness.steps(),
            pitches=self._pitch.pitches(),
            tuning=self._pitch.tuning,
            excerpt=Waveform(self._excerpt.samples(), self._rate),
            windows=self._spread.windows() or self._windows.windows(),
        )


class _CloseEars(_Ears):
    """Measures what only the analysis needs as well, and in a second stream the frames halfway between."""

    STREAMS = 2

    def __init__(self, first: Block, stated_duration: float | None) -> None:
        super().__init__(first, stated_duration)
        middle = _middle(stated_duration, RATE)
        self._seconds = Excerpt(RATE, RATE // 2), Excerpt(RATE, middle), Excerpt(RATE)
        self._layout = first.layout

    def _kept(self) -> list[Kept]:
        frequencies = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
        linear = (frequencies[:, None] // (5512.5 / LINEAR_BANDS) == np.arange(LINEAR_BANDS)).astype(np.float32)
        level = loudness.k_weights(frequencies)[:, None]
        return [
            *super()._kept(),
            Kept(Bands(linear), decibels, Rows(LINEAR_BANDS, self.STREAMS)),
            Kept(Bands(level), loudness.momentary, Rows(1, self.STREAMS)),
        ]

    def _take(self, samples: Floats) -> None:
        super()._take(samples)
        for second in self._seconds:
            second.feed(samples)

    def heard(self, decoder: str) -> Heard:
        """What the analysis needs; after :meth:`finish`."""
        gist = self.gist()
        fine_bands, linear_bands, level = (kind.rows.array() for kind in self._kinds)
        begin, middle, end = (second.samples() for second in self._seconds)
        channels = {1: "mono", 2: "L+R"}.get(len(self._layout), "+".join(self._layout))
        return Heard(
            **{field.name: getattr(gist, field.name) for field in fields(gist)},
            fine_bands=fine_bands,
            linear_bands=linear_bands,
            level=level[:, 0],
            begin=begin,
            middle=middle,
            end=end,
            input_process=f"{decoder} {channels} {self._rate}->{RATE}",
        )


def _middle(duration: float | None, rate: int) -> int | None:
    return None if duration is None else int(duration / 2 * rate)


_Kind = TypeVar("_Kind", bound=_Ears)
