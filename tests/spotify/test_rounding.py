from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ritornello.spotify.rounding import confidence, level, milliseconds, seconds, spans, trait


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(0.002423, 0.00242), (0.58512, 0.585), (0.0000167891, 0.0000168), (1.0, 1.0), (0.9999, 1.0), (0.0, 0.0)],
)
def test_traits_have_three_significant_digits(value: float, rounded: float) -> None:
    assert trait(value) == rounded


def test_moments_have_five_decimals_and_levels_three() -> None:
    assert seconds(1.2345678) == 1.23457
    assert level(-5.88312) == -5.883
    assert confidence(0.12345) == 0.123
    assert milliseconds(207.9596) == 207_960
    assert isinstance(milliseconds(1.0), int)


@pytest.mark.parametrize("function", [seconds, level, confidence, trait])
def test_zero_is_never_negative(function: type[float]) -> None:
    for value in (-0.0, -1e-12):
        assert math.copysign(1, function(value)) == 1 or function(value) != 0


@pytest.mark.parametrize("function", [seconds, level, confidence, trait, milliseconds])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_cannot_say_is_refused(function: type[float], value: float) -> None:
    with pytest.raises(ValueError, match="cannot be served"):
        function(value)


# A frame of 256 samples at 22,050 Hz is the shortest that anything starts and ends on.
steps = st.lists(st.floats(0.0116, 8.0), min_size=1, max_size=60)


@given(st.floats(0, 5000), steps)
def test_what_tiled_before_rounding_tiles_after(first: float, lengths: list[float]) -> None:
    edges = [first]
    for length in lengths:
        edges.append(edges[-1] + length)
    rounded = spans(edges[:-1], edges[-1])
    for (start, duration), (after, _) in pairwise(rounded):
        assert round(start + duration, 5) == after
        assert duration > 0
    assert round(sum(rounded[-1]), 5) == round(edges[-1], 5)
    assert [start for start, _ in rounded] == [round(edge, 5) for edge in edges[:-1]]


@given(st.floats(0, 2), st.floats(0.1, 0.5), st.integers(2, 4), st.integers(2, 40), st.floats(-4e-5, 4e-5))
def test_beats_take_the_exact_start_of_their_tatum(
    first: float, step: float, per_beat: int, count: int, error: float
) -> None:
    tatums = [seconds(first + index * step) for index in range(count * per_beat)]
    beats = [first + index * step * per_beat + error for index in range(count)]
    rounded = spans(beats, tatums[-1] + step, tatums)
    assert [start for start, _ in rounded] == tatums[::per_beat]


def test_a_start_far_from_the_grid_is_left_alone() -> None:
    assert spans([0.05], 1.0, [0.0, 0.1]) == [(0.05, 0.95)]
