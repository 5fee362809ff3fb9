"""The same audio gives the same numbers as when they were frozen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ritornello.analyze import analyze
from ritornello.sound.encode import write
from ritornello.sound.waveform import Waveform
from ritornello.track import ANALYSIS_VERSION
from tests.frozen import NUMBERS, material, numbers

FROZEN = json.loads(NUMBERS.read_text())


@pytest.fixture(scope="module")
def played() -> dict[str, Waveform]:
    return material()


def test_the_frozen_numbers_are_of_this_version() -> None:
    assert FROZEN["analysis_version"] == ANALYSIS_VERSION


@pytest.mark.parametrize("name", FROZEN["numbers"])
def test_the_numbers_have_not_moved(tmp_path: Path, played: dict[str, Waveform], name: str) -> None:
    write(tmp_path / "sound.wav", played[name])
    same(numbers(analyze(tmp_path / "sound.wav")), FROZEN["numbers"][name], name)


def same(found: Any, frozen: Any, where: str) -> None:
    """Equal but for the last digits, in which processors differ."""
    if isinstance(frozen, dict):
        assert found.keys() == frozen.keys(), where
        for key in frozen:
            same(found[key], frozen[key], f"{where}: {key}")
    else:
        assert np.shape(found) == np.shape(frozen), where
        assert np.allclose(found, frozen, rtol=1e-3, atol=2e-3), where
