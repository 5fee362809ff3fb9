"""Sounds whose answer is known because we made them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ritornello.sound.waveform import Samples, Waveform

RATE = 44100


def tone(frequency: float, seconds: float, level: float = -12.0, rate: int = RATE) -> Samples:
    """A sine whose peak is ``level`` dB below full scale."""
    time = np.arange(int(seconds * rate)) / rate
    return (10 ** (level / 20) * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def noise(seconds: float, level: float = -20.0, seed: int = 0, rate: int = RATE) -> Samples:
    """White noise of a root mean square of ``level`` dB."""
    samples = np.random.default_rng(seed).standard_normal(int(seconds * rate))
    return (10 ** (level / 20) * samples).astype(np.float32)


def note(pitch: float, seconds: float, partials: int = 6, rate: int = RATE) -> Samples:
    """A plucked note; ``pitch`` is a MIDI number, fractions detune it."""
    time = np.arange(int(seconds * rate)) / rate
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    sound = np.zeros(len(time))
    for partial in range(1, partials + 1):
        if partial * frequency < rate / 2:
            sound += np.sin(2 * np.pi * partial * frequency * time) / partial**1.5 * np.exp(-time * (1 + partial))
    attack = np.minimum(time / 0.005, 1.0)
    release = np.minimum((seconds - time) / 0.02, 1.0)
    return (0.2 * sound * attack * np.maximum(release, 0)).astype(np.float32)


def place(pieces: Sequence[tuple[float, Samples]], seconds: float, rate: int = RATE) -> Samples:
    """Mix sounds at their start times in seconds."""
    mix = np.zeros(int(seconds * rate), np.float32)
    for start, sound in pieces:
        first = round(start * rate)
        room = mix[first : first + len(sound)]
        room += sound[: len(room)]
    return mix


def click(accent: float = 1.0, frequency: float = 1200.0) -> Samples:
    """A wood block."""
    time = np.arange(int(0.06 * RATE)) / RATE
    return (0.5 * accent * np.sin(2 * np.pi * frequency * time) * np.exp(-time * 80)).astype(np.float32)


def kick(accent: float = 1.0) -> Samples:
    """A bass drum."""
    time = np.arange(int(0.2 * RATE)) / RATE
    phase = 50 * time + 4 * (1 - np.exp(-time * 30))
    return np.asarray(0.7 * accent * np.sin(2 * np.pi * phase) * np.exp(-time * 18), np.float32)


def beat_times(bpm: float, seconds: float, first: float = 0.25) -> NDArray[np.float64]:
    """When a metronome ticks."""
    return np.asarray(np.arange(first, seconds - 0.2, 60.0 / bpm))


def clicks(bpm: float, seconds: float = 20.0) -> Samples:
    """A metronome."""
    return place([(t, click()) for t in beat_times(bpm, seconds)], seconds)


def meter(beats: int, bpm: float, seconds: float = 30.0) -> Samples:
    """A bass drum and a low note on the first beat of each bar, a click and a higher note on the others."""
    pieces: list[tuple[float, Samples]] = []
    length = 60.0 / bpm
    roots = (36, 41, 43, 36)
    for index, start in enumerate(beat_times(bpm, seconds)):
        bar, position = divmod(index, beats)
        root = roots[bar % len(roots)]
        if position == 0:
            pieces += [(start, kick()), (start, click()), (start, note(root, length * 0.9))]
        else:
            pieces += [(start, click(0.5)), (start, note(root + 12 + (4, 7)[position % 2], length * 0.8) * 0.6)]
    return place(pieces, seconds)


def swing(bpm: float, seconds: float = 20.0, long: float = 2 / 3) -> Samples:
    """A ride cymbal's swing: beats, and off-beats late at ``long`` of the beat."""
    pieces: list[tuple[float, Samples]] = []
    for index, start in enumerate(beat_times(bpm, seconds)):
        pieces.append((start, kick() if index % 4 == 0 else click(0.9)))
        if index % 2:
            pieces.append((start + long * 60.0 / bpm, click(0.45, 2500.0)))
    return place(pieces, seconds)


def cadence(
    tonic: int, mode: int, seconds: float = 12.0, detune: float = 0.0, every: float = 1.0, first: float = 0.0
) -> Samples:
    """I-IV-V-I or i-iv-V-i in a key, with bass, a chord ``every`` so many seconds; ``detune`` in semitones."""
    third = 4 if mode else 3
    triads = [(0, third, 7), (5, 5 + third, 12), (7, 11, 14), (0, third, 7)]
    pieces: list[tuple[float, Samples]] = []
    for index, start in enumerate(np.arange(first, seconds, every)):
        chord = triads[index % 4]
        pieces += [(start, note(60 + tonic + step + detune, 0.95 * every)) for step in chord]
        pieces.append((start, note(36 + tonic + chord[0] + detune, 0.95 * every)))
    return place(pieces, seconds)


def mono(samples: Samples, rate: int = RATE) -> Waveform:
    """One channel."""
    return Waveform(samples, rate)


def stereo(left: Samples, right: Samples, rate: int = RATE) -> Waveform:
    """Two channels."""
    return Waveform(np.stack([left, right], axis=1), rate)
