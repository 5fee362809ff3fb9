"""The outline of a sound is the one that librosa would give."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ritornello.sound.waveform import Waveform
from ritornello.traits.descriptors import describe
from tests.traits.sounds import RATE, medley, noise, time, wave

FROZEN = json.loads((Path(__file__).parent / "librosa_vector.json").read_text(encoding="utf-8"))


def test_descriptors_equal_librosas() -> None:
    np.testing.assert_allclose(describe(medley()).values, FROZEN["values"], rtol=0, atol=2e-3)


def test_twice_as_loud_moves_the_first_coefficient_alone() -> None:
    # 20 log10 2 dB in each of 128 bands, through an orthonormal DCT.
    quiet, loud = describe(noise(5, 0.1)).values.reshape(4, 20), describe(noise(5, 0.2)).values.reshape(4, 20)
    expected = np.zeros((4, 20))
    expected[:3, 0] = 20 * np.log10(2) * np.sqrt(128)
    np.testing.assert_allclose(loud - quiet, expected, atol=2e-3)


def test_only_what_is_heard_counts_as_sounding() -> None:
    tone = 0.1 * np.sin(2 * np.pi * 440 * time(10))
    assert describe(wave(tone * (time(10) < 4))).sounding == pytest.approx(4, abs=0.1)
    assert describe(wave(tone)).sounding == pytest.approx(10, abs=0.1)
    assert describe(wave(tone * 10 ** (-40 / 20))).sounding == pytest.approx(10, abs=0.1)
    assert describe(wave(tone * 10 ** (-60 / 20))).sounding == 0
    assert describe(wave(np.full(10 * RATE, 0.5))).sounding == 0


@pytest.mark.parametrize("rate", [48000, 96000])
def test_the_same_sound_at_another_rate_is_described_alike(rate: int) -> None:
    def tones(rate: int) -> Waveform:
        angle = 2 * np.pi * np.arange(5 * rate)[:, None] / rate * np.array([220, 1000, 3000])
        return Waveform((0.1 * np.sin(angle).sum(axis=1)).astype(np.float32), rate)

    mine, other = describe(tones(RATE)), describe(tones(rate))
    means = slice(20, 40)
    np.testing.assert_allclose(other.values[means], mine.values[means], atol=5)
    assert other.sounding == pytest.approx(mine.sounding, abs=0.05)


def test_nothing_at_another_rate_is_described_as_nothing() -> None:
    assert describe(Waveform(np.zeros(0, np.float32), 48000)).sounding == 0


def test_several_channels_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(100, 2\) and expect mono"):
        describe(Waveform(np.zeros((100, 2), np.float32), RATE))
