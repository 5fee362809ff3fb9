"""Make the turn of the embedding from what the networks said of a corpus, and measure what it keeps.

``python -m training.projection --evidence evidence.npz`` reads what training/listen.py wrote and writes
src/ritornello/traits/weights/embedding-*.npz with its JSON card. No label is used. Of the music, the packages in even
places make the turn; how well parts of one track find each other is measured on the others.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ritornello.traits import embedding

Array = NDArray[np.float64]

WEIGHTS = Path(__file__).parents[1] / "src" / "ritornello" / "traits" / "weights"
LAYERS = {"mtt_embedding": 200, "msd_embedding": 200, "yamnet_embedding": 1024}
SHRUNK = 0.5
"""Exponent of the spread by which a direction is divided: 0 leaves all as they are, 1 makes all alike."""


def layers(table: Any) -> Array:
    return np.hstack([table[name] for name in LAYERS]).astype(np.float64)


def turn(rows: Array, dimensions: int, shrunk: float) -> tuple[Array, Array]:
    """Mean, and the directions in which each network's layer, at equal total variance, differs most."""
    mean = rows.mean(axis=0)
    ends = np.cumsum(list(LAYERS.values()))
    balance = np.concatenate(
        [
            np.full(end - start, 1 / np.sqrt(rows[:, start:end].var(axis=0).sum()))
            for start, end in zip([0, *ends[:-1]], ends, strict=True)
        ]
    )
    _, spread, directions = np.linalg.svd((rows - mean) * balance, full_matrices=False)
    # A direction has no sign of its own: its largest part is made positive.
    signs = np.sign(directions[np.arange(len(directions)), np.abs(directions).argmax(axis=1)])
    kept = directions[:dimensions] * signs[:dimensions, None]
    scale = (spread[:dimensions] / np.sqrt(len(rows))) ** -shrunk
    return mean, (balance[:, None] * kept.T) * scale


def unit(rows: Array) -> Array:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))


def retrieval(windows: Array, packages: NDArray[np.str_]) -> dict[str, float]:
    """How often the nearest of all last windows to a first one is of the same track; of the same package, of five."""
    first, last = unit(windows[:, 0]), unit(windows[:, -1])
    alike = first @ last.T
    own = np.arange(len(first))
    at_one = float((alike.argmax(axis=1) == own).mean())
    alike[own, own] = -np.inf
    five = np.argsort(-alike, axis=1, kind="stable")[:, :5]
    return {
        "same_track": round(at_one, 3),
        "same_package": round(float((packages[five] == packages[:, None]).mean()), 3),
    }


def train(path: Path) -> tuple[bytes, dict[str, Any]]:
    with np.load(path, allow_pickle=False) as table:
        music = table["kind"] == "music"
        rows, windows = layers(table)[music], table["windows"][music].astype(np.float64)
        packages = table["package"][music]
    places = {package: i for i, package in enumerate(sorted(set(packages)))}
    tested = np.array([places[package] % 2 == 1 for package in packages]) & ~np.isnan(windows).any(axis=(1, 2))
    trained = np.array([places[package] % 2 == 0 for package in packages])
    tried = {}
    tried["all 1,424 numbers"] = retrieval(windows[tested] - rows[trained].mean(axis=0), packages[tested])
    start = 0
    for name, width in LAYERS.items():
        own = slice(start, start + width)
        tried[name] = retrieval((windows[tested] - rows[trained].mean(axis=0))[..., own], packages[tested])
        start += width
    for dimensions in (64, 128, 256):
        for shrunk in (0.0, 0.5, 1.0):
            mean, basis = turn(rows[trained], min(dimensions, int(trained.sum()) - 1), shrunk)
            tried[f"{dimensions} dimensions, spread to the power {1 - shrunk:g}"] = retrieval(
                (windows[tested] - mean) @ basis, packages[tested]
            )
    mean, basis = turn(rows, embedding.DIMENSIONS, SHRUNK)
    content = BytesIO()
    np.savez_compressed(content, mean=mean.astype(np.float32), turn=basis.astype(np.float16))
    card = {
        "embedding_version": embedding.EMBEDDING_VERSION,
        "sha256": hashlib.sha256(content.getvalue()).hexdigest(),
        "bytes": len(content.getvalue()),
        "tracks": len(rows),
        "tested": int(tested.sum()),
        "packages": len(places),
        "retrieval": tried,
    }
    return content.getvalue(), card


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--evidence", type=Path, required=True, metavar="FILE")
    arguments = parser.parse_args()
    if not arguments.evidence.is_file():
        print(f"skipped: {arguments.evidence} is not there; training/README.md says where it comes from")
        return
    content, card = train(arguments.evidence)
    file = WEIGHTS / f"{embedding.EMBEDDING_VERSION}.npz"
    file.write_bytes(content)
    file.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(card["retrieval"], indent=1))


if __name__ == "__main__":
    main()
