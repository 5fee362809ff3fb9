"""Means between fractional positions."""

from __future__ import annotations

import numpy as np
import pytest

from ritornello.sound.rows import Rows, slice_means


def test_rows_grow_and_keep_their_order() -> None:
    rows, pieces = Rows(3), [np.full((n, 3), n, np.float32) for n in (5, 0, 64, 1, 200)]
    for piece in pieces:
        rows.add(piece)
    assert np.array_equal(rows.array(), np.concatenate(pieces))


def test_rows_of_two_streams_alternate_however_they_come() -> None:
    rows, whole = Rows(2, streams=2), np.arange(42, dtype=np.float32).reshape(21, 2)
    for stream, start, stop in ((0, 0, 7), (1, 0, 2), (1, 2, 9), (0, 7, 11), (1, 9, 10)):
        rows.add(whole[stream::2][start:stop], stream)
    assert np.array_equal(rows.array(), whole)


def test_what_lies_below_the_floor_counts_as_the_floor() -> None:
    rows = np.array([[-90.0], [-10.0], [-90.0], [-30.0]])
    means = slice_means(rows, np.array([[0.0, 2.0, 4.0]]), floor=-50.0)
    assert means[0, :, 0].tolist() == [-30.0, -40.0]


def test_slice_means_of_a_ramp_are_exact() -> None:
    rows = np.arange(10.0)[:, None]
    means = slice_means(rows, np.array([[0.0, 5.0, 10.0], [2.5, 2.5, 4.0]]))
    assert means[:, :, 0] == pytest.approx(np.array([[2.0, 7.0], [2.0, 8.0 / 3]]))


def test_beyond_the_last_row_the_last_row_stands() -> None:
    rows = np.arange(10.0)[:, None]
    assert slice_means(rows, np.array([[9.5, 11.0], [12.0, 14.0]]))[:, 0, 0] == pytest.approx([9.0, 9.0])
