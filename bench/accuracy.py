"""How often tempo, beats, bars, key and meter are right, beside peers.

::

    uv run --group bench --group peers python -m bench.accuracy --split test --cache /tmp/ritornello-bench
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import mir_eval
import numpy as np

from bench import material, peers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TOLERANCE = 0.04
OCTAVES = (1, 2, 3, 1 / 2, 1 / 3)
RESAMPLES = 2000

ALL = (peers.RITORNELLO, peers.LIBROSA, peers.ESSENTIA, peers.SONARA)

Score = float | None
"""None where either the truth or the program says nothing."""


def tempo(known: material.Known, answer: peers.Answer) -> Score:
    """Accuracy 1: within 4 % of the truth (Gouyon and others 2006)."""
    return None if known.tempo is None else float(abs(answer.tempo / known.tempo - 1) <= TOLERANCE)


def tempo_octaves(known: material.Known, answer: peers.Answer) -> Score:
    """Accuracy 2: the same, or twice, thrice, half or a third of it."""
    if known.tempo is None:
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


def answers(peer: peers.Peer, known: Sequence[material.Known]) -> list[peers.Answer]:
    """Run one program on every file, in at most two processes of its own."""
    # Alone first: two processes that fill numba's cache at once leave it broken (github.com/numba/numba/issues/10128).
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pool.submit(peer.work, known[0].path).result()
    with ProcessPoolExecutor(material.PROCESSES, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(peer.work, [k.path for k in known]))
    for answer in found:
        assert isinstance(answer, peers.Answer)
    return [answer for answer in found if isinstance(answer, peers.Answer)]


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=sorted(material.SPLITS), default="dev", help="figures come from test")
    parser.add_argument("--count", type=int, default=60, help="pieces to render (default 60)")
    parser.add_argument(
        "--folder", type=Path, help="recordings with a truth.csv (path,bpm,key,meter) instead of pieces"
    )
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "ritornello-bench")
    parser.add_argument("--only", help="comma-separated programs: " + ",".join(peer.name for peer in ALL))
    parser.add_argument("--by", choices=("meter", "group"), default="meter", help="second table, for ritornello alone")
    parser.add_argument("--json", type=Path, help="write every answer and score here")
    arguments = parser.parse_args()

    chosen = [p for p in ALL if arguments.only is None or p.name in arguments.only.split(",")]
    known = (
        material.recordings(arguments.folder)
        if arguments.folder
        else material.rendered(arguments.split, arguments.count, arguments.cache)
    )
    found = {peer.name: answers(peer, known) for peer in peers.installed(tuple(chosen))}

    source = arguments.folder or f"pieces, split {arguments.split}"
    print(f"\n{len(known)} files, {source}; {_here()}; per cent, 95 % intervals in brackets\n")
    print(table("program", {name: summary(known, given) for name, given in found.items()}))
    if peers.RITORNELLO.name in found:
        print()
        group: Callable[[material.Known], str] = {"meter": _meter_name, "group": _group_name}[arguments.by]
        print(table("ritornello", grouped(known, found[peers.RITORNELLO.name], group)))
    if arguments.json:
        arguments.json.write_text(json.dumps(_record(known, found), indent=1, default=str))


def _meter_name(known: material.Known) -> str:
    return known.meter or "unknown"


def _group_name(known: material.Known) -> str:
    return known.group


def _here() -> str:
    return f"{datetime.date.today().isoformat()}, {os.cpu_count()} cores, {platform.machine()}"


def _record(known: Sequence[material.Known], found: dict[str, list[peers.Answer]]) -> dict[str, object]:
    return {
        "made": _here(),
        "summary": {name: summary(known, given) for name, given in found.items()},
        "files": [
            {
                "truth": asdict(k),
                "answers": {name: asdict(given[i]) for name, given in found.items()},
                "scores": {name: {m: f(k, given[i]) for m, f in METRICS.items()} for name, given in found.items()},
            }
            for i, k in enumerate(known)
        ],
    }


if __name__ == "__main__":
    main()
