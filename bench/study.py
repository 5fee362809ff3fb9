"""How often the models of a study find what is not there, and whether they find what is: see docs/study/methods.md.

``python -m bench.study --studies 400`` prints the figures as JSON; it needs no data.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from ritornello.study import donors, fitting, plans
from ritornello.study.models import multiverse, within


@dataclass(frozen=True)
class Outcome:
    """One made-up study."""

    slope: float
    error: float
    p: float | None
    covered: bool
    confirmed: bool
    model: str


def one(seed: int, people: int, prompts: int, slope: float, spread: float, carried: float) -> Outcome:
    panel = donors.panel(people, prompts, slope, spread=spread, seed=seed, carried=carried)
    plan = plans.Plan(least_prompts=5)
    found = fitting.confirmatory(panel, plan)
    used = within.complete(panel, "valence", "energy", 5)
    y, x = (used.split(used.column(name))[0] for name in ("valence", "energy"))
    truth = slope * float(np.sqrt(np.mean(x**2)) / np.sqrt(np.mean(y**2)))
    covered = found.low <= truth <= found.high
    return Outcome(found.slope - truth, found.error, found.p, covered, fitting.confirms(found, plan), found.model)


def figures(outcomes: list[Outcome]) -> dict[str, object]:
    count = len(outcomes)
    models = sorted({outcome.model for outcome in outcomes})
    return {
        "studies": count,
        "confirmed": sum(outcome.confirmed for outcome in outcomes) / count,
        "without_p": sum(outcome.p is None for outcome in outcomes),
        "coverage": sum(outcome.covered for outcome in outcomes) / count,
        "bias": round(float(np.mean([outcome.slope for outcome in outcomes])), 4),
        "models": {model: sum(outcome.model == model for outcome in outcomes) for model in models},
    }


def forked(seed: int) -> tuple[bool, bool]:
    """A study of nothing asked in 24 ways: whether the best is below .05, and whether it is when held to all."""
    rng = np.random.default_rng(5000 + seed)
    panel = donors.panel(30, 12, heard=1.0, seed=seed)
    base = rng.normal(size=len(panel))
    windows, listens = (15, 60, 180), ("any", "long", "half", "completed")
    # Music of other windows and other listens has half its spread in common.
    forks = {
        multiverse.column(minutes, listen): 0.5 * base + rng.normal(size=len(panel))
        for minutes in windows
        for listen in listens
    }
    found = multiverse.run(panel.with_(**forks), "arousal", windows, listens, draws=400)
    return min(one.p for one in found.forks) < 0.05, found.best < 0.05


CASES = {
    "nothing": (0.0, 0.0),
    "nothing, slopes of people differ": (0.0, 0.15),
    "slope .10": (0.10, 0.0),
    "slope .10, slopes of people differ": (0.10, 0.10),
}
"""Planted slope, and the standard deviation of slopes between people."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=400)
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--prompts", type=int, default=30)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--case", choices=CASES, action="append", help="one of the cases; all unless told")
    told = parser.parse_args()
    found: dict[str, object] = {"people": told.people, "prompts": told.prompts}
    with ProcessPoolExecutor(told.processes) as pool:
        if not told.case:
            best = list(pool.map(forked, range(told.studies), chunksize=5))
            shares = {"best below .05": sum(one for one, _ in best), "held to all forks": sum(two for _, two in best)}
            print(json.dumps({"studies": told.studies, **shares}), flush=True)
        for name in told.case or CASES:
            slope, spread = CASES[name]
            start = time.perf_counter()
            run = partial(one, people=told.people, prompts=told.prompts, slope=slope, spread=spread, carried=0.3)
            found[name] = figures(list(pool.map(run, range(told.studies), chunksize=5)))
            print(json.dumps({name: found[name], "seconds": round(time.perf_counter() - start)}), flush=True)


if __name__ == "__main__":
    main()
