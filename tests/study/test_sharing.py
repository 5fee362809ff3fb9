from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ritornello.study import donors, psychds, risk, sharing
from ritornello.study.models.panel import Panel


def people(**kinds: str) -> list[dict[str, str]]:
    """One person a letter of each column."""
    columns = {name: letters.split() for name, letters in kinds.items()}
    return [dict(zip(columns, told, strict=True)) for told in zip(*columns.values(), strict=True)]


def test_neighbours_are_merged_before_a_column_is_left_out() -> None:
    told = people(age="1 1 1 1 2 2 2 2 3 3 3 3", hand="r r r r r r l r r r r r")
    found = risk.coarsen(told, ["age", "hand"], 4)
    assert found.steps == ("leave out hand",)
    assert risk.k_anonymity(found.people, found.columns) == 4
    found = risk.coarsen(people(age="1 1 1 1 2 2 3 3 4 4 4 4"), ["age"], 4)
    assert found.steps == ("age: merge 2 and 3",)
    assert {person["age"] for person in found.people} == {"1", "2 or 3", "4"}


def test_nothing_is_done_where_enough_are_alike_and_all_goes_where_nobody_is() -> None:
    told = people(age="1 1 1 1 2 2 2 2")
    assert risk.coarsen(told, ["age"], 4).steps == ()
    assert risk.coarsen(told, ["age"], 5).columns == ()
    assert risk.coarsen([], ["age"], 5).columns == ()
    assert risk.coarsen([{"age": "1"}, {}] * 4, ["age"], 4).people[1] == {"age": "not told"}


def test_what_is_sensitive_is_not_found_out_from_the_rest() -> None:
    told = people(age="1 1 1 1 2 2 2 2", mood="l l l l l l h h")
    assert risk.k_anonymity(told, ["age", "mood"]) == 2
    # Everybody of the first age feels low: to know the age is to know the mood.
    found = risk.coarsen(told, ["age", "mood"], 2, sensitive=["mood"])
    assert found.columns == ("age",)
    assert risk.coarsen(told, ["age", "mood"], 2).columns == ("age", "mood")


@given(
    st.lists(st.tuples(*(st.sampled_from("abcd") for _ in range(3))), max_size=25),
    st.integers(1, 5),
)
def test_however_people_are_enough_of_them_are_alike_in_the_end(told: list[tuple[str, str, str]], floor: int) -> None:
    rows = [dict(zip(("age", "hand", "mood"), one, strict=True)) for one in told]
    found = risk.coarsen(rows, ["age", "hand", "mood"], floor, sensitive=["mood"])
    assert len(found.people) == len(rows)
    assert all(set(person) == set(found.columns) for person in found.people)
    if found.columns:
        assert risk.k_anonymity(found.people, found.columns) >= floor
    if "mood" in found.columns:
        others = [name for name in found.columns if name != "mood"]
        assert risk.l_diversity(found.people, others, [person["mood"] for person in found.people]) > 1


def linked(panel: Panel, values: np.ndarray) -> float:
    """How often the row most alike behind the point is one of the same person: what an attacker would look at."""
    parts = np.mod(values, 1.0)
    apart = np.abs(parts[:, None] - parts[None, :])
    apart = np.minimum(apart, 1 - apart) + 9 * np.eye(len(parts))
    return float(np.mean(panel.person[np.argmin(apart, axis=1)] == panel.person))


def test_rows_of_one_person_are_not_found_by_their_mean() -> None:
    panel = donors.panel(40, 20, heard=1.0, seed=1)
    answers = np.round(50 + 15 * panel.column("valence"))
    deviation = np.round(panel.split(answers)[0], 2)
    chance = 19 / 799
    # Whole numbers less a mean: what is behind the point is the same in all rows of a person.
    assert linked(panel, deviation) > 0.3
    told = np.round(sharing.blurred(panel, answers, np.random.default_rng(2)), 2)
    assert linked(panel, told) < 3 * chance
    assert np.corrcoef(told, deviation)[0, 1] > 0.99
    likert = np.clip(np.round(4 + 1.2 * panel.column("valence")), 1, 7)
    assert linked(panel, panel.split(likert)[0]) > 0.3
    told = sharing.blurred(panel, likert, np.random.default_rng(3))
    assert linked(panel, np.round(told, 2)) < 3 * chance
    assert np.isnan(sharing.blurred(panel, np.full(len(panel), np.nan), np.random.default_rng(4))).all()


# Psych-DS ----------------------------------------------------------------------------------------------------------

GOOD = {
    "@context": "https://schema.org/",
    "@type": "Dataset",
    "name": "n",
    "description": "d",
    "variableMeasured": ["a", "b"],
}


def data_set(place: Path, **changes: object) -> Path:
    """The smallest that is right, and what is changed of its description."""
    (place / "data").mkdir(parents=True)
    told = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    (place / "dataset_description.json").write_text(json.dumps(told))
    (place / "data" / "study-one_data.csv").write_text("a,b\n1,2\n")
    return place


def test_the_smallest_data_set_is_right_and_is_told_what_is_recommended(tmp_path: Path) -> None:
    place = data_set(tmp_path)
    assert psychds.check(place) == []
    (place / "more.txt").write_text("x")
    (place / "data" / "mood-x_data.csv").write_text("a\n1\n")
    advice = psychds.advise(place)
    assert "README.md or README.txt is not there" in advice
    assert "mood-x_data.csv: mood is no official keyword" in advice
    assert "more.txt is no part of Psych-DS: name it in .psychdsignore" in advice
    (place / psychds.IGNORED).write_text("more.txt\n")
    assert not [one for one in psychds.advise(place) if "more.txt" in one]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": None}, "has no name"),
        ({"description": ""}, "has no description"),
        ({"variableMeasured": None}, "has no variableMeasured"),
        ({"@type": None}, "has no @type"),
        ({"@type": "Thing"}, "has to be a Dataset"),
        ({"@context": "https://example.org"}, "@context"),
        ({"variableMeasured": ["a"]}, "b of study-one_data.csv is not in variableMeasured"),
        ({"variableMeasured": [{"@type": "PropertyValue", "name": "a"}]}, "b of study-one_data.csv"),
    ],
)
def test_a_wrong_description_is_told(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    assert any(says in one for one in psychds.check(data_set(tmp_path, **changes)))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("study-one_data.csv", b"", "has no header"),
        ("study-one_data.csv", b"a,a\n1,2\n", "the column 'a' twice"),
        ("study-one_data.csv", b"a,b\n1\n", "line 2 has 1 cells, the header 2"),
        ("study-one_data.csv", b"a\n\xff\n", "no CSV in UTF-8"),
        ("Study-one_data.csv", b"a\n1\n", "not named keyword-value"),
        ("study-one.csv", b"a\n1\n", "not named keyword-value"),
        ("study-o.ne_data.csv", b"a\n1\n", "not named keyword-value"),
    ],
)
def test_a_wrong_file_is_told(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    place = data_set(tmp_path)
    (place / "data" / "study-one_data.csv").unlink()
    (place / "data" / name).write_bytes(content)
    assert any(says in one for one in psychds.check(place))


def test_row_ids_differ_and_metadata_beside_a_file_come_first(tmp_path: Path) -> None:
    place = data_set(tmp_path, variableMeasured=["a"])
    (place / "data" / "study-one_data.csv").write_text("row_id\n1\n1\n")
    told = psychds.check(place)
    assert "study-one_data.csv: row_id is not different in every row" in told
    assert "row_id of study-one_data.csv is not in variableMeasured" in told
    (place / "data" / "study-one_data.csv").write_text("row_id\n1\n2\n")
    (place / "data" / "file_metadata.json").write_text(json.dumps({"variableMeasured": ["row_id"]}))
    assert psychds.check(place) == []
    (place / "data" / "study-one_data.json").write_text(json.dumps({"variableMeasured": ["a"]}))
    assert len(psychds.check(place)) == 1
    assert psychds.check(tmp_path / "nowhere") == ["dataset_description.json is not there", "data/ is not there"]
