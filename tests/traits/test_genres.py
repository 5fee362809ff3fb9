from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ritornello.spotify.genres import SEEDS
from ritornello.traits import genres
from ritornello.traits.networks import Heard


def _heard(**logits: dict[int, float]) -> Heard:
    rows = {name: np.full((2, size), -9.0, np.float32) for name, size in (("mtt", 50), ("msd", 50), ("yamnet", 521))}
    for name, given in logits.items():
        for label, value in given.items():
            rows[name][:, label] = value
    empty = np.zeros((2, 1), np.float32)
    return Heard(np.zeros(2), 6.0, rows["mtt"], rows["msd"], rows["yamnet"], empty, empty, empty, empty)


def test_a_label_speaks_for_its_seed() -> None:
    # MagnaTagATune's third label is techno's fourth place; the Million Song Dataset's twelfth is metal.
    assert genres.estimate(_heard(mtt={3: 0.0})) == {"techno": pytest.approx(0.5)}
    assert genres.estimate(_heard(msd={11: 2.0})) == {"metal": pytest.approx(0.8808, abs=1e-4)}


def test_of_several_labels_the_surest_counts() -> None:
    heard = _heard(mtt={47: -1.0}, msd={11: 2.0})
    assert genres.estimate(heard) == genres.estimate(replace(heard, mtt=_heard().mtt))


def test_every_answer_is_a_seed() -> None:
    everything = Heard(
        np.zeros(1),
        3.0,
        *(np.zeros((1, size), np.float32) for size in (50, 50, 521)),
        *([np.zeros((1, 1), np.float32)] * 4),
    )
    found = genres.estimate(everything)
    assert set(found) <= set(SEEDS)
    assert len(found) > 40
