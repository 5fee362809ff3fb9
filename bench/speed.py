"""CPU seconds for a minute of music, beside peers, with decoding alone as the yardstick of the same run.

::

    uv run --group bench --group peers python -m bench.speed --cache ~/ritornello-bench

Every figure comes from a process of its own, which imports, works once on a short file to get compilers and caches out
of the way, and then works on the file that counts. Programs take turns, so that a slow minute of the machine hits all.
Then the command itself: cold on one file, and a scan with two workers and with one. ``--ten-hours`` adds the memory
that a file of ten hours takes, which needs some minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bench import material, peers
from bench.worker import Run

if TYPE_CHECKING:
    from collections.abc import Sequence

FRUGAL = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1") | {
    "NUMPY_MADVISE_HUGEPAGE": "0"
}
"""As Ritornello's own commands have it: threads waiting on one another over tiny products burn CPU and save no time,
and huge pages cost more than they save wherever the system has to make room for them first."""
USUAL = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Python keeps the bytecode of what it imports, unless it is told not to: then every start compiles NumPy anew."""

SUFFIXES = (".mp3", ".m4a", ".ogg", ".flac")
TRACK_SECONDS = 210.0
LONG_SECONDS = 14 * 60.0
SHORT_SECONDS = 12.0
COLD_SECONDS = 180.0
SCAN_SECONDS = 200.0
TEN_HOURS = 36_000.0


def run(peer: peers.Peer, path: Path, warm_up: Path | None) -> Run | None:
    """A fresh process for one program and one file; None, with a word why, where the program cannot do it."""
    command = [sys.executable, "-m", "bench.worker", peer.name, str(path)]
    if warm_up is not None:
        command.append(str(warm_up))
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=USUAL | FRUGAL)
    if done.returncode:
        print(f"{peer.name} cannot analyse {path.name}: {done.stderr.strip().splitlines()[-1]}")
        return None
    return Run(**json.loads(done.stdout.strip().splitlines()[-1]))


def cold(rounds: int, *arguments: str) -> list[float]:
    """CPU seconds of the command in fresh processes, imports and all; one more before them leaves its bytecode."""
    spent = []
    for _ in range(rounds + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "ritornello", *arguments], env=USUAL, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return spent[1:]


def scans(path: Path, rounds: int, copies: int = 72) -> dict[int, list[float]]:
    """Wall seconds of a scan of six dozen files into an empty library, by the number of workers, which take turns."""
    took: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        music = Path(folder, "music")
        music.mkdir()
        for number in range(copies):
            material.repeated(path, SCAN_SECONDS + number, music / f"{number}.mp3")
        for turn in range(rounds):
            for jobs in took:
                library = Path(folder, f"{turn} {jobs}.db")
                started = time.perf_counter()
                scan = ["scan", str(music), "--library", str(library), "--jobs", str(jobs)]
                subprocess.run([sys.executable, "-m", "ritornello", *scan], env=USUAL, capture_output=True, check=True)
                took[jobs].append(time.perf_counter() - started)
    return took


def spread(values: Sequence[float], digits: int) -> str:
    """Median and range."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def speed_table(runs: Sequence[Run], chosen: Sequence[peers.Peer], minutes: dict[str, float]) -> str:
    """Markdown: CPU seconds a minute per format, and how many times decoding, by medians and by lowest values."""
    suffixes = [s for s in minutes if any(r.suffix == s for r in runs)]
    lines = [
        "| program | what | " + " | ".join(f"{s[1:]} | × decode" for s in suffixes) + " | import |",
        "|---" * (3 + 2 * len(suffixes)) + "|",
    ]
    for peer in chosen:
        cells = []
        for suffix in suffixes:
            per_minute = [r.seconds / minutes[suffix] for r in runs if (r.peer, r.suffix) == (peer.name, suffix)]
            decoding = [r.seconds / minutes[suffix] for r in runs if (r.peer, r.suffix) == (peers.DECODE.name, suffix)]
            if not per_minute or not decoding:
                cells += ["cannot", "–"]
                continue
            ratio, least = (of(per_minute) / of(decoding) for of in (statistics.median, min))
            cells += [spread(per_minute, 3), f"{ratio:.2f} ({least:.2f})"]
        imports = spread([r.import_seconds for r in runs if r.peer == peer.name], 2)
        lines.append(f"| {peer.name} | {peer.what} | " + " | ".join(cells) + f" | {imports} |")
    return "\n".join(lines)


def memory_table(runs: Sequence[Run]) -> str:
    """Markdown: peak memory of each program on the long track."""
    names = list(dict.fromkeys(r.peer for r in runs))
    lines = ["| program | peak memory, MB |", "|---|---|"]
    lines += [f"| {name} | {spread([r.peak_bytes / 1e6 for r in runs if r.peer == name], 0)} |" for name in names]
    return "\n".join(lines)


def _files(folder: Path | None, cache: Path) -> dict[str, Path]:
    if folder is None:
        return {suffix: material.long_track(cache, suffix, TRACK_SECONDS) for suffix in SUFFIXES}
    found = {suffix: next(iter(sorted(folder.rglob(f"*{suffix}"))), None) for suffix in SUFFIXES}
    files = {suffix: path for suffix, path in found.items() if path is not None}
    if not files:
        raise SystemExit(f"{folder} holds none of {', '.join(SUFFIXES)}")
    return files


def _minutes(path: Path) -> float:
    import av

    with av.open(path) as file:
        return (file.duration or 0) / 60e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="take the first file of each format here instead of rendered ones")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "ritornello-bench")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each program on each file (default 3)")
    parser.add_argument("--only", help="comma-separated programs: " + ",".join(peer.name for peer in peers.ALL))
    parser.add_argument("--ten-hours", action="store_true", help="measure the memory for a file of ten hours as well")
    parser.add_argument("--json", type=Path, help="write every run here")
    arguments = parser.parse_args()

    names = arguments.only.split(",") if arguments.only else [peer.name for peer in peers.ALL]
    chosen = peers.installed(tuple(p for p in peers.ALL if p.name in names or p is peers.DECODE))
    files = _files(arguments.folder, arguments.cache)
    short = material.long_track(arguments.cache, ".flac", SHORT_SECONDS)
    long = material.long_track(arguments.cache, ".mp3", LONG_SECONDS)

    turns = [(peer, path) for _ in range(arguments.rounds) for path in files.values() for peer in chosen]
    runs = [done for peer, path in turns if (done := run(peer, path, short))]
    held = [done for _ in range(arguments.rounds) for peer in chosen if (done := run(peer, long, None))]
    started = cold(max(arguments.rounds, 5), "--help")
    three = material.repeated(long, COLD_SECONDS, arguments.cache / f"three minutes of {long.name}")
    features = cold(max(arguments.rounds, 5), "features", str(three), "--json")
    fresh = [done for _ in features if (done := run(peers.FEATURES, three, None))]
    measured = [done.import_seconds + done.seconds for done in fresh]
    workers = scans(three, arguments.rounds)
    ten_hours = None
    if arguments.ten_hours:
        hours = material.repeated(long, TEN_HOURS, arguments.cache / f"ten hours of {long.name}")
        ten_hours = run(peers.RITORNELLO, hours, None)

    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    print(f"\n{date.today().isoformat()}, {machine}")
    print("\nCPU seconds for a minute of music: median (lowest–highest)\n")
    print(speed_table(runs, chosen, {suffix: _minutes(path) for suffix, path in files.items()}))
    print("\nA track of fourteen minutes (mp3), fresh process\n")
    print(memory_table(held))
    print(f"\n`ritornello --help`: {spread(started, 2)} s CPU")
    print(f"`ritornello features FILE --json`, three minutes of mp3, cold: {spread(features, 2)} s CPU")
    print(f"The same without the traits, by the library, imports and all: {spread(measured, 2)} s CPU")
    gains = [one / two for one, two in zip(workers[1], workers[2], strict=True)]
    print(f"`ritornello scan`, six dozen files: two workers are {spread(gains, 2)} times as fast as one")
    if ten_hours is not None:
        print(f"Ten hours of mp3: {ten_hours.peak_bytes / 1e6:.0f} MB, {ten_hours.seconds:.0f} s CPU")
    if arguments.json:
        record = {
            "runs": [asdict(r) for r in runs],
            "long": [asdict(r) for r in held],
            "help": started,
            "cold": features,
            "cold without traits": measured,
            "workers": workers,
            "ten hours": None if ten_hours is None else asdict(ten_hours),
            "minutes": {suffix: _minutes(path) for suffix, path in files.items()},
        }
        arguments.json.write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
