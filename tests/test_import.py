from __future__ import annotations

import ast
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import ritornello
from ritornello.sound.encode import write
from tests import sounds

HEAVY = ("fastapi", "starlette", "uvicorn", "onnxruntime", "torch", "numpy", "av", "sqlalchemy")


def cpu_seconds(*command: str) -> float:
    """User and system time of the quickest of three runs: the machine may be busy with other things."""
    times = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


@pytest.mark.parametrize("module", ["ritornello", "ritornello.cli"])
def test_importing_loads_no_web_framework_no_model_runtime_and_no_arrays(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert module in loaded
    assert not set(HEAVY) & set(loaded)


def test_the_features_of_a_file_load_nothing_that_they_do_not_need(tmp_path: Path) -> None:
    # One file is a third of a second of work: each of these would take a tenth of it or much more.
    write(tmp_path / "sound.wav", sounds.mono(sounds.meter(4, 120, 10)))
    code = (
        "import sys; from ritornello.cli import main; main(standalone_mode=False); print(*sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "features", str(tmp_path / "sound.wav"), "--json"]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stderr.split()
    assert {"ritornello.analyze", "numpy", "av"} <= set(loaded)
    assert not {"rich", "sqlalchemy", "fastapi", "pebble", "numpy.ma"} & set(loaded)


def test_importing_is_quick() -> None:
    assert cpu_seconds("-c", "import ritornello") < 0.3


def test_help_is_quick() -> None:
    assert cpu_seconds("-m", "ritornello", "--help") < 0.5


def test_the_public_list_is_what_is_there() -> None:
    code = "import ritornello, sys; print(sorted(name for name in vars(ritornello) if name[0] != '_'))"
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    public = {name for name in ritornello.__all__ if not name.startswith("_")}
    modules = {"annotations", "errors", "track"}
    assert set(ast.literal_eval(shown)) - modules == public
    assert all(hasattr(ritornello, name) for name in ritornello.__all__)
