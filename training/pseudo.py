"""Ask vibenet what it makes of the corpus: labels of a second hand.

``uv run --group peers python -m training.pseudo --audio DIR --evidence evidence.npz --out pseudo.npz`` asks for every
piece of music of which training/listen.py wrote evidence. vibenet (GPL-3.0) learned from Echo Nest's labels of the
Free Music Archive; what a GPL program answers is not under its licence, and no weight or line of it is kept.
"""

from __future__ import annotations

import importlib
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ritornello.errors import AudioError
from ritornello.sound.decode import Decoding
from ritornello.sound.waveform import Waveform
from ritornello.traits import heads
from training.evidence import asked

SECONDS = 30
PLACES = (0.5, 0.25, 0.75)
"""Middles of the excerpts, of which short pieces have the first only."""
SHORT = 90
VIBENET_RATE = 16000


@cache
def model() -> Any:
    return importlib.import_module("vibenet").load_model()


def answer(sound: Waveform) -> NDArray[np.float64]:
    """The seven values of one excerpt in the order of ``heads.NAMES``."""
    [said] = model().predict(sound.resampled(VIBENET_RATE).samples, sr=VIBENET_RATE)
    return np.array([float(getattr(said, name)) for name in heads.NAMES])


def excerpts(path: Path) -> list[Waveform]:
    """Up to three half minutes in mono at the file's own rate; none of a file that cannot be read."""
    try:
        blocks = list(Decoding(path).blocks())
    except AudioError as error:
        print(f"left out: {path.name}: {error.reason}")
        return []
    rate = blocks[0].rate
    samples = np.concatenate([np.mean(block.samples, axis=0) for block in blocks if block.rate == rate])
    half = SECONDS * rate // 2
    middles = [int(len(samples) * place) for place in (PLACES if len(samples) >= SHORT * rate else PLACES[:1])]
    return [Waveform(samples[max(0, m - half) : m + half].astype(np.float32), rate) for m in middles]


def ask(path: Path) -> NDArray[np.float64]:
    """The mean of what it answers to up to three excerpts."""
    return np.asarray(np.mean([answer(excerpt) for excerpt in excerpts(path)], axis=0))


def main() -> None:
    if (arguments := asked(__doc__)) is None:
        return
    with np.load(arguments.evidence, allow_pickle=False) as table:
        music = table["kind"] == "music"
        package, name = table["package"][music], table["name"][music]
    # Where several files of a package have one name, the evidence does not say which it is of.
    times = Counter(zip(package.tolist(), name.tolist(), strict=True))
    known = [(p, n) for (p, n), count in times.items() if count == 1]
    files = {p: {f.name: f for f in sorted((arguments.audio / p).rglob("*"))} for p, _ in known}
    paths = [files[p][n] for p, n in known]
    with ProcessPoolExecutor(arguments.jobs, mp_context=get_context("spawn")) as pool:
        said = np.array(list(pool.map(ask, paths)))
    package, name = (np.array(column) for column in zip(*known, strict=True))
    np.savez_compressed(arguments.out, allow_pickle=False, package=package, name=name, said=said)
    print(f"{len(said)} pieces")


if __name__ == "__main__":
    main()
