"""Do people who hear more of something feel otherwise than people who hear less of it? One number a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from ritornello.errors import StudyError

if TYPE_CHECKING:
    from ritornello.study.models.panel import Numbers, Panel


IMPLAUSIBLE = 0.5
"""A correlation beyond this is larger than any comparable published result."""


@dataclass(frozen=True)
class Between:
    """A correlation of people's means."""

    outcome: str
    music: str
    r: float
    low: float
    high: float
    p: float
    people: int
    reliability: tuple[float, float]
    """Of the means of outcome and of music, 0..1: how much of their variance is of people and not of the few
    occasions."""
    corrected: float | None
    """The correlation that means without that error would have; None where a reliability is below .3."""


def correlate(panel: Panel, outcome: str, music: str, *, alpha: float = 0.05) -> Between:
    """Correlate the means of people.

    Interval and p after Fisher's z, with people as the unit; the correction is Spearman's.

    Raises
    ------
    StudyError
        With fewer than five people.
    """
    y, x = panel.column(outcome), panel.column(music)
    used = panel.where(np.isfinite(y) & np.isfinite(x))
    y, x = used.column(outcome), used.column(music)
    means = used.means(y), used.means(x)
    people = used.people
    if people < 5 or min(float(np.std(one)) for one in means) < 1e-12:
        raise StudyError(
            f"{people} people have {outcome} and {music}, or all the same: at least 5 who differ are needed"
        )
    r = float(np.corrcoef(*means)[0, 1])
    low, high = interval(r, people, alpha)
    p = float(2 * stats.norm.sf(abs(np.arctanh(r)) * np.sqrt(people - 3)))
    trust = reliability(used, y), reliability(used, x)
    corrected = max(-1.0, min(1.0, r / float(np.sqrt(trust[0] * trust[1])))) if min(trust) >= 0.3 else None
    return Between(outcome, music, r, low, high, p, people, trust, corrected)


def interval(r: float, people: int, alpha: float) -> tuple[float, float]:
    """Where a correlation lies, after Fisher's z."""
    reach = stats.norm.ppf(1 - alpha / 2) / np.sqrt(people - 3)
    return float(np.tanh(np.arctanh(r) - reach)), float(np.tanh(np.arctanh(r) + reach))


def reliability(panel: Panel, values: Numbers) -> float:
    """The share of the variance of people's means that is not of the occasions, 0..1 (one-way random effects)."""
    counts = panel.counts()
    if counts.max(initial=0) < 2:
        return 1.0
    within, _ = panel.split(values)
    noise = float(np.sum(within**2) / max(1, len(values) - panel.people))
    of_means = float(np.var(panel.means(values), ddof=1))
    return max(0.0, 1 - noise * float(np.mean(1 / counts)) / of_means) if of_means else 0.0


def icc(panel: Panel, values: Numbers) -> float:
    """The share of all variance that is between people, 0..1."""
    some = panel.where(np.isfinite(values))
    known = values[np.isfinite(values)]
    within, _ = some.split(known)
    noise = float(np.sum(within**2) / max(1, len(known) - some.people))
    people = max(0.0, float(np.var(some.means(known), ddof=1)) - noise * float(np.mean(1 / some.counts())))
    return people / (people + noise) if people + noise else 0.0


def needed(r: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """How many people show a correlation of this size, after Fisher's z."""
    reach = stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)
    return int(np.ceil((reach / np.arctanh(r)) ** 2 + 3))
