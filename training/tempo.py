"""Fit the odds of the readings of a pulse and measure them.

``uv run python -m training.tempo --cache DIR`` composes and plays its own training set, which takes some ten minutes of
one core, keeps what it heard in DIR, and writes src/ritornello/sound/tempo_odds.json and the figures of docs/tempo.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import scores
from ritornello import pieces
from ritornello.pieces import STYLES, compose, render
from ritornello.pieces.score import METERS
from ritornello.sound import encode, onsets, pitch, pulse, tempo
from ritornello.sound.decode import Decoding
from ritornello.sound.listening import listen
from ritornello.sound.spectrum import FRAME_RATE
from ritornello.sound.waveform import Samples, Waveform
from tests import sounds

Array = NDArray[np.float64]

PRIOR_BPM, PRIOR_OCTAVES = 105.0, 0.9
"""The rule that the model replaces, which is what it is compared with."""
TOLERANCE = 0.04
RESAMPLES = 2000
DOCS = Path(__file__).parents[1] / "docs"
CARD, PLOT = DOCS / "tempo.md", DOCS / "tempo-reliability.svg"
BEGIN, END = "<!-- figures written by training/tempo.py -->", "<!-- end of figures -->"
RIDGE = 0.01
PATTERN, UNCLEAR = 0.5, 0.7
"""Weights of an item, beside 1 of a piece."""

FIRST_SEED = 50_000
"""Far from those of the benches' splits, which count up from 1000 and 2000."""
EACH = 32
"""Pieces in each style."""
SECONDS = 25.0
SCORES = 100
GROUPS = (*STYLES, *scores.SHARES)
"""What is music, and is left out in turn."""


@dataclass(frozen=True)
class Item:
    """One training sound; ``tempo`` None where there is no steady pulse."""

    name: str
    group: str
    tempo: float | None
    sound: Callable[[], Waveform]


def material(folder: Path) -> list[Item]:
    """Everything that is learned from, styles in turn."""
    return [*composed(), *performed(folder), *patterns(), *unclear()]


def composed() -> Iterator[Item]:
    """Pieces in every style, half in its usual meter, at and a little beyond its usual tempos."""
    for number in range(EACH):
        for order, (style, rules) in enumerate(STYLES.items()):
            seed = FIRST_SEED + EACH * order + number
            rng = np.random.default_rng(seed)
            usual = number % 2 == 0 or len(rules.meters) == 1
            meter = rules.meters[0] if usual else rules.meters[1 + number // 2 % (len(rules.meters) - 1)]
            slow, fast = rules.tempo
            # Styles give quarters a minute; nobody counts slower than 46 dotted quarters.
            tempo = max(round(float(rng.uniform(slow * 0.95, fast * 1.05)) * 4 / METERS[meter].beat, 1), 46.0)
            yield Item(
                f"{style} {seed} {meter} {tempo}",
                style,
                tempo,
                partial(
                    _played,
                    style,
                    meter=meter,
                    tempo=tempo,
                    seed=seed,
                    palette=number // 2 % 2,
                    drums=bool(rng.random() < 0.75),
                    tuning=float(rng.uniform(434, 446)),
                ),
            )


def performed(folder: Path) -> Iterator[Item]:
    """Scores that our composer did not write: the development split of bench/scores.py."""
    for known in scores.rendered("dev", SCORES, folder / "scores"):
        yield Item(f"{known.group} {known.path.stem}", known.group, known.tempo, partial(_recorded, known.path))


def _recorded(path: Path) -> Waveform:
    blocks = [(np.stack(block.samples, axis=1), block.rate) for block in Decoding(path).blocks()]
    return Waveform(np.concatenate([samples for samples, _ in blocks]), blocks[0][1])


def patterns() -> Iterator[Item]:
    """Metronomes, swing, bars and straight eighths without any music."""
    rng = np.random.default_rng(FIRST_SEED - 1)
    for number in range(40):
        bpm = round(50 * (220 / 50) ** ((number + float(rng.uniform(0, 1))) / 40), 1)
        yield Item(f"clicks {bpm}", "metronome", bpm, partial(_mono, partial(sounds.clicks, bpm)))
    for number in range(50):
        bpm = round(75 * (185 / 75) ** ((number // 5 + float(rng.uniform(0, 1))) / 10), 1)
        beats = 3 + number % 5
        yield Item(f"meter {beats} {bpm}", "bars", bpm, partial(_mono, partial(sounds.meter, beats, bpm)))
    for number in range(24):
        bpm = round(85 * (165 / 85) ** ((number + float(rng.uniform(0, 1))) / 24), 1)
        yield Item(f"swing {bpm}", "swing", bpm, partial(_mono, partial(sounds.swing, bpm)))
    for number in range(24):
        bpm = round(70 * (150 / 70) ** ((number + float(rng.uniform(0, 1))) / 24), 1)
        yield Item(f"eighths {bpm}", "eighths", bpm, partial(_mono, partial(eighths, bpm)))


def unclear() -> Iterator[Item]:
    """What nobody could tap to: noise, babble, scattered clicks, and pieces that change their tempo with every bar."""
    rng = np.random.default_rng(FIRST_SEED - 2)
    for number in range(12):
        yield Item(f"noise {number}", "noise", None, partial(_mono, partial(sounds.noise, 30.0, seed=1000 + number)))
    for number in range(36):
        yield Item(f"babble {number}", "babble", None, partial(_mono, partial(babble, FIRST_SEED + number)))
    for number in range(24):
        rate = round(float(rng.uniform(1.0, 6.0)), 2)
        sound = partial(scattered, rate, FIRST_SEED + number)
        yield Item(f"scattered {number} {rate}", "scattered", None, partial(_mono, sound))
    styles = ("ballad", "folk", "ambient", "waltz")
    for number in range(36):
        style, seed = styles[number % 4], FIRST_SEED + 9000 + number
        slow, fast = STYLES[style].tempo
        changes = {bar: float(rng.uniform(slow * 0.6, fast * 1.5)) for bar in range(80)}
        piece = partial(_played, style, tempo=(slow + fast) / 2, seed=seed, palette=number // 4 % 2, drums=False)
        yield Item(f"rubato {style} {seed}", "rubato", None, partial(piece, tempo_changes=changes))


def _played(style: str, **choices: object) -> Waveform:
    return render(compose(style, seconds=SECONDS, **choices))  # type: ignore[arg-type]


def _mono(sound: Callable[[], Samples]) -> Waveform:
    return sounds.mono(sound())


def eighths(bpm: float) -> Samples:
    """A bass drum on the beats, a soft click between them."""
    halves = sounds.beat_times(bpm * 2, 20.0)
    return sounds.place([(t, sounds.click(0.3) if i % 2 else sounds.kick()) for i, t in enumerate(halves)], 20.0)


def babble(seed: int) -> Samples:
    """Syllables of a voice-like tone and hiss, as long as in speech, with pauses."""
    rng = np.random.default_rng(seed)
    placed: list[tuple[float, Samples]] = []
    now, voice, mean = 0.3, float(rng.uniform(40, 60)), float(rng.uniform(0.14, 0.24))
    while now < 24.0:
        length = float(np.clip(rng.lognormal(np.log(mean), 0.35), 0.06, 0.6))
        tone = sounds.note(voice + float(rng.normal(0, 2)), length + 0.03, partials=12)
        hiss = sounds.noise(length / 3, -34.0, int(rng.integers(1 << 30)))
        placed += [(now, tone * np.float32(rng.uniform(0.3, 1.0))), (now + length * 0.9, hiss)]
        now += length + (float(rng.exponential(0.6)) if rng.random() < 0.12 else 0.0)
    return sounds.place(placed, 25.0)


def scattered(rate: float, seed: int) -> Samples:
    """Clicks and drums at random, ``rate`` a second."""
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.exponential(1 / rate, int(rate * 60)))
    kinds = rng.random(len(times))
    return sounds.place(
        [
            (float(t), sounds.kick() if k < 0.3 else sounds.click(0.3 + 0.7 * k))
            for t, k in zip(times, kinds, strict=True)
        ],
        25.0,
    )


@dataclass(frozen=True)
class Listened:
    """What the tempo is read from."""

    bands: NDArray[np.float32]
    chroma: NDArray[np.float32]


def listened(item: Item, folder: Path) -> Listened:
    """Play an item to the engine, or take what it heard the last time."""
    path = folder / f"{hashlib.sha256(f'{item.name} {SECONDS} {_sources()}'.encode()).hexdigest()[:16]}.npz"
    if not path.exists():
        wave = folder / "sound.wav"
        encode.write(wave, item.sound())
        heard = listen(Decoding(wave))
        wave.unlink()
        chroma = pitch.chroma(heard.pitches, pitch.tuning_cents(heard.tuning))
        partly = folder / "partial.npz"
        np.savez(partly, bands=heard.bands, chroma=chroma)
        partly.replace(path)
    with np.load(path) as kept:
        return Listened(kept["bands"], kept["chroma"])


@cache
def _sources() -> str:
    """Changes with whatever the cached sounds went through, so that nothing stale is learned from."""
    package = Path(pieces.__file__).parents[1]
    heard_by = [
        package / "sound" / f"{name}.py" for name in ("decimation", "downmix", "listening", "pitch", "spectrum")
    ]
    files = [*sorted((package / "pieces").glob("*.py")), *heard_by, Path(sounds.__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


@dataclass(frozen=True)
class Examples:
    """Evidence in one block: readings in the first places of an item, the case that none is right in the last."""

    names: list[str]
    groups: NDArray[np.str_]
    pieces: NDArray[np.bool_]
    tempos: Array
    """NaN where there is no steady pulse."""
    bpm: Array
    """0 in empty places."""
    evidence: Array
    """Shape ``(items, 1 + readings, features)``."""
    truth: NDArray[np.int64]
    """The place of the right answer."""
    by_prior: NDArray[np.bool_]
    """Whether the rule that the model replaces was right."""

    def __len__(self) -> int:
        return len(self.names)


def examples(folder: Path) -> Examples:
    """Measure all the material that has onsets."""
    kept, rows = [], []
    for item in material(folder):
        heard = listened(item, folder)
        risen = onsets.rises(heard.bands, FRAME_RATE)
        strength = onsets.strength(risen)
        if not strength.any():
            continue
        strength = pulse.drive(pulse.activations(heard.bands, heard.chroma), strength)
        salience = tempo.tempogram(strength)
        kept.append((item, float(by_prior(salience))))
        rows.append(tempo.evidence(salience, strength, risen, heard.chroma, pitch.PITCH_RATE))
    places, features = len(tempo.MULTIPLES), len(tempo.READING)
    tempos = np.array([np.nan if item.tempo is None else item.tempo for item, _ in kept])
    bpm = np.zeros((len(kept), places))
    block = np.zeros((len(kept), places + 1, features + len(tempo.DOUBT)))
    for number, row in enumerate(rows):
        bpm[number, : len(row.bpm)] = row.bpm
        block[number, : len(row.bpm), :features] = row.readings
        block[number, places, features:] = row.doubt
    right = np.abs(bpm / tempos[:, None] - 1) < TOLERANCE
    return Examples(
        [item.name for item, _ in kept],
        np.array([item.group for item, _ in kept]),
        np.array([item.group in GROUPS for item, _ in kept]),
        tempos,
        bpm,
        block,
        np.where(right.any(axis=1), right.argmax(axis=1), places),
        np.abs(np.array([rule for _, rule in kept]) / tempos - 1) < TOLERANCE,
    )


def by_prior(salience: Array) -> float:
    """The rule to beat: the strongest tempo under one fixed preference."""
    tempos = tempo.tempo_grid()
    prior = np.exp(-0.5 * (np.log2(tempos / PRIOR_BPM) / PRIOR_OCTAVES) ** 2)
    return float(tempos[(salience.mean(axis=0) * prior).argmax()])


def fit(data: Examples, use: NDArray[np.bool_]) -> Array:
    """Newton's method on the penalised likelihood of a conditional logit."""
    readings = data.bpm[use] > 0
    present = np.append(readings, np.ones((len(readings), 1), bool), axis=1)
    first, second = (
        data.evidence[use, :-1, : len(tempo.READING)][readings],
        data.evidence[use, -1, len(tempo.READING) :],
    )
    centre, scale = (np.concatenate([f(first, axis=0), f(second, axis=0)]) for f in (np.mean, np.std))
    constant = len(tempo.READING) + tempo.DOUBT.index("constant")
    centre[constant], scale[constant] = 0.0, 1.0
    part = np.zeros((len(tempo.MULTIPLES) + 1, len(centre)), bool)
    part[:-1, : len(tempo.READING)] = part[-1, len(tempo.READING) :] = True
    x = np.where(present[:, :, None] & part, (data.evidence[use] - centre) / scale, 0.0)
    weight = np.where(data.pieces[use], 1.0, np.where(np.isnan(data.tempos[use]), UNCLEAR, PATTERN))
    weight /= weight.sum()
    penalty = np.full(len(centre), RIDGE)
    penalty[constant] = 0.0
    found = np.zeros(len(centre))
    for _ in range(30):
        shares = _shares(np.where(present, x @ found, -np.inf))
        mean = np.einsum("nk,nkf->nf", shares, x)
        slope = weight @ (x[np.arange(len(x)), data.truth[use]] - mean) - penalty * found
        bend = np.einsum("n,nk,nkf,nkg->fg", weight, shares, x, x, optimize=True) - (mean.T * weight) @ mean
        step = np.linalg.solve(bend + np.diag(penalty), slope)
        found += step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    raw = found / scale
    # The readings' means shift them all alike, so only the constant of the other case can take them up.
    readings_shift, doubt_shift = (raw * centre)[: len(tempo.READING)].sum(), (raw * centre)[len(tempo.READING) :].sum()
    raw[constant] += readings_shift - doubt_shift
    return np.asarray(raw)


def _shares(logits: Array) -> Array:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def logits(data: Examples, weights: Array) -> Array:
    """Shape ``(items, 1 + readings)``, minus infinity in empty places."""
    present = np.append(data.bpm > 0, np.ones((len(data), 1), bool), axis=1)
    return np.asarray(np.where(present, data.evidence @ weights, -np.inf))


def held_out(data: Examples) -> Array:
    """The logits of each item by weights that never saw its style, or its kind of pattern."""
    found = np.zeros((len(data), len(tempo.MULTIPLES) + 1))
    for group in np.unique(data.groups):
        out = data.groups == group
        found[out] = logits(data, fit(data, ~out))[out]
    return found


def sharpness(data: Examples, found: Array, use: NDArray[np.bool_]) -> float:
    """What to multiply held-out logits with so that confidences keep their promise (Guo et al. 2017)."""
    use = use & (data.pieces | np.isnan(data.tempos))
    steps = np.arange(0.5, 2.501, 0.01)
    rows = np.arange(int(use.sum()))
    losses = [-np.log(_shares(found[use] * by)[rows, data.truth[use]] + 1e-6).mean() for by in steps]
    return float(steps[int(np.argmin(losses))])


def write_odds(data: Examples, by: float) -> str:
    """Write the weights file; gives its SHA-256."""
    weights = [float(f"{value:.5g}") for value in fit(data, np.ones(len(data), bool)) * by]
    count = len(tempo.READING)
    text = json.dumps(
        {
            "source": "training/tempo.py",
            "reading": dict(zip(tempo.READING, weights[:count], strict=True)),
            "doubt": dict(zip(tempo.DOUBT, weights[count:], strict=True)),
        },
        indent=2,
    )
    tempo.ODDS.write_text(text + "\n", encoding="utf-8")
    return hashlib.sha256(tempo.ODDS.read_bytes()).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """What a set of logits answers."""

    confidence: Array
    """Of the best reading."""
    hit: NDArray[np.bool_]


def outcome(data: Examples, found: Array) -> Outcome:
    shares = _shares(found)[:, :-1]
    return Outcome(shares.max(axis=1), shares.argmax(axis=1) == data.truth)


def crossed(data: Examples, found: Array) -> Array:
    """The held-out logits, each style's sharpened by what the others ask for."""
    sharpened = found.copy()
    for group in np.unique(data.groups):
        sharpened[data.groups == group] *= sharpness(data, found, data.groups != group)
    return sharpened


def interval(rates: Array) -> str:
    """The mean over styles, with the 95 % of a bootstrap that draws styles."""
    rng = np.random.default_rng(0)
    means = rng.choice(rates, (RESAMPLES, len(rates))).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{100 * rates.mean():.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def figures(data: Examples, digest: str, by: float, held: Outcome, seen: Outcome) -> str:
    """The block of docs/tempo.md that no hand writes."""
    styles = list(GROUPS)
    rules = {
        "styles left out": held.hit,
        "on the training set itself": seen.hit,
        "fixed preference": data.by_prior,
        "a reading is right at all": data.truth < len(tempo.MULTIPLES),
    }
    rates = {name: np.array([hit[data.groups == style].mean() for style in styles]) for name, hit in rules.items()}
    lines = [
        f"{len(data)} sounds, {int(data.pieces.sum())} of them pieces in {len(styles)} styles; "
        f"weights of SHA-256 `{digest[:16]}…`; held-out logits were multiplied by {by:.2f}.",
        "",
        "| Accuracy 1, mean over styles | [95 % over styles] |",
        "|---|---|",
        *(f"| {name} | {interval(rate)} |" for name, rate in rates.items()),
        "",
        "| style | pieces | left out | trained on | fixed preference | mean confidence, left out |",
        "|---|---|---|---|---|---|",
    ]
    for place, style in enumerate(styles):
        own = data.groups == style
        lines.append(
            f"| {style} | {own.sum()} | "
            + " | ".join(f"{100 * rates[name][place]:.0f} %" for name in list(rules)[:3])
            + f" | {held.confidence[own].mean():.2f} |"
        )
    lines += ["", "| pattern | sounds | kind left out | trained on | fixed preference |", "|---|---|---|---|---|"]
    for group in dict.fromkeys(data.groups[~data.pieces & ~np.isnan(data.tempos)]):
        own = data.groups == group
        hits = " | ".join(f"{100 * rules[name][own].mean():.0f} %" for name in list(rules)[:3])
        lines.append(f"| {group} | {own.sum()} | {hits} |")
    lines += ["", "| no steady pulse | sounds | mean confidence, kind left out | highest |", "|---|---|---|---|"]
    for group in dict.fromkeys(data.groups[np.isnan(data.tempos)]):
        sure = held.confidence[data.groups == group]
        lines.append(f"| {group} | {len(sure)} | {sure.mean():.2f} | {sure.max():.2f} |")
    lines += ["", "| confidence, styles left out | pieces | promised | right |", "|---|---|---|---|"]
    for low, own in _bins(data, held):
        promised, right = held.confidence[own], held.hit[own]
        told = f"{promised.mean():.2f} | {right.mean():.2f}" if own.any() else "– | –"
        lines.append(f"| {low:.1f}–{low + 0.1:.1f} | {own.sum()} | {told} |")
    error = sum(abs(float((held.confidence[own] - held.hit[own]).sum())) for _, own in _bins(data, held)) / int(
        data.pieces.sum()
    )
    return "\n".join([*lines, "", f"Expected calibration error over these pieces: {error:.3f}."])


def _bins(data: Examples, held: Outcome) -> Iterator[tuple[float, NDArray[np.bool_]]]:
    place = np.minimum((held.confidence * 10).astype(int), 9)
    for number in range(10):
        yield number / 10, data.pieces & (place == number)


def write_plot(data: Examples, held: Outcome) -> None:
    """The reliability table as a picture: a dot for each bin, its area the number of pieces."""
    side, edge = 320, 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side + 2 * edge} {side + 2 * edge}" '
        'font-family="sans-serif" font-size="12" text-anchor="middle">',
        "<title>Reliability of the tempo confidence, styles left out</title>",
        f'<rect width="{side + 2 * edge}" height="{side + 2 * edge}" fill="white"/>',
        f'<path d="M{edge} {edge}V{edge + side}H{edge + side}M{edge} {edge + side}L{edge + side} {edge}" '
        'fill="none" stroke="#999"/>',
    ]
    for tick in range(0, 11, 2):
        at = side * tick / 10
        parts.append(f'<text x="{edge + at:.0f}" y="{edge + side + 16}">{tick / 10:.1f}</text>')
        parts.append(f'<text x="{edge - 16}" y="{edge + side - at + 4:.0f}">{tick / 10:.1f}</text>')
    for _, own in _bins(data, held):
        if own.any():
            x = edge + side * held.confidence[own].mean()
            y = edge + side * (1 - held.hit[own].mean())
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{np.sqrt(own.sum()) + 1:.1f}" fill="#1b6ca8"/>')
    parts += [
        f'<text x="{edge + side / 2:.0f}" y="{edge + side + 34}">confidence promised</text>',
        f'<text x="12" y="{edge + side / 2:.0f}" transform="rotate(-90 12 {edge + side / 2:.0f})">share right</text>',
        "</svg>",
    ]
    PLOT.write_text("\n".join(parts) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit the odds of the readings of a pulse and measure them.")
    parser.add_argument("--cache", type=Path, required=True, help="folder for what was heard, some 300 MB")
    folder: Path = parser.parse_args().cache
    folder.mkdir(parents=True, exist_ok=True)
    data = examples(folder)
    found = held_out(data)
    every = np.ones(len(data), bool)
    by = sharpness(data, found, every)
    digest = write_odds(data, by)
    held = outcome(data, crossed(data, found))
    seen = outcome(data, logits(data, fit(data, every)))
    text = figures(data, digest, by, held, seen)
    print(text)
    page = CARD.read_text(encoding="utf-8")
    before, after = page[: page.index(BEGIN) + len(BEGIN)], page[page.index(END) :]
    CARD.write_text(f"{before}\n\n{text}\n\n{after}", encoding="utf-8")
    write_plot(data, held)


if __name__ == "__main__":
    main()
