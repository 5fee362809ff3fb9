"""The plane: the directions are those along which tracks were made to differ, and are named so."""

from __future__ import annotations

import numpy as np
import pytest

from ritornello.recommend import plane
from ritornello.recommend.shelf import STEPS

NAMES = list(STEPS)
SIZE = 400


def world() -> tuple[np.ndarray, np.ndarray]:
    """Vectors that differ most by energy, then by acousticness, in directions of their own; features that say so."""
    chance = np.random.default_rng(3)
    energy, acousticness = chance.normal(size=(2, SIZE))
    directions, _ = np.linalg.qr(chance.normal(size=(16, 16)))
    noise = 0.1 * chance.normal(size=(SIZE, 16))
    vectors = np.outer(3 * energy, directions[0]) - np.outer(acousticness, directions[1]) + noise
    features = chance.normal(size=(SIZE, 9))
    features[:, NAMES.index("energy")] = energy
    features[:, NAMES.index("acousticness")] = acousticness
    return vectors.astype(np.float32), features


def test_axes_are_those_along_which_tracks_differ_most() -> None:
    vectors, features = world()
    drawn = plane.draw(vectors, features)
    assert drawn
    assert drawn.by_sound
    assert [axis.features[0][0] for axis in drawn.axes] == ["energy", "acousticness"]
    for at, name in enumerate(("energy", "acousticness")):
        found = np.corrcoef(drawn.places[:, at], features[:, NAMES.index(name)])[0, 1]
        assert found > 0.97
        assert drawn.axes[at].features[0][1] == pytest.approx(found, abs=0.02)
    # Variances of 9 and 1, and of 0.01 in each of 16 directions.
    assert drawn.axes[0].share == pytest.approx(9 / 10.16, abs=0.03)
    assert drawn.axes[1].share == pytest.approx(1 / 10.16, abs=0.03)
    assert drawn.places.min() == 0
    assert drawn.places.max() == 1


def test_a_single_odd_track_does_not_press_the_others_together() -> None:
    vectors, features = world()
    many = np.tile(vectors, (5, 1))
    many[7] *= 1000
    drawn = plane.draw(many, np.tile(features, (5, 1)))
    assert drawn
    assert np.ptp(np.delete(drawn.places, 7, axis=0), axis=0).max() > 0.9


def test_tracks_without_a_vector_have_no_place() -> None:
    vectors, features = world()
    vectors[10:20] = 0
    drawn = plane.draw(vectors, features)
    assert drawn
    assert not set(range(10, 20)) & set(drawn.rows.tolist())
    assert len(drawn.rows) == SIZE - 10


def test_without_vectors_the_features_tell_the_places() -> None:
    _, features = world()
    features[5] = np.nan
    features[:, NAMES.index("tempo")] *= 4
    drawn = plane.draw(np.zeros((SIZE, 0), np.float32), features)
    assert drawn
    assert not drawn.by_sound
    name, correlation = drawn.axes[0].features[0]
    assert name == "tempo"
    assert correlation == pytest.approx(1, abs=0.02)
    assert len(drawn.rows) == SIZE - 1


def test_two_tracks_make_no_plane() -> None:
    vectors, features = world()
    assert plane.draw(vectors[:2], features[:2]) is None
