"""Let the witnesses hear changed music: of some changes it is known where energy must go, of others that none moves.

``uv run --group bench python -m training.changes --audio DIR --evidence evidence.npz --excerpts excerpts.npz --out
changes.npz`` takes up to six pieces of every package of which training/listen.py or training/excerpts.py wrote
evidence, and of each its middle minute. The packages that are kept for measuring are among them; training/heads.py
tells them apart.

Two stretchers change the tempo, for each leaves marks of its own: FFmpeg's atempo joins overlapping pieces of the
sound, which doubles some attacks and leaves textures as busy as they were; librosa's phase vocoder smears attacks and
takes 3 dB. What both have in common is the tempo.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.traits import DARKER, MASTER, MONO_RATES, filtered, mono, vocoded
from ritornello import analyze
from ritornello.sound import encode, loudness, onsets
from ritornello.sound.decode import Decoding
from ritornello.sound.listening import skim
from ritornello.sound.spectrum import FRAME_RATE
from ritornello.sound.waveform import Waveform
from ritornello.traits import cepstral, heads
from ritornello.traits.descriptors import describe
from training.evidence import asked

PIECES = 6
"""Of each package, at even distances in the order of their names."""
KINDS = (
    "plain",
    "faster",
    "slower",
    "vocoder faster",
    "vocoder slower",
    "played faster",
    "played slower",
    "6 dB quieter",
    "12 dB quieter",
    "another master",
    "darker master",
    *MONO_RATES,
)


def change(sound: Waveform, kind: str) -> Waveform:
    """The tempo by a quarter, without the pitch or (as a record player does) with it; the level; the master."""
    match kind:
        case "vocoder faster" | "vocoder slower":
            return vocoded(sound, 1.25 if kind == "vocoder faster" else 0.8)
        case "faster" | "slower":
            return filtered(sound, (("atempo", "1.25" if kind == "faster" else "0.8"),))
        case "played faster" | "played slower":
            factor = 1.25 if kind == "played faster" else 0.8
            return replace(sound, rate=round(sound.rate * factor)).resampled(sound.rate)
        case "6 dB quieter" | "12 dB quieter":
            return replace(sound, samples=sound.samples * np.float32(10 ** (-int(kind.split()[0]) / 20)))
        case "another master":
            return filtered(sound, MASTER)
        case "darker master":
            return filtered(sound, DARKER)
    return sound


def hear(sound: Waveform, kind: str) -> NDArray[np.float64]:
    """One row of evidence, of a file with the changed sound."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("sound.mp3" if kind in MONO_RATES else "sound.wav")
        encode.write(path, change(sound, kind), bit_rate=MONO_RATES.get(kind))
        gist = skim(Decoding(path))
    heard, outline = analyze.hear(gist), describe(gist.excerpt)
    told = np.array([cepstral.estimate(name, outline) for name in heads.NAMES])
    level, activity = loudness.integrated(gist.loudness_energy), onsets.activity(onsets.rises(gist.bands, FRAME_RATE))
    return heads.row(heard.means(), told, level, activity)


def piece(path: Path) -> list[NDArray[np.float64]]:
    sound = mono(path)
    return [hear(sound, kind) for kind in KINDS]


def named(path: Path, kind: str) -> dict[str, list[str]]:
    """Files by package, of which evidence of this kind was written."""
    with np.load(path, allow_pickle=False) as table:
        some = table["kind"] == kind
        names = sorted(set(zip(table["package"][some].tolist(), table["name"][some].tolist(), strict=True)))
    return {package: [name for other, name in names if other == package] for package, _ in names}


def main() -> None:
    if (arguments := asked(__doc__, "excerpts")) is None:
        return
    first, rest = named(arguments.evidence, "music"), named(arguments.excerpts, "excerpt")
    packages = first | {package: names for package, names in rest.items() if package not in first}
    pieces = [
        (package, name)
        for package, own in packages.items()
        for name in dict.fromkeys(own[i * len(own) // PIECES] for i in range(PIECES))
    ]
    paths = [
        min(file for file in (arguments.audio / package).rglob("*") if file.name == name) for package, name in pieces
    ]
    with ProcessPoolExecutor(arguments.jobs, mp_context=get_context("spawn")) as pool:
        rows = [row for part in pool.map(piece, paths) for row in part]
    np.savez_compressed(
        arguments.out,
        allow_pickle=False,
        package=np.repeat([package for package, _ in pieces], len(KINDS)),
        name=np.repeat([name for _, name in pieces], len(KINDS)),
        kind=np.tile(KINDS, len(pieces)),
        rows=np.array(rows),
    )
    print(f"{len(pieces)} pieces")


if __name__ == "__main__":
    main()
