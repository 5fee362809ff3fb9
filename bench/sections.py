"""Section boundaries: how many are found, beside simple baselines, and pictures of real tracks to look at.

::

    uv run --group bench python -m bench.sections --split test --packages ~/packages
    uv run --group bench python -m bench.sections --plots docs/sections --packages ~/packages

Three sets of known form: ``composed``, pieces of our own composer with intro, verse, chorus and bridge; ``joined
scores`` and ``joined recordings``, excerpts of four different tracks faded into one another. The last two are a check
of sanity: whoever misses a change of piece will not find a chorus.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mir_eval
import numpy as np
from numpy.typing import NDArray

from bench import accuracy, material, recordings, scores, soundfont
from ritornello.analyze import measure
from ritornello.pieces import STYLES, compose, render
from ritornello.sound.waveform import Waveform

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Edges = NDArray[np.float64]
"""Seconds: where sections start, then the end of the track."""

WINDOWS = (0.5, 3.0)
FADE = 0.5
"""Seconds."""
TYPICAL = 20.0
"""Seconds of a section, for the baselines that must be told how many there are."""
_KEYS = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


@dataclass(frozen=True)
class Form:
    """A file and where its sections start."""

    path: Path
    edges: tuple[float, ...]


def composed(split: str, count: int, cache: Path) -> list[Form]:
    """Pieces of two minutes, styles in turn."""
    first = material.SPLITS[split] + 500
    with ProcessPoolExecutor(material.PROCESSES) as pool:
        return list(pool.map(partial(_composed, split=split, cache=cache), range(first, first + count)))


def _composed(seed: int, split: str, cache: Path) -> Form:
    style = list(STYLES)[seed % len(STYLES)]
    score = compose(style, seed=seed, seconds=120.0, palette=0 if split == "dev" else 1)
    path = cache / f"form {style} {seed} {material.sources()[:12]}.flac"
    if not path.exists():
        material.write_once(path, render(score))
    return Form(path, (*(start for start, _ in score.truth.sections), score.duration))


def joined(known: Sequence[material.Known], count: int, cache: Path, name: str) -> list[Form]:
    """Excerpts of four tracks each, 15 to 30 s long, faded into one another."""
    rng = np.random.default_rng(7)
    found = []
    for number in range(count):
        chosen = [known[i].path for i in rng.choice(len(known), 4, replace=False)]
        lengths = rng.uniform(15, 30, 4)
        digest = hashlib.sha256(f"{[path.name for path in chosen]} {lengths}".encode()).hexdigest()[:12]
        path = cache / f"joined {name} {number} {digest}.flac"
        parts = [_excerpt(source, float(length)) for source, length in zip(chosen, lengths, strict=True)]
        sound, edges = faded(parts)
        if not path.exists():
            material.write_once(path, sound)
        found.append(Form(path, edges))
    return found


def _excerpt(path: Path, seconds: float) -> Waveform:
    """From three seconds in, so that no part starts with silence."""
    whole = material.stereo(path)
    rate = whole.rate
    cut = whole.samples[3 * rate : int((3 + seconds) * rate)]
    level = float(np.sqrt(np.mean(cut.astype(np.float64) ** 2)))
    return Waveform(cut * np.float32(0.1 / max(level, 1e-4)), rate).resampled(44_100)


def faded(parts: Sequence[Waveform]) -> tuple[Waveform, tuple[float, ...]]:
    """Join parts with a short fade between them; also where each starts, and the end."""
    rate = parts[0].rate
    fade = int(FADE * rate)
    up = np.sin(np.linspace(0, np.pi / 2, fade, dtype=np.float32))[:, np.newaxis]
    sound = parts[0].samples.copy()
    edges = [0.0]
    for part in parts[1:]:
        edges.append((len(sound) - fade / 2) / rate)
        across = sound[-fade:] * up[::-1] + part.samples[:fade] * up
        sound = np.concatenate([sound[:-fade], across, part.samples[fade:]])
    edges.append(len(sound) / rate)
    return Waveform(np.clip(sound, -1, 1), rate), tuple(edges)


def ritornello(form: Form) -> Edges:
    """Our sections."""
    sections = measure(form.path).analysis.sections
    return np.array([*(section.start for section in sections), form.edges[-1]])


def every(seconds: float, form: Form) -> Edges:
    """A boundary every so often."""
    return np.linspace(0, form.edges[-1], max(round(form.edges[-1] / seconds), 1) + 1)


def spaced(form: Form) -> Edges:
    """Sections of equal length, as many as there are."""
    return np.linspace(0, form.edges[-1], len(form.edges))


def agglomerative(told: bool, form: Form) -> Edges:
    """Run ``segment.agglomerative`` of librosa on chroma and MFCC of its beats, told or guessing how many sections."""
    librosa: Any = importlib.import_module("librosa")
    samples, rate = librosa.load(form.path, sr=22_050)
    _, beats = librosa.beat.beat_track(y=samples, sr=rate)
    rows = np.vstack([librosa.feature.chroma_cqt(y=samples, sr=rate), librosa.feature.mfcc(y=samples, sr=rate)])
    rows = (rows - rows.mean(axis=1, keepdims=True)) / (rows.std(axis=1, keepdims=True) + 1e-9)
    cuts = librosa.util.fix_frames(beats, x_min=0, x_max=rows.shape[1])
    wanted = len(form.edges) - 1 if told else max(round(form.edges[-1] / TYPICAL), 2)
    synchronous = librosa.util.sync(rows, cuts)
    starts = librosa.segment.agglomerative(synchronous, min(wanted, synchronous.shape[1]))
    times = librosa.frames_to_time(cuts, sr=rate)
    return np.unique([0.0, *times[starts], form.edges[-1]])


PROGRAMS: dict[str, Callable[[Form], Edges]] = {
    "ritornello": ritornello,
    f"every {TYPICAL:.0f} s": partial(every, TYPICAL),
    "equal lengths, count told": spaced,
    f"librosa agglomerative, one in {TYPICAL:.0f} s": partial(agglomerative, False),
    "librosa agglomerative, count told": partial(agglomerative, True),
}


def scored(program: Callable[[Form], Edges], form: Form) -> tuple[float, ...]:
    """Precision, recall and F within each of :data:`WINDOWS`, begin and end of the track not counted."""
    truth, found = (_intervals(np.asarray(edges)) for edges in (form.edges, program(form)))
    return tuple(
        float(value)
        for window in WINDOWS
        for value in mir_eval.segment.detection(truth, found, window=window, trim=True)
    )


def _intervals(edges: Edges) -> Edges:
    kept = edges[np.concatenate(([True], np.diff(edges) > 1e-3))]
    return np.stack([kept[:-1], kept[1:]], axis=1)


def table(forms: Sequence[Form]) -> str:
    """Markdown: percentages with 95 % intervals."""
    heads = [f"{name} {window:g} s" for window in WINDOWS for name in ("precision", "recall", "F")]
    lines = [f"| program | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for name, program in PROGRAMS.items():
        with ProcessPoolExecutor(material.PROCESSES) as pool:
            rows = list(pool.map(partial(scored, program), forms))
        cells = [accuracy.interval(column) for column in zip(*rows, strict=True)]
        lines.append(
            f"| {name} | " + " | ".join(f"{100 * m:.0f} ({100 * a:.0f}–{100 * b:.0f})" for m, a, b in cells) + " |"
        )
    return "\n".join(lines)


def plot(tracks: Sequence[tuple[str, Path]], folder: Path, per_sheet: int = 5) -> list[Path]:
    """Draw contact sheets: a mel picture of each track with our boundaries, keys and tempos."""
    matplotlib: Any = importlib.import_module("matplotlib")
    matplotlib.use("agg")
    pyplot: Any = importlib.import_module("matplotlib.pyplot")
    folder.mkdir(parents=True, exist_ok=True)
    sheets = []
    for number, first in enumerate(range(0, len(tracks), per_sheet)):
        chosen = tracks[first : first + per_sheet]
        figure, axes = pyplot.subplots(len(chosen), 1, figsize=(10, 1.75 * len(chosen)), squeeze=False)
        for axis, (title, path) in zip(axes[:, 0], chosen, strict=True):
            _draw(axis, title, path)
        figure.tight_layout(h_pad=0.6)
        sheets.append(folder / f"sheet-{number + 1}.webp")
        figure.savefig(sheets[-1], dpi=100, pil_kwargs={"quality": 60, "method": 6})
        pyplot.close(figure)
    return sheets


def _draw(axis: Any, title: str, path: Path) -> None:
    librosa: Any = importlib.import_module("librosa")
    analysis = measure(path).analysis
    samples, rate = librosa.load(path, sr=11_025)
    mel = librosa.power_to_db(
        librosa.feature.melspectrogram(y=samples, sr=rate, n_mels=48, hop_length=1024), ref=np.max
    )
    axis.imshow(
        mel, aspect="auto", origin="lower", extent=(0, len(samples) / rate, 0, 1), cmap="magma", vmin=-60, vmax=0
    )
    for section in analysis.sections:
        axis.axvline(section.start, color="white", linewidth=1.2)
        key = "–" if section.key < 0 else _KEYS[section.key] + ("" if section.mode else "m")
        axis.text(section.start + 0.4, 0.97, f"{key}\n{section.tempo:.0f}", color="white", fontsize=6.5, va="top")
    key = f"{_KEYS[analysis.key]}{'' if analysis.mode else 'm'}"
    whole = f"{key}, {analysis.tempo:.1f} BPM, bars of {analysis.time_signature}"
    axis.set_title(f"{title}: {whole}", fontsize=8, loc="left", pad=2)
    axis.set_yticks([])
    axis.tick_params(labelsize=6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=sorted(material.SPLITS), default="dev", help="figures come from test")
    parser.add_argument("--count", type=int, default=24, help="files in a set (default 24)")
    parser.add_argument("--packages", type=Path, help="folder of unpacked Debian packages, for recordings and plots")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "ritornello-bench")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="draw contact sheets into DIR instead")
    arguments = parser.parse_args()
    if arguments.plots:
        if arguments.packages is None:
            parser.error("--plots needs --packages; get them with: python -m bench.recordings --fetch DIR")
        for sheet in plot(recordings.pictured(arguments.packages), arguments.plots):
            print(sheet)
        return
    cache = arguments.cache
    cache.mkdir(parents=True, exist_ok=True)
    sets = {"composed": composed(arguments.split, arguments.count, cache)}
    try:
        sets["joined scores"] = joined(
            scores.rendered(arguments.split, accuracy.COUNTS["scores"], cache), arguments.count, cache, "scores"
        )
    except soundfont.Missing as missing:
        print(f"skipping joined scores: {missing}")
    if arguments.packages:
        known = recordings.known(arguments.split, arguments.packages, cache)
        sets["joined recordings"] = joined(known, arguments.count, cache, "recordings")
    for name, forms in sets.items():
        print(f"\n{name}, {len(forms)} files, split {arguments.split}; per cent, 95 % intervals in brackets\n")
        print(table(forms))


if __name__ == "__main__":
    main()
