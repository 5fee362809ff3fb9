"""Segments: what the first four coefficients mean, and that segments tile."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ritornello.sound import timbre
from ritornello.sound.spectrum import BANDS, FINE_RATE
from ritornello.sound.waveform import Samples
from ritornello.track import Segment
from tests import sounds
from tests.heard import analysed


def longest(sound: Samples) -> Segment:
    return max(analysed(sound).segments, key=lambda segment: segment.duration)


def test_the_first_coefficient_is_level_and_the_others_do_not_hear_it() -> None:
    loud, quiet = longest(sounds.noise(3, -12, seed=3)), longest(sounds.noise(3, -24, seed=3))
    assert loud.timbre[0] - quiet.timbre[0] == pytest.approx(12, abs=1.0)
    assert np.abs(np.array(loud.timbre[1:]) - np.array(quiet.timbre[1:])).max() < 12


def test_the_second_coefficient_is_brightness() -> None:
    noise = sounds.noise(3)
    dark = np.convolve(noise, np.ones(32) / 8, "same").astype(np.float32)
    assert longest(noise).timbre[1] > longest(dark).timbre[1] + 20


def test_the_third_coefficient_is_flatness() -> None:
    middle = np.outer(np.ones(80), -30 - 0.1 * (np.arange(BANDS) - 20) ** 2)
    flat = np.full((80, BANDS), middle.mean())
    edges = np.array([0.0, 80 / FINE_RATE])
    assert timbre.timbres(flat, edges)[0, 2] > timbre.timbres(middle, edges)[0, 2] + 20


def test_the_fourth_coefficient_is_attack() -> None:
    level = np.linspace(-20, -50, 80)[:, None] * np.ones(BANDS)
    edges = np.array([0.0, 80 / FINE_RATE])
    falling, rising = timbre.timbres(level, edges)[0, 3], timbre.timbres(level[::-1], edges)[0, 3]
    assert falling > 20
    assert rising < -20
    assert falling + timbre.CENTRE[3] == pytest.approx(-(rising + timbre.CENTRE[3]))


def test_coefficients_keep_the_distance_between_surfaces() -> None:
    basis = np.stack(
        [np.outer(timbre._cosine(timbre.SLICES, t), timbre._cosine(BANDS, b)).ravel() for b, t, _ in timbre.BASIS]
    )
    assert np.allclose(basis @ basis.T, np.eye(12), atol=1e-12)


def test_notes_become_segments_at_their_onsets() -> None:
    onsets = np.arange(0.5, 8, 0.5)
    sound = sounds.place([(start, sounds.note(60 + i % 7, 0.45)) for i, start in enumerate(onsets)], 8.5)
    starts = np.array([segment.start for segment in analysed(sound).segments])
    for onset in onsets:
        assert np.abs(starts - onset).min() < 0.03


def test_loudness_rises_from_start_to_max_within_a_segment() -> None:
    sound = sounds.place([(t, sounds.note(57, 0.9)) for t in np.arange(0.5, 9, 1.0)], 10)
    segments = [s for s in analysed(sound).segments if s.duration > 0.4]
    assert len(segments) >= 8
    for segment in segments[1:-1]:
        assert segment.loudness_max >= segment.loudness_start
        assert 0 <= segment.loudness_max_time < 0.2


def test_a_steady_sound_is_cut_only_where_something_stirs() -> None:
    assert len(analysed(sounds.tone(440, 10)).segments) <= 3


@settings(max_examples=60)
@given(st.lists(st.floats(0, 5), min_size=3, max_size=400))
def test_boundaries_ascend_and_start_at_zero(values: list[float]) -> None:
    strength = np.array(values, np.float32)
    frames, sharpness = timbre.boundaries(strength)
    assert frames[0] == 0
    assert np.all(np.diff(frames) > 0)
    assert len(frames) == len(sharpness)
    assert np.all((sharpness >= 0) & (sharpness <= 1))
