"""Writes the models that tests run: ``python -m tests.models.make_models``, with ritornello[torch]."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from ritornello.datasets.export import export
from ritornello.learn import train
from ritornello.library import Library
from ritornello.rights import Use
from tests.learn.shelves import fill, listen

HERE = Path(__file__).parent


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Library.open(folder / "library.db") as library:
            listen(library, fill(library))
            export(library, folder / "rows", Use.TRAIN_COMMERCIAL, sessions=True)
        train.genre(folder / "rows", folder / "genre")
        train.successor(folder / "rows", folder / "next")
        for task in ("genre", "next"):
            (HERE / task).mkdir(exist_ok=True)
            for file in ("model.json", "model.onnx"):
                shutil.copy(folder / task / file, HERE / task / file)


if __name__ == "__main__":
    main()
