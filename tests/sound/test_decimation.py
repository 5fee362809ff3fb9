"""Half and a quarter of the rate: what passes, what is stopped, and that it does not matter how the stream is cut."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ritornello.sound.decimation import Halver, Quarterer

Floats = NDArray[np.float32]
Kind = type[Halver] | type[Quarterer]

BOTH = pytest.mark.parametrize("kind", [Halver, Quarterer])
RATE = 44100


def decimated(kind: Kind, samples: Floats, cut: int = 7001) -> Floats:
    decimator = kind()
    pieces = [decimator.feed(samples[start : start + cut]) for start in range(0, len(samples), cut)]
    return np.concatenate([*pieces, decimator.finish()])


def sine(frequency: float, rate: float = RATE) -> Floats:
    return np.asarray(np.sin(2 * np.pi * frequency * np.arange(int(rate)) / rate), np.float32)


def decibels(samples: Floats) -> float:
    """Of the middle, against a full-scale sine."""
    return float(10 * np.log10(2 * np.mean(samples[500:-500] ** 2) + 1e-20))


@pytest.mark.parametrize(("kind", "highest", "loss"), [(Halver, 10_000, 0.31), (Quarterer, 4_190, 0.02)])
def test_what_lies_below_the_edge_passes_unmoved(kind: Kind, highest: float, loss: float) -> None:
    for frequency in (100, 1000, 0.7 * highest):
        exact = sine(frequency, RATE / kind.FACTOR)
        assert np.abs(decimated(kind, sine(frequency)) - exact)[500:-500].max() < 0.002
    assert decibels(decimated(kind, sine(highest))) == pytest.approx(0.0, abs=loss)


@pytest.mark.parametrize(("kind", "lowest"), [(Halver, 12_500), (Quarterer, 6_850)])
def test_what_would_fold_back_is_stopped(kind: Kind, lowest: float) -> None:
    for frequency in (lowest, 1.1 * lowest, 16_000, 20_000):
        assert decibels(decimated(kind, sine(frequency))) < -60


@BOTH
@pytest.mark.parametrize("cut", [1, 2, 63, 64, 1000, 44100])
def test_it_does_not_matter_how_the_stream_is_cut(kind: Kind, cut: int) -> None:
    noise = np.random.default_rng(3).standard_normal(5001).astype(np.float32)
    assert np.allclose(decimated(kind, noise, cut), decimated(kind, noise, len(noise)), atol=1e-6)


@BOTH
@pytest.mark.parametrize("count", [0, 1, 2, 3, 31, 32, 33, 63, 64, 65, 127, 128, 5000, 5001])
def test_one_of_so_many_comes_out_rounded_up(kind: Kind, count: int) -> None:
    assert len(decimated(kind, np.ones(count, np.float32))) == -(-count // kind.FACTOR)


@BOTH
def test_a_steady_level_stays(kind: Kind) -> None:
    assert decimated(kind, np.full(4000, 0.25, np.float32))[50:-50] == pytest.approx(0.25, abs=1e-6)
