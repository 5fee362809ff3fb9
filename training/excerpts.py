"""Ask vibenet and the witnesses about many half minutes: what the students of training/heads.py learn from.

``uv run --group peers python -m training.excerpts --audio DIR --evidence evidence.npz --out excerpts.npz`` cuts up to
three half minutes out of many files of every package in DIR, but for those that are kept for measuring. Each is heard
twice: as it is, and made into something that nobody composed, so that the students see more than a shelf of games
holds: one of another package, a singer, speech or a crowd laid over it, or played at another speed. What
training/pseudo.py says of vibenet's licence holds here too.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ritornello.sound.listening import SPREAD_WINDOWS, WINDOW_SECONDS
from ritornello.sound.spectrum import RATE
from ritornello.sound.waveform import Waveform
from ritornello.traits import cepstral, heads, networks
from ritornello.traits.descriptors import describe
from training.evidence import asked
from training.heads import kept_out
from training.listen import CROWDS, SHORTEST, SPEECH, over, packages, spread
from training.pseudo import answer, excerpts

Floats = NDArray[np.float32]

FILES = 20
"""Of one package, spread over its files by name."""
SMALLEST = 150_000
"""Bytes; what is smaller is an effect."""
PROMPT = 300_000
"""Bytes; smaller recordings of speech would be heard over and over."""
VOICES = ("vocadito_10.wav", "vocadito_14.wav")
"""Ends of paths: people singing alone."""
LAYERS = {"mixed": (-6.0, 6.0), "sung over": (-6.0, 9.0), "speech over": (-9.0, 6.0), "crowd": (-6.0, 12.0)}
"""dB by which the music is louder than what is laid over it, from and to."""
SPEEDS = (0.75, 1.33)
REGISTERS = (0.8, 1.25)
TURN = ("mixed", "sung over", "played", "mixed", "speech over", "sung over", "played", "crowd")
"""What is made of one excerpt after the other."""


@dataclass(frozen=True)
class Task:
    """One package, and what its excerpts are made into others with."""

    package: str
    files: list[Path]
    others: dict[str, list[Path]]
    """By kind of layer."""


def unclipped(sound: Waveform) -> Waveform:
    """The same, no louder than a file can hold."""
    return replace(sound, samples=(sound.samples / max(1.0, float(np.abs(sound.samples).max()))).astype(np.float32))


def long(sound: Waveform) -> bool:
    """At least so long as a piece of music, and not silent."""
    return len(sound.samples) >= SHORTEST * sound.rate and bool(sound.samples.any())


def row(sound: Waveform) -> NDArray[np.float32]:
    """Evidence of half a minute, whose loudness and activity are not asked for."""
    samples = sound.resampled(RATE).samples
    length = round(WINDOW_SECONDS * RATE)
    starts = np.linspace(0, max(0, len(samples) - length), SPREAD_WINDOWS).astype(int)
    windows = [Waveform(samples[start : start + length], RATE) for start in starts]
    heard = networks.hear(windows, [float(start) / RATE for start in starts])
    outline = describe(sound)
    told = np.array([cepstral.estimate(name, outline) for name in heads.NAMES])
    return heads.row(heard.means(), told, np.nan, np.nan).astype(np.float32)


def hear(task: Task) -> list[dict[str, Any]]:
    """All rows that one package gives."""
    random = np.random.default_rng(sum(task.package.encode()))
    found: list[dict[str, Any]] = []

    def add(name: str, kind: str, sound: Waveform) -> None:
        found.append({"package": task.package, "name": name, "kind": kind, "rows": row(sound), "said": answer(sound)})

    def played(sound: Waveform, low: float, high: float) -> Waveform:
        """At another speed, and so at another pitch."""
        factor = random.uniform(low, high)
        return replace(sound, rate=round(sound.rate * factor)).resampled(sound.rate)

    def layer(kind: str) -> Waveform:
        others = task.others[kind]
        while True:
            sounds = [s for s in excerpts(others[random.integers(len(others))]) if kind != "mixed" or long(s)]
            if sounds:
                chosen = sounds[random.integers(len(sounds))]
                # Two singers are few, but at other speeds they are others.
                return played(chosen, *REGISTERS) if kind == "sung over" else chosen

    for path in task.files:
        for sound in filter(long, excerpts(path)):
            add(path.name, "excerpt", sound)
            kind = TURN[(len(found) // 2) % len(TURN)]
            if kind == "played":
                other = played(sound, *SPEEDS)
            else:
                other = unclipped(over(sound, layer(kind), random.uniform(*LAYERS[kind])))
            add(path.name, f"excerpt {kind}", other)
    print(f"{task.package}: {len(found)}", flush=True)
    return found


def main() -> None:
    if (arguments := asked(__doc__)) is None:
        return
    with np.load(arguments.evidence, allow_pickle=False) as table:
        kept = kept_out(table["package"])
    every = {package: files for package, files in packages([arguments.audio]).items() if package not in kept}
    crowds, voices = (
        [f for files in every.values() for f in files if str(f).endswith(ends)] for ends in (CROWDS, VOICES)
    )
    prompts = [f for p, files in every.items() if p.startswith(SPEECH) for f in files if f.stat().st_size > PROMPT]
    if not crowds or not voices or not prompts:
        print(f"skipped: {arguments.audio} holds no crowds, voices or prompts; training/README.md lists the packages")
        return
    music = {
        package: spread([f for f in files if f.stat().st_size > SMALLEST and f not in crowds + voices], FILES)
        for package, files in every.items()
        if not package.startswith(SPEECH)
    }
    tasks = []
    for package, files in music.items():
        others = [f for other, own in music.items() if other != package for f in own]
        layers = {"mixed": others, "sung over": voices, "speech over": prompts, "crowd": crowds}
        tasks.append(Task(package, files, layers))
    with ProcessPoolExecutor(arguments.jobs, mp_context=get_context("spawn")) as pool:
        rows = [row for part in pool.map(hear, tasks) for row in part]
    table = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    np.savez_compressed(arguments.out, allow_pickle=False, **table)
    print(f"{len(rows)} rows")


if __name__ == "__main__":
    main()
