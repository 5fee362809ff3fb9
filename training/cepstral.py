"""Fit what outlines of sound say of the seven traits to the labels of tracks, and measure how far that goes.

``python -m training.cepstral --data DIR`` reads echonest.json, mfcc-statistics.csv and genres.csv in DIR (README.md
here says what they are). It writes the weights with their JSON card into src/ritornello/traits/weights.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ritornello.traits import cepstral, heads
from ritornello.traits.descriptors import COEFFICIENTS, STATISTICS

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "src" / "ritornello" / "traits" / "weights"

GAP = 20
"""FMA numbers the tracks of an album one after the other; a larger step between two ids starts a new group."""
HIP_HOP = 21
"""FMA's number of the genre that makes half of the training set."""
SOURCES = ("echonest.json", "mfcc-statistics.csv", "genres.csv")
FOLDS, INNER_FOLDS = 10, 5
WIDTHS = (0.01, 0.03, 0.1, 0.3, 0.6, 1.0)
RIDGES = (0.03, 0.1, 0.3, 1.0, 3.0)
LINEAR_RIDGES = (0.3, 1.0, 3.0, 10.0, 30.0)
RESAMPLES = 2000


@dataclass(frozen=True)
class Data:
    """The tracks that have both descriptors and labels, and the labels of all."""

    tracks: Indices
    values: Array
    labels: dict[str, Array]
    every_label: dict[str, Array]
    hip_hop: NDArray[np.bool_]
    """The others are rock of some kind, punk and metal."""
    silent_start: float
    """Share of all clips with descriptors whose every coefficient passes 0, as a frame of silence makes it."""


@dataclass(frozen=True)
class Family:
    """A kind of head: how similar two tracks are, which strengths are tried, and on what scale the label is fitted."""

    widths: tuple[float, ...]
    ridges: tuple[float, ...]
    logit: bool = False

    def kernel(self, a: Array, b: Array, width: float) -> Array:
        """How alike each row of a is to each of b; width 0 means the plain product and a constant."""
        if width == 0:
            return np.asarray(1 + a @ b.T / a.shape[1])
        return np.asarray(np.exp(-width * cepstral.distances(a, b)))

    def to_scale(self, y: Array) -> Array:
        """Bring labels to the scale that is fitted."""
        return np.asarray(np.log((y + 0.02) / (1.02 - y)) if self.logit else y)

    def from_scale(self, z: Array) -> Array:
        """Bring fitted values back to 0..1."""
        return np.asarray(np.clip(1.04 / (1 + np.exp(-z)) - 0.02 if self.logit else z, 0, 1))


FAMILIES = {
    "ridge": Family((0.0,), LINEAR_RIDGES),
    "ridge on the logit": Family((0.0,), LINEAR_RIDGES, logit=True),
    "kernel ridge": Family(WIDTHS, RIDGES),
    "kernel ridge on the logit": Family(WIDTHS, RIDGES, logit=True),
}
SHIPPED = "kernel ridge"


def read(folder: Path) -> Data:
    table = json.loads((folder / "echonest.json").read_text())
    keys = list(table["track_id"])
    row = {int(table["track_id"][key]): i for i, key in enumerate(keys)}
    every_label = {name: np.array([table[name][key] for key in keys]) for name in heads.NAMES}
    with (folder / "mfcc-statistics.csv").open(newline="") as file:
        lines = list(csv.reader(file))
    statistic, number = lines[1], lines[2]
    column = {(s, int(n)): i for i, (s, n) in enumerate(zip(statistic, number, strict=True)) if i}
    complete = [line for line in lines[4:] if "" not in line]
    order = [column[s, n] for s in STATISTICS for n in range(1, COEFFICIENTS + 1)]
    numbers = np.array([[float(v) if v else np.nan for v in line] for line in complete])
    above = [column["max", n] for n in range(2, COEFFICIENTS + 1)]
    below = [column["min", n] for n in range(2, COEFFICIENTS + 1)]
    passes = ((numbers[:, above] >= -0.01) & (numbers[:, below] <= 0.01)).all(axis=1)
    labelled = numbers[[int(line[0]) in row for line in complete]]
    labelled = labelled[np.argsort(labelled[:, 0])]
    tracks = labelled[:, 0].astype(np.int64)
    with (folder / "genres.csv").open(newline="") as file:
        genre = {int(line["track_id"]): int(line["genre"]) for line in csv.DictReader(file)}
    hip_hop = np.array([genre[track] == HIP_HOP for track in tracks])
    labels = {name: y[[row[track] for track in tracks]] for name, y in every_label.items()}
    return Data(tracks, labelled[:, order], labels, every_label, hip_hop, float(passes.mean()))


def albums(tracks: Indices) -> Indices:
    """Number the runs of nearby ids."""
    return np.concatenate([[0], np.cumsum(np.diff(tracks) > GAP)])


def split(groups: Indices, count: int, seed: int) -> Indices:
    """Deal whole groups, in random order, each to the smallest fold."""
    fold, sizes = np.zeros(groups.max() + 1, np.int64), np.zeros(count)
    for group in np.random.default_rng(seed).permutation(np.unique(groups)):
        fold[group] = sizes.argmin()
        sizes[sizes.argmin()] += np.count_nonzero(groups == group)
    return fold[groups]


def moments(values: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of each descriptor."""
    return values.mean(axis=0), values.std(axis=0)


def fit(family: Family, kernel: Array, y: Array, prior: float, ridge: float) -> Array:
    """Coefficients of the training tracks."""
    target = family.to_scale(y) - family.to_scale(np.array(prior))
    return np.asarray(np.linalg.solve(kernel + ridge * np.eye(len(y)), target))


def predict(family: Family, kernel: Array, coefficients: Array, prior: float) -> Array:
    return family.from_scale(family.to_scale(np.array(prior)) + kernel @ coefficients)


def choose(
    family: Family, values: Array, labels: dict[str, Array], priors: dict[str, float], fold: Indices
) -> dict[str, tuple[float, float]]:
    """Width and ridge of the least squared error over these folds, for each trait."""
    loss = {name: np.zeros((len(family.widths), len(family.ridges))) for name in labels}
    for k in range(fold.max() + 1):
        train, test = fold != k, fold == k
        mean, scale = moments(values[train])
        a, b = cepstral.standardise(values[train], mean, scale), cepstral.standardise(values[test], mean, scale)
        for i, width in enumerate(family.widths):
            power, basis = np.linalg.eigh(family.kernel(a, a, width))
            seen = family.kernel(b, a, width) @ basis
            for name, y in labels.items():
                prior = family.to_scale(np.array(priors[name]))
                target = basis.T @ (family.to_scale(y[train]) - prior)
                for j, ridge in enumerate(family.ridges):
                    p = family.from_scale(prior + seen @ (target / (power + ridge)))
                    loss[name][i, j] += ((p - y[test]) ** 2).sum()
    best = {name: np.unravel_index(table.argmin(), table.shape) for name, table in loss.items()}
    return {name: (family.widths[i], family.ridges[j]) for name, (i, j) in best.items()}


def priors_without(data: Data, test: NDArray[np.bool_]) -> dict[str, float]:
    """Mean of all labels save those of the tracks that are held out."""
    return {
        name: float((y.sum() - data.labels[name][test].sum()) / (len(y) - np.count_nonzero(test)))
        for name, y in data.every_label.items()
    }


def held_out(family: Family, data: Data, groups: Indices) -> dict[str, Array]:
    """Estimate each track from the tracks of other groups, strengths chosen without its group as well."""
    outer = split(groups, FOLDS, seed=0)
    estimates = {name: np.zeros(len(groups)) for name in data.labels}
    for k in range(FOLDS):
        train, test = outer != k, outer == k
        values, priors = data.values[train], priors_without(data, test)
        labels = {name: y[train] for name, y in data.labels.items()}
        _, inner = np.unique(groups[train], return_inverse=True)
        chosen = choose(family, values, labels, priors, split(inner, INNER_FOLDS, seed=1))
        mean, scale = moments(values)
        a, b = cepstral.standardise(values, mean, scale), cepstral.standardise(data.values[test], mean, scale)
        for name, (width, ridge) in chosen.items():
            coefficients = fit(family, family.kernel(a, a, width), labels[name], priors[name], ridge)
            estimates[name][test] = predict(family, family.kernel(b, a, width), coefficients, priors[name])
    return estimates


def ranks(x: Array) -> Array:
    """Ranks, ties sharing their mean rank."""
    _, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[inverse])


def correlation(a: Array, b: Array) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def r_squared(y: Array, p: Array) -> float:
    return float(1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum())


MEASURES: dict[str, Callable[[Array, Array], float]] = {
    "r2": r_squared,
    "mae": lambda y, p: float(np.abs(y - p).mean()),
    "pearson": correlation,
    "spearman": lambda y, p: correlation(ranks(y), ranks(p)),
}


def with_intervals(y: Array, p: Array, groups: Indices) -> dict[str, list[float]]:
    """Each measure with its 95 % interval, whole groups being drawn again."""
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    random = np.random.default_rng(2)
    draws = [
        np.concatenate([members[i] for i in random.integers(len(members), size=len(members))]) for _ in range(RESAMPLES)
    ]
    return {
        name: [round(v, 4) for v in (measure(y, p), *np.quantile([measure(y[d], p[d]) for d in draws], [0.025, 0.975]))]
        for name, measure in MEASURES.items()
    }


def constants(y: Array, groups: Indices) -> dict[str, float]:
    """What answering every track with the mean, or the median, of the other folds would score."""
    fold = split(groups, FOLDS, seed=0)
    mean, median = np.zeros(len(y)), np.zeros(len(y))
    for k in range(FOLDS):
        mean[fold == k], median[fold == k] = y[fold != k].mean(), np.median(y[fold != k])
    mae = MEASURES["mae"]
    return {
        "mean_r2": round(r_squared(y, mean), 4),
        "mean_mae": round(mae(y, mean), 4),
        "median_mae": round(mae(y, median), 4),
    }


def quantiles(y: Array) -> list[float]:
    return [round(float(v), 3) for v in np.quantile(y, [0.05, 0.25, 0.5, 0.75, 0.95])]


def train(folder: Path) -> tuple[bytes, dict[str, Any]]:
    """The weights as an npz file, and every figure."""
    data = read(folder)
    groups, alone = albums(data.tracks), np.arange(len(data.tracks))
    family, names = FAMILIES[SHIPPED], list(data.labels)
    by_family = {title: held_out(kind, data, groups) for title, kind in FAMILIES.items()}
    estimates, by_track = by_family[SHIPPED], held_out(family, data, alone)
    priors = priors_without(data, np.zeros(len(groups), bool))
    chosen = choose(family, data.values, data.labels, priors, split(groups, FOLDS, seed=1))

    # Rounded before fitting, so that the coefficients belong to the outlines that are shipped.
    centre, scale = (m.astype(np.float32) for m in moments(data.values))
    outlines = cepstral.standardise(data.values, centre.astype(np.float64), scale.astype(np.float64)).astype(np.float32)
    hits = {n: np.abs(estimates[n] - data.labels[n]) <= heads.TOLERANCE for n in names}
    exact = outlines.astype(np.float64)
    fits = [
        fit(family, family.kernel(exact, exact, chosen[n][0]), data.labels[n], priors[n], chosen[n][1]) for n in names
    ]
    # Rounded, so that another number of threads gives the same bytes.
    content = BytesIO()
    np.savez_compressed(
        content,
        names=np.array(names),
        centre=centre,
        scale=scale,
        outlines=outlines,
        widths=np.array([chosen[n][0] for n in names]),
        priors=np.array([priors[n] for n in names]),
        coefficients=np.round(fits, 8),
    )

    traits = {}
    for n in names:
        y, p = data.labels[n], estimates[n]
        traits[n] = {
            "grouped": with_intervals(y, p, groups),
            "by_track": {m: round(f(y, by_track[n]), 4) for m, f in MEASURES.items()},
            "constants": constants(y, groups),
            "families": {title: round(r_squared(y, e[n]), 4) for title, e in by_family.items()},
            "styles": {
                title: {
                    "tracks": int(np.count_nonzero(style)),
                    "mae": round(MEASURES["mae"](y[style], p[style]), 4),
                    "mean_mae": round(MEASURES["mae"](y[style], np.full(style.sum(), y[style].mean())), 4),
                    "pearson": round(correlation(y[style], p[style]), 4),
                }
                for title, style in (("hip-hop", data.hip_hop), ("rock, punk, metal", ~data.hip_hop))
            },
            "width": chosen[n][0],
            "ridge": chosen[n][1],
            "spread": [round(float(y.std()), 3), round(float(p.std()), 3)],
            "hits": round(float(hits[n].mean()), 3),
            "labels": quantiles(y),
            "every_label": quantiles(data.every_label[n]),
            "prior": round(priors[n], 3),
        }
    figures = {
        "model_version": cepstral.CEPSTRAL_VERSION,
        "sha256": hashlib.sha256(content.getvalue()).hexdigest(),
        "bytes": len(content.getvalue()),
        "sources": {f: hashlib.sha256((folder / f).read_bytes()).hexdigest() for f in SOURCES},
        "tracks": len(groups),
        "groups": int(groups.max()) + 1,
        "every_track": len(data.every_label[names[0]]),
        "silent_start": round(data.silent_start, 3),
        "traits": traits,
    }
    return content.getvalue(), figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {', '.join(SOURCES)}")
    folder = parser.parse_args().data
    missing = [name for name in SOURCES if not (folder / name).is_file()]
    if missing:
        print(f"skipped: {folder} has no {' and no '.join(missing)}; training/README.md says where they come from")
        return
    content, figures = train(folder)
    WEIGHTS.mkdir(exist_ok=True)
    (WEIGHTS / f"{cepstral.CEPSTRAL_VERSION}.npz").write_bytes(content)
    (WEIGHTS / f"{cepstral.CEPSTRAL_VERSION}.json").write_text(
        json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    for name, trait in figures["traits"].items():
        print(f"{name}: R² {trait['grouped']['r2']}, Pearson r {trait['grouped']['pearson']}")


if __name__ == "__main__":
    main()
