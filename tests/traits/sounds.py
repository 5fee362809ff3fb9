"""Sounds that the traits must survive, and one that librosa has described."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ritornello.sound.listening import WINDOW_SECONDS
from ritornello.sound.waveform import Waveform
from ritornello.traits import networks

RATE = 44100


def wave(samples: NDArray[np.floating]) -> Waveform:
    return Waveform(samples.astype(np.float32), RATE)


def time(seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * RATE)) / RATE


def noise(seconds: float, level: float = 0.3) -> Waveform:
    return wave(level * np.random.default_rng(1).standard_normal(round(seconds * RATE)))


def medley() -> Waveform:
    """Four seconds: a rising sine, clicks twice a second, a hiss that swells, half a second of silence."""
    t = time(4)
    rising = 0.4 * np.sin(2 * np.pi * (100 * t + 900 * t**2))
    clicks = (np.arange(len(t)) % (RATE // 2) < 40) * 0.5
    hiss = 0.01 * t * np.random.default_rng(7).standard_normal(len(t))
    return wave((rising + clicks + hiss) * (t < 3.5))


HOSTILE = {
    "nothing": wave(np.zeros(0)),
    "one sample": wave(np.ones(1)),
    "silence": wave(np.zeros(30 * RATE)),
    "a tenth of a second": noise(0.1),
    "noise": noise(30),
    "noise beyond full scale": noise(10, level=1e6),
    "noise below the quietest bit": noise(10, level=1e-5),
    "clipped": wave(np.sign(np.sin(2 * np.pi * 110 * time(10)))),
    "constant": wave(np.full(10 * RATE, 0.5)),
    "one sine": wave(0.5 * np.sin(2 * np.pi * 440 * time(10))),
}


def heard(sound: Waveform) -> networks.Heard:
    """What the networks hear of a sound, in windows side by side."""
    length = round(WINDOW_SECONDS * sound.rate)
    count = max(1, len(sound.samples) // length)
    windows = [Waveform(sound.samples[i * length : (i + 1) * length], sound.rate) for i in range(count)]
    return networks.hear(windows, [i * WINDOW_SECONDS for i in range(count)])
