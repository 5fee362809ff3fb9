"""Who gives a listening history, and who agreed and did not: a sample speaks for people like those in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST = 5
"""People of either kind, below which nothing is compared."""


@dataclass(frozen=True)
class Difference:
    """One thing in which people who gave and people who did not may differ."""

    what: str
    gave: int
    not_gave: int
    told: tuple[str, str]
    """Mean or shares of either kind, in words."""
    size: float
    """Cohen's d for numbers, Cramér's V for answers in kinds."""
    p: float


def numbers(what: str, gave: Sequence[float], not_gave: Sequence[float]) -> Difference | None:
    """Compare means (Welch); None where there are too few."""
    one, other = (np.asarray(some, float) for some in (gave, not_gave))
    if min(len(one), len(other)) < FEWEST:
        return None
    spread = float(np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / 2))
    if spread < 1e-12:
        return None
    p = float(stats.ttest_ind(one, other, equal_var=False).pvalue)
    told = (f"{one.mean():.2f}", f"{other.mean():.2f}")
    return Difference(what, len(one), len(other), told, float(one.mean() - other.mean()) / spread, p)


def kinds(what: str, gave: Sequence[str], not_gave: Sequence[str]) -> Difference | None:
    """Compare shares (chi-squared); None where there are too few, or all say the same.

    What fewer than five people said is told as one kind with the rest of that sort.
    """
    rare = {value for value, count in Counter([*gave, *not_gave]).items() if count < FEWEST}
    gave, not_gave = (["other" if one in rare else one for one in some] for some in (gave, not_gave))
    if min(len(gave), len(not_gave)) < FEWEST or len({*gave, *not_gave}) < 2:
        return None
    values = sorted({*gave, *not_gave})
    counts = Counter(gave), Counter(not_gave)
    table = np.array([[count[value] for value in values] for count in counts])
    found = stats.chi2_contingency(table, correction=False)
    told = tuple(
        ", ".join(f"{value} {count[value] / total:.0%}" for value in values)
        for count, total in zip(counts, table.sum(axis=1), strict=True)
    )
    size = float(np.sqrt(found.statistic / table.sum()))
    return Difference(what, len(gave), len(not_gave), (told[0], told[1]), size, float(found.pvalue))
