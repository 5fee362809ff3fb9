"""What was learned from plays, as a file beside the library, so that a server need not learn it again.

The file says by a hash which plays, saved tracks and playlists it was made from; of any others it is not read. A file
that is damaged, or of another version of Ritornello, is as good as none.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from ritornello.recommend import factors, ridge, walks
from ritornello.recommend.heard import Matrix
from ritornello.recommend.taste import Taste

VERSION = 1
"""Another number for other models, or other settings of theirs."""


def stamp(heard: Matrix, rows: Sequence[str], columns: Sequence[str]) -> str:
    """What was learned from, as a hash: names of rows and columns, and every count."""
    made = hashlib.blake2b(digest_size=16)
    for names in (rows, columns):
        made.update("\0".join(names).encode("utf-8", "surrogatepass") + b"\0\0")
    for numbers in (heard.indptr, heard.indices, heard.data):
        made.update(np.ascontiguousarray(numbers).data)
    return made.hexdigest()


def write(path: Path, model: Taste, made_from: str) -> None:
    """Keep a model; nobody but the owner of the library may read it."""
    dense = {
        **{f"ridge_{name}": value for name in _RIDGE if (value := getattr(model.ridge, name)) is not None},
        "factors_items": model.factors.items,
        "factors_gram": model.factors.gram,
        "factors_confidence": np.array(model.factors.confidence),
        **{f"walks_{name}": getattr(model.walks.ends, name) for name in _SPARSE},
        "listeners": model.listeners,
        "version": np.array(VERSION),
        "made_from": np.array(made_from),
    }
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.touch(0o600)
        with part.open("wb") as file:
            np.savez(file, **dense)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read(path: Path, made_from: str) -> Taste | None:
    """The model that is kept here; None where there is none, or one that learned from something else."""
    try:
        # Opened here, for NumPy forgets to close what turns out to be no archive.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if int(kept["version"]) != VERSION or str(kept["made_from"]) != made_from:
                return None
            parts: dict[str, Any] = {name: kept[name] for name in kept.files}
        shape = (len(parts["listeners"]), len(parts["listeners"]))
        of_ridge: dict[str, Any] = {name: parts.get(f"ridge_{name}") for name in _RIDGE}
        return Taste(
            ridge.Ridge(**of_ridge),
            factors.Factors(parts["factors_items"], parts["factors_gram"], float(parts["factors_confidence"])),
            walks.Walks(sparse.csr_matrix(tuple(parts[f"walks_{name}"] for name in _SPARSE), shape=shape)),
            parts["listeners"],
        )
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return None


_RIDGE = ("columns", "place", "scale", "diagonal", "inverse", "root", "loose")
_SPARSE = ("data", "indices", "indptr")
