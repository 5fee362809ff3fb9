from __future__ import annotations

import ast
import resource
import subprocess
import sys

import pytest

import ritornello

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
