"""How often tempo, beats, bars, key and meter are right, beside peers.

::

    uv run --group bench --group peers python -m bench.accuracy --split test --packages ~/packages

Four sets: ``pieces`` of our own composer, ``scores`` of music21's corpus and ``games``, MIDI files, both played by
soundfonts, and ``recordings`` whose makers state the tempo. What a set needs and is not there is named, and the set
left out. Peers' answers are kept in the cache, by file and version; ritornello is run every time.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import importlib.metadata
import json
import os
import platform
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mir_eval
import numpy as np

from bench import games, material, peers, recordings, scores, soundfont

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

TOLERANCE = 0.04
OCTAVES = (1, 2, 3, 1 / 2, 1 / 3)
RESAMPLES = 2000

SETS = ("pieces", "scores", "games", "recordings")
COUNTS = {"pieces": 60, "scores": 60, "games": 30}

Score = float | None
"""None where either the truth or the program says nothing."""


def tempo(known: material.Known, answer: peers.Answer) -> Score:
    """Accuracy 1: within 4 % of the truth (Gouyon and others 2006)."""
    if known.tempo is None or answer.tempo is None:
        return None
    return float(abs(answer.tempo / known.tempo - 1) <= TOLERANCE)


def tempo_octaves(known: material.Known, answer: peers.Answer) -> Score:
    """Accuracy 2: the same, or twice, thrice, half or a third of it."""
    if known.tempo is None or answer.tempo is None:
        return None
    return float(any(abs(answer.tempo / known.tempo / factor - 1) <= TOLERANCE for factor in OCTAVES))


def _f_measure(truth: Sequence[float] | None, found: Sequence[float] | None) -> Score:
    if truth is None or found is None:
        return None
    trimmed = [mir_eval.beat.trim_beats(np.asarray(times, dtype=float)) for times in (truth, found)]
    return float(mir_eval.beat.f_measure(*trimmed))


def beats(known: material.Known, answer: peers.Answer) -> Score:
    """F-measure at 70 ms, the first five seconds left out."""
    return _f_measure(known.beats, answer.beats)


def downbeats(known: material.Known, answer: peers.Answer) -> Score:
    """F-measure of the first beats of the bars."""
    return _f_measure(known.downbeats, answer.downbeats)


def key_weighted(known: material.Known, answer: peers.Answer) -> Score:
    """MIREX: 1 right, 0.5 a fifth away, 0.3 relative, 0.2 parallel."""
    if known.key is None or answer.key is None:
        return None
    return float(mir_eval.key.weighted_score(known.key, answer.key))


def key_exact(known: material.Known, answer: peers.Answer) -> Score:
    """Tonic and mode right."""
    weighted = key_weighted(known, answer)
    return None if weighted is None else float(weighted == 1.0)


def meter(known: material.Known, answer: peers.Answer) -> Score:
    """Upper number of the time signature right."""
    if known.time_signature is None or answer.time_signature is None:
        return None
    return float(known.time_signature == answer.time_signature)


METRICS: dict[str, Callable[[material.Known, peers.Answer], Score]] = {
    "tempo 1": tempo,
    "tempo 2": tempo_octaves,
    "beats F": beats,
    "downbeats F": downbeats,
    "key MIREX": key_weighted,
    "key exact": key_exact,
    "meter": meter,
}


def interval(scores: Sequence[float]) -> tuple[float, float, float]:
    """Mean and its 95 % interval from resampled pieces."""
    values = np.asarray(scores)
    draws = np.random.default_rng(0).choice(values, (RESAMPLES, len(values))).mean(axis=1)
    low, high = np.percentile(draws, (2.5, 97.5))
    return float(values.mean()), float(low), float(high)


def answers(peer: peers.Peer, known: Sequence[material.Known], cache: Path) -> list[peers.Answer]:
    """Run one program on every file that it has not heard, in at most two processes of its own."""
    places = {k.path: kept(peer, k.path, cache) for k in known}
    fresh = [path for path, place in places.items() if place is None or not place.exists()]
    given: dict[Path, peers.Answer] = {}
    for path, answer in zip(fresh, _run(peer, fresh), strict=True):
        given[path] = answer
        # Written as they come: hours of listening outlive an interruption.
        if (place := places[path]) is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps(asdict(answer)))
    for path, place in places.items():
        if path not in given and place is not None:
            given[path] = _answer(json.loads(place.read_text()))
    return [given[k.path] for k in known]


def _run(peer: peers.Peer, paths: Sequence[Path]) -> Iterator[peers.Answer]:
    if not paths:
        return
    # Alone first: two processes that fill numba's cache at once leave it broken (github.com/numba/numba/issues/10128).
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pool.submit(peer.work, paths[0]).result()
    with ProcessPoolExecutor(material.PROCESSES, mp_context=get_context("spawn")) as pool:
        for answer in pool.map(peer.work, paths):
            assert isinstance(answer, peers.Answer)
            yield answer


def kept(peer: peers.Peer, path: Path, cache: Path) -> Path | None:
    """Where the answer of a peer is kept; None for a program that changes without its version."""
    if not peer.packages:
        return None
    versions = [f"{name} {importlib.metadata.version(name)}" for name in peer.packages]
    sound = hashlib.sha256(path.read_bytes()).hexdigest()
    digest = hashlib.sha256(f"{peer.name} {peer.what} {versions} {sound}".encode()).hexdigest()
    return cache / "answers" / f"{digest[:24]}.json"


def _answer(stored: dict[str, Any]) -> peers.Answer:
    lists = {name: tuple(stored[name]) if stored[name] is not None else None for name in ("beats", "downbeats")}
    return peers.Answer(**{**stored, **lists})


def summary(known: Sequence[material.Known], found: Sequence[peers.Answer]) -> dict[str, tuple[float, float, float]]:
    """Each metric over the files that have a score in it."""
    rows = {}
    for name, metric in METRICS.items():
        scores = [s for k, a in zip(known, found, strict=True) if (s := metric(k, a)) is not None]
        if scores:
            rows[name] = interval(scores)
    return rows


def table(head: str, rows: dict[str, dict[str, tuple[float, float, float]]]) -> str:
    """Markdown, one line per program or group; percentages with their intervals."""
    lines = [f"| {head} | " + " | ".join(METRICS) + " |", "|---" * (len(METRICS) + 1) + "|"]
    for name, cells in rows.items():
        texts = [
            f"{100 * c[0]:.0f} ({100 * c[1]:.0f}–{100 * c[2]:.0f})" if (c := cells.get(metric)) else "–"
            for metric in METRICS
        ]
        lines.append(f"| {name} | " + " | ".join(texts) + " |")
    return "\n".join(lines)


def grouped(
    known: Sequence[material.Known], found: Sequence[peers.Answer], group: Callable[[material.Known], str]
) -> dict[str, dict[str, tuple[float, float, float]]]:
    """Summary for each meter or style."""
    names = sorted({group(k) for k in known})
    return {
        f"{name} ({len(chosen)})": summary([known[i] for i in chosen], [found[i] for i in chosen])
        for name in names
        if (chosen := [i for i, k in enumerate(known) if group(k) == name])
    }


def gather(name: str, arguments: argparse.Namespace) -> list[material.Known]:
    """The files of a set; raises :class:`~bench.soundfont.Missing` where it cannot be had."""
    split, cache = arguments.split, arguments.cache
    count = arguments.count or COUNTS.get(name, 0)
    fonts = tuple(arguments.soundfont or scores.SOUNDFONTS[split])
    if name == "pieces":
        return material.rendered(split, count, cache)
    if name == "scores":
        return scores.rendered(split, count, cache, fonts)
    if arguments.packages is None:
        raise soundfont.Missing("no folder of unpacked packages; see python -m bench.games --help, and give --packages")
    if name == "games":
        return games.known(split, arguments.packages, cache, count, fonts)
    return recordings.known(split, arguments.packages, cache)


def sets(arguments: argparse.Namespace) -> dict[str, list[material.Known]]:
    """What is to be heard, by name; says what is missing."""
    if arguments.folder:
        return {str(arguments.folder): material.recordings(arguments.folder)}
    found = {}
    for name in arguments.sets.split(","):
        try:
            found[name] = gather(name, arguments)
        except soundfont.Missing as missing:
            print(f"skipping {name}: {missing}")
    return {name: known for name, known in found.items() if known}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=sorted(material.SPLITS), default="dev", help="figures come from test")
    parser.add_argument("--sets", default=",".join(SETS), help=f"comma-separated: {','.join(SETS)} (default all)")
    parser.add_argument("--count", type=int, help="files in a set (default 60 pieces, 60 scores, 30 games)")
    parser.add_argument("--packages", type=Path, help="folder of unpacked Debian packages, for games and recordings")
    parser.add_argument("--soundfont", type=Path, action="append", help="instead of the split's; may be given again")
    parser.add_argument(
        "--folder", type=Path, help="recordings with a truth.csv (path,bpm,key,meter) instead of the sets"
    )
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "ritornello-bench")
    parser.add_argument("--only", help="comma-separated programs: " + ",".join(peer.name for peer in peers.ACCURACY))
    parser.add_argument("--by", choices=("meter", "group"), default="group", help="second table, for ritornello alone")
    parser.add_argument("--json", type=Path, help="write every answer and score here")
    arguments = parser.parse_args()

    chosen = [p for p in peers.ACCURACY if arguments.only is None or p.name in arguments.only.split(",")]
    heard = sets(arguments)
    if not heard:
        parser.error("no set could be had")
    known = [k for files in heard.values() for k in files]
    found = {peer.name: answers(peer, known, arguments.cache) for peer in peers.installed(tuple(chosen))}

    print(f"\n{len(known)} files, split {arguments.split}; {_here()}; per cent, 95 % intervals in brackets")
    start = 0
    for name, files in heard.items():
        part = slice(start, start + len(files))
        start += len(files)
        print(f"\n{name}, {len(files)} files:\n")
        print(table("program", {program: summary(files, given[part]) for program, given in found.items()}))
    if len(heard) > 1:
        print(f"\nall {len(known)} files:\n")
        print(table("program", {program: summary(known, given) for program, given in found.items()}))
    if peers.RITORNELLO.name in found:
        print()
        group: Callable[[material.Known], str] = {"meter": _meter_name, "group": _group_name}[arguments.by]
        print(table("ritornello", grouped(known, found[peers.RITORNELLO.name], group)))
    if arguments.json:
        arguments.json.write_text(json.dumps(_record(heard, found), indent=1, default=str))


def _meter_name(known: material.Known) -> str:
    return known.meter or "unknown"


def _group_name(known: material.Known) -> str:
    return known.group


def _here() -> str:
    return f"{datetime.date.today().isoformat()}, {os.cpu_count()} cores, {platform.machine()}"


def _record(heard: dict[str, list[material.Known]], found: dict[str, list[peers.Answer]]) -> dict[str, object]:
    known = [(name, k) for name, files in heard.items() for k in files]
    return {
        "made": _here(),
        "summary": {program: summary([k for _, k in known], given) for program, given in found.items()},
        "files": [
            {
                "set": name,
                "truth": asdict(k),
                "answers": {program: asdict(given[i]) for program, given in found.items()},
                "scores": {
                    program: {metric: score(k, given[i]) for metric, score in METRICS.items()}
                    for program, given in found.items()
                },
            }
            for i, (name, k) in enumerate(known)
        ],
    }


if __name__ == "__main__":
    main()
