"""Music of games as MIDI files, whose tempo map is their truth, played through soundfonts.

The files come from Debian packages unpacked in a folder (``python -m bench.games --fetch DIR``) and are only measured.
Their beat is the quarter of whoever wrote the file: it may be twice or half of what a listener would count, so the
fair figure for tempo is the one that lets octaves pass. Files played in freely, against a clock nobody followed, are
left out: their notes do not gather on the grid.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np

from bench import soundfont
from bench.material import Known, write_once

PACKAGES = (
    "freedink-data",
    "liquidwar-data",
    "openttd-openmsx",
    "pangzero",
    "planetblupi-music-midi",
    "simutrans-data",
)
"""Licences: GPL-2+, GPL-3+, Artistic, Free Art License or Creative Commons, per file."""
SECONDS = 60.0
_GRIDS = (2, 3, 4, 6)
"""Parts of a quarter that notes may gather on."""
_GATHERED = 0.6
_TOLERANCE = 0.02


@dataclass(frozen=True)
class Excerpt:
    """The first minute of a file."""

    messages: list[tuple[float, mido.Message]]
    """Seconds, and what the synthesiser must hear."""
    tempo: float | None
    """BPM of the quarter where it holds for nine tenths of the time."""
    beats: tuple[float, ...]
    gathered: float
    """0..1: how closely the notes keep to the best of the grids."""


def excerpt(path: Path, seconds: float = SECONDS) -> Excerpt:
    """Read a MIDI file and its tempo map; raises OSError, EOFError, ValueError or KeySignatureError if it is broken."""
    file = mido.MidiFile(path, clip=True)
    tick, second, per_tick = 0, 0.0, 0.5 / file.ticks_per_beat
    messages: list[tuple[float, mido.Message]] = []
    places: list[float] = []
    beats: list[float] = []
    spans: dict[float, float] = {}
    for message in mido.merge_tracks(file.tracks):
        while len(beats) * file.ticks_per_beat <= tick + message.time:
            beats.append(second + (len(beats) * file.ticks_per_beat - tick) * per_tick)
        passed = message.time * per_tick
        bpm = round(60 / (per_tick * file.ticks_per_beat), 2)
        spans[bpm] = spans.get(bpm, 0.0) + passed
        tick, second = tick + message.time, second + passed
        if second > seconds:
            break
        if message.type == "time_signature" and message.denominator not in (1, 2, 4):
            raise ValueError(f"bars of {message.numerator}/{message.denominator}: the beat may not be the quarter")
        if message.type == "set_tempo":
            per_tick = message.tempo / 1e6 / file.ticks_per_beat
        elif not message.is_meta:
            messages.append((second, message))
            if message.type == "note_on" and message.velocity:
                places.append(tick / file.ticks_per_beat)
    if len(places) < 40:
        raise ValueError(f"{len(places)} notes in {seconds:.0f} s")
    turns = np.exp(2j * np.pi * np.outer(_GRIDS, places))
    common, span = max(spans.items(), key=lambda item: item[1])
    near = sum(length for bpm, length in spans.items() if abs(bpm / common - 1) < _TOLERANCE)
    sounding = [time for time, message in messages if message.type == "note_on" and message.velocity]
    return Excerpt(
        messages=messages,
        tempo=common if near > 0.9 * sum(spans.values()) and span else None,
        beats=tuple(beat for beat in beats if sounding[0] - 0.05 <= beat <= sounding[-1]),
        gathered=float(np.abs(turns.mean(axis=1)).max()),
    )


def known(split: str, packages: Path, cache: Path, count: int, fonts: tuple[Path, ...]) -> list[Known]:
    """Play the files of a split that keep to their clock; says where packages are missing."""
    soundfont.check(fonts)
    cache.mkdir(parents=True, exist_ok=True)
    missing = [package for package in PACKAGES if not (packages / package).is_dir()]
    if missing:
        print(
            f"skipping {', '.join(missing)}: not in {packages}; get them with: python -m bench.games --fetch {packages}"
        )
    found: list[Known] = []
    for package in PACKAGES:
        chosen = [path for path in sorted((packages / package).rglob("*.mid")) if _split(path) == split]
        for path in chosen[: max(round(count * 0.3), 1)]:
            played = _known(path, package, fonts, cache)
            if played is not None and len(found) < count:
                found.append(played)
    return found


def _split(path: Path) -> str:
    return ("dev", "test")[hashlib.sha256(path.name.encode()).digest()[0] % 2]


def _known(path: Path, package: str, fonts: tuple[Path, ...], cache: Path) -> Known | None:
    try:
        played = excerpt(path)
    except (OSError, EOFError, ValueError, mido.KeySignatureError):
        return None
    if played.gathered < _GATHERED:
        return None
    notes = soundfont.written(played.messages, SECONDS)
    digest = hashlib.sha256(notes).digest()
    font = fonts[digest[0] % len(fonts)]
    sound = cache / f"{package} {path.stem} {font.stem} {digest.hex()[:12]}.flac"
    if not sound.exists():
        write_once(sound, soundfont.render(notes, font, seconds=SECONDS))
    return Known(
        path=sound,
        group=package,
        tempo=played.tempo,
        beats=played.beats,
        downbeats=None,
        key=None,
        time_signature=None,
        meter=None,
    )


def fetch(packages: Path) -> None:
    """Download and unpack the packages; needs Debian's apt-get and dpkg."""
    for package in PACKAGES:
        folder = packages / package
        if not folder.exists():
            unpack(package, folder)
            print(f"{package}: unpacked")


def unpack(package: str, folder: Path) -> None:
    """Download a Debian package and unpack it into a folder, without installing it."""
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(["apt-get", "download", "-qq", package], check=True, cwd=work)
        (file,) = Path(work).glob("*.deb")
        subprocess.run(["dpkg", "-x", str(file), str(folder)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--fetch", type=Path, metavar="DIR", required=True, help="download and unpack the packages into DIR"
    )
    fetch(parser.parse_args().fetch)


if __name__ == "__main__":
    main()
