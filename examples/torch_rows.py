"""A data set of Ritornello for PyTorch: ``python examples/torch_rows.py FOLDER`` prints one batch.

Needs torch and pyarrow. Rows stay on disk, and a worker reads one group of rows at a time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from pyarrow import parquet
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

NUMBERS = ["acousticness", "danceability", "energy", "loudness", "tempo", "valence"]


class Tracks(IterableDataset):
    """Numbers and id of each track of one split."""

    def __init__(self, folder: Path, split: str) -> None:
        self.files = sorted((folder / "tracks").glob(f"{split}-*.parquet"))

    def __iter__(self) -> Iterator[tuple[torch.Tensor, str]]:
        worker = get_worker_info()
        mine = self.files[worker.id :: worker.num_workers] if worker else self.files
        for path in mine:
            with parquet.ParquetFile(path) as file:
                for batch in file.iter_batches(4096, columns=[*NUMBERS, "track_id"]):
                    columns = batch.to_pydict()
                    for *numbers, track_id in zip(*(columns[name] for name in [*NUMBERS, "track_id"]), strict=True):
                        yield torch.tensor(numbers), track_id


if __name__ == "__main__":
    numbers, ids = next(iter(DataLoader(Tracks(Path(sys.argv[1]), "train"), batch_size=4)))
    print(numbers.shape, ids)  # noqa: T201
