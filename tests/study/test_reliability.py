from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ritornello.study import surveys
from ritornello.study.models import reliability
from ritornello.study.surveys import Columns
from tests.study import made

LOADINGS = np.array([0.9, 0.7, 0.5, 0.8])
ERRORS = np.array([0.3, 0.5, 0.6, 0.2])


def test_omega_is_that_of_the_loadings() -> None:
    covariance = np.outer(LOADINGS, LOADINGS) + np.diag(ERRORS)
    assert reliability.omega(covariance) == pytest.approx(2.9**2 / (2.9**2 + 1.6), abs=1e-4)
    # With equal loadings and errors omega is alpha.
    parallel = np.full((5, 5), 0.4) + 0.6 * np.eye(5)
    assert reliability.omega(parallel) == pytest.approx(5 * 0.4 / (1 + 4 * 0.4), abs=1e-6)
    assert reliability.alpha(parallel) == pytest.approx(5 * 0.4 / (1 + 4 * 0.4))
    # Of two items: Spearman and Brown.
    assert reliability.omega(np.array([[1, 0.5], [0.5, 1]])) == pytest.approx(2 / 3)
    assert reliability.omega(np.array([[1.0, 1.0], [1.0, 1.0]])) is None


def test_items_that_go_together_between_people_and_not_within_are_told_apart() -> None:
    # What people are is measured well, what changes in them badly, which alpha over all rows does not see.
    rng = np.random.default_rng(1)
    people, occasions = 120, 20
    person = np.repeat(np.arange(people), occasions)
    level = rng.normal(size=(people, 1)) + 0.3 * rng.normal(size=(people, 4))
    changing = 0.2 * rng.normal(size=(len(person), 1)) + 0.5 * rng.normal(size=(len(person), 4))
    found = reliability.of(person, level[person] + changing)
    assert found.alpha is not None
    assert found.alpha > 0.85
    assert found.between is not None
    assert found.between == pytest.approx(16 / (16 + 4 * 0.09), abs=0.03)
    assert found.within == pytest.approx(0.64 / 1.64, abs=0.05)
    changing = LOADINGS * rng.normal(size=(len(person), 1)) + np.sqrt(ERRORS) * rng.normal(size=(len(person), 4))
    found = reliability.of(person, level[person] + changing)
    assert found.within == pytest.approx(2.9**2 / (2.9**2 + 1.6), abs=0.03)


def test_few_people_have_no_reliability() -> None:
    items = np.random.default_rng(2).normal(size=(19, 3))
    assert reliability.of(np.arange(19), items).alpha is None
    enough = reliability.of(np.arange(20), np.vstack([items, items[:1]]))
    assert enough.alpha is not None
    assert enough.within is None


def test_answers_to_items_are_kept_for_it_and_go_with_a_person(tmp_path: Path) -> None:
    study = made.study(tmp_path / "study")
    one, other = made.enrolled(study, made.agreeing("a"), made.agreeing("b"))
    rows: list[dict[str, object]] = [
        {"id": id_, "sent": f"2024-03-0{day}T20:00:00", "q1": day, "q2": 40} for id_ in "ab" for day in (1, 2)
    ]
    rows[0]["q2"] = ""
    columns = Columns(person="id", sent="sent", scales={"affect-sliders": ["q1", "q2"]})
    surveys.keep(study, made.table(tmp_path / "s.csv", rows), columns)
    kept = surveys.table(study, "items_affect-sliders.csv")
    assert [(row["code"], row["item_1"], row["item_2"]) for row in kept] == sorted(
        [(one, "2", "40"), (other, "1", "40"), (other, "2", "40")]
    )
    assert "item_1" not in surveys.table(study, "survey.csv")[0]
