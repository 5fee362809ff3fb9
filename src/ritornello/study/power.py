"""How many people a study needs: for slopes within people, for correlations between them, and how many to invite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from ritornello.study import figures
from ritornello.study.models.between import needed
from ritornello.study.summary import Summary

if TYPE_CHECKING:
    from pathlib import Path

    from ritornello.study.plans import Plan

PEOPLE = (30, 60, 100, 150, 200)
USABLE = 0.6
"""Of the prompts, the share that is answered and came after music with features; 85 % × 70 % in the rehearsal."""
INVITED = 5
"""People to invite for one who takes part to the end: 17 % started in the LISS panel (Keusch and others 2025)."""


def within(people: int, prompts: int, slope: float, spread: float = 0.05, alpha: float = 0.05) -> float:
    """The chance that a slope within people shows.

    Parameters
    ----------
    people, prompts
        How many, and how many complete occasions each.
    slope
        In standard deviations within people.
    spread
        Standard deviation of slopes between people.

    Returns
    -------
    float
        0..1: two-sided, with people minus one degrees of freedom and an error of ``sqrt(1 / rows + spread² / people)``.
    """
    error = np.sqrt(1 / (people * prompts) + spread**2 / people)
    reach = stats.t.ppf(1 - alpha / 2, people - 1)
    shift = slope / error
    return float(stats.nct.sf(reach, people - 1, shift) + stats.nct.cdf(-reach, people - 1, shift))


def table(plan: Plan, prompts: int = 40, picture: Path | None = None) -> Summary:
    """Power for the plan's smallest effect, and people for correlations; the first as a drawing too, where it is asked.

    Parameters
    ----------
    prompts
        A person.
    picture
        Where to write the drawing, an SVG.
    """
    usable = max(1, round(prompts * USABLE))
    slopes = sorted({plan.smallest_effect, 0.05, 0.10})
    rows = [
        {
            "people": people,
            **{f"{slope:g}": round(within(people, usable, slope, alpha=plan.alpha), 2) for slope in slopes},
        }
        for people in PEOPLE
    ]
    lines = [f"{prompts} prompts a person, of which about {usable} are answered after music with features"]
    lines.append("chance to see a slope within people of " + "   ".join(f"{slope:.2f}" for slope in slopes))
    lines += [
        f"  {row['people']:4} people (invite {INVITED * int(row['people']):4})        "
        + "   ".join(f"{row[f'{slope:g}']:.2f}" for slope in slopes)
        for row in rows
    ]
    correlations = {f"{r:.2f}": needed(r) for r in (0.10, 0.13, 0.20, 0.25, 0.30)}
    lines.append("people needed for a correlation between people, at 80 %:")
    lines.append("  " + "   ".join(f"r {r}: {count}" for r, count in correlations.items()))
    enough = next((row["people"] for row in rows if float(row[f"{plan.smallest_effect:g}"]) >= 0.8), None)
    lines.append(
        f"for the plan's smallest effect, {plan.smallest_effect:g}: {enough} people"
        if enough
        else f"not even {PEOPLE[-1]} people show the plan's smallest effect, {plan.smallest_effect:g}, so seldom asked"
    )
    if picture is not None:
        counts = range(10, PEOPLE[-1] + 1, 5)
        drawn = [
            {"people": people, "slope": f"{slope:g}", "chance": within(people, usable, slope, alpha=plan.alpha)}
            for slope in slopes
            for people in counts
        ]
        picture.write_text(figures.power(drawn), encoding="utf-8")
        lines.append(f"{picture} shows the chance for every number of people")
    return Summary(lines, {"usable_prompts": usable, "within": rows, "between": correlations, "enough": enough})
