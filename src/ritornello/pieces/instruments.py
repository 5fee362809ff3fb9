"""Instruments made of numbers: each turns a pitch, a duration and a velocity into sound.

Most are wavetables that change: the strengths of the partials are given every 20 ms, one period is computed for each
such moment, and the sound reads through the periods at the pitch's speed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

Sound = NDArray[np.float32]

_TABLE = 1024
_FRAME = 0.02
_VIBRATO = 5.3


def _time(seconds: float, rate: int) -> Sound:
    return np.arange(max(int(seconds * rate), 1), dtype=np.float32) / np.float32(rate)


def _envelope(seconds: float, attack: float, release: float, rate: int, *, fall: float = 0.0) -> Sound:
    """Rise over ``attack``, fall at ``fall`` nepers a second, and fade over ``release`` after ``seconds``."""
    time = _time(seconds + release, rate)
    shape: Sound = np.minimum(time / max(attack, 1e-4), 1.0).astype(np.float32)
    if fall:
        shape *= np.exp(-fall * time)
    tail = np.clip((time - seconds) / release, 0.0, 1.0)
    shape *= 0.5 + 0.5 * np.cos(np.pi * tail)
    return shape


def _read(partials: NDArray[np.float64], frequency: float, samples: int, rate: int, *, vibrato: float = 0.0) -> Sound:
    """Sum partials whose strengths change.

    Parameters
    ----------
    partials
        Shape ``(frames, partials)``, one frame every 20 ms; the first column is the fundamental.
    frequency
        Hz.
    vibrato
        Depth, a fraction of the frequency; it grows in over half a second.
    """
    audible = max(int(0.45 * rate / frequency), 1)
    spectrum = np.zeros((len(partials), _TABLE // 2 + 1), dtype=np.complex64)
    kept = min(partials.shape[1], audible, _TABLE // 2)
    spectrum[:, 1 : kept + 1] = -0.5j * _TABLE * partials[:, :kept]
    tables = np.fft.irfft(spectrum, _TABLE, axis=1).astype(np.float32)

    position = np.arange(samples, dtype=np.float64)
    cycles = position * (frequency / rate)
    if vibrato:
        time = position / rate
        depth = vibrato * np.minimum(time / 0.5, 1.0)
        cycles += depth * frequency / (2 * np.pi * _VIBRATO) * np.sin(2 * np.pi * _VIBRATO * time)
    index = (cycles * _TABLE).astype(np.int64) & (_TABLE - 1)
    moment = np.minimum(position / (_FRAME * rate), len(partials) - 1.001)
    frame = moment.astype(np.int64)
    weight = (moment - frame).astype(np.float32)
    before: Sound = tables[frame, index]
    after: Sound = tables[np.minimum(frame + 1, len(partials) - 1), index]
    return before + weight * (after - before)


def _frames(seconds: float) -> NDArray[np.float64]:
    return np.arange(int(seconds / _FRAME) + 2, dtype=np.float64)[:, np.newaxis] * _FRAME


def _plucked(
    frequency: float,
    seconds: float,
    velocity: float,
    rate: int,
    rng: np.random.Generator,
    *,
    place: float,
    ring: float,
    damping: float,
    bright: float,
    release: float = 0.09,
) -> Sound:
    """A string plucked at ``place`` of its length; high partials die first.

    ``ring`` is the decay of the fundamental in nepers a second at 220 Hz, ``damping`` what each kHz adds to a partial.
    """
    k = np.arange(1, 33)
    start = np.abs(np.sin(np.pi * k * place)) / k**1.1 * np.exp(-k / (bright * (0.5 + velocity) * 12))
    start *= 1 + 0.1 * rng.standard_normal(len(k))
    time = _frames(seconds + release)
    decay = ring * (frequency / 220) ** 0.4 + damping * (k * frequency / 1000)
    body = _read(start * np.exp(-decay * time), frequency, int((seconds + release) * rate), rate)
    pick = rng.standard_normal(int(0.006 * rate)).astype(np.float32) * np.linspace(
        1, 0, int(0.006 * rate), dtype=np.float32
    )
    body *= _envelope(seconds, 0.002, release, rate)[: len(body)]
    body[: len(pick)] += 0.06 * bright * pick[: len(body)]
    return body


def _struck(frequency: float, seconds: float, velocity: float, rate: int, rng: np.random.Generator) -> Sound:
    """A piano: two strings a little apart, quick then slow decay, a soft hammer."""
    k = np.arange(1, 29)
    start = k**-1.15 * np.exp(-k / (3 + 11 * velocity * (220 / frequency) ** 0.3)) * (1 - 0.85 * (k % 8 == 0))
    time = _frames(seconds + 0.15)
    decay = 0.55 * (frequency / 220) ** 0.55 + 0.22 * k
    shape = start * (0.65 * np.exp(-2.2 * decay * time) + 0.35 * np.exp(-0.5 * decay * time))
    samples = int((seconds + 0.15) * rate)
    body = _read(shape, frequency * 0.9996, samples, rate) + _read(shape, frequency * 1.0005, samples, rate)
    hammer = rng.standard_normal(int(0.012 * rate)).astype(np.float32) * np.hanning(int(0.012 * rate)).astype(
        np.float32
    )
    body *= 0.6 * _envelope(seconds, 0.003, 0.15, rate)[:samples]
    body[: len(hammer)] += 0.025 * hammer[:samples]
    return body


def _electric_piano(frequency: float, seconds: float, velocity: float, rate: int, rng: np.random.Generator) -> Sound:
    """Frequency modulation: a body at the pitch, a tine fourteen times above it."""
    time = _time(seconds + 0.2, rate)
    turn = 2 * np.pi * frequency * time
    index = (0.5 + 1.4 * velocity) * np.exp(-2.4 * time)
    tine = 0.22 * velocity * np.exp(-9 * time) if frequency * 14 < rate * 0.45 else np.zeros(1, np.float32)
    body = np.sin(turn + index * np.sin(turn)) + tine * np.sin(14 * turn)
    tremolo = 1 + 0.12 * np.sin(2 * np.pi * 4.6 * time + rng.uniform(0, 6))
    sound: Sound = (0.75 * body * tremolo * _envelope(seconds, 0.003, 0.2, rate, fall=0.9)).astype(np.float32)
    return sound


def _steady(
    frequency: float,
    seconds: float,
    velocity: float,
    rate: int,
    rng: np.random.Generator,
    *,
    slope: float,
    odd: bool = False,
    attack: float = 0.03,
    release: float = 0.12,
    cutoff: float = 3000.0,
    opening: float = 0.0,
    fall: float = 0.0,
    vibrato: float = 0.0,
    spread: float = 0.0,
    breath: float = 0.0,
    formants: tuple[float, ...] = (),
) -> Sound:
    """A sustained tone: partials that fall as ``k**-slope`` below a low-pass.

    Parameters
    ----------
    odd
        Leave out most of the even partials, as a clarinet does.
    cutoff, opening
        The low-pass in Hz, and how far it opens with the attack (positive) or closes after it (negative), in octaves.
    fall
        Decay of the whole, nepers a second.
    spread
        Detuning in cents between two voices, left and right; 0 gives a mono sound.
    breath
        Level of noise.
    formants
        Hz around which partials are stronger.
    """
    k = np.arange(1, 41)
    time = _frames(seconds + release)
    moving = (
        opening * np.minimum(time / max(attack * 3, 0.08), 1.0) if opening > 0 else opening * (1 - np.exp(-6 * time))
    )
    edge = cutoff * (0.55 + 0.6 * velocity) * 2.0**moving
    shape = k**-slope / (1 + (k * frequency / edge) ** 4)
    if odd:
        shape = shape * np.where(k % 2 == 0, 0.15, 1.0)
    for formant in formants:
        shape = shape * (1 + 2.5 * np.exp(-(((k * frequency - formant) / (0.15 * formant + 60)) ** 2)))
    shape = shape / np.sqrt(np.sum(shape.max(axis=0) ** 2))
    samples = int((seconds + release) * rate)
    envelope = _envelope(seconds, attack, release, rate, fall=fall)[:samples]
    if spread:
        ratio = 2 ** (spread / 2400)
        left = _read(shape, frequency * ratio, samples, rate, vibrato=vibrato)
        right = _read(shape, frequency / ratio, samples, rate, vibrato=vibrato * 0.8)
        both = np.stack((left + 0.4 * right, right + 0.4 * left), axis=1)
        return (0.6 * both * envelope[:, np.newaxis]).astype(np.float32)
    body = _read(shape, frequency, samples, rate, vibrato=vibrato)
    if breath:
        noise = rng.standard_normal(samples).astype(np.float32)
        noise = noise - np.roll(noise, max(int(rate / frequency / 2), 1))
        body = body + breath * noise * (0.6 + 0.4 * body)
    return (0.8 * body * envelope).astype(np.float32)


def _organ(frequency: float, seconds: float, velocity: float, rate: int, rng: np.random.Generator) -> Sound:
    """Drawbars 8 8 8 4 2, a key click and a turning loudspeaker."""
    shape = np.zeros((2, 8))
    shape[:, [0, 1, 2, 3, 5, 7]] = (0.9, 0.55, 0.6, 0.3, 0.15, 0.12)
    samples = int((seconds + 0.05) * rate)
    body = _read(np.repeat(shape, 2, axis=0), frequency, samples, rate, vibrato=0.0025)
    body += 0.6 * _read(np.full((2, 1), 1.0), frequency / 2, samples, rate)
    click = rng.standard_normal(int(0.004 * rate)).astype(np.float32)
    body[: len(click)] += 0.12 * velocity * click[:samples]
    return 0.42 * body * _envelope(seconds, 0.006, 0.05, rate)[:samples]


def _bar(
    frequency: float,
    seconds: float,
    velocity: float,
    rate: int,
    rng: np.random.Generator,
    *,
    ratios: tuple[float, ...],
    decay: float,
    tremolo: float = 0.0,
) -> Sound:
    """A struck bar or bell, whose partials are no multiples of the lowest."""
    length = min(max(seconds, 0.9), 2.5)
    time = _time(length, rate)
    body = np.zeros_like(time)
    for i, ratio in enumerate(ratios):
        if ratio * frequency < 0.45 * rate:
            strength = (0.3 + 0.7 * velocity) ** i / (1 + 1.4 * i)
            body += strength * np.exp(-decay * ratio**0.7 * time) * np.sin(2 * np.pi * frequency * ratio * time)
    body *= 1 + tremolo * np.sin(2 * np.pi * 5.5 * time + rng.uniform(0, 6))
    return (0.8 * body * _envelope(length - 0.1, 0.002, 0.1, rate)).astype(np.float32)


def _overdriven(frequency: float, seconds: float, velocity: float, rate: int, rng: np.random.Generator) -> Sound:
    """A guitar string into a valve, then a loudspeaker that lets little through above 4 kHz."""
    k = np.arange(1, 41)
    time = _frames(seconds + 0.06)
    hard = np.abs(np.sin(np.pi * k * 0.19)) + 0.35
    cone = 1 / (1 + (k * frequency / 3600) ** 4)
    shape = hard * k**-0.75 * cone * np.exp(-0.12 * k * frequency / 1000 * time)
    samples = int((seconds + 0.06) * rate)
    body = _read(0.5 * shape, frequency * 2 ** (rng.normal(0, 2) / 1200), samples, rate)
    driven: Sound = np.tanh(1.6 * body * _envelope(seconds, 0.003, 0.06, rate, fall=0.8)[:samples])
    return (0.55 * (0.4 + 0.6 * velocity) * driven).astype(np.float32)


INSTRUMENTS: dict[str, Callable[[float, float, float, int, np.random.Generator], Sound]] = {
    "accordion": partial(_steady, slope=0.9, cutoff=3200, attack=0.04, spread=14, release=0.08),
    "bells": partial(_bar, ratios=(1, 2.0, 3.01, 4.2, 5.4), decay=1.5),
    "brass": partial(
        _steady, slope=0.75, cutoff=1500, attack=0.035, opening=0.9, release=0.07, spread=6, vibrato=0.002
    ),
    "cello": partial(
        _steady, slope=1.1, cutoff=1900, attack=0.09, vibrato=0.004, release=0.2, formants=(250, 600, 1500)
    ),
    "clarinet": partial(_steady, slope=0.9, odd=True, cutoff=2600, attack=0.035, vibrato=0.003, breath=0.006),
    "clavinet": partial(_plucked, place=0.08, ring=3.0, damping=1.1, bright=2.2, release=0.03),
    "electric piano": _electric_piano,
    "finger bass": partial(_plucked, place=0.22, ring=1.1, damping=3.4, bright=0.9, release=0.06),
    "flute": partial(_steady, slope=1.9, cutoff=3500, attack=0.06, vibrato=0.005, breath=0.02, release=0.1),
    "lead": partial(_steady, slope=0.9, cutoff=2600, attack=0.012, opening=-0.8, vibrato=0.004, spread=9),
    "nylon guitar": partial(_plucked, place=0.28, ring=1.3, damping=2.6, bright=0.8),
    "organ": _organ,
    "overdriven guitar": _overdriven,
    "pad": partial(_steady, slope=1.1, cutoff=1300, attack=0.35, opening=0.7, release=0.5, spread=16),
    "piano": _struck,
    "pick bass": partial(_plucked, place=0.12, ring=1.0, damping=1.9, bright=1.6, release=0.05),
    "reese bass": partial(_steady, slope=0.9, cutoff=650, attack=0.01, opening=-0.5, spread=22, release=0.06),
    "slap bass": partial(_plucked, place=0.07, ring=1.5, damping=1.5, bright=2.0, release=0.04),
    "steel guitar": partial(_plucked, place=0.16, ring=0.9, damping=1.0, bright=1.5),
    "strings": partial(_steady, slope=1.0, cutoff=2600, attack=0.16, vibrato=0.003, spread=11, release=0.35),
    "sub bass": partial(_steady, slope=2.6, cutoff=400, attack=0.006, release=0.08, fall=0.4),
    "synth bass": partial(_steady, slope=0.95, cutoff=1100, attack=0.004, opening=-1.6, release=0.04, fall=1.0),
    "upright bass": partial(_plucked, place=0.35, ring=1.7, damping=5.0, bright=0.6, release=0.08),
    "vibraphone": partial(_bar, ratios=(1, 3.98, 9.9), decay=1.2, tremolo=0.25),
    "violin": partial(
        _steady, slope=0.95, cutoff=3400, attack=0.07, vibrato=0.006, release=0.15, formants=(500, 1000, 2800)
    ),
}
"""By name: pitch in Hz, seconds until release, velocity 0..1, rate in Hz, noise source -> ``(n,)`` or ``(n, 2)``."""
