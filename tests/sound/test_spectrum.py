"""Frames, power spectra and bands against what they are defined to be."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ritornello.sound.spectrum import HOP, RATE, WINDOW, Bands, Frames, Power, hann, mel_weights

Floats = NDArray[np.float32]


def noise(seconds: float) -> Floats:
    return np.random.default_rng(3).normal(0, 0.1, int(seconds * RATE)).astype(np.float32)


def frames_of(samples: Floats, piece: int) -> Floats:
    """The frames of samples that come in pieces."""
    frames = Frames(WINDOW, HOP, RATE)
    found = [frames.feed(samples[start : start + piece]).copy() for start in range(0, len(samples), piece)]
    return np.concatenate([*found, frames.finish()])


@pytest.mark.parametrize("seconds", [0.0, 0.01, 1.0, 47.99, 48.0, 110.0])
@pytest.mark.parametrize("piece", [777, 6 * RATE, 100 * RATE])
def test_frames_are_centred_whatever_the_pieces(seconds: float, piece: int) -> None:
    samples = noise(seconds)
    found = frames_of(samples, piece)
    assert len(found) == 1 + len(samples) // HOP
    padded = np.pad(samples, WINDOW)
    for frame in {0, len(found) // 2, len(found) - 1}:
        start = WINDOW // 2 + frame * HOP
        assert np.array_equal(found[frame], padded[start : start + WINDOW])


def test_frames_wait_until_there_are_many() -> None:
    frames = Frames(WINDOW, HOP, RATE)
    assert len(frames.feed(noise(20.0))) == 0
    assert len(frames.feed(noise(20.0))) == 0
    assert len(frames.feed(noise(20.0))) > 1000


def test_a_full_scale_sine_adds_up_to_half() -> None:
    sine = np.sin(2 * np.pi * 1000 * np.arange(WINDOW) / RATE).astype(np.float32)
    (power,) = Power(hann(WINDOW)).each(sine[None])
    assert power.sum() == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize("taper", [hann(WINDOW), np.ones(882, np.float32)], ids=["hann", "filled up"])
def test_power_is_that_of_a_transform_in_double_precision(taper: Floats) -> None:
    frames = noise(10.0)[: 200 * len(taper)].reshape(200, len(taper))
    spectra = Power(taper)
    found = np.concatenate([power.copy() for power in spectra.each(frames)])
    exact = np.abs(np.fft.rfft(frames.astype(np.float64) * taper, spectra.size)) ** 2
    exact *= 2 / (spectra.size * np.sum(taper.astype(np.float64) ** 2))
    exact[:, [0, -1]] /= 2
    assert np.allclose(found, exact, rtol=1e-4, atol=1e-7 * exact.max())


@pytest.mark.parametrize(
    "weights", [mel_weights(), np.eye(WINDOW // 2 + 1, 1, dtype=np.float32)], ids=["mel", "one band"]
)
def test_bands_are_sums_over_all_bins(weights: Floats) -> None:
    power = np.square(noise(10.0)[: 70 * len(weights)].reshape(70, len(weights)))
    bands = Bands(weights)
    found = np.zeros((70, bands.count), np.float32)
    bands.sum(power, out=found)
    assert np.allclose(found, power @ weights, rtol=1e-5)
