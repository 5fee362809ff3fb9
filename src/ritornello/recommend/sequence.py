"""The order of a playlist: small steps in tempo and key, an arc of energy, no artist twice in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ritornello.recommend.heard import Ints
from ritornello.recommend.shelf import COLUMNS

if TYPE_CHECKING:
    from ritornello.recommend.shelf import Shelf

ARCS = ("level", "rise", "fall", "hill")
"""Shapes of energy from the first track to the last."""

_KEY, _TEMPO, _ENERGY, _ARC = 0.25, 2.0, 1.0, 2.0
"""Costs: of a step on the wheel of keys, of an octave of tempo, of a jump in energy, of being off the arc."""
_SAME_ARTIST = 10.0
_ROUNDS = 3


def camelot(key: Ints, mode: Ints) -> tuple[Ints, Ints]:
    """Places on Camelot's wheel.

    Parameters
    ----------
    key
        Pitch class, 0 is C.
    mode
        1 major, 0 minor.

    Returns
    -------
    Numbers 1..12, and letters: 1 for B (major), 0 for A (minor). A minor key has the number of its relative major.
    """
    relative = np.where(mode == 1, key, key + 3) % 12
    # C major is 8B, and a fifth up is one further.
    return np.asarray((relative * 7 + 7) % 12 + 1), np.asarray(mode)


def key_steps(key: NDArray[np.float64], mode: NDArray[np.float64]) -> NDArray[np.float64]:
    """Steps on the wheel between all pairs, shape ``(n, n)``: round it, and one more to the other letter."""
    number, letter = camelot(key.astype(np.int64), mode.astype(np.int64))
    around = np.abs(number[:, None] - number)
    return np.asarray(np.minimum(around, 12 - around) + (letter[:, None] != letter), float)


def tempo_steps(tempo: NDArray[np.float64]) -> NDArray[np.float64]:
    """Octaves between all pairs, 0..0.5, shape ``(n, n)``: twice as fast is the same beat."""
    octaves = np.log2(np.maximum(tempo, 1.0))
    apart = np.abs(octaves[:, None] - octaves) % 1
    return np.asarray(np.minimum(apart, 1 - apart))


def arc(shape: str, size: int) -> NDArray[np.float64]:
    """The course of energy, in deviations from its mean, shape ``(size,)``."""
    place = np.linspace(-1, 1, size) if size > 1 else np.zeros(size)
    return {"level": 0 * place, "rise": place, "fall": -place, "hill": 1 - 2 * np.abs(place)}[shape] * 1.5


def ordered(shelf: Shelf, rows: Ints, shape: str = "hill") -> Ints:
    """Bring some tracks into an order: the best next one each time, then improved by turning stretches round.

    Tracks that were never analysed are asked nothing of; the result is the same rows, rearranged.
    """
    if len(rows) < 3:
        return rows
    values = shelf.values[rows]
    known = ~np.isnan(values[:, COLUMNS["energy"]])
    values = np.where(np.isnan(values), 0, values)
    pairs = _KEY * key_steps(values[:, COLUMNS["key"]], values[:, COLUMNS["mode"]])
    pairs += _TEMPO * tempo_steps(values[:, COLUMNS["tempo"]])
    energy = values[:, COLUMNS["energy"]]
    pairs += _ENERGY * np.abs(energy[:, None] - energy)
    pairs *= known[:, None] & known
    pairs += _SAME_ARTIST * (shelf.artists[rows][:, None] == shelf.artists[rows])
    spread = max(float(energy[known].std()), 0.05) if known.any() else 1.0
    deviation = np.where(known, (energy - energy[known].mean() if known.any() else 0) / spread, 0)
    places = _ARC * np.abs(deviation[:, None] - arc(shape, len(rows))) * known[:, None] * (shape != "level")
    return rows[_improved(_greedy(pairs, places), pairs, places)]


def _greedy(pairs: NDArray[np.float64], places: NDArray[np.float64]) -> Ints:
    order = [int(places[:, 0].argmin())]
    left = [one for one in range(len(pairs)) if one != order[0]]
    while left:
        costs = pairs[order[-1], left] + places[left, len(order)]
        order.append(left.pop(int(costs.argmin())))
    return np.array(order)


def _improved(order: Ints, pairs: NDArray[np.float64], places: NDArray[np.float64]) -> Ints:
    """Turn stretches round as long as that is cheaper (2-opt)."""
    size = len(order)
    for _ in range(_ROUNDS):
        cost = _cost(order, pairs, places)
        best = cost
        for start in range(size - 1):
            for end in range(start + 2, size + 1):
                turned = np.concatenate([order[:start], order[start:end][::-1], order[end:]])
                new = _cost(turned, pairs, places)
                if new < best - 1e-9:
                    order, best = turned, new
        if best >= cost - 1e-9:
            break
    return order


def _cost(order: Ints, pairs: NDArray[np.float64], places: NDArray[np.float64]) -> float:
    return float(pairs[order[:-1], order[1:]].sum() + places[order, np.arange(len(order))].sum())
