"""Music with an exact answer: pieces that Ritornello renders, and the user's own recordings with a list of answers."""

from __future__ import annotations

import csv
import hashlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from ritornello import pieces
from ritornello.pieces import STYLES, compose, render
from ritornello.pieces.score import METERS
from ritornello.sound.decode import Decoding
from ritornello.sound.encode import write
from ritornello.sound.waveform import Waveform

PROCESSES = 2
SPLITS = {"dev": 1000, "test": 2000}
"""First seed of each split; dev plays palette 0, test palette 1, so they share neither notes nor instruments."""


@dataclass(frozen=True)
class Known:
    """A file and its answer; None where the answer is not known."""

    path: Path
    group: str
    tempo: float | None
    beats: tuple[float, ...] | None
    downbeats: tuple[float, ...] | None
    key: str | None
    time_signature: int | None
    meter: str | None


@dataclass(frozen=True)
class Recipe:
    """What to compose."""

    style: str
    meter: str
    tempo: float
    key: int
    mode: int
    seed: int
    palette: int
    tuning: float
    seconds: float
    tempo_changes: tuple[tuple[int, float], ...] = ()

    def score(self) -> pieces.Score:
        """The piece on paper."""
        return compose(
            self.style,
            meter=self.meter,
            tempo=self.tempo,
            key=self.key,
            mode=self.mode,
            seed=self.seed,
            palette=self.palette,
            tuning=self.tuning,
            seconds=self.seconds,
            tempo_changes=dict(self.tempo_changes),
        )


def recipes(split: str, count: int, seconds: float = 30.0) -> list[Recipe]:
    """Every style in every meter it knows, in turn, at and a little beyond its usual tempos; keys and modes evenly."""
    first = SPLITS[split]
    rng = np.random.default_rng(first)
    pairs = [(style, meter) for style, rules in STYLES.items() for meter in rules.meters]
    keys = rng.permutation(np.resize(np.arange(24), count))
    found = []
    for number in range(count):
        style, meter = pairs[number % len(pairs)]
        slow, fast = STYLES[style].tempo
        tempo = float(rng.uniform(slow * 0.95, fast * 1.05) * 4 / METERS[meter].beat)
        found.append(
            Recipe(
                style=style,
                meter=meter,
                tempo=round(tempo, 1),
                key=int(keys[number] % 12),
                mode=int(keys[number] // 12),
                seed=first + number,
                palette=0 if split == "dev" else 1,
                tuning=round(float(rng.uniform(434, 446)), 1),
                seconds=seconds,
            )
        )
    return found


def rendered(split: str, count: int, cache: Path) -> list[Known]:
    """Render the recipes of a split into FLAC files, or take those that are there."""
    cache.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(PROCESSES) as pool:
        return list(pool.map(_render, recipes(split, count), [cache] * count))


def _render(recipe: Recipe, cache: Path) -> Known:
    score = recipe.score()
    digest = hashlib.sha256(f"{recipe}{sources()}".encode()).hexdigest()[:12]
    path = cache / f"{recipe.style} {recipe.seed} {digest}.flac"
    if not path.exists():
        write_once(path, render(score))
    truth = score.truth
    return Known(
        path, recipe.style, truth.tempo, truth.beats, truth.downbeats, truth.key_name, truth.time_signature, truth.meter
    )


def write_once(path: Path, waveform: Waveform) -> None:
    """Write a file that is whole as soon as it is there."""
    partial = path.with_name(f".partial {path.name}")
    write(partial, waveform)
    partial.replace(path)


def stereo(path: Path) -> Waveform:
    """Decode the first two channels of a file, or one twice."""
    blocks = list(Decoding(path).blocks())
    channels = [np.concatenate([block.samples[side] for block in blocks]) for side in range(len(blocks[0].samples))]
    return Waveform(np.stack([channels[0], channels[1 % len(channels)]], axis=1).astype(np.float32), blocks[0].rate)


def sources() -> str:
    """Changes with the composer and the synthesiser, so that no stale sound is used."""
    folder = Path(pieces.__file__).parent
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()


def recordings(folder: Path) -> list[Known]:
    """Read ``truth.csv`` in a folder of recordings: columns path, bpm, key, meter; cells may be empty."""
    found = []
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            meter = row.get("meter") or None
            found.append(
                Known(
                    path=folder / row["path"],
                    group="recording",
                    tempo=float(row["bpm"]) if row.get("bpm") else None,
                    beats=None,
                    downbeats=None,
                    key=row.get("key") or None,
                    time_signature=int(meter.split("/")[0]) if meter else None,
                    meter=meter,
                )
            )
    return found


def long_track(cache: Path, suffix: str, seconds: float) -> Path:
    """One loud piece of 3 to 4 minutes, repeated until ``seconds`` are full, in the format that the suffix names."""
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / f"speed {seconds:.0f} {sources()[:12]}{suffix}"
    if not path.exists():
        sound = render(Recipe("rock", "4/4", 126.0, 4, 0, 3000, 0, 440.0, min(seconds, 210.0)).score())
        count = int(np.ceil(seconds / sound.duration))
        samples = np.tile(sound.samples, (count, 1))[: int(seconds * sound.rate)]
        write_once(path, Waveform(samples, sound.rate))
    return path


def repeated(path: Path, seconds: float, target: Path) -> Path:
    """Write the packets of an mp3 over and over into one file of that length, unless it is there."""
    if not target.exists():
        partial = target.with_name(f".partial {target.name}")
        with av.open(path) as source, av.open(partial, "w", format="mp3") as sink:
            sound = source.streams.audio[0]
            packets = [packet for packet in source.demux(sound) if packet.size]
            copy = sink.add_stream_from_template(sound)
            length = packets[0].duration or 0
            for number in range(int(seconds / (length * packets[0].time_base))):
                packet = packets[number % len(packets)]
                packet.stream = copy
                packet.pts = packet.dts = number * length
                sink.mux(packet)
        partial.replace(target)
    return target
