"""A library into a folder: tables as Parquet, and what people and programs must know of them."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet

from ritornello import __version__, weights
from ritornello.datasets import descriptions, rows
from ritornello.datasets.rows import Gate, Row
from ritornello.datasets.splits import SHARES, Groups
from ritornello.datasets.tables import SCHEMA_VERSION, schema
from ritornello.errors import DatasetError
from ritornello.library import artists
from ritornello.rights import Condition, Use, url

if TYPE_CHECKING:
    from types import TracebackType

    from sqlalchemy import Connection

    from ritornello.library import Library

MANIFEST = "manifest.json"
ATTRIBUTION = "attribution.csv"

_ROW_GROUP = {"tracks": 8192, "sessions": 8192, "mel": 64, "open": 8192}
_SHARD = {"tracks": 250_000, "sessions": 250_000, "mel": 2000, "open": 250_000}


@dataclass(slots=True)
class Summary:
    """What an export wrote and what it left out."""

    folder: Path
    use: Use
    rows: dict[str, Counter[str]] = field(default_factory=dict)
    """By table and split."""
    refused: dict[str, Counter[str]] = field(default_factory=dict)
    """By table and reason."""

    @property
    def written(self) -> int:
        """Rows of all tables."""
        return sum(sum(counts.values()) for counts in self.rows.values())


def export(
    library: Library,
    folder: Path,
    use: Use,
    *,
    accept: Iterable[Condition] = (),
    sessions: bool = False,
    mel: bool = False,
    published: bool = False,
    address: str | None = None,
) -> Summary:
    """Write exactly the rows that permit a use.

    Parameters
    ----------
    library
        Where the rows come from; it may be written to meanwhile, what is exported is of one moment.
    folder
        Made; must not be there, or be empty.
    use
        What for.
    accept
        Conditions that whoever gets the data set will keep. Attribution always is, for the export gives it.
    sessions
        Also what listeners who agreed listened to.
    mel
        Also spectrograms, of recordings that may themselves be handed on, changed.
    published
        Also what others published of music without audio, under the licences they gave it.
    address
        Where it will be published, for its metadata.

    Raises
    ------
    DatasetError
        If the folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DatasetError(f"{folder} is there already: expected a new or empty folder")
    gate = Gate(use, frozenset({Condition.ATTRIBUTION, *accept}))
    summary = Summary(folder, use, refused=gate.refused)
    folder.mkdir(parents=True, exist_ok=True)
    with library.connect() as connection:
        groups = Groups()
        rows.group_artists(connection, gate, groups.add)
        if published:
            rows.group_published(connection, gate, groups.add)
        splits = groups.split()
        with _Attribution(folder / ATTRIBUTION) as attribution:
            placed = _placed(rows.of_tracks(connection, gate), groups, attribution)
            summary.rows["tracks"] = _write(folder, "tracks", placed, splits)
            if published:
                found = _by_group(rows.of_published(connection, gate), groups, attribution)
                summary.rows["open"] = _write(folder, "open", found, splits)
        if mel:
            found = _of_tracks(connection, rows.of_mel(connection, gate), groups)
            summary.rows["mel"] = _write(folder, "mel", found, splits)
        if sessions:
            listeners = Groups()
            for consent, count in rows.agreed(connection, gate):
                listeners.add([consent], count)
            summary.rows["sessions"] = _write(folder, "sessions", rows.of_sessions(connection, gate), listeners.split())
    _describe(summary, gate, address)
    return summary


def _placed(found: Iterable[Row], groups: Groups, attribution: _Attribution) -> Iterator[Row]:
    for row in found:
        attribution.add(row)
        yield {**row, "group": groups.of((row["artist_ids"] or [row["track_id"]])[0])}


def _by_group(found: Iterable[Row], groups: Groups, attribution: _Attribution) -> Iterator[Row]:
    for row in found:
        attribution.add_source(row)
        yield {**row, "group": groups.of(row["group"])}


def _of_tracks(connection: Connection, found: Iterable[Row], groups: Groups) -> Iterator[Row]:
    for row in found:
        credited = artists.credited(connection, [row["track_id"]]).get(row["track_id"])
        yield {**row, "group": groups.of((credited or [row["track_id"]])[0])}


def _write(folder: Path, table: str, found: Iterable[Row], splits: Mapping[str, str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    with ExitStack() as stack:
        writers = {split: stack.enter_context(_Writer(folder, table, split)) for split in SHARES}
        for row in found:
            split = splits[row["group"]]
            writers[split].add(row)
            counts[split] += 1
    return counts


class _Writer:
    """One split of one table, in files that grow to a size that is easily copied."""

    def __init__(self, folder: Path, table: str, split: str) -> None:
        self._folder, self._table, self._split = folder, table, split
        self._schema = schema(table)
        self._held: list[Row] = []
        self._shard, self._inside = 0, 0
        self._file: parquet.ParquetWriter | None = None

    def __enter__(self) -> _Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._flush()
        self._close()

    def add(self, row: Row) -> None:
        """Take a row."""
        self._held.append(row)
        if len(self._held) == _ROW_GROUP[self._table]:
            self._flush()

    def _flush(self) -> None:
        if not self._held:
            return
        if self._file is None:
            path = self._folder / self._table / f"{self._split}-{self._shard:05}.parquet"
            path.parent.mkdir(exist_ok=True)
            self._file = parquet.ParquetWriter(path, self._schema, compression="zstd")
        columns = [pa.array([row[name] for row in self._held], kind) for name, kind in _kinds(self._schema)]
        self._file.write_batch(pa.record_batch(columns, schema=self._schema))
        self._inside += len(self._held)
        self._held.clear()
        if self._inside >= _SHARD[self._table]:
            self._close()
            self._shard, self._inside = self._shard + 1, 0

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _kinds(table: pa.Schema) -> list[tuple[str, pa.DataType]]:
    return [(column.name, column.type) for column in table]


class _Attribution:
    """Whom to name for what, a line a track, and the makers of the weights."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow(["title", "artists", "album", "credit", "licence", "licence_url", "audio_id"])
        self._models: set[str] = set()
        self._sources: set[tuple[str, str]] = set()

    def __enter__(self) -> _Attribution:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for version in sorted(self._models):
            for title, by, licence in weights.CREDITS.get(version, ()):
                self._csv.writerow([title, by, "", by, licence, url(licence), ""])
        for source, licence in sorted(self._sources):
            self._csv.writerow([f"values of {source}", source, "", source, licence, url(licence), ""])
        self._file.close()

    def add_source(self, row: Row) -> None:
        """Take a row of what others published."""
        self._sources.add((row["source"], row["licence"]))

    def add(self, row: Row) -> None:
        """Take a row of the table of tracks."""
        by = "; ".join(row["artists"])
        licence = row["licence"] if row["basis"] == "licence" else None
        self._csv.writerow(
            [row["title"], by, row["album"], row["credit"] or by, licence or "", url(licence) or "", row["audio_id"]]
        )
        self._models.add(row["model_version"])


def _describe(summary: Summary, gate: Gate, address: str | None) -> None:
    """The card and the metadata, and last of all the manifest with everything's hash."""
    folder = summary.folder
    about = {
        "schema_version": SCHEMA_VERSION,
        "software": f"ritornello {__version__}",
        "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "url": address,
        "use": gate.use,
        "accepted": sorted(gate.accepted),
        "rows": {table: dict(counts) for table, counts in summary.rows.items()},
        "refused": {table: dict(counts.most_common()) for table, counts in gate.refused.items()},
        "licences": dict(gate.licences.most_common()),
        "permits": {
            use: {"answer": verdict.answer, "conditions": list(verdict.conditions), "reason": verdict.reason}
            for use, verdict in gate.together().items()
        },
    }
    tables = [_file(folder, path) for path in sorted(folder.glob("*/*.parquet"))]
    descriptions.write(folder, about, tables)
    others = [_file(folder, path) for path in sorted(folder.iterdir()) if path.is_file() and path.name != MANIFEST]
    (folder / MANIFEST).write_text(
        json.dumps({**about, "files": [*tables, *others]}, indent=2) + "\n", encoding="utf-8"
    )


def _file(folder: Path, path: Path) -> dict[str, Any]:
    told: dict[str, Any] = {
        "path": path.relative_to(folder).as_posix(),
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
    }
    if path.suffix == ".parquet":
        told["rows"] = parquet.read_metadata(path).num_rows
    return told


def sha256(path: Path) -> str:
    """The hash of a file, read a little at a time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
