"""The three tasks: a classifier of tags, a trait of one's own from a list of labels, and what comes next.

Each reads a data set, trains, measures on the test split beside methods without a network, and writes a folder that
:mod:`ritornello.models` opens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from ritornello.datasets.tables import WINDOW
from ritornello.errors import ModelError
from ritornello.learn import baselines, metrics, rows, write
from ritornello.learn.fit import Curves, Progress, fit
from ritornello.learn.networks import Chances, Coming, Successor, Tagger
from ritornello.learn.rows import Floats, Seen, Tracks

BATCH = 64
FEWEST = 8
"""Tracks of the training split that a tag needs, and one at least of each other split."""
_AT = 10

Figures = dict[str, dict[str, float]]
"""By method, by measure."""


def genre(dataset: Path, folder: Path, *, name: str = "genre", progress: Progress | None = None) -> Figures:
    """Train a classifier of the tags that tracks have, several a track; returns the figures of the test split."""
    write.check_new(folder)
    about, seen = rows.checked(dataset), Seen()
    tracks = rows.tracks(dataset, seen)
    labels = _frequent(tracks)
    truth = np.array([[label in own for label in labels] for own in tracks.genres], np.float32)
    told = np.asarray(truth.any(axis=1))
    network, curves = _tagger(tracks, truth, told, progress)
    figures = _figures(tracks, truth, told, network, _tagging)
    write.model(folder, Chances(network), _card("genre", name, labels, dataset, about, figures, curves), seen, curves)
    return figures


def trait(
    dataset: Path,
    folder: Path,
    labels: Path,
    *,
    name: str,
    licence: str | None = None,
    progress: Progress | None = None,
) -> Figures:
    """Train a trait from a CSV of labels; ``licence`` is that of the labels, None where they are one's own."""
    write.check_new(folder)
    about, seen = rows.checked(dataset), Seen(labels=licence)
    tracks = rows.tracks(dataset, seen)
    known = rows.labels(labels)
    told = np.array([id_ in known for id_ in tracks.ids])
    for split in rows.SPLITS:
        if not told[tracks.split == split].any():
            raise ModelError(f"{labels} has no label for a track of the {split} split of {dataset}: label more tracks")
    truth = np.array([[known.get(id_, 0.0)] for id_ in tracks.ids], np.float32)
    network, curves = _tagger(tracks, truth, told, progress)
    figures = _figures(tracks, truth, told, network, _grading)
    write.model(folder, Chances(network), _card("trait", name, [name], dataset, about, figures, curves), seen, curves)
    return figures


def successor(dataset: Path, folder: Path, *, name: str = "next", progress: Progress | None = None) -> Figures:
    """Train on listening sessions to tell what comes next."""
    write.check_new(folder)
    about, seen = rows.checked(dataset), Seen()
    tracks = rows.tracks(dataset, seen)
    sessions = _numbered(rows.sessions(dataset, seen), tracks)
    for split in ("validation", "test"):
        if not sessions[split]:
            raise ModelError(f"{dataset} has no sessions in its {split} split: at least three listeners must agree")
    torch.manual_seed(0)
    network = Successor(tracks.vectors)
    every = torch.tensor(tracks.vectors)

    def loss(places: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        logits = network(every[places], every)
        return functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=-1)

    train, held = _places(sessions["train"]), _places(sessions["validation"])
    curves = fit(network, lambda: _batches(*train), loss, lambda: loss(*held), progress)
    figures = _following(sessions, tracks, network)
    write.model(folder, Coming(network), _card("next", name, [], dataset, about, figures, curves), seen, curves)
    return figures


def _card(
    task: str, name: str, labels: list[str], dataset: Path, about: dict[str, Any], figures: Figures, curves: Curves
) -> dict[str, Any]:
    extra = " --sessions" if task == "next" else ""
    folder = dataset.absolute().name  # the whole path may hold the name of a person, and models are handed on
    return {
        "name": name,
        "task": task,
        "labels": labels,
        "window": WINDOW,
        "dataset": {
            "folder": folder,
            "created": about["created"],
            "rows": about["rows"],
            "use": about["use"],
        },
        "commands": [
            f"ritornello dataset export {folder} --use {about['use']}{extra}",
            f"ritornello train {task} {folder} MODEL",
        ],
        "epochs": len(curves.train),
        "kept": curves.best + 1,
        "test": figures,
    }


# Tags and traits ---------------------------------------------------------------------------------------------------


def _frequent(tracks: Tracks) -> list[str]:
    counts = {split: Counter[str]() for split in rows.SPLITS}
    for split, own in zip(tracks.split, tracks.genres, strict=True):
        counts[split].update(set(own))
    found = [tag for tag, count in counts["train"].most_common() if count >= FEWEST]
    found = [tag for tag in found if counts["validation"][tag] and counts["test"][tag]]
    if len(found) < 2:
        raise ModelError(
            f"too few tags: expected two that {FEWEST} tracks of the training split have, and each other split"
        )
    return found


def _tagger(tracks: Tracks, truth: Floats, told: NDArray[np.bool_], progress: Progress | None) -> tuple[Tagger, Curves]:
    torch.manual_seed(0)
    train, held = (told & (tracks.split == split) for split in ("train", "validation"))
    network = Tagger(tracks.vectors[train], truth.shape[1])

    def loss(vectors: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return functional.binary_cross_entropy_with_logits(network(vectors), labels)

    here = torch.tensor(tracks.vectors[train]), torch.tensor(truth[train])
    there = torch.tensor(tracks.vectors[held]), torch.tensor(truth[held])
    return network, fit(network, lambda: _batches(*here), loss, lambda: loss(*there), progress)


def _batches(*columns: torch.Tensor) -> Iterator[tuple[torch.Tensor, ...]]:
    order = torch.randperm(len(columns[0]))
    for start in range(0, len(order), BATCH):
        chosen = order[start : start + BATCH]
        yield tuple(column[chosen] for column in columns)


def _figures(tracks: Tracks, truth: Floats, told: NDArray[np.bool_], network: Tagger, measure: Any) -> Figures:
    train, test = (told & (tracks.split == split) for split in ("train", "test"))
    here, labels, there = tracks.vectors[train], truth[train], tracks.vectors[test]
    with torch.no_grad():
        said = Chances(network)(torch.tensor(there)).numpy()
    methods = {
        "this network": said,
        "ridge regression": baselines.linear(here, labels, there),
        f"{baselines.NEIGHBOURS} nearest tracks": baselines.nearest(here, labels, there),
        "always the mean": baselines.mean(labels, len(there)),
    }
    return {method: measure(truth[test], found) for method, found in methods.items()}


def _tagging(truth: Floats, said: Floats) -> dict[str, float]:
    """Means over tags, and how often the likeliest tag is one that the track has."""
    columns = [(truth[:, i] > 0, said[:, i]) for i in range(truth.shape[1])]
    mixed = [(true, column) for true, column in columns if true.any() and not true.all()]
    return {
        "tracks": float(len(truth)),
        "average precision": float(np.mean([metrics.average_precision(true, column) for true, column in mixed])),
        "area under ROC": float(np.mean([metrics.area(true, column) for true, column in mixed])),
        "likeliest tag is right": float(truth[np.arange(len(truth)), said.argmax(axis=1)].mean()),
    }


def _grading(truth: Floats, said: Floats) -> dict[str, float]:
    error = truth[:, 0] - said[:, 0]
    spread = float(((truth[:, 0] - truth[:, 0].mean()) ** 2).sum())
    return {
        "tracks": float(len(truth)),
        "mean absolute error": float(np.abs(error).mean()),
        "Pearson r": metrics.pearson(truth[:, 0], said[:, 0]),
        "R²": 1 - float((error**2).sum()) / spread if spread else 0.0,
    }


# What comes next ---------------------------------------------------------------------------------------------------

Sessions = dict[str, list[list[int]]]


def _numbered(sessions: dict[str, list[list[str]]], tracks: Tracks) -> Sessions:
    numbers = {id_: number for number, id_ in enumerate(tracks.ids)}
    found = {
        split: [[numbers[id_] for id_ in ids if id_ in numbers] for ids in told] for split, told in sessions.items()
    }
    return {split: [ids for ids in told if len(ids) > 1] for split, told in found.items()}


def _places(sessions: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """What was heard at each place and what came then; -1 where nothing did."""
    heard = torch.zeros(len(sessions), WINDOW - 1, dtype=torch.long)
    wanted = torch.full((len(sessions), WINDOW - 1), -1)
    for number, ids in enumerate(sessions):
        heard[number, : len(ids) - 1] = torch.tensor(ids[:-1])
        wanted[number, : len(ids) - 1] = torch.tensor(ids[1:])
    return heard, wanted


def _following(sessions: Sessions, tracks: Tracks, network: Successor) -> Figures:
    places, wanted = _places(sessions["test"])
    every = torch.tensor(tracks.vectors)
    there = (wanted >= 0).numpy()
    with torch.no_grad():
        said = network(every[places], every).numpy()[there]
    last, truth = places.numpy()[there], wanted.numpy()[there]
    count = len(tracks.ids)
    popular = np.bincount([id_ for ids in sessions["train"] for id_ in ids], minlength=count).astype(np.float32)
    pairs: Counter[tuple[int, int]] = Counter(pair for ids in sessions["train"] for pair in pairwise(ids))
    after = np.tile(popular / (popular.sum() + 1), (len(last), 1))
    for (first, second), times in pairs.items():
        after[last == first, second] += times
    scaled, _ = baselines.standard(tracks.vectors, tracks.vectors)
    alike = -np.stack([((scaled - scaled[own]) ** 2).sum(axis=1) for own in last])
    methods = {
        "this network": said,
        "what followed in training": after,
        "sounds most alike": alike,
        "played most": np.tile(popular, (len(last), 1)),
    }
    return {method: _placed(metrics.ranks(found, truth)) for method, found in methods.items()}


def _placed(places: NDArray[np.floating]) -> dict[str, float]:
    return {
        "places": float(len(places)),
        f"among the first {_AT}": float((places <= _AT).mean()),
        "mean reciprocal rank": float((1 / places).mean()),
    }
