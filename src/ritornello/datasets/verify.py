"""Whether a data set is what its manifest says: hashes, splits, and no row that does not permit the use."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from ritornello.datasets.export import MANIFEST, sha256
from ritornello.datasets.tables import SCHEMA_VERSION, schema
from ritornello.errors import DatasetError
from ritornello.rights import Condition, Use, from_json, permits

_TIES = {"tracks": "artist_ids", "mel": "group", "sessions": "consent", "open": "group"}
"""By table, the column that no two splits may share a value of."""
_NAMES = ("licence", "basis", "jurisdiction", "reserved", "scope", "weights", "listened", "consent", "consent_scope")
_JUDGED = (*_NAMES, "withdrawn")


def manifest(folder: Path) -> dict[str, Any]:
    """What a data set says of itself.

    Raises
    ------
    DatasetError
        If there is none, or of a newer schema.
    """
    path = folder / MANIFEST
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        version = found["schema_version"]
    except (OSError, ValueError, KeyError) as error:
        raise DatasetError(
            f"{folder} is no data set: expected a {MANIFEST} as `ritornello dataset export` writes"
        ) from error
    if version > SCHEMA_VERSION:
        raise DatasetError(
            f"{folder} has schema {version}, the newest known here is {SCHEMA_VERSION}: upgrade Ritornello"
        )
    return found


def verify(folder: Path) -> list[str]:
    """Everything that is wrong with a data set, a sentence each; an empty list if nothing is."""
    about = manifest(folder)
    wrong = list(_files(folder, about))
    if wrong:
        return wrong
    for table in about["rows"]:
        wrong += _rows(folder, about, table)
    return wrong


def _files(folder: Path, about: dict[str, Any]) -> Iterator[str]:
    named = {one["path"]: one for one in about["files"]}
    for path, one in named.items():
        if not (folder / path).is_file():
            yield f"{path} is missing"
        elif sha256(folder / path) != one["sha256"]:
            yield f"{path} is not the file that was exported: its SHA-256 differs"
    for found in sorted(folder.rglob("*")):
        path = found.relative_to(folder).as_posix()
        if found.is_file() and path != MANIFEST and path not in named:
            yield f"{path} does not belong to the data set"


def _rows(folder: Path, about: dict[str, Any], table: str) -> Iterator[str]:
    use, accepted = Use(about["use"]), frozenset(map(Condition, about["accepted"]))
    homes: dict[str, str] = {}
    counts: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    leaks: set[str] = set()
    for path in sorted((folder / table).glob("*.parquet")):
        split = path.name.rsplit("-", 1)[0]
        with parquet.ParquetFile(path) as file:
            if not file.schema_arrow.equals(schema(table)):
                yield f"{table}/{path.name} has other columns than schema {SCHEMA_VERSION}"
                continue
            for batch in file.iter_batches(4096, columns=[*_JUDGED, _TIES[table]], use_threads=False):
                counts[split] += len(batch)
                for names in batch.column(_TIES[table]).to_pylist():
                    for name in names if isinstance(names, list) else [names]:
                        if homes.setdefault(name, split) != split:
                            leaks.add(name)
                refused.update(_refused(batch, use, accepted))
    if dict(counts) != about["rows"][table]:
        yield f"{table} has other numbers of rows than the manifest: {dict(counts)}"
    if leaks:
        yield f"{len(leaks)} of {table} are in two splits, such as {min(leaks)}"
    for reason, count in refused.items():
        yield f"{count} rows of {table} do not permit {use}: {reason}"


def _refused(batch: pa.RecordBatch, use: Use, accepted: frozenset[Condition]) -> Counter[str]:
    """Rows whose own columns do not permit the use, by reason."""
    blank = {"audio_id": "", "source": "", "software": "", "analysis_version": 0, "model_version": "", "credit": ""}
    kinds: Counter[str] = Counter()
    columns = {name: batch.column(name).to_pylist() for name in _JUDGED}
    for values in zip(*columns.values(), strict=True):
        kinds[json.dumps(dict(zip(columns, values, strict=True)))] += 1
    refused: Counter[str] = Counter()
    for kind, count in kinds.items():
        verdict = permits(from_json({**blank, "evidence": "", **json.loads(kind)}), use)
        if verdict.answer == "no":
            refused[verdict.reason] += count
        elif missing := set(verdict.conditions) - accepted:
            refused[f"{', '.join(sorted(missing))} is not accepted"] += count
    return refused
