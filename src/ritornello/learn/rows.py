"""A data set in memory, as far as a network needs it, and the rights of just what was read."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyarrow import parquet

from ritornello.datasets.verify import manifest, verify
from ritornello.errors import DatasetError, ModelError
from ritornello.models import INPUTS
from ritornello.rights import Provenance, Use, Verdict, from_json, permits, strictest, to_json
from ritornello.traits.embedding import DIMENSIONS, EMBEDDING_VERSION

Floats = NDArray[np.float32]

SPLITS = ("train", "validation", "test")
_RIGHTS = tuple(to_json(Provenance()))


@dataclass(slots=True)
class Tracks:
    """The tracks of a data set, row by row."""

    ids: list[str]
    vectors: Floats
    """Shape ``(n, COLUMNS)``: numbers, then embedding."""
    genres: list[list[str]]
    artists: list[str]
    """The group of each."""
    split: NDArray[np.str_]


@dataclass(slots=True)
class Seen:
    """The kinds of provenance of all rows that were read."""

    labels: str | None = None
    """Licence of labels that came from elsewhere; None where they are one's own."""
    kinds: set[Provenance] = field(default_factory=set)
    consents: set[str] = field(default_factory=set)

    def add(self, row: dict[str, Any]) -> None:
        """Take a row of any table."""
        blank = {"audio_id": "", "credit": "", "evidence": "", "source": "", "software": "", "analysis_version": 0}
        told = from_json({**row, **blank})
        if self.labels is not None:
            told = replace(told, weights=(*told.weights, self.labels))
        self.kinds.add(told)
        if told.consent is not None:
            self.consents.add(told.consent.id)

    def permits(self) -> dict[Use, Verdict]:
        """What all rows together allow."""
        return {use: strictest([permits(kind, use) for kind in sorted(self.kinds, key=repr)]) for use in Use}


def checked(folder: Path) -> dict[str, Any]:
    """The manifest of a data set that is whole, and whose rows permit training.

    Raises
    ------
    DatasetError
        If it was changed, or was exported for a use that is no training.
    """
    about = manifest(folder)
    if wrong := verify(folder):
        raise DatasetError(f"{folder} is not as it was exported: {wrong[0]}; export it again")
    if about["use"] not in (Use.TRAIN_RESEARCH, Use.TRAIN_COMMERCIAL):
        raise DatasetError(
            f"{folder} was exported for {about['use']}: expected `ritornello dataset export --use train-commercial` "
            "or `train-research`"
        )
    return about


def tracks(folder: Path, seen: Seen) -> Tracks:
    """Read the table of tracks."""
    ids, genres, groups, splits, parts = [], [], [], [], []
    for split in SPLITS:
        for path in sorted((folder / "tracks").glob(f"{split}-*.parquet")):
            with parquet.ParquetFile(path) as file:
                for batch in file.iter_batches(4096, use_threads=False):
                    numbers = np.stack([batch.column(name).to_numpy(False) for name in INPUTS], 1)
                    parts.append(np.hstack([numbers, _embeddings(batch)]).astype(np.float32))
                    ids += batch.column("track_id").to_pylist()
                    genres += batch.column("genres").to_pylist()
                    groups += batch.column("group").to_pylist()
                    splits += [split] * len(batch)
                    _see(batch, seen)
    if not ids:
        raise ModelError(f"{folder} has no tracks")
    return Tracks(ids, np.concatenate(parts), genres, groups, np.array(splits))


def sessions(folder: Path, seen: Seen) -> dict[str, list[list[str]]]:
    """Read the table of sessions: ids in the order they were played, by split."""
    found: dict[str, list[list[str]]] = {split: [] for split in SPLITS}
    for split in SPLITS:
        for path in sorted((folder / "sessions").glob(f"{split}-*.parquet")):
            with parquet.ParquetFile(path) as file:
                for batch in file.iter_batches(4096, use_threads=False):
                    places = zip(batch.column("tracks").to_pylist(), batch.column("length").to_pylist(), strict=True)
                    found[split] += [ids[:length] for ids, length in places]
                    _see(batch, seen)
    if not found["train"]:
        raise ModelError(f"{folder} has no sessions: export it with --sessions, of listeners who agreed")
    return found


def labels(path: Path) -> dict[str, float]:
    """Read a CSV of ``track_id`` and ``value``, 0..1."""
    found: dict[str, float] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), 2):
                try:
                    value = float(row["value"])
                    if not 0 <= value <= 1:
                        raise ValueError(f"value {value} is out of range")
                    found[row["track_id"]] = value
                except (KeyError, TypeError, ValueError) as error:
                    raise ModelError(
                        f"{path}, line {line}: {error}: expected the columns track_id and value, values from 0 to 1"
                    ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} cannot be read as CSV: {error}") from error
    return found


def _embeddings(batch: Any) -> Floats:
    """Zeros for tracks without a vector of today's version, as :func:`ritornello.models.vectors` has it."""
    found = np.zeros((len(batch), DIMENSIONS), np.float32)
    versions = batch.column("embedding_version").to_pylist()
    for number, (version, vector) in enumerate(zip(versions, batch.column("embedding").to_pylist(), strict=True)):
        if version == EMBEDDING_VERSION:
            found[number] = vector
    return found


def _see(batch: Any, seen: Seen) -> None:
    """Rows of one kind are looked at once."""
    names = [name for name in _RIGHTS if name not in ("audio_id", "credit")]
    columns = [batch.column(name).to_pylist() for name in names]
    kinds = {repr(values): values for values in zip(*columns, strict=True)}
    for values in kinds.values():
        seen.add({**dict(zip(names, values, strict=True)), "audio_id": "", "credit": ""})
