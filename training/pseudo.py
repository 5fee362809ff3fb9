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


def ask(path: Path) -> NDArray[np.float64]:
    """The seven values in the order of ``heads.NAMES``, mean of up to three excerpts."""
    blocks = list(Decoding(path).blocks())
    rate = blocks[0].rate
    samples = np.concatenate([np.mean(block.samples, axis=0) for block in blocks if block.rate == rate])
    said = []
    for place in PLACES if len(samples) >= SHORT * rate else PLACES[:1]:
        middle, half = int(len(samples) * place), SECONDS * rate // 2
        excerpt = Waveform(samples[max(0, middle - half) : middle + half].astype(np.float32), rate)
        [answer] = model().predict(excerpt.resampled(VIBENET_RATE).samples, sr=VIBENET_RATE)
        said.append([float(getattr(answer, name)) for name in heads.NAMES])
    return np.asarray(np.mean(said, axis=0))


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
