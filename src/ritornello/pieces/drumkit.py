"""Drums made of falling tones and filtered noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ritornello.pieces.instruments import Sound

_METAL = 24
"""Partials of a cymbal; with fewer it would sing a tune of its own."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What tells one drum kit from another."""

    kick: float
    """Hz where the skin comes to rest."""
    sweep: float
    """Octaves it falls through."""
    kick_decay: float
    """Seconds to 1/e."""
    snare: float
    """Hz."""
    snare_decay: float
    wires: float
    """Share of noise in the snare."""
    brightness: float
    """Factor on the edge frequencies of noise."""


KITS = {
    "acoustic": Kit(52, 2.2, 0.15, 190, 0.15, 0.5, 1.0),
    "electronic": Kit(46, 4.0, 0.22, 210, 0.12, 0.6, 1.15),
    "dusty": Kit(58, 1.8, 0.12, 170, 0.17, 0.45, 0.6),
}


def drum(name: str, kit: str, rate: int, rng: np.random.Generator) -> Sound:
    """One stroke at full strength, mono."""
    return _DRUMS[name](KITS[kit], rate, rng).astype(np.float32)


def _fading(seconds: float, decay: float, rate: int, attack: float = 0.001) -> Sound:
    time = np.arange(int(seconds * rate), dtype=np.float32) / rate
    shape = np.exp(-time / decay) * np.minimum(time / attack, 1.0)
    shape[-rate // 200 :] *= np.linspace(1, 0, len(shape[-rate // 200 :]))
    return shape.astype(np.float32)


def _noise(seconds: float, low: float, high: float, rate: int, rng: np.random.Generator) -> Sound:
    samples = int(seconds * rate)
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    frequency = np.maximum(np.fft.rfftfreq(samples, 1 / rate), 1.0)
    spectrum *= 1 / (1 + (low / frequency) ** 4) / (1 + (frequency / high) ** 4)
    noise = np.fft.irfft(spectrum, samples)
    return (noise / np.std(noise)).astype(np.float32)


def _falling(rest: float, octaves: float, fall: float, seconds: float, rate: int) -> Sound:
    time = np.arange(int(seconds * rate)) / rate
    frequency = rest * 2 ** (octaves * np.exp(-time / fall))
    return np.sin(2 * np.pi * np.cumsum(frequency) / rate).astype(np.float32)


def _rounded(sound: Sound) -> Sound:
    rounded: Sound = np.tanh(sound).astype(np.float32)
    return 0.9 * rounded


def _kick(kit: Kit, rate: int, rng: np.random.Generator) -> Sound:
    seconds = kit.kick_decay * 3.2
    body = _falling(kit.kick, kit.sweep, 0.022, seconds, rate) * _fading(seconds, kit.kick_decay, rate)
    click = _noise(0.01, 1500, 5000 * kit.brightness, rate, rng) * _fading(0.01, 0.003, rate)
    body[: len(click)] += 0.2 * click
    return _rounded(1.5 * body)


def _snare(kit: Kit, rate: int, rng: np.random.Generator) -> Sound:
    seconds = kit.snare_decay * 3
    skin = _falling(kit.snare, 0.7, 0.015, seconds, rate) * _fading(seconds, kit.snare_decay * 0.55, rate)
    wires = _noise(seconds, 900, 9000 * kit.brightness, rate, rng) * _fading(seconds, kit.snare_decay, rate)
    return _rounded((1 - kit.wires) * skin + kit.wires * 0.5 * wires)


def _cymbal(
    kit: Kit, rate: int, rng: np.random.Generator, *, seconds: float, decay: float, low: float, metal: float = 0.25
) -> Sound:
    noise = _noise(seconds, low * kit.brightness, 15_000 * kit.brightness, rate, rng)
    time = np.arange(len(noise)) / rate
    ring = np.zeros(len(noise))
    for frequency in rng.uniform(2400, 9800, _METAL):
        if frequency < 0.45 * rate:
            ring += np.sin(2 * np.pi * frequency * time + rng.uniform(0, 6))
    return ((0.3 * noise + metal * ring / 5) * _fading(seconds, decay, rate, 0.0015)).astype(np.float32)


def _hat(kit: Kit, rate: int, rng: np.random.Generator) -> Sound:
    return 0.55 * _cymbal(kit, rate, rng, seconds=0.12, decay=0.03, low=6500)


def _open_hat(kit: Kit, rate: int, rng: np.random.Generator) -> Sound:
    return 0.5 * _cymbal(kit, rate, rng, seconds=0.45, decay=0.16, low=6000)


def _foot(kit: Kit, rate: int, rng: np.random.Generator) -> Sound:
    return 0.35 * _cymbal(kit, rate, rng, seconds=0.1, decay=0.022, low=4500)


def _ride(kit: Kit, rate: int, rng: np.random.Generator) -> Sound:
    ping = _cymbal(kit, rate, rng, seconds=0.9, decay=0.28, low=4500, metal=0.5)
    stick = _cymbal(kit, rate, rng, seconds=0.04, decay=0.01, low=3000)
    ping[: len(stick)] += 0.8 * stick
    return 0.35 * ping


def _crash(kit: Kit, rate: int, rng: np.random.Generator) -> Sound:
    return 0.7 * _cymbal(kit, rate, rng, seconds=2.2, decay=0.65, low=2500, metal=0.15)


def _clap(kit: Kit, rate: int, rng: np.random.Generator) -> Sound:
    noise = _noise(0.3, 900, 4500 * kit.brightness, rate, rng)
    shape: Sound = 0.7 * _fading(0.3, 0.07, rate)
    for late in (0.0, 0.009, 0.019):
        start = int(late * rate)
        shape[start:] += 0.6 * _fading(0.3, 0.006, rate)[: len(shape) - start]
    return 0.35 * noise * shape


def _rim(kit: Kit, rate: int, rng: np.random.Generator) -> Sound:
    body: Sound = _falling(1650, 0.1, 0.01, 0.08, rate) + 0.6 * _falling(460, 0.1, 0.01, 0.08, rate)
    body += 0.2 * _noise(0.08, 2000, 8000, rate, rng)
    return 0.5 * body * _fading(0.08, 0.014, rate)


def _brush(kit: Kit, rate: int, rng: np.random.Generator) -> Sound:
    return 0.3 * _noise(0.28, 1200, 8000, rate, rng) * _fading(0.28, 0.075, rate, 0.012)


def _shaker(kit: Kit, rate: int, rng: np.random.Generator) -> Sound:
    return 0.22 * _noise(0.11, 5000, 12_000, rate, rng) * _fading(0.11, 0.03, rate, 0.015)


def _tambourine(kit: Kit, rate: int, rng: np.random.Generator) -> Sound:
    return 0.45 * _cymbal(kit, rate, rng, seconds=0.3, decay=0.07, low=5500, metal=0.5)


def _tom(kit: Kit, rate: int, rng: np.random.Generator, *, frequency: float) -> Sound:
    body = _falling(frequency, 0.6, 0.04, 0.6, rate) * _fading(0.6, 0.17, rate)
    stick = _noise(0.6, 500, 4000, rate, rng) * _fading(0.6, 0.02, rate)
    return (0.75 * body + 0.06 * stick).astype(np.float32)


def _tom_high(kit: Kit, rate: int, rng: np.random.Generator) -> Sound:
    return _tom(kit, rate, rng, frequency=165)


def _tom_low(kit: Kit, rate: int, rng: np.random.Generator) -> Sound:
    return _tom(kit, rate, rng, frequency=95)


_DRUMS = {
    "brush": _brush,
    "clap": _clap,
    "crash": _crash,
    "hat": _hat,
    "hi-hat foot": _foot,
    "kick": _kick,
    "open hat": _open_hat,
    "ride": _ride,
    "rim": _rim,
    "shaker": _shaker,
    "snare": _snare,
    "tambourine": _tambourine,
    "tom high": _tom_high,
    "tom low": _tom_low,
}

PANS = {
    "hat": 0.3,
    "open hat": 0.3,
    "hi-hat foot": 0.3,
    "ride": -0.35,
    "crash": -0.2,
    "shaker": -0.45,
    "tambourine": 0.45,
    "tom high": 0.2,
    "tom low": -0.3,
    "rim": 0.1,
}
"""Where each drum stands, -1 left to 1 right, seen from the hall; in the middle if not named."""
