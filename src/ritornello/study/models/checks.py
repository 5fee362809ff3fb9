"""What could be behind a slope besides music: rows that are missing, listening that is chosen, single people, other
choices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from ritornello.study.models import within
from ritornello.study.models.panel import clock

if TYPE_CHECKING:
    from ritornello.study.models.panel import Numbers, Panel


@dataclass(frozen=True)
class Missing:
    """What rows without features could do to a slope."""

    share: float
    """Of the answers after music, how many have no feature."""
    depends: float
    """p of whether these answers differ from the others of the same people."""
    low: float
    high: float
    """Between which the slope lies if what is missing were at the tenth or ninetieth percentile of what is known."""


@dataclass(frozen=True)
class Selective:
    """Whether people listen when they feel in a certain way, and what the slope is when that is weighed out."""

    share: float
    """Of the answers, how many came after music."""
    linear: float
    """Log odds of listening, a standard deviation of the outcome within people."""
    extreme: float
    """Log odds, a standard deviation of its square: listening when feeling far from usual, whichever way."""
    p: float
    """Of both together."""
    weighted: float
    """The slope within people when answers after music count by one over their odds of being there."""
    error: float


def missing(panel: Panel, outcome: str, music: str, heard: str = "plays") -> Missing:
    """Bound the slope by what the missing features could be.

    Rows after music whose features are unknown get the tenth or the ninetieth percentile, as lowers or raises the
    slope most. The slopes are those within people, with hour and weekend taken out.
    """
    after = (panel.column(heard) > 0) & np.isfinite(panel.column(outcome))
    some = panel.where(after)
    y, x = _adjusted(some, some.column(outcome)), some.column(music)
    unknown = ~np.isfinite(x)
    if not unknown.any():
        slope = _slope(some, some.column(outcome), x)
        return Missing(0.0, 1.0, slope, slope)
    low, high = np.nanquantile(x, (0.1, 0.9))
    bounds = []
    for sign in (-1, 1):
        filled = x.copy()
        filled[unknown] = np.where(sign * y[unknown] > 0, high, low)
        bounds.append(_slope(some, some.column(outcome), filled))
    known = some.split(np.where(unknown, 1.0, 0.0))[0]
    return Missing(float(unknown.mean()), _p(known, y, some), min(bounds), max(bounds))


def selective(panel: Panel, outcome: str, music: str, heard: str = "plays") -> Selective:
    """Model listening itself, and weigh the slope by its inverse.

    Silent prompts are rows as well: whether there was music is regressed on the outcome, as deviation from the
    person's mean over all prompts, and its square (logistic). Weights are stabilised and cut at their 99th percentile.
    """
    import statsmodels.api as sm

    answered = panel.where(np.isfinite(panel.column(outcome)) & np.isfinite(panel.column(heard)))
    y = answered.split(answered.column(outcome))[0]
    spread = float(y.std()) or 1.0
    z = y / spread
    square = z**2
    square = (square - square.mean()) / (float(square.std()) or 1.0)
    listened = (answered.column(heard) > 0).astype(float)
    share = float(listened.mean())
    if share in (0.0, 1.0):
        slope = _slope(answered, answered.column(outcome), answered.column(music)) if share else float("nan")
        return Selective(share, 0.0, 0.0, 1.0, slope, float("nan"))
    design = np.column_stack([np.ones(len(z)), z, square])
    found = sm.GLM(listened, design, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": answered.person}
    )
    contrast = found.params[1:] @ np.linalg.solve(np.asarray(found.cov_params())[1:, 1:], found.params[1:])
    weights = share / np.asarray(found.fittedvalues)
    weights = np.minimum(weights, np.quantile(weights, 0.99))
    x = answered.column(music)
    keep = (listened > 0) & np.isfinite(x)
    clean = _adjusted(answered, answered.column(outcome)) / spread
    some = answered.where(keep)
    slope, error = _weighted(some, clean[keep], _adjusted(some, x[keep]), weights[keep])
    p = float(stats.chi2.sf(contrast, 2))
    return Selective(share, float(found.params[1]), float(found.params[2]), p, slope, error)


def influence(panel: Panel, outcome: str, music: str) -> tuple[float, float, str]:
    """The slope without one person, lowest and highest over all, and whose absence moves it most (within)."""
    used = within.complete(panel, outcome, music, 2, previous=False)
    y, x = (_adjusted(used, used.column(name)) for name in (outcome, music))
    y, x = y / (float(y.std()) or 1.0), x / (float(x.std()) or 1.0)
    both = np.bincount(used.person, x * y, used.people)
    squares = np.bincount(used.person, x**2, used.people)
    without = (both.sum() - both) / (squares.sum() - squares)
    most = int(np.argmax(np.abs(without - both.sum() / squares.sum())))
    return float(without.min()), float(without.max()), used.codes[most]


def _slope(panel: Panel, outcome: Numbers, music: Numbers) -> float:
    """Within people, in standard deviations within people."""
    keep = np.isfinite(outcome) & np.isfinite(music)
    some = panel.where(keep)
    y, x = _adjusted(some, outcome[keep]), _adjusted(some, music[keep])
    spread = float(np.sum(x**2))
    return float(np.sum(x * y) / spread * x.std() / (y.std() or 1.0)) if spread else float("nan")


def _adjusted(panel: Panel, values: Numbers) -> Numbers:
    """Deviations within people, with hour and weekend taken out."""
    deviation = panel.split(values)[0]
    hours = np.column_stack([clock(panel.column("local_hour")), panel.column("weekend")])
    others = np.column_stack([panel.split(column)[0] for column in hours.T])
    found: Numbers = deviation - others @ np.linalg.lstsq(others, deviation, rcond=None)[0]
    return found


def _weighted(panel: Panel, y: Numbers, x: Numbers, weights: Numbers) -> tuple[float, float]:
    """Slope within people with weights, and its error over people; y is scaled by all of its occasions."""
    total = np.bincount(panel.person, weights, panel.people)
    centre = (np.bincount(panel.person, weights * value, panel.people) / total for value in (y, x))
    centred_y, centred_x = (value - mean[panel.person] for value, mean in zip((y, x), centre, strict=True))
    spread = float(np.sqrt(np.sum(weights * centred_x**2) / weights.sum()))
    scaled = centred_x / spread
    inner = float(np.sum(weights * scaled**2))
    slope = float(np.sum(weights * scaled * centred_y)) / inner
    parts = np.bincount(panel.person, weights * scaled * (centred_y - slope * scaled), panel.people)
    return slope, float(np.sqrt(np.sum(parts**2))) / inner


def _p(x: Numbers, y: Numbers, panel: Panel) -> float:
    """Whether two deviations go together, with people as the unit."""
    both = np.bincount(panel.person, x * y, panel.people)
    if not np.any(both):
        return 1.0
    return float(stats.ttest_1samp(both, 0.0).pvalue)
