"""The primary question under every other choice that could have been made: windows, listens, people, covariates.

Each fork is the slope within people by least squares, with errors by person: quick, and not the plan's own model. What
the best of all forks is worth is told by turning the signs of people at random, in all forks alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from ritornello.study.models.panel import clock

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ritornello.study.models.panel import Numbers, Panel

_FEWEST = 5
_BATCH = 250


@dataclass(frozen=True)
class Fork:
    """One way to ask the same."""

    minutes: int
    listen: str
    doubtful: bool
    """Whether people are in it whose plays may not be their own."""
    previous: bool
    """Whether the answer before is a covariate."""
    slope: float
    """In standard deviations within people."""
    low: float
    high: float
    p: float
    people: int


@dataclass(frozen=True)
class Multiverse:
    """All forks, the smallest slope first."""

    forks: tuple[Fork, ...]
    below: float
    """The share of forks with p under the plan's alpha, 0..1."""
    best: float
    """p of the best of all forks, held to how good the best is where there is nothing."""


def column(minutes: int, listen: str) -> str:
    """The name of the music of a fork in the table of occasions."""
    return f"fork_{minutes}_{listen}"


def run(
    panel: Panel,
    outcome: str,
    windows: Sequence[int],
    listens: Sequence[str],
    doubtful: Collection[str] = (),
    *,
    alpha: float = 0.05,
    least: int = 2,
    draws: int = 2000,
    seed: int = 1,
) -> Multiverse:
    """Fit every fork for which there is a column and enough people.

    Parameters
    ----------
    panel
        Occasions with a :func:`column` for each window and listen.
    doubtful
        Codes of people without whom half of the forks are.
    least
        People with fewer complete rows are left out.
    draws
        How often signs of people are turned.
    """
    without = panel.where(~np.isin(np.asarray(panel.codes), sorted(doubtful))[panel.person])
    crowds = [(True, panel), (False, without)] if doubtful else [(True, panel)]
    forks, scores = [], []
    for minutes in windows:
        for listen in listens:
            for everybody, some in crowds:
                for previous in (True, False):
                    found = _fit(some, outcome, column(minutes, listen), least, alpha, previous=previous)
                    if found is not None:
                        numbers, by_code = found
                        forks.append(Fork(minutes, listen, everybody, previous, *numbers))
                        scores.append(by_code)
    order = sorted(range(len(forks)), key=lambda place: forks[place].slope)
    below = float(np.mean([one.p < alpha for one in forks])) if forks else 0.0
    return Multiverse(tuple(forks[place] for place in order), below, _best(scores, draws, seed))


def _fit(
    panel: Panel, outcome: str, music: str, least: int, alpha: float, *, previous: bool
) -> tuple[tuple[float, float, float, float, int], dict[str, float]] | None:
    """Slope, interval, p and people, and what each person adds to the slope; None where it cannot be asked."""
    if music not in panel.columns:
        return None
    before = panel.previous(panel.column(outcome))
    known = np.isfinite(panel.column(outcome)) & np.isfinite(panel.column(music))
    rows = panel.with_(_previous=before).where(known & np.isfinite(before) if previous else known)
    used = rows.where((rows.counts() >= max(least, 2))[rows.person])
    if used.people < _FEWEST:
        return None
    others = [*clock(used.column("local_hour")).T, used.column("weekend")]
    others += [used.column("_previous")] if previous else []
    y, x = _rest(used, [used.column(outcome), used.column(music)], others)
    squares = float(np.sum(x**2))
    spread_y, spread_x = (float(used.split(used.column(name))[0].std()) for name in (outcome, music))
    if squares < 1e-12 or spread_y < 1e-12:
        return None
    scale = spread_x / spread_y
    slope = float(np.sum(x * y)) / squares
    parts = np.bincount(used.person, x * (y - slope * x), used.people)
    error = float(np.sqrt(np.sum(parts**2))) / squares
    reach = float(stats.t.ppf(1 - alpha / 2, used.people - 1)) * error
    p = 2 * float(stats.t.sf(abs(slope / error), used.people - 1))
    own = np.bincount(used.person, x * y, used.people)
    return (
        (slope * scale, (slope - reach) * scale, (slope + reach) * scale, p, used.people),
        dict(zip(used.codes, own / np.sqrt(np.sum(own**2)), strict=True)),
    )


def _rest(used: Panel, values: Sequence[Numbers], others: Sequence[Numbers]) -> list[Numbers]:
    """Deviations within people of what the other columns do not tell."""
    left = np.column_stack([used.split(value)[0] for value in others])
    right = np.column_stack([used.split(value)[0] for value in values])
    return list((right - left @ np.linalg.lstsq(left, right, rcond=None)[0]).T)


def _best(scores: Sequence[dict[str, float]], draws: int, seed: int) -> float:
    """How often the best fork would be as good, were the sign of each person a matter of chance."""
    if not scores:
        return 1.0
    codes = sorted({code for one in scores for code in one})
    matrix = np.array([[one.get(code, 0.0) for code in codes] for one in scores])
    best = np.abs(matrix.sum(axis=1)).max()
    rng = np.random.default_rng(seed)
    as_good = 0
    for start in range(0, draws, _BATCH):
        signs = rng.choice([-1.0, 1.0], (len(codes), min(_BATCH, draws - start)))
        as_good += int(np.sum(np.abs(matrix @ signs).max(axis=0) >= best - 1e-12))
    return (1 + as_good) / (1 + draws)
