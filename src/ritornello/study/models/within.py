"""Do people feel otherwise than usual after they heard other music than usual? A mixed model, and a guard over its
engine.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np
from scipy import stats

from ritornello.errors import StudyError
from ritornello.study.models.panel import clock

if TYPE_CHECKING:
    from ritornello.study.models.panel import Numbers, Panel

Model: TypeAlias = Literal["random slopes", "random intercepts", "no random part", "none"]
"""``no random part``: least squares, with errors that are clustered by person; ``none``: the engines disagree."""
AGREE = 0.10
"""Standard errors of two optimisers may differ by so much; beyond that neither is believed."""
FEWEST_PEOPLE = 5


@dataclass(frozen=True)
class Within:
    """A slope within people."""

    outcome: str
    music: str
    slope: float
    """Standard deviations of the outcome within people, a standard deviation of the music within people."""
    error: float
    low: float
    high: float
    """Of the interval at 1 - alpha."""
    p: float | None
    """Two-sided; None where the guard does not believe the engine."""
    people: int
    rows: int
    spread: float
    """Standard deviation of slopes between people; 0 where the model has none."""
    between: float
    """The slope of people's means, from the same model; descriptive."""
    model: Model
    two_step: tuple[float, float]
    """Mean of people's own slopes, and its standard error: another way to the same number."""
    slopes: tuple[float, ...]
    """Each person's own."""
    remark: str
    """What the guard saw; empty where nothing."""


class _Told(NamedTuple):
    """What an engine says."""

    slope: float
    error: float
    spread: float
    between: float
    model: Model
    remark: str


def fit(
    panel: Panel, outcome: str, music: str, *, alpha: float = 0.05, least: int = 2, previous: bool = True
) -> Within:
    """Fit outcome on music of the same person.

    The outcome on the deviation from the person's mean of the music and on that mean, the outcome on the occasion
    before (deviation), local hour (cosine and sine) and weekend, with random intercepts and slopes of people. REML
    by L-BFGS, then again by Powell. Where random slopes cannot be told from none (a Hessian that is not positive
    definite), the model with random intercepts takes their place, then least squares with errors clustered by
    person; where both optimisers tell standard errors that differ by more than a tenth, no p is given. Degrees of
    freedom are people minus one.

    Parameters
    ----------
    panel
        Occasions.
    outcome, music
        Columns.
    alpha
        One minus the level of the interval.
    least
        People with fewer complete rows are left out.
    previous
        Whether the outcome before is a covariate.

    Raises
    ------
    StudyError
        With fewer than five people, or without any variation within them.
    """
    used = complete(panel, outcome, music, least, previous=previous)
    if used.people < FEWEST_PEOPLE:
        raise StudyError(
            f"{used.people} people have {least} occasions or more with {outcome} and {music}: at least "
            f"{FEWEST_PEOPLE} are needed"
        )
    y = used.column(outcome)
    x, mean = used.split(used.column(music))
    y_spread, x_spread = (float(np.sqrt(np.mean(used.split(value)[0] ** 2))) for value in (y, x))
    if min(x_spread, y_spread) < 1e-9:
        raise StudyError(f"{outcome} or {music} is always the same within people: there is nothing to ask")
    y, x = (y - y.mean()) / y_spread, x / x_spread
    spread_of_means = float(mean.std()) or 1.0
    design = np.column_stack(
        [np.ones(len(y)), x, (mean - mean.mean()) / spread_of_means, _covariates(used, outcome, previous)]
    )
    design = design[:, _independent(design)]
    told = _engines(y, design, used)
    slopes = _own_slopes(used, y, x, design)
    step = (float(slopes.mean()), float(slopes.std(ddof=1) / np.sqrt(len(slopes))))
    reach = float(stats.t.ppf(1 - alpha / 2, used.people - 1))
    if told is None:
        low, high = step[0] - reach * step[1], step[0] + reach * step[1]
        remark = "two optimisers disagree: no p is given, slope and interval are those of people's own slopes"
        nothing = float("nan")
        return Within(
            outcome,
            music,
            *step,
            low,
            high,
            None,
            used.people,
            len(used),
            0.0,
            nothing,
            "none",
            step,
            tuple(slopes),
            remark,
        )
    slope, error, spread, between, model, remark = told
    p = 2 * float(stats.t.sf(abs(slope / error), used.people - 1))
    if abs(step[0] - slope) > 3 * max(step[1], error):
        remark = f"{remark} people's own slopes have the mean {step[0]:.3f}".strip()
    return Within(
        outcome,
        music,
        slope,
        error,
        slope - reach * error,
        slope + reach * error,
        p,
        used.people,
        len(used),
        spread,
        between,
        model,
        step,
        tuple(float(one) for one in slopes),
        remark,
    )


def complete(panel: Panel, outcome: str, music: str, least: int, *, previous: bool = True) -> Panel:
    """Rows that have everything the model asks for, of people who have enough of them."""
    before = panel.previous(panel.column(outcome))
    found = panel.with_(_previous=before)
    keep = (
        np.isfinite(found.column(outcome)) & np.isfinite(found.column(music)) & np.isfinite(found.column("local_hour"))
    )
    if previous:
        keep &= np.isfinite(before)
    found = found.where(keep)
    enough = found.counts() >= max(least, 2)
    return found.where(enough[found.person])


def _covariates(used: Panel, outcome: str, previous: bool) -> Numbers:
    columns = [clock(used.column("local_hour")), used.column("weekend")[:, None]]
    if previous:
        before = used.split(used.column("_previous"))[0]
        columns.append(before[:, None] / (before.std() or 1.0))
    found = np.column_stack(columns)
    return np.asarray(found - found.mean(axis=0), float)


def _independent(design: Numbers) -> list[int]:
    """Columns that say something which those before them do not: a study on weekdays has no weekend."""
    kept: list[int] = []
    for column in range(design.shape[1]):
        if np.linalg.matrix_rank(design[:, [*kept, column]]) > len(kept):
            kept.append(column)
    return kept


def _engines(y: Numbers, design: Numbers, used: Panel) -> _Told | None:
    """The richest model that the data can tell from a poorer one; None where two optimisers disagree on it."""
    remark = ""
    rungs: tuple[tuple[Model, Numbers], ...] = (("random slopes", design[:, :2]), ("random intercepts", design[:, :1]))
    for name, random in rungs:
        one, other = (_mixed(y, design, used.person, random, method) for method in ("lbfgs", "powell"))
        if one is not None and other is not None:
            errors = sorted((one[1], other[1]))
            return _Told(*one, name, remark) if errors[1] <= (1 + AGREE) * errors[0] else None
        remark = f"{name} of people cannot be told from none: a simpler model took their place"
    import statsmodels.api as sm

    found = sm.OLS(y, design).fit(cov_type="cluster", cov_kwds={"groups": used.person})
    slope_of_means = float(found.params[2]) if design.shape[1] > 2 else 0.0
    return _Told(float(found.params[1]), float(found.bse[1]), 0.0, slope_of_means, "no random part", remark)


def _mixed(
    y: Numbers, design: Numbers, person: Any, random: Numbers, method: str
) -> tuple[float, float, float, float] | None:
    """One fit; None where its Hessian or its numbers are not to be believed."""
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, HessianInversionWarning

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            found = sm.MixedLM(y, design, groups=person, exog_re=random).fit(method=method)
            error = float(found.bse[1])
        except np.linalg.LinAlgError:
            return None
    if any(issubclass(one.category, HessianInversionWarning) for one in seen):
        return None
    if any(issubclass(one.category, ConvergenceWarning) and "Hessian" in str(one.message) for one in seen):
        return None
    variances = np.diag(np.asarray(found.cov_re))
    if not np.isfinite(error) or error <= 0 or np.any(variances < 0):
        return None
    spread = float(np.sqrt(variances[1])) if len(variances) > 1 else 0.0
    return float(found.fe_params[1]), error, spread, float(found.fe_params[2]) if design.shape[1] > 2 else 0.0


def _own_slopes(used: Panel, y: Numbers, x: Numbers, design: Numbers) -> Numbers:
    """The slope of each person, after the covariates were taken out within people."""
    others = np.column_stack([used.split(column)[0] for column in design[:, 3:].T]) if design.shape[1] > 3 else None
    within_y, within_x = used.split(y)[0], used.split(x)[0]
    if others is not None:
        solution = np.linalg.lstsq(others, np.column_stack([within_y, within_x]), rcond=None)[0]
        rest = np.column_stack([within_y, within_x]) - others @ solution
        within_y, within_x = used.split(rest[:, 0])[0], used.split(rest[:, 1])[0]
    both = np.bincount(used.person, within_x * within_y, used.people)
    squares = np.bincount(used.person, within_x**2, used.people)
    some = squares > 0.05 * float(np.median(squares))
    return np.asarray(both[some] / squares[some], float)
