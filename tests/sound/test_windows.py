"""Windows from all over a stream whose end is not known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from ritornello.sound.waveform import Windows


def fed(length: int, samples: int, most: int = 20) -> list[tuple[int, np.ndarray]]:
    """The windows of a stream whose every sample is its own number, fed in pieces of odd sizes."""
    stream, random = np.arange(samples, dtype=np.float32), np.random.default_rng(0)
    windows, at = Windows(length, most), 0
    while at < samples:
        size = int(random.integers(1, 5 * length))
        windows.feed(stream[at : at + size])
        at += size
    return windows.windows()


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
