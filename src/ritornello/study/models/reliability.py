"""How well a questionnaire measures: between people, and within people from one occasion to the next."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ritornello.study.models.panel import Numbers

_FEWEST_PEOPLE = 20


@dataclass(frozen=True)
class Reliability:
    """Of one scale; each 0..1, None where it cannot be told."""

    items: int
    people: int
    rows: int
    alpha: float | None
    """Cronbach's, over all rows."""
    between: float | None
    """Omega of the differences between people."""
    within: float | None
    """Omega of what changes from one occasion to the next."""


def of(person: NDArray[np.intp], items: Numbers) -> Reliability:
    """Tell the reliability of a sum or mean of items.

    Parameters
    ----------
    person
        Number of the person of each row.
    items
        Rows of complete answers, reversed items turned; one column an item.
    """
    people = len(np.unique(person))
    count = items.shape[1]
    if count < 2 or people < _FEWEST_PEOPLE:
        return Reliability(count, people, len(items), None, None, None)
    over_all = np.cov(items.T)
    if len(items) == people:
        return Reliability(count, people, people, alpha(over_all), omega(over_all), None)
    between, within = split(person, items)
    return Reliability(count, people, len(items), alpha(over_all), omega(between), omega(within))


def split(person: NDArray[np.intp], items: Numbers) -> tuple[Numbers, Numbers]:
    """Covariance of items between people and within people (Muthén 1994: the second is taken off the means' own)."""
    codes, number = np.unique(person, return_inverse=True)
    counts = np.bincount(number)
    means = np.column_stack([np.bincount(number, column) / counts for column in items.T])
    rest = items - means[number]
    within = rest.T @ rest / (len(items) - len(codes))
    return np.cov(means.T) - within * float(np.mean(1 / counts)), within


def alpha(covariance: Numbers) -> float | None:
    """Cronbach's alpha."""
    count, total = len(covariance), float(covariance.sum())
    return float(count / (count - 1) * (1 - np.trace(covariance) / total)) if total > 0 else None


def omega(covariance: Numbers) -> float | None:
    """McDonald's omega total of one factor (maximum likelihood); of two items alpha of the standardised ones.

    None where items have so little in common that no factor is found.

    Source: McDonald 1999, Test Theory, chapter 6.
    """
    variances = np.diag(covariance)
    if variances.min() <= 1e-12 or np.linalg.eigvalsh(covariance).min() <= 1e-9 * variances.max():
        return None
    spread = np.sqrt(variances)
    correlation = covariance / np.outer(spread, spread)
    if len(covariance) == 2:
        return alpha(correlation)
    from statsmodels.multivariate.factor import Factor
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        found = Factor(corr=correlation, n_factor=1, method="ml", nobs=len(covariance) + 10).fit()
    if any(issubclass(one.category, ConvergenceWarning) for one in seen):
        return None
    loadings = found.loadings[:, 0] * spread
    return float(loadings.sum() ** 2 / (loadings.sum() ** 2 + np.sum(variances - loadings**2)))
