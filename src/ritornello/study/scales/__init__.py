"""Scoring keys of questionnaires: which items make which scale. Their texts are not here; many may not be copied."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import yaml

from ritornello.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ENOUGH = 0.8
"""The share of a subscale's items that must be answered; the rest counts as the mean of those."""


@dataclass(frozen=True)
class Scale:
    """One questionnaire."""

    source: str
    rights: str
    health: bool
    """Whether its answers are data about health: then ``health_items`` has to be agreed to."""
    items: int
    lowest: float
    highest: float
    rule: Literal["sum", "mean"]
    times: float
    """What sums are multiplied by."""
    reverse: list[int]
    subscales: Mapping[str, list[int]]


@functools.cache
def names() -> tuple[str, ...]:
    """All scales that can be scored."""
    here = (path.name for path in files("ritornello.study.scales").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in here if name.endswith(".yaml")))


@functools.cache
def get(name: str) -> Scale:
    """One scale by its name."""
    if name not in names():
        raise StudyError(f"there is no scoring key for {name!r}: expected one of {', '.join(names())}")
    return Scale(**yaml.safe_load((files("ritornello.study.scales") / f"{name}.yaml").read_text(encoding="utf-8")))


def turn(scale: Scale, item: int, answer: float) -> float:
    """The answer to an item, reversed where the key says so."""
    return scale.lowest + scale.highest - answer if item in scale.reverse else answer


def score(scale: Scale, answers: Sequence[float | None]) -> dict[str, float | None]:
    """Score the answers of one person on one occasion.

    Parameters
    ----------
    scale
        The key.
    answers
        One number an item, in the order of the questionnaire; None where it was not answered.

    Returns
    -------
    dict
        A number a subscale; None where fewer than four fifths of its items were answered.

    Raises
    ------
    StudyError
        Where an answer is outside of the range: a sign of another coding.
    """
    if len(answers) != scale.items:
        raise StudyError(f"{scale.source} has {scale.items} items, {len(answers)} answers were given")
    for number, answer in enumerate(answers, 1):
        if answer is not None and not scale.lowest <= answer <= scale.highest:
            raise StudyError(
                f"{scale.source}, item {number}: the answer is {answer:g}, expected {scale.lowest:g} to "
                f"{scale.highest:g}; "
                "code answers as the questionnaire does, and do not reverse any"
            )
    turned = [None if answer is None else turn(scale, number, answer) for number, answer in enumerate(answers, 1)]
    found: dict[str, float | None] = {}
    for name, items in scale.subscales.items():
        given = [answer for item in items if (answer := turned[item - 1]) is not None]
        if len(given) < _ENOUGH * len(items):
            found[name] = None
            continue
        mean = sum(given) / len(given)
        found[name] = round(mean if scale.rule == "mean" else mean * len(items) * scale.times, 6)
    return found
