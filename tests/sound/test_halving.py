"""Half the rate: what passes, what is stopped, and that it does not matter how the stream is cut."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ritornello.sound.halving import Halver, half_band

Floats = NDArray[np.float32]


def halved(samples: Floats, taps: int = 16, cut: int = 7001) -> Floats:
    halver = Halver(taps)
    pieces = [halver.feed(samples[start : start + cut]) for start in range(0, len(samples), cut)]
    return np.concatenate([*pieces, halver.finish()])


def sine(frequency: float, rate: int = 44100, seconds: float = 1.0) -> Floats:
    return np.sin(2 * np.pi * frequency * np.arange(int(seconds * rate)) / rate).astype(np.float32)


def decibels(samples: Floats) -> float:
    """Of the middle, against a full-scale sine."""
    return float(10 * np.log10(2 * np.mean(samples[500:-500] ** 2) + 1e-20))


@pytest.mark.parametrize(("taps", "highest"), [(16, 10_000), (8, 9_100)])
def test_what_lies_below_the_edge_passes_unmoved(taps: int, highest: float) -> None:
    for frequency in (100, 1000, 5000, 0.7 * highest):
        exact = sine(frequency, 22050)
        assert np.abs(halved(sine(frequency), taps) - exact)[500:-500].max() < 0.002
    assert decibels(halved(sine(highest), taps)) == pytest.approx(0.0, abs=0.31)


@pytest.mark.parametrize(("taps", "lowest"), [(16, 12_500), (8, 14_000)])
def test_what_would_fold_back_is_stopped(taps: int, lowest: float) -> None:
    for frequency in (lowest, 16_000, 20_000):
        assert decibels(halved(sine(frequency), taps)) < -60


@pytest.mark.parametrize("cut", [1, 2, 63, 64, 1000, 44100])
def test_it_does_not_matter_how_the_stream_is_cut(cut: int) -> None:
    noise = np.random.default_rng(3).standard_normal(5001).astype(np.float32)
    assert np.allclose(halved(noise, cut=cut), halved(noise, cut=len(noise)), atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 31, 32, 33, 127, 128, 5000, 5001])
def test_half_as_many_come_out_rounded_up(count: int) -> None:
    assert len(halved(np.ones(count, np.float32))) == (count + 1) // 2


def test_a_steady_level_stays() -> None:
    assert halved(np.full(4000, 0.25, np.float32))[50:-50] == pytest.approx(0.25, abs=1e-6)
    assert half_band(8).sum() == pytest.approx(1.0)
