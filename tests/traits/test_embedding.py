"""Vectors: their length, their order, and what lies near what."""

from __future__ import annotations

import numpy as np
import pytest

from ritornello.traits import embedding
from tests.traits.sounds import heard, medley, noise, wave


def test_a_vector_has_length_one_and_survives_storage() -> None:
    made = embedding.embed(heard(medley()), [(0.0, 4.0)])
    vector = embedding.unpack(made.track)
    assert vector.shape == (1, embedding.DIMENSIONS)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=2e-3)
    np.testing.assert_array_equal(embedding.unpack(embedding.pack(vector[0])), vector)
    assert made.version == embedding.EMBEDDING_VERSION


def test_a_section_has_the_windows_whose_middle_is_in_it() -> None:
    listened = heard(noise(12))
    made = embedding.embed(listened, [(0.0, 6.0), (6.0, 6.1), (6.1, 12.0)])
    layers = embedding.joined(listened)
    # Middles at 1.5, 4.5 and 7.5 s: two in the first section, the second has none and takes the nearest.
    assert len(listened.starts) == 3
    for part, windows in zip(made.sections, ([0, 1], [2], [2]), strict=True):
        assert part == embedding.pack(embedding.project(layers[windows].mean(axis=0)))


def test_a_louder_copy_lies_beside_its_original_and_noise_does_not() -> None:
    song, loud, hiss = (
        embedding.unpack(embedding.embed(heard(sound), []).track)[0]
        for sound in (medley(), wave(medley().samples * 1.7), noise(4))
    )
    assert song @ loud > 0.99
    assert song @ hiss < 0.9


def test_several_vectors_are_a_matrix() -> None:
    vectors = np.eye(embedding.DIMENSIONS, dtype=np.float32)[:3]
    stored = b"".join(embedding.pack(vector) for vector in vectors)
    np.testing.assert_array_equal(embedding.unpack(stored), vectors)
