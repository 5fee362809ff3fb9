"""Data sets open in the programs they are for; each test skips where its program is not installed."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest

from ritornello.datasets.export import export
from ritornello.library import Library
from ritornello.rights import Use
from tests.datasets.shelves import Piece, agree, fill, hear

EXAMPLE = Path(__file__).parents[2] / "examples" / "torch_rows.py"
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def out(library: Library, tmp_path: Path) -> Path:
    pieces = [Piece(f"{number:02}", (f"Artist {number}",), "CC-BY-4.0") for number in range(40)]
    fill(library, pieces)
    for number in range(10):
        agree(library, f"listener {number}", *Use)
        hear(library, f"listener {number}", [piece.id for piece in pieces])
    export(library, tmp_path / "rows", Use.SHARE_ROWS, sessions=True)
    return tmp_path / "rows"


def test_croissant_is_valid_and_gives_the_rows(out: Path) -> None:
    croissant = pytest.importorskip("mlcroissant", reason="install the group `readers` to validate Croissant")
    opened = croissant.Dataset(out / "croissant.json")
    records = list(opened.records("tracks/train-00000"))
    assert len(records) == 32
    assert records[0]["tracks/train-00000/confidence"] == pytest.approx([0.5] * 13)
    assert len(list(opened.records("sessions/test-00000"))) == 2


def test_the_package_is_valid_for_frictionless(out: Path) -> None:
    frictionless = pytest.importorskip("frictionless", reason="install the group `readers` to validate the package")
    report = frictionless.validate(out / "datapackage.json")
    assert report.valid, report.flatten(["message"])
    assert len(frictionless.Package(out / "datapackage.json").resources) == 6


def test_hugging_face_loads_every_table_and_split(out: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="install the group `readers` to load with Hugging Face")
    loaded = datasets.load_dataset(str(out), "tracks", cache_dir=str(tmp_path / "cache"))
    assert {split: len(rows) for split, rows in loaded.items()} == {"train": 32, "validation": 4, "test": 4}
    sessions = datasets.load_dataset(str(out), "sessions", cache_dir=str(tmp_path / "cache"))
    assert sessions["train"].features["tracks"].length == 20


@pytest.mark.parametrize("program", ["pandas", "polars"])
def test_data_frames_read_the_files(out: Path, program: str) -> None:
    frames = pytest.importorskip(program, reason=f"install the group `readers` to read with {program}")
    parts = [frames.read_parquet(path) for path in sorted((out / "tracks").iterdir())]
    assert sum(len(part) for part in parts) == 40
    assert set(parts[0]["licence"]) == {"CC-BY-4.0"}


def test_the_example_gives_batches_to_torch(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="install torch to run the example")
    monkeypatch.setattr(sys, "argv", ["torch_rows.py", str(out)])
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    assert capsys.readouterr().out.startswith("torch.Size([4, 6])")


def test_the_metadata_name_only_files_that_are_there(out: Path) -> None:
    croissant = json.loads((out / "croissant.json").read_text(encoding="utf-8"))
    package = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
    named = [one["contentUrl"] for one in croissant["distribution"]], [one["path"] for one in package["resources"]]
    there = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.parquet"))
    assert sorted(named[0]) == sorted(named[1]) == there
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "config_name: tracks" in card
    assert "path: sessions/test-*.parquet" in card
