"""Fit the profiles of the 24 keys.

``uv run --group bench python -m training.key --cache DIR`` takes the pieces of training/pulse.py whose key is known, as
heard there, and writes src/ritornello/sound/key_profiles.json. NumPy is enough once they have been heard.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ritornello.sound import pitch, tonality
from ritornello.sound.decode import Decoding
from ritornello.sound.encode import write as write_audio
from ritornello.sound.listening import skim
from ritornello.sound.spectrum import RATE
from ritornello.sound.waveform import Waveform
from training import performances
from training.material import CORPUS_TIMES, Heard, heard

Array = NDArray[np.float64]

RIDGE = 0.01
FOLDS = 4


def fit(rows: Array, truth: NDArray[np.int64], weight: Array) -> tuple[Array, Array]:
    """Newton's method on the penalised likelihood of a conditional logit between 24 keys.

    Parameters
    ----------
    rows
        Content as seen from each tonic, shape ``(pieces, 12, 36)``.
    truth
        ``12 * mode + tonic``.

    Returns
    -------
    weights, bias
        Shapes ``(2, 36)`` and ``(2,)``, minor first.
    """
    centre, scale = rows.mean((0, 1)), rows.std((0, 1))
    places = rows.shape[2] + 1
    seen = np.concatenate([(rows - centre) / scale, np.ones((*rows.shape[:2], 1))], axis=2)
    x = np.zeros((len(rows), 24, 2 * places))
    x[:, :12, :places], x[:, 12:, places:] = seen, seen
    weight = weight / weight.sum()
    penalty = np.full(2 * places, 2 * RIDGE)
    penalty[[places - 1, 2 * places - 1]] = 1e-6
    found = np.zeros(2 * places)
    for _ in range(50):
        logits = x @ found
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        mean = (shares[:, None] @ x)[:, 0]
        slope = weight @ (x[np.arange(len(x)), truth] - mean) - penalty * found
        rooted = (x * np.sqrt(weight[:, None] * shares)[:, :, None]).reshape(-1, x.shape[2])
        bend = rooted.T @ rooted - (mean.T * weight) @ mean
        step = np.linalg.solve(bend + np.diag(penalty), slope)
        found += step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    modes = found.reshape(2, places)
    weights = modes[:, :-1] / scale
    return weights, modes[:, -1] - weights @ centre


def sharpness(rows: Array, truth: NDArray[np.int64], groups: NDArray[np.int64], weight: Array) -> tuple[float, float]:
    """Of pieces left out: what to multiply logits with to make confidences true, and the share that is right."""
    logits = np.zeros((len(rows), 24))
    for group in np.unique(groups):
        out = groups == group
        weights, bias = fit(rows[~out], truth[~out], weight[~out])
        logits[out] = np.concatenate([rows[out] @ w + b for w, b in zip(weights, bias, strict=True)], axis=1)
    at = np.arange(len(rows))

    def loss(by: float) -> float:
        shares = np.exp(by * (logits - logits.max(axis=1, keepdims=True)))
        shares /= shares.sum(axis=1, keepdims=True)
        return float(-(weight * np.log(shares[at, truth] + 1e-6)).sum())

    steps = np.arange(0.3, 2.01, 0.02)
    right = (logits.argmax(axis=1) == truth) * weight
    return float(steps[int(np.argmin([loss(float(by)) for by in steps]))]), float(right.sum() / weight.sum())


def tonal(known: list[Array]) -> tuple[float, float]:
    """Constant and slope of the odds that there is a key: a linear discriminant between music and noise."""
    music = np.array([tonality.unevenness(found) for found in known])
    noise = np.array(
        [tonality.unevenness(found) for chroma in noises() if (found := tonality.content(chroma)) is not None]
    )
    slope = float((music.mean() - noise.mean()) / ((music.var() + noise.var()) / 2))
    return -slope * float(music.mean() + noise.mean()) / 2, slope


def noises() -> Iterator[NDArray[np.float32]]:
    """Chroma of noises that fall by 0, 3 and 6 dB an octave, steady or struck four times a second."""
    random = np.random.default_rng(0)
    for index in range(60):
        spectrum = np.fft.rfft(random.standard_normal(15 * RATE))
        noise = np.fft.irfft(spectrum / np.maximum(np.arange(len(spectrum)), 20) ** (index % 3 / 2))
        if index % 2:
            noise *= np.exp(-(np.arange(len(noise)) % (RATE // 4)) / (RATE * random.uniform(0.01, 0.1)))
        with TemporaryDirectory() as folder:
            write_audio(
                Path(folder) / "noise.wav", Waveform((noise / np.abs(noise).max() / 2).astype(np.float32), RATE)
            )
            gist = skim(Decoding(Path(folder) / "noise.wav"))
        yield pitch.chroma(gist.pitches, pitch.tuning_cents(gist.tuning))


def write(pieces: list[Heard]) -> None:
    """Fit everything that ``ritornello.sound.tonality`` reads, and write it there."""
    known = [
        (piece, found) for piece in pieces if piece.key >= 0 and (found := tonality.content(piece.chroma)) is not None
    ]
    rows = np.stack([tonality.transposed(found) for _, found in known])
    truth = np.array([12 * piece.mode + piece.key for piece, _ in known])
    weight = np.array([float(CORPUS_TIMES if piece.group.startswith("corpus") else 1) for piece, _ in known])
    groups = np.arange(len(known)) % FOLDS
    by, right = sharpness(rows, truth, groups, weight)
    weights, bias = fit(rows, truth, weight)
    kept: dict[str, Any] = {
        "source": "training/key.py",
        "licence": "Apache-2.0",
        "pieces": len(known),
        "right when left out": round(right, 3),
        "logits multiplied by": round(by, 2),
        "tonal": [float(f"{v:.5g}") for v in tonal([found for _, found in known])],
    }
    for mode, name in enumerate(("minor", "major")):
        split = np.split(by * weights[mode], len(tonality.CONTENT))
        kept[name] = {
            kind: [float(f"{v:.5g}") for v in part] for kind, part in zip(tonality.CONTENT, split, strict=True)
        }
        kept[name]["bias"] = float(f"{by * bias[mode]:.5g}")
    tonality.PROFILES.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"{len(known)} pieces, {right:.1%} right when left out, logits multiplied by {by:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="folder for what was heard, some 2 GB")
    folder: Path = parser.parse_args().cache
    folder.mkdir(parents=True, exist_ok=True)
    write([heard(sound, folder) for sound in performances.everything()])


if __name__ == "__main__":
    main()
