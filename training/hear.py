"""Let the trait heads hear real sounds, which no label is known of, and write down what they say.

``python training/hear.py FOLDER…`` takes at most ten files of each folder and writes docs/traits/heard.md.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from ritornello import errors
from ritornello.sound import encode
from ritornello.sound.decode import Decoding
from ritornello.sound.waveform import Waveform
from ritornello.traits import MODEL_VERSION, TRAITS, Estimate, estimate, heads
from ritornello.traits.descriptors import SECONDS, describe

PAGE = Path(__file__).parents[1] / "docs" / "traits" / "heard.md"
SUFFIXES = {".flac", ".m4a", ".mp3", ".ogg", ".opus", ".wav"}
EACH = 10
NAMES = [trait.NAME for trait in TRAITS]


def middle(path: Path) -> Waveform:
    """The middle 30 s, mean of the channels."""
    blocks = [(np.mean(block.samples, axis=0), block.rate) for block in Decoding(path).blocks()]
    samples, rate = np.concatenate([samples for samples, _ in blocks]), blocks[0][1]
    half = int(SECONDS * rate / 2)
    return Waveform(samples[max(0, len(samples) // 2 - half) : len(samples) // 2 + half], rate)


def as_mp3(excerpt: Waveform) -> dict[str, Estimate]:
    """Estimate the excerpt again after a trip through MP3 at 128 kbit/s."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "excerpt.mp3"
        encode.write(path, excerpt, bit_rate=128_000)
        return estimate(middle(path))


def remoteness(excerpt: Waveform) -> float:
    weights = heads.load()
    outline = heads.standardise(describe(excerpt).values, weights.centre, weights.scale)
    return float(heads.remoteness(heads.distances(outline[None], weights.outlines))[0])


def spread(folder: Path) -> list[Path]:
    """At most ten files from all over the folder."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    longest = sorted(files, key=lambda path: -path.stat().st_size)[: 3 * EACH]
    return sorted(longest)[:: max(1, len(longest) // EACH)][:EACH]


def hear(folders: list[Path]) -> str:
    """The page."""
    rows, shifts, refused = [], [], []
    for folder in folders:
        for path in spread(folder):
            try:
                excerpt = middle(path)
            except errors.AudioError as error:
                refused.append(f"{path.name} ({error.reason})")
                continue
            answers, again = estimate(excerpt), as_mp3(excerpt)
            shifts.append([abs(answers[name].value - again[name].value) for name in NAMES])
            cells = " | ".join(f"{answer.value:.2f} ({answer.confidence:.2f})" for answer in answers.values())
            rows.append(f"| {folder.name} | {path.stem} | {remoteness(excerpt):.2f} | {cells} |")
    known = np.quantile(heads.load().remoteness, [0.5, 0.95])
    lines = [
        "# What the heads say of real sounds",
        "",
        f"Written by `training/hear.py` with model `{MODEL_VERSION}`. These files have no labels: the table shows",
        "whether the answers are plausible, not whether they are right. Confidence in brackets. Remoteness is the mean",
        "distance to the ten nearest training tracks: among the training tracks themselves, the median is",
        f"{known[0]:.2f} and the 95th percentile {known[1]:.2f}.",
        "",
        "| package | file | remoteness | " + " | ".join(NAMES) + " |",
        "|---|---|---|" + "---|" * len(NAMES),
        *rows,
        "",
        f"How far an estimate moves when the excerpt goes through MP3 at 128 kbit/s ({len(shifts)} files):",
        "",
        "| | " + " | ".join(NAMES) + " |",
        "|---|" + "---|" * len(NAMES),
        "| mean | " + " | ".join(f"{v:.3f}" for v in np.mean(shifts, axis=0)) + " |",
        "| largest | " + " | ".join(f"{v:.3f}" for v in np.max(shifts, axis=0)) + " |",
    ]
    if refused:
        lines += ["", f"Not readable: {', '.join(refused)}."]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="folders of audio files")
    page = hear(parser.parse_args().folders)
    PAGE.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
