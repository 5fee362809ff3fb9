"""Means between fractional positions."""

from __future__ import annotations

import numpy as np
import pytest

from ritornello.sound.rows import slice_means


def test_slice_means_of_a_ramp_are_exact() -> None:
    rows = np.arange(10.0)[:, None]
    means = slice_means(rows, np.array([[0.0, 5.0, 10.0], [2.5, 2.5, 4.0]]))
    assert means[:, :, 0] == pytest.approx(np.array([[2.0, 7.0], [2.0, 8.0 / 3]]))
