"""How much starts, in bands whose rises are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ritornello.sound import onsets
from ritornello.sound.spectrum import FINE_RATE, FRAME_RATE


def beats(every: int, height: float = 20.0, frames: int = 6000) -> NDArray[np.float32]:
    """Forty bands at -40 dB that jump up together, and fall off again within ten frames."""
    since = np.arange(frames) % every
    levels = -40 + height * np.maximum(1 - since / 10, 0)
    return np.repeat(levels[:, None], 40, axis=1).astype(np.float32)


def activity(bands: NDArray[np.float32]) -> float:
    return onsets.activity(onsets.rises(bands, FRAME_RATE))


def test_activity_is_what_rises_in_a_second() -> None:
    assert activity(beats(50, height=2.0)) == pytest.approx(FRAME_RATE / 50 * 1.0, rel=0.02)


def test_activity_is_the_same_at_twice_the_rate() -> None:
    slow, fast = beats(50, height=2.0), np.repeat(beats(50, height=2.0), 2, axis=0)
    assert onsets.activity(onsets.rises(fast, FINE_RATE)) == pytest.approx(activity(slow), rel=0.02)


def test_how_hard_something_starts_does_not_make_it_more_active() -> None:
    assert activity(beats(50, height=10.0)) == pytest.approx(FRAME_RATE / 50 * 2.0, rel=0.02)
    assert activity(beats(50, height=30.0)) == pytest.approx(activity(beats(50, height=10.0)), rel=1e-6)
    assert activity(beats(50, height=0.9)) == 0


def test_twice_as_many_beats_are_twice_as_active() -> None:
    assert activity(beats(25)) == pytest.approx(2 * activity(beats(50)), rel=0.02)


def test_level_and_silence_around_it_do_not_make_music_more_active() -> None:
    music = beats(50)
    silence = np.full((3000, 40), -100, np.float32)
    assert activity(music - 12) == pytest.approx(activity(music), rel=1e-4)
    assert activity(np.concatenate([silence, music, silence])) == pytest.approx(activity(music), rel=0.02)


def test_a_long_track_is_looked_at_in_pieces_without_seams() -> None:
    bands = np.random.default_rng(2).normal(-40, 5, (9000, 40)).astype(np.float32)
    least, most = onsets.COUNTED
    for rate, lag in ((FRAME_RATE, 1), (FINE_RATE, 2)):
        rise = np.clip(onsets.flux(bands, onsets.background(bands), lag), least, most) - least
        found = onsets.activity(onsets.rises(bands, rate))
        assert found == pytest.approx(rise.mean() * rate / lag, rel=1e-5)


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_nothing_starts_in_no_time(frames: int) -> None:
    assert activity(np.full((frames, 40), -30, np.float32)) == 0


def test_parts_rise_as_their_bands_do_on_average() -> None:
    bands = np.random.default_rng(4).normal(-40, 8, (6000, 40)).astype(np.float32)
    risen, flux = onsets.rises(bands, FINE_RATE), onsets.flux(bands, onsets.background(bands), 2)
    for part, (low, high) in onsets.PARTS.items():
        assert np.allclose(risen.of(part), flux[:, low:high].mean(axis=1), atol=1e-4)
