"""Windows from all over a stream whose end is known beforehand, or is not."""

from __future__ import annotations

import numpy as np
import pytest

from ritornello.sound.waveform import Spread, Windows


def kept(windows: Spread | Windows, length: int, samples: int) -> list[tuple[int, np.ndarray]]:
    """What is left of a stream whose every sample is its own number, fed in pieces of odd sizes."""
    stream, random = np.arange(samples, dtype=np.float32), np.random.default_rng(0)
    at = 0
    while at < samples:
        size = int(random.integers(1, 5 * length))
        windows.feed(stream[at : at + size])
        at += size
    return windows.windows()


def fed(length: int, samples: int, most: int = 20) -> list[tuple[int, np.ndarray]]:
    return kept(Windows(length, most), length, samples)


def spread(total: int, samples: int, step: int = 1) -> list[tuple[int, np.ndarray]]:
    return kept(Spread(300, 8, total, step), 300, samples)


@pytest.mark.parametrize("samples", [300, 5000, 29_999, 100_000])
def test_windows_are_whole_and_where_they_say(samples: int) -> None:
    for start, window in fed(300, samples):
        np.testing.assert_array_equal(window, np.arange(start, start + 300))


@pytest.mark.parametrize("samples", [6000, 29_999, 100_000, 1_000_000])
def test_a_long_stream_leaves_ten_to_twenty_equally_far_apart(samples: int) -> None:
    starts = [start for start, _ in fed(300, samples)]
    assert 10 <= len(starts) <= 20
    assert len(set(np.diff(starts))) == 1
    assert samples - starts[-1] <= 2 * starts[1]


def test_a_stream_shorter_than_a_window_is_one() -> None:
    [(start, window)] = fed(300, 40)
    assert start == 0
    assert len(window) == 40


def test_an_empty_stream_has_none() -> None:
    assert Windows(300, 20).windows() == []


@pytest.mark.parametrize("samples", [310, 400, 1000, 2500, 5000, 29_999, 1_000_000])
def test_where_the_end_is_known_they_lie_from_the_start_to_near_the_end(samples: int) -> None:
    found = spread(samples, samples)
    starts = [start for start, _ in found]
    for start, window in found:
        np.testing.assert_array_equal(window, np.arange(start, start + 300))
    assert len(found) == min(8, -(-samples // 300))
    assert starts[0] == 0
    assert len(starts) == 1 or starts[-1] + 300 == pytest.approx(0.975 * samples, abs=1)
    gaps = np.diff(starts)
    assert gaps.max(initial=0) - gaps.min(initial=samples) <= 1


def test_the_same_played_faster_is_heard_at_the_same_places() -> None:
    slow, fast = (np.array([start for start, _ in spread(n, n)]) for n in (60_000, 48_000))
    assert np.abs((slow + 150) / 60_000 - (fast + 150) / 48_000).max() < 300 / 48_000 / 2


@pytest.mark.parametrize("samples", [9760, 10_000, 10_240])
def test_an_end_that_was_estimated_may_be_a_little_off(samples: int) -> None:
    assert len(spread(10_000, samples)) == 8


@pytest.mark.parametrize("samples", [0, 100, 5000, 9740, 10_252, 50_000])
def test_where_the_end_was_said_wrong_there_are_none(samples: int) -> None:
    assert spread(10_000, samples) == []


@pytest.mark.parametrize("total", [9990, 10_000, 10_005, 10_070])
def test_copies_whose_ends_differ_a_little_are_heard_at_the_same_places(total: int) -> None:
    assert [start for start, _ in spread(total, total, 100)] == [start for start, _ in spread(10_000, 10_000, 100)]


@pytest.mark.parametrize("total", [0, 200])
def test_what_is_shorter_than_one_has_none(total: int) -> None:
    assert spread(total, total) == []
