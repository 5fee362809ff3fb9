"""Means between fractional positions."""

from __future__ import annotations

import numpy as np
import pytest

from ritornello.sound.rows import slice_means


def test_slice_means_of_a_ramp_are_exact() -> None:
    rows = np.arange(10.0)[:, None]
    means = slice_means(rows, np.array([[0.0, 5.0, 10.0], [2.5, 2.5, 4.0]]))
    assert means[:, :, 0] == pytest.approx(np.array([[2.0, 7.0], [2.0, 8.0 / 3]]))


def test_beyond_the_last_row_the_last_row_stands() -> None:
    rows = np.arange(10.0)[:, None]
    assert slice_means(rows, np.array([[9.5, 11.0], [12.0, 14.0]]))[:, 0, 0] == pytest.approx([9.0, 9.0])
