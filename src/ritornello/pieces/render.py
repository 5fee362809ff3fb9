"""From a score to sound: every note once, then the mix."""

from __future__ import annotations

import numpy as np

from ritornello.pieces.drumkit import PANS, drum
from ritornello.pieces.instruments import INSTRUMENTS, Sound
from ritornello.pieces.score import Note, Part, Score
from ritornello.sound.waveform import Waveform

_VELOCITIES = 4
"""Loudness steps for which a note is computed anew; between them only its level changes."""
_TAKES = 3
"""Recordings of each drum, so that a roll is no machine gun."""
_DRUM_GAIN = 0.75
_BLOCK = 1 << 16


def render(score: Score, rate: int = 44_100) -> Waveform:
    """Play a score in stereo; the same score gives the same samples.

    Parameters
    ----------
    score
        What :func:`~ritornello.pieces.compose.compose` wrote.
    rate
        Hz, 8000 or more.

    Returns
    -------
    Waveform
        Shape ``(n, 2)``, peaks below 0.95.
    """
    samples = int(score.duration * rate)
    dry = np.zeros((samples, 2), np.float32)
    sent = np.zeros((samples, 2), np.float32)
    for number, part in enumerate(score.parts):
        _play(part, dry, sent, score.tuning, rate, np.random.default_rng([score.seed, number]))
    _drum(score, dry, sent, rate)
    mix = dry + _reverberate(sent, score.room, rate, np.random.default_rng(score.seed))
    return Waveform(_master(mix, score.level, rate), rate)


def _play(part: Part, dry: Sound, sent: Sound, tuning: float, rate: int, rng: np.random.Generator) -> None:
    instrument = INSTRUMENTS[part.instrument]
    sides = _pan(part.pan)
    recorded: dict[tuple[int, int, int], Sound] = {}
    bus = np.zeros_like(dry)
    for note in part.notes:
        key = (note.pitch, round(note.duration * 50), _step(note))
        if key not in recorded:
            frequency = tuning * 2 ** ((note.pitch - 69) / 12)
            velocity = (key[2] + 0.5) / _VELOCITIES
            sound = instrument(frequency, max(key[1] / 50, 0.04), velocity, rate, rng)
            recorded[key] = sound[:, np.newaxis] * sides if sound.ndim == 1 else sound * sides
        _add(bus, recorded[key], note.start, part.gain * (0.15 + 0.85 * note.velocity) * 0.25, rate)
    dry += bus * np.float32(1 - 0.5 * part.reverb)
    sent += bus * np.float32(part.reverb)


def _step(note: Note) -> int:
    return min(int(note.velocity * _VELOCITIES), _VELOCITIES - 1)


def _drum(score: Score, dry: Sound, sent: Sound, rate: int) -> None:
    rng = np.random.default_rng([score.seed, 99])
    takes: dict[str, list[Sound]] = {}
    for number, hit in enumerate(score.hits):
        if hit.drum not in takes:
            sides = _pan(PANS.get(hit.drum, 0.0))
            takes[hit.drum] = [drum(hit.drum, score.kit, rate, rng)[:, np.newaxis] * sides for _ in range(_TAKES)]
        sound = takes[hit.drum][number % _TAKES]
        gain = _DRUM_GAIN * hit.velocity**1.3
        _add(dry, sound, hit.start, gain, rate)
        if hit.drum != "kick":
            _add(sent, sound, hit.start, 0.12 * gain, rate)


def _add(bus: Sound, sound: Sound, start: float, gain: float, rate: int) -> None:
    first = int(start * rate)
    kept = sound[: max(len(bus) - first, 0)]
    bus[first : first + len(kept)] += np.float32(gain) * kept


def _pan(place: float) -> Sound:
    """Left and right gain at equal power."""
    angle = (place + 1) * np.pi / 4
    return np.array([np.cos(angle), np.sin(angle)], np.float32) * np.float32(np.sqrt(2))


def _reverberate(sent: Sound, room: float, rate: int, rng: np.random.Generator) -> Sound:
    """Convolve with noise that decays by 60 dB in ``room`` seconds, the high part sooner, in overlapping blocks."""
    length = min(int(room * rate), _BLOCK)
    time = np.arange(length) / rate
    noise = rng.standard_normal((length, 2))
    dull = (noise + np.roll(noise, 1, axis=0) + np.roll(noise, 2, axis=0)) / 3
    fading = np.exp(-6.9 * time / room)[:, np.newaxis]
    impulse = (0.4 * noise * fading**2 + dull * fading).astype(np.float32)
    impulse[: int(0.012 * rate)] = 0
    impulse /= np.sqrt(np.sum(impulse**2, axis=0))

    size = 2 * _BLOCK
    response = np.fft.rfft(impulse, size, axis=0)
    wet = np.zeros((len(sent) + size, 2), np.float32)
    for start in range(0, len(sent), _BLOCK):
        block = sent[start : start + _BLOCK]
        wet[start : start + size] += np.fft.irfft(np.fft.rfft(block, size, axis=0) * response, size, axis=0)
    return wet[: len(sent)]


def _master(mix: Sound, level: float, rate: int) -> Sound:
    """Bring the RMS of what is not silence to ``level`` dB and round off what then sticks out."""
    blocks = mix[: len(mix) // rate * rate].reshape(-1, rate * 2)
    powers = np.mean(blocks**2, axis=1)
    loud = powers[powers > 0.05 * powers.max()]
    mix = mix * np.float32(10 ** (level / 20) / np.sqrt(loud.mean()))
    knee = np.float32(0.6)
    over = np.abs(mix) > knee
    mix[over] = np.sign(mix[over]) * (knee + (0.94 - knee) * np.tanh((np.abs(mix[over]) - knee) / (0.94 - knee)))
    fade = min(int(0.5 * rate), len(mix))
    mix[len(mix) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)[:, np.newaxis]
    return mix
