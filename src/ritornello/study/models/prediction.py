"""Can answers be told from music, of people never seen, or of the same people later? Beside four things that need no
music.

People are the unit of every split: all rows of a person are on one side. What is learned from data (filling in,
scaling, the strength of the penalty) is learned from the training side alone, and that strength within it, again by
people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ritornello.errors import StudyError
from ritornello.study.models.panel import clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from ritornello.study.models.panel import Numbers, Panel

PENALTIES = tuple(10.0**power for power in range(-1, 6))
IMPLAUSIBLE = 0.25
"""An R² beyond this is larger than any comparable published result."""
SMALL = 40
"""With fewer people each is a fold."""


@dataclass(frozen=True)
class Score:
    """How well one set of columns tells the outcome of people never seen."""

    name: str
    r2: float
    """Of squared error, against the mean of the training people; negative is worse than it."""
    low: float
    high: float
    """Over people drawn again."""


@dataclass(frozen=True)
class Prediction:
    """All that prediction says."""

    outcome: str
    people: int
    rows: int
    scores: tuple[Score, ...]
    """New people: grand mean, own past mean, clock, survey (own past mean, answer before, clock), music, survey and
    music."""
    gain: Score
    """What music adds to the survey: the share by which it makes the squared error smaller."""
    p: float
    """Of the gain, against music dealt out anew."""
    later: tuple[Score, ...]
    """The same people, in the last third of their days, from the two thirds before."""
    suspicious: bool
    """Whether something is too good to be true: look for leakage."""


def predict(
    panel: Panel,
    outcome: str,
    music: Sequence[str],
    *,
    folds: int = 10,
    repeats: int = 5,
    permutations: int = 500,
    bootstraps: int = 1000,
    seed: int = 1,
) -> Prediction:
    """Predict an outcome.

    Raises
    ------
    StudyError
        With fewer than ten people.
    """
    used = panel.where(np.isfinite(panel.column(outcome)))
    used = used.where((used.counts() >= 3)[used.person])
    if used.people < 10:
        raise StudyError(f"{used.people} people have three answers or more: at least 10 are needed to predict new ones")
    rng = np.random.default_rng(seed)
    y = used.column(outcome)
    sets = _sets(used, outcome, music)
    errors = {name: _by_person(used, _crossed(used, y, x, folds, repeats, seed)) for name, x in sets.items()}
    errors["grand mean"] = _by_person(used, _crossed(used, y, np.empty((len(y), 0)), folds, repeats, seed))
    past = own_past_mean(used, y, folds, seed)
    errors["own past mean"] = _by_person(used, past - y)
    draws = rng.integers(0, used.people, (bootstraps, used.people))
    order = ("grand mean", "own past mean", "clock", "survey", "music", "survey and music")
    scores = tuple(_score(name, errors[name], errors["grand mean"], draws) for name in order)
    gain = _score("music beyond the survey", errors["survey and music"], errors["survey"], draws)
    p = _permuted(used, y, sets, gain.r2, folds, permutations, rng, seed)
    later = _later(used, y, sets, draws)
    best = max((score.r2 for score in scores if score.name == "music"), default=0.0)
    return Prediction(outcome, used.people, len(used), scores, gain, p, later, max(best, gain.r2) > IMPLAUSIBLE)


def groups(panel: Panel, folds: int, seed: int) -> Iterator[NDArray[np.bool_]]:
    """The rows of the test people, fold by fold; each person is in one."""
    count = panel.people if panel.people < SMALL else min(folds, panel.people)
    place = np.random.default_rng(seed).permutation(panel.people) % count
    for fold in range(count):
        yield (place == fold)[panel.person]


def own_past_mean(panel: Panel, y: Numbers, folds: int, seed: int) -> Numbers:
    """The mean of a person's earlier answers; of the training people for the first."""
    found = _past(panel, y)
    for test in groups(panel, folds, seed):
        found[test & np.isnan(found)] = y[~test].mean()
    return found


def ridge(
    panel: Panel, y: Numbers, x: Numbers, train: NDArray[np.bool_], test: NDArray[np.bool_], seed: int
) -> Numbers:
    """Learn from the rows of some people and tell those of others; the penalty is found by people within the former."""
    if not x.shape[1]:
        return np.full(int(test.sum()), y[train].mean())
    inner = panel.where(train)
    place = np.random.default_rng(seed).permutation(inner.people) % min(5, inner.people)
    total = np.zeros(len(PENALTIES))
    for fold in range(min(5, inner.people)):
        held = (place == fold)[inner.person]
        told = _solve(x[train][~held], y[train][~held], x[train][held])
        total += np.sum((told - y[train][held][:, None]) ** 2, axis=0)
    return _solve(x[train], y[train], x[test])[:, int(np.argmin(total))]


def _solve(x: Numbers, y: Numbers, new: Numbers) -> Numbers:
    """Ridge regression for every penalty at once: what is missing filled in, scaled; a column a penalty."""
    train, test = _ready(x, new)
    mean = y.mean()
    values, vectors = np.linalg.eigh(train.T @ train)
    turned = vectors.T @ (train.T @ (y - mean))
    weights = vectors @ (turned[:, None] / (np.maximum(values, 0)[:, None] + np.asarray(PENALTIES)))
    found: Numbers = mean + test @ weights
    return found


def _ready(x: Numbers, new: Numbers) -> tuple[Numbers, Numbers]:
    """Both sides filled in with the means of the first, with a column where something was missing there, and scaled by
    it.
    """
    known = np.isfinite(x)
    means = np.where(known, x, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    gaps = ~known.all(axis=0)
    sides = [
        np.column_stack([np.where(np.isfinite(some), some, means), ~np.isfinite(some[:, gaps])]) for some in (x, new)
    ]
    centre, spread = sides[0].mean(axis=0), sides[0].std(axis=0)
    train, test = ((side - centre) / np.where(spread > 0, spread, 1.0) for side in sides)
    return train, test


def _sets(used: Panel, outcome: str, music: Sequence[str]) -> dict[str, Numbers]:
    hours = np.column_stack([clock(used.column("local_hour")), used.column("weekend")])
    y = used.column(outcome)
    survey = np.column_stack([hours, used.previous(y), _past(used, y)])
    heard = np.column_stack([used.column(name) for name in music])
    return {"clock": hours, "survey": survey, "music": heard, "survey and music": np.column_stack([survey, heard])}


def _past(used: Panel, y: Numbers) -> Numbers:
    """The mean of the same person's answers before each; NaN on the first."""
    total = np.cumsum(y) - y
    start = np.searchsorted(used.person, used.person)
    before = total - total[start]
    count = np.arange(len(y)) - start
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, before / np.maximum(count, 1), np.nan)


def _crossed(used: Panel, y: Numbers, x: Numbers, folds: int, repeats: int, seed: int) -> Numbers:
    """Errors on people never seen; root of the mean square over repeats."""
    total = np.zeros(len(y))
    times = 1 if used.people < SMALL else repeats
    for repeat in range(times):
        for test in groups(used, folds, seed + repeat):
            total[test] += (ridge(used, y, x, ~test, test, seed + repeat) - y[test]) ** 2
    return np.sqrt(total / times)


def _by_person(used: Panel, errors: Numbers) -> Numbers:
    return np.asarray(np.bincount(used.person, errors**2, used.people), float)


def _score(name: str, errors: Numbers, against: Numbers, draws: NDArray[np.intp]) -> Score:
    """One minus the ratio of squared errors, with an interval over people."""
    drawn = 1 - errors[draws].sum(axis=1) / against[draws].sum(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Score(name, float(1 - errors.sum() / against.sum()), float(low), float(high))


def _permuted(
    used: Panel,
    y: Numbers,
    sets: Mapping[str, Numbers],
    gain: float,
    folds: int,
    permutations: int,
    rng: np.random.Generator,
    seed: int,
) -> float:
    """How often music that was dealt out anew gains as much: rows within people, and people among each other."""
    survey, columns = sets["survey"], sets["music"]
    base = _by_person(used, _crossed(used, y, survey, folds, 1, seed)).sum()
    real = 1 - _by_person(used, _crossed(used, y, sets["survey and music"], folds, 1, seed)).sum() / base
    as_good = 0
    for _ in range(permutations):
        dealt = np.column_stack([survey, columns[_dealt(used, rng)]])
        as_good += 1 - _by_person(used, _crossed(used, y, dealt, folds, 1, seed)).sum() / base >= real
    return (1 + as_good) / (1 + permutations)


def _dealt(used: Panel, rng: np.random.Generator) -> NDArray[np.intp]:
    """Rows in another order: each person gets the rows of another, shuffled, and again from the start where they are
    too few.
    """
    counts = used.counts()
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    found = []
    for person, other in enumerate(rng.permutation(used.people)):
        theirs = starts[other] + rng.permutation(counts[other])
        found.append(np.resize(theirs, counts[person]))
    return np.concatenate(found)


def _later(used: Panel, y: Numbers, sets: Mapping[str, Numbers], draws: NDArray[np.intp]) -> tuple[Score, ...]:
    """Learn from the first two thirds of each person's occasions, tell the last third."""
    start = np.searchsorted(used.person, used.person)
    place = np.arange(len(y)) - start
    early = place < 2 * used.counts()[used.person] / 3
    mean = np.bincount(used.person[early], y[early], used.people) / np.bincount(
        used.person[early], minlength=used.people
    )
    own = mean[used.person]
    squares = {}
    for name, x in sets.items():
        told = np.zeros(len(y))
        told[~early] = ridge(used, y - own, x, early, ~early, 1) + own[~early] - y[~early]
        squares[name] = _by_person(used, told)
    base = _by_person(used, np.where(early, 0.0, own - y))
    return tuple(_score(name, squares[name], base, draws) for name in ("clock", "survey", "music", "survey and music"))


def leakage(panel: Panel, outcome: str, prediction: Prediction, seed: int = 1) -> dict[str, Any]:
    """Look for what should not be there, where a result is too good: answers among the music, people who are the same.

    Returns
    -------
    dict
        ``copies``: columns that correlate with the outcome by .95 or more; ``twins``: pairs of people with the same
        answers.
    """
    y = panel.column(outcome)
    copies = []
    for name, column in panel.columns.items():
        both = np.isfinite(y) & np.isfinite(column)
        some = both.sum() > 10 and min(column[both].std(), y[both].std()) > 0
        if name != outcome and some and abs(np.corrcoef(y[both], column[both])[0, 1]) > 0.95:
            copies.append(name)
    answers: dict[bytes, list[str]] = {}
    for number, code in enumerate(panel.codes):
        answers.setdefault(y[panel.person == number].tobytes(), []).append(code)
    twins = [codes for codes in answers.values() if len(codes) > 1]
    return {"suspicious": prediction.suspicious, "copies": copies, "twins": len(twins)}
