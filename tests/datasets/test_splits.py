from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ritornello.datasets.splits import SHARES, Groups

ROWS = st.lists(st.lists(st.sampled_from("abcdefghijklmnop"), min_size=1, max_size=3, unique=True), max_size=60)


@given(ROWS)
def test_who_shares_a_row_shares_a_split(rows: list[list[str]]) -> None:
    groups = Groups()
    for row in rows:
        groups.add(row)
    splits = groups.split()
    for row in rows:
        assert len({splits[groups.of(name)] for name in row}) == 1


@given(ROWS)
def test_the_order_of_rows_changes_no_split(rows: list[list[str]]) -> None:
    there, back = Groups(), Groups()
    for row in rows:
        there.add(row)
    for row in reversed(rows):
        back.add(reversed(row))
    assert there.split() == back.split()


def test_splits_have_their_shares() -> None:
    groups = Groups()
    for number in range(1000):
        groups.add([f"artist {number}"])
    counts = Counter(groups.split().values())
    assert {split: counts[split] / 1000 for split in SHARES} == SHARES


def test_ties_are_passed_on() -> None:
    groups = Groups()
    groups.add(["a", "b"])
    groups.add(["c", "d"])
    groups.add(["d", "b"], rows=3)
    assert {groups.of(name) for name in "abcd"} == {"a"}
    assert groups.split() == {"a": "train"}
