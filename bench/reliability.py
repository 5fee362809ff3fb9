"""Whether confidence means what it says: of answers given with 0.8, eight in ten should be right.

::

    uv run --group bench python -m bench.accuracy --json answers.json ...
    uv run --group bench python -m bench.reliability answers.json --plot docs/reliability.svg
    uv run --group bench python -m bench.reliability development.json --fit

Reads every answer of ritornello that ``bench.accuracy`` wrote and sets the confidence of tempo, key and meter against
the share that is right. ECE is the expected calibration error: the mean distance between the two, bins weighted by
their answers.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.accuracy import interval

KINDS = {
    "tempo": ("tempo_confidence", "tempo 1"),
    "tempo, octaves apart": ("tempo_confidence", "tempo 2"),
    "key": ("key_confidence", "key exact"),
    "meter": ("time_signature_confidence", "meter"),
}
"""Field of the answer, and the score it should foretell."""
BINS = 5
_SIDE, _EDGE = 220, 34
Record = dict[str, list[dict[str, dict[str, dict[str, float | None]]]]]


@dataclass(frozen=True)
class Bin:
    """Answers of like confidence."""

    confidence: float
    """Their mean."""
    right: float
    low: float
    high: float
    """95 % interval of ``right``."""
    count: int


def pairs(record: Record, kind: str) -> list[tuple[float, float]]:
    """Confidence and score of each file that has both."""
    field, metric = KINDS[kind]
    found = []
    for file in record["files"]:
        confidence, score = file["answers"]["ritornello"][field], file["scores"]["ritornello"][metric]
        if confidence is not None and score is not None:
            found.append((confidence, score))
    return found


def bins(answers: list[tuple[float, float]]) -> list[Bin]:
    """As many answers in each bin."""
    ordered = np.array(sorted(answers, key=lambda answer: answer[0]))
    found = []
    for part in np.array_split(ordered, min(BINS, len(ordered))):
        mean, low, high = interval(part[:, 1].tolist())
        found.append(Bin(float(part[:, 0].mean()), mean, low, high, len(part)))
    return found


def error(found: list[Bin]) -> float:
    """Expected calibration error, 0..1."""
    return float(np.average([abs(b.confidence - b.right) for b in found], weights=[b.count for b in found]))


def fitted(answers: list[tuple[float, float]]) -> tuple[float, float]:
    """Constant and slope of the logistic curve from the log-odds of confidence to being right (Platt 1999)."""
    confidence, right = np.array(answers).T
    odds = np.log(np.clip(confidence, 1e-3, 1 - 1e-3) / np.clip(1 - confidence, 1e-3, 1))
    known, weights = np.column_stack([np.ones(len(odds)), odds]), np.zeros(2)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-known @ weights))
        curve = (known * (chance * (1 - chance))[:, None]).T @ known
        weights += np.linalg.solve(curve + 1e-6 * np.eye(2), known.T @ (right - chance))
    return float(weights[0]), float(weights[1])


def table(record: Record) -> str:
    """Markdown, one line a bin."""
    lines = ["| | answers | mean confidence | right | 95 % interval |", "|---|---|---|---|---|"]
    for kind in KINDS:
        answers = pairs(record, kind)
        if not answers:
            continue
        found = bins(answers)
        lines.append(f"| **{kind}**, ECE {error(found):.3f} | {len(answers)} | | | |")
        lines += [f"| | {b.count} | {b.confidence:.2f} | {b.right:.2f} | {b.low:.2f}–{b.high:.2f} |" for b in found]
    return "\n".join(lines)


def plot(record: Record) -> str:
    """SVG: one square for each kind, confidence to the right, share right upwards."""
    kinds = [kind for kind in KINDS if pairs(record, kind)]
    width, height = len(kinds) * (_SIDE + _EDGE) + _EDGE, _SIDE + 2 * _EDGE
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for number, kind in enumerate(kinds):
        found = bins(pairs(record, kind))
        left, bottom = _EDGE + number * (_SIDE + _EDGE), _EDGE + _SIDE
        lines += [
            f'<rect x="{left}" y="{_EDGE}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999"/>',
            f'<line x1="{left}" y1="{bottom}" x2="{left + _SIDE}" y2="{_EDGE}" stroke="#bbb" stroke-dasharray="4"/>',
            f'<text x="{left}" y="{_EDGE - 10}">{kind}: ECE {error(found):.3f}</text>',
        ]
        for tick in (0, 0.5, 1):
            lines.append(f'<text x="{left + tick * _SIDE - 6}" y="{bottom + 15}" fill="#666">{tick:g}</text>')
            lines.append(f'<text x="{left - 20}" y="{bottom - tick * _SIDE + 4}" fill="#666">{tick:g}</text>')
        for b in found:
            x = left + b.confidence * _SIDE
            low, high, right = (bottom - share * _SIDE for share in (b.low, b.high, b.right))
            lines.append(f'<line x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high:.1f}" stroke="#1f77b4"/>')
            lines.append(
                f'<circle cx="{x:.1f}" cy="{right:.1f}" r="4" fill="#1f77b4"><title>{b.count}</title></circle>'
            )
        lines.append(f'<text x="{left + _SIDE / 2 - 30}" y="{bottom + 28}" fill="#666">confidence</text>')
    return "\n".join([*lines, "</svg>", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("answers", type=Path, help="what bench.accuracy --json wrote")
    parser.add_argument("--plot", type=Path, help="write the picture here (SVG)")
    parser.add_argument("--fit", action="store_true", help="say which logistic curve would make them right")
    arguments = parser.parse_args()
    record = json.loads(arguments.answers.read_text())
    print(table(record))
    for kind in KINDS if arguments.fit else ():
        if answers := pairs(record, kind):
            print("{}: constant {:.2f}, slope {:.2f}".format(kind, *fitted(answers)))
    if arguments.plot:
        arguments.plot.write_text(plot(record))


if __name__ == "__main__":
    main()
