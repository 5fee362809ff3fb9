"""Let the witnesses hear a corpus and constructions from it, once, for training/heads.py.

``python -m training.listen --audio DIR… --out evidence.npz`` takes the folders that hold unpacked Debian packages
(README.md here lists them): music, spoken prompts and crowds. Beside the recordings themselves it makes, from every
fourth piece of music, the same with a crowd in it and with speech over it, at known distances in dB.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ritornello.errors import AudioError
from ritornello.sound import loudness, onsets
from ritornello.sound.decode import Decoding
from ritornello.sound.listening import WINDOW_SECONDS, Heard, listen
from ritornello.sound.spectrum import FRAME_RATE, RATE
from ritornello.sound.waveform import Waveform
from ritornello.traits import cepstral, heads, networks
from ritornello.traits.descriptors import describe

Floats = NDArray[np.float32]

SUFFIXES = {".flac", ".mp3", ".oga", ".ogg", ".opus", ".wav"}
SPEECH = ("asterisk-core-sounds", "ktuberling")
CROWDS = (
    "circuslinux/data/sounds/applause.wav",
    "circuslinux/data/sounds/cheering.wav",
    "foobillardplus/data/applause.wav",
    "sound/default/misc/victory.ogg",
    "misc/cheeringloop.wav",
    "dustracing2d/sounds/cheering.ogg",
    "monsterz/sound/applause.wav",
    "samples/misc/raving_crowd01.ogg",
    *(f"etw/crowd/crowd{i:02d}.wav" for i in range(1, 18)),
)
"""Ends of paths: crowds and applause, by their names and by what YAMNet says of them."""
SHORTEST = 20.0
EACH = 14
"""Pieces of music of one package, spread over its files by name."""
EVERY = 4
"""Of the pieces of music, which are built upon."""
CROWD_BELOW = (-6.0, 0.0, 6.0, 12.0)
SPEECH_BELOW = (-9.0, -3.0, 3.0)
"""dB by which the music is louder than what is laid over it."""
SPOKEN = 30
"""Recordings of speech a package, each of prompts one after the other for half a minute."""


@dataclass(frozen=True)
class Sound:
    """What the witnesses are given: the middle of a recording, and windows from all over it."""

    name: str
    package: str
    kind: str
    excerpt: Waveform
    windows: list[Floats]
    starts: list[float]
    loudness: float
    activity: float
    """Both of the whole recording, without what is laid over it."""


def sound(name: str, package: str, kind: str, heard: Heard) -> Sound:
    starts = [start / RATE for start, _ in heard.windows]
    level = loudness.integrated(heard.loudness_energy)
    activity = onsets.activity(onsets.rises(heard.bands, FRAME_RATE))
    return Sound(name, package, kind, heard.excerpt, [w for _, w in heard.windows], starts, level, activity)


def from_samples(name: str, package: str, kind: str, samples: Floats) -> Sound:
    """A sound of at most half a minute at 22,050 Hz."""
    length = round(WINDOW_SECONDS * RATE)
    count = max(1, len(samples) // length)
    windows = [samples[i * length : (i + 1) * length] for i in range(count)]
    starts = [i * WINDOW_SECONDS for i in range(count)]
    return Sound(name, package, kind, Waveform(samples, RATE), windows, starts, float("nan"), float("nan"))


def over(sound: Waveform, layer: Waveform, below: float) -> Waveform:
    """The same with another sound laid over all of it, ``below`` dB under it."""
    other = np.resize(layer.resampled(sound.rate).samples, len(sound.samples))
    own, its = (float(np.sqrt((s.astype(float) ** 2).mean())) for s in (sound.samples, other))
    if not own or not its:
        return sound
    both = sound.samples + other * np.float32(own / its * 10 ** (-below / 20))
    return replace(sound, samples=both.astype(np.float32))


def mixed(base: Sound, other: Floats, below: float, kind: str) -> Sound:
    """The same under another sound, in the excerpt and in every window."""
    layer = Waveform(other, RATE)
    windows = [over(Waveform(w, RATE), layer, below).samples for w in base.windows]
    return replace(base, kind=f"{kind} {below:+.0f}", excerpt=over(base.excerpt, layer, below), windows=windows)


def witness(given: Sound) -> dict[str, Any]:
    """One row of evidence."""
    heard = networks.hear([Waveform(w, RATE) for w in given.windows], given.starts)
    outline = describe(given.excerpt)
    return {
        "name": given.name,
        "package": given.package,
        "kind": given.kind,
        "loudness": given.loudness,
        "activity": given.activity,
        "cepstral": np.array([cepstral.estimate(name, outline) for name in heads.NAMES]),
        **heard.means(),
        # Each window on its own, for the similarity of parts of one track.
        "windows": np.hstack([heard.mtt_embedding, heard.msd_embedding, heard.yamnet_embedding])[::4][:3].astype(
            np.float16
        ),
    }


def spread(files: list[Path], count: int) -> list[Path]:
    files = sorted(files)
    return [files[i] for i in np.unique(np.linspace(0, len(files) - 1, min(count, len(files))).round().astype(int))]


def packages(folders: list[Path]) -> dict[str, list[Path]]:
    """Audio files by package; one that several folders hold is taken once."""
    found: dict[str, dict[str, Path]] = {}
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.suffix.lower() in SUFFIXES and file.is_file():
                inside = file.relative_to(folder)
                found.setdefault(inside.parts[0], {}).setdefault(str(inside), file)
    return {package: list(files.values()) for package, files in found.items()}


def samples(path: Path) -> Floats:
    """The windows of a short file, side by side: all of it up to a minute."""
    return np.concatenate([w for _, w in listen(Decoding(path)).windows])


def spoken(package: str, files: list[Path]) -> Iterator[Sound]:
    chosen = spread([file for file in files if file.stat().st_size > 8000], 8 * SPOKEN)
    for i in range(0, len(chosen) - 7, 8):
        parts = np.concatenate([samples(file) for file in chosen[i : i + 8]])
        yield from_samples(f"{package} {i // 8}", package, "speech", parts[: 30 * RATE])


def rows(task: tuple[str, list[Path], list[Path], list[Path]]) -> list[dict[str, Any]]:
    """All evidence that one package gives."""
    package, files, crowds, prompts = task
    if package.startswith(SPEECH):
        return [witness(each) for each in spoken(package, files)]
    made = []
    random = np.random.default_rng(len(package) + sum(package.encode()))
    for i, file in enumerate(spread([f for f in files if f.stat().st_size > 150_000], EACH)):
        try:
            heard = listen(Decoding(file))
        except AudioError as error:
            print(f"left out: {file.name}: {error.reason}")
            continue
        if heard.duration < SHORTEST:
            continue
        base = sound(file.name, package, "music", heard)
        made.append(witness(base))
        if i % EVERY:
            continue
        crowd = samples(crowds[random.integers(len(crowds))])
        made += [witness(mixed(base, crowd, below, "crowd")) for below in CROWD_BELOW]
        chosen = [prompts[k] for k in random.integers(len(prompts), size=6)]
        speech = np.concatenate([samples(prompt) for prompt in chosen])
        made += [witness(mixed(base, speech, below, "speech over")) for below in SPEECH_BELOW]
    print(f"{package}: {len(made)}", flush=True)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--audio", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    found = packages(arguments.audio)
    crowds = [f for files in found.values() for f in files if str(f).endswith(CROWDS)]
    prompts = [f for p, files in found.items() if p.startswith(SPEECH) for f in files if f.stat().st_size > 30_000]
    if not crowds or not prompts:
        print(f"skipped: {arguments.audio} hold no crowds or no spoken prompts; training/README.md lists the packages")
        return
    tasks = [(package, files, sorted(crowds), sorted(prompts)) for package, files in sorted(found.items())]
    with ProcessPoolExecutor(arguments.jobs, mp_context=get_context("spawn")) as pool:
        evidence = [row for part in pool.map(rows, tasks) for row in part]
    table = {key: np.array([row[key] for row in evidence]) for key in evidence[0] if key != "windows"}
    most = max(len(row["windows"]) for row in evidence)
    windows = np.full((len(evidence), most, evidence[0]["windows"].shape[1]), np.nan, np.float16)
    for i, row in enumerate(evidence):
        windows[i, : len(row["windows"])] = row["windows"]
    table["windows"] = windows
    np.savez_compressed(arguments.out, allow_pickle=False, **table)
    print(f"{len(evidence)} rows")


if __name__ == "__main__":
    main()
