"""What the engine hears of the training pieces, kept so that each is played once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ritornello import sound as engine
from ritornello.sound import encode, pitch
from ritornello.sound.decode import Decoding
from ritornello.sound.listening import listen
from training import performances

Floats = NDArray[np.float32]

CORPUS_TIMES = 3
"""How often a score that we did not write counts for each time that one of ours does."""


@dataclass(frozen=True)
class Heard:
    """A piece as the engine hears it, and the truth about it: times in seconds, -1 where there is no key."""

    group: str
    bands: Floats
    chroma: Floats
    beats: NDArray[np.float64]
    downbeats: NDArray[np.float64]
    key: int
    mode: int


def heard(sound: performances.Sound, folder: Path) -> Heard:
    """Play a piece to the engine, or take what it heard the last time."""
    path = folder / f"{hashlib.sha256(f'{sound.name} {sources()}'.encode()).hexdigest()[:16]}.npz"
    if not path.exists():
        wave = folder / "sound.wav"
        encode.write(wave, sound.waveform())
        found = listen(Decoding(wave))
        wave.unlink()
        chroma = pitch.chroma(found.pitches, pitch.tuning_cents(found.tuning))
        partly = folder / "partial.npz"
        np.savez(partly, bands=found.bands.astype(np.float16), chroma=chroma)
        partly.replace(path)
    with np.load(path) as kept:
        bands, chroma = kept["bands"], kept["chroma"]
    return Heard(
        sound.group, bands, chroma, np.asarray(sound.beats), np.asarray(sound.downbeats), sound.key, sound.mode
    )


@cache
def sources() -> str:
    """Changes with whatever the sounds went through, so that nothing stale is learned from."""
    package = Path(engine.__file__).parents[1]
    heard_by = [
        package / "sound" / f"{name}.py" for name in ("decimation", "downmix", "listening", "pitch", "spectrum")
    ]
    files = [*sorted((package / "pieces").glob("*.py")), *heard_by, Path(performances.__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
