"""Music whose beats and bars are known exactly, for the network that hears them: composed here, played here.

The composer's fourteen styles would teach fourteen bands. So half of the pieces are played by bands that do not exist:
voices of several styles, drums drawn from a grammar, other tempos. Every sound then goes through a random room,
equaliser, compressor and noise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from bench import scores, soundfont
from ritornello.pieces import STYLES, Score, compose, render
from ritornello.pieces.drumming import GROOVES, Groove
from ritornello.pieces.score import METERS, PITCH_CLASSES, Meter
from ritornello.pieces.styles import Style, Voice
from ritornello.sound.waveform import Samples, Waveform
from training import tempo

FIRST_SEED = 100_000
"""Far from those of the benches' splits and of training/tempo.py."""
SECONDS = 28.0
STYLED, BANDS = 420, 390
"""Pieces in the composer's styles, and of invented bands."""


@dataclass(frozen=True)
class Sound:
    """One training sound; no beats where nobody could tap."""

    name: str
    group: str
    waveform: Callable[[], Waveform]
    beats: tuple[float, ...] = ()
    downbeats: tuple[float, ...] = ()
    tempo: float = 0.0
    time_signature: int = 0
    key: int = -1
    mode: int = -1


def everything() -> Iterator[Sound]:
    """All that network and keys are learned from; raises :class:`~bench.soundfont.Missing` without FluidSynth."""
    soundfont.check(soundfont.DEV)
    yield from composed(STYLED, BANDS, played)
    yield from pulseless()
    yield from corpus()


def played(score: Score) -> Waveform:
    """By our own instruments, or, if the seed is odd, by those of FluidR3 (MIT)."""
    if score.seed % 2 == 0:
        return render(score)
    return soundfont.render(soundfont.composed(score, score.seed), soundfont.DEV[0], seconds=score.duration)


def corpus() -> Iterator[Sound]:
    """Scores of music21's corpus: of the half for development, those that the benches do not use."""
    measured = set(scores.sources("dev", 100))
    for source in scores.sources("dev", 900):
        if source in measured:
            continue
        try:
            sheet, how, performance = scores.performed(source, 36.0)
        except scores.Unfit:
            continue
        key = scores.moved(sheet.key, how.transpose)
        name = f"{source.path} {source.number or ''}"
        notes = soundfont.midi(performance.tracks, performance.tuning)
        play = partial(soundfont.render, notes, soundfont.DEV[0], seconds=performance.end + 1)
        yield Sound(
            name,
            f"corpus {source.kind}",
            partial(recorded, play, int(hashlib.sha256(name.encode()).hexdigest()[:8], 16)),
            performance.beats,
            performance.downbeats,
            performance.tempo,
            scores.SIGNATURES.get(sheet.meter) or 0,
            PITCH_CLASSES.index(key.split()[0]) if key else -1,
            int(key.endswith("major")) if key else -1,
        )


def composed(styles: int, bands: int, play: Callable[[Score], Waveform] = render) -> Iterator[Sound]:
    """Pieces in every style in turn, then pieces of invented bands."""
    names = list(STYLES)
    for number in range(styles):
        seed = FIRST_SEED + number
        rng = np.random.default_rng(seed)
        style = names[number % len(names)]
        yield _piece(style, STYLES[style], seed, rng, play)
    for number in range(bands):
        seed = FIRST_SEED + 50_000 + number
        rng = np.random.default_rng(seed)
        name = f"band {number}"
        yield _piece(name, band(name, rng), seed, rng, play)


def pulseless() -> Iterator[Sound]:
    """What nobody could tap to, where the network must say nothing."""
    for item in tempo.unclear():
        if item.group != "rubato":
            yield Sound(item.name, item.group, item.sound)


def band(name: str, rng: np.random.Generator) -> Style:
    """A style that does not exist: its tempo, drums, voices and chords come from all over."""
    sources = [STYLES[str(rng.choice(list(STYLES)))] for _ in range(4)]
    first = sources[0]
    low = next((voice for voice in sources[1].voices if voice.register[0] < 40), first.voices[0])
    voices: list[Voice] = [low] if rng.random() < 0.85 else []
    for source in sources[1:]:
        others = [voice for voice in source.voices if voice.register[0] >= 40]
        voices += [others[i] for i in rng.permutation(len(others))[: int(rng.integers(1, 3))]]
    meter = str(rng.choice(list(METERS), p=(0.2, 0.5, 0.08, 0.14, 0.08)))
    tempo_range = (62.0, 176.0)
    if meter == "6/8":
        tempo_range = (80.0, 190.0)
    elif meter == "7/8":
        tempo_range = (70.0, 140.0)
    GROOVES[name] = {meter: (groove(METERS[meter], rng, full=False), groove(METERS[meter], rng, full=True))}
    swung = meter in ("3/4", "4/4", "5/4") and rng.random() < 0.2
    return replace(
        first,
        tempo=tempo_range,
        meters=(meter,),
        voices=tuple(replace(voice, gain=voice.gain * float(rng.uniform(0.5, 1.4))) for voice in voices[:5]),
        major=sources[2].major,
        minor=sources[2].minor,
        drums=name,
        kits=(str(rng.choice([kit for source in sources for kit in source.kits])),) * 2,
        swing=float(rng.uniform(0.55, 0.68)) if swung else 0.5,
        swung=int(rng.choice((2, 4))),
        busy=float(rng.uniform(0.2, 0.9)),
        looseness=float(rng.uniform(0.0, 0.014)),
        level=float(rng.uniform(-22, -12)),
        room=float(rng.uniform(0.3, 2.2)),
    )


def groove(meter: Meter, rng: np.random.Generator, *, full: bool) -> Groove:
    """Draw a drum part: kick on the one, backbeats, a running hat, and syncopation to taste."""
    steps, accents = meter.steps, list(meter.accents)
    beats = [*range(0, steps, 4)] if meter.beat == 4 else accents
    kick, snare, hat = ["."] * steps, ["."] * steps, ["."] * steps
    four_on_the_floor = rng.random() < 0.2
    half_time = meter.name == "4/4" and rng.random() < 0.2
    for beat in beats if four_on_the_floor else beats[:1]:
        kick[beat] = "X" if rng.random() < 0.95 else "."
    for step in range(2, steps, 2):
        if kick[step] == "." and rng.random() < (0.3 if step % 4 == 0 else 0.17):
            kick[step] = "x"
    for step in range(1, steps, 2):
        if rng.random() < 0.03:
            kick[step] = "x"
    for order, beat in enumerate(beats):
        back = order % 2 == 1 if meter.name != "3/4" else order > 0
        if half_time:
            back = beat == 8
        if back and rng.random() < 0.93:
            snare[beat] = "X"
            kick[beat] = kick[beat] if four_on_the_floor else "."
    for step in range(steps):
        if snare[step] == "." and rng.random() < (0.08 if full else 0.04):
            snare[step] = "o"
    gap = int(rng.choice((1, 2, 2, 2, 4)))
    start = 2 if gap == 4 and rng.random() < 0.4 else 0
    for step in range(start, steps, gap):
        hat[step] = "X" if step in beats and rng.random() < 0.5 else "x" if rng.random() < 0.92 else "."
    stick = str(rng.choice(("snare", "clap", "rim", "snare", "brush")))
    metal = str(rng.choice(("hat", "hat", "ride", "shaker", "open hat")))
    lines = {"kick": kick, stick: snare, metal: hat}
    for name in list(lines):
        if rng.random() < 0.1:
            del lines[name]
    return {name: "".join(line) for name, line in lines.items()}


def _piece(name: str, style: Style, seed: int, rng: np.random.Generator, play: Callable[[Score], Waveform]) -> Sound:
    usual = rng.random() < 0.55 or len(style.meters) == 1
    meter = style.meters[0] if usual else str(rng.choice(style.meters[1:]))
    slow, fast = style.tempo
    bpm = max(round(float(rng.uniform(slow * 0.92, fast * 1.08)) * 4 / METERS[meter].beat, 1), 46.0)
    # A registered style is what `compose` knows by name.
    STYLES[name] = style
    changes = {bar: bpm * float(change) for bar, change in enumerate(drift(rng))} if rng.random() < 0.35 else None
    score = compose(
        name,
        meter=meter,
        tempo=bpm,
        seed=seed,
        seconds=SECONDS,
        palette=int(rng.integers(2)),
        drums=bool(rng.random() < 0.75),
        tuning=float(rng.uniform(434, 446)),
        tempo_changes=changes,
    )
    truth = score.truth
    return Sound(
        f"{name} {seed}",
        name,
        partial(recorded, partial(play, score), seed),
        truth.beats,
        truth.downbeats,
        truth.tempo,
        truth.time_signature,
        truth.key,
        truth.mode,
    )


def drift(rng: np.random.Generator) -> np.ndarray:
    """Factors on the tempo, bar by bar: players without a metronome, up to a song that speeds up."""
    spread = float(rng.choice((0.004, 0.01, 0.02)))
    walk = np.cumsum(rng.normal(0, spread, 120))
    return np.asarray(np.clip(np.exp(walk), 0.75, 1.35))


def recorded(play: Callable[[], Waveform], seed: int) -> Waveform:
    """The piece as a recording: in a room, through an equaliser and a compressor, over noise."""
    rng = np.random.default_rng(seed)
    clean = play()
    samples, rate = clean.samples.astype(np.float32).reshape(len(clean.samples), -1), clean.rate
    if rng.random() < 0.5:
        samples = room(samples, rate, rng)
    if rng.random() < 0.7:
        samples = equalised(samples, rate, rng)
    if rng.random() < 0.4:
        drive = float(rng.uniform(1.5, 6.0))
        samples = np.tanh(samples * drive) / np.float32(drive**0.7)
    if rng.random() < 0.5:
        level = float(np.sqrt(np.mean(samples**2))) * 10 ** (float(rng.uniform(-45, -14)) / 20)
        noise = rng.normal(0, level, samples.shape)
        if rng.random() < 0.5:
            noise = np.cumsum(noise, axis=0)
            noise -= np.linspace(0, 1, len(noise))[:, None] * noise[-1]
            noise *= level / max(float(noise.std()), 1e-9)
        samples = samples + noise.astype(np.float32)
    peak = max(float(np.abs(samples).max()), 1e-6)
    return Waveform((samples * np.float32(0.9 / peak * rng.uniform(0.2, 1.0))).astype(np.float32), rate)


def room(samples: Samples, rate: int, rng: np.random.Generator) -> Samples:
    """A made-up room: direct sound, a few early reflections, a decaying tail of noise."""
    length = float(rng.uniform(0.1, 1.2))
    time = np.arange(int(length * rate)) / rate
    tail = rng.normal(0, 1, len(time)) * 10 ** (-3 * time / length)
    tail /= np.sqrt((tail**2).sum())
    response = tail * 10 ** (float(rng.uniform(-18, -3)) / 20)
    for _ in range(int(rng.integers(2, 7))):
        response[int(rng.uniform(0.002, 0.06) * rate)] += rng.uniform(-0.5, 0.5)
    response[0] += 1.0
    size = 1 << int(np.ceil(np.log2(len(samples) + len(response))))
    spectrum = np.fft.rfft(response, size)[:, None] * np.fft.rfft(samples, size, axis=0)
    return np.fft.irfft(spectrum, size, axis=0)[: len(samples)].astype(np.float32)


def equalised(samples: Samples, rate: int, rng: np.random.Generator) -> Samples:
    """A smooth random curve of some dB, sometimes with the ends cut off as by a small loudspeaker."""
    size = 1 << int(np.ceil(np.log2(len(samples))))
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    knots = np.log2(np.array([20, 60, 150, 400, 1000, 2500, 6000, 15000]))
    gains = rng.normal(0, 4, len(knots))
    if rng.random() < 0.15:
        gains[:2] -= 24
    if rng.random() < 0.15:
        gains[-2:] -= 24
    curve = 10 ** (np.interp(np.log2(np.maximum(frequencies, 10)), knots, gains) / 20)
    return np.fft.irfft(np.fft.rfft(samples, size, axis=0) * curve[:, None], size, axis=0)[: len(samples)].astype(
        np.float32
    )
