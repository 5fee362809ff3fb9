"""Quantiles are NumPy's, without what NumPy loads for them."""

from __future__ import annotations

import numpy as np
import pytest

from ritornello.sound.quantiles import median, quantile


@pytest.mark.parametrize("count", [1, 2, 3, 10, 101])
@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.75, 0.95, 1.0])
def test_quantiles_are_those_of_numpy(count: int, share: float) -> None:
    values = np.random.default_rng(count).standard_normal((count, 3))
    assert quantile(values, share) == pytest.approx(np.quantile(values, share, axis=0), rel=1e-12)
    assert quantile(values[:, 0], share) == pytest.approx(np.quantile(values[:, 0], share), rel=1e-12)


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle() -> None:
    assert median(np.array([4.0, 1.0, 3.0, 100.0])) == 3.5
