from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ritornello.errors import BadRequest
from ritornello.spotify import fields

FOUND: dict[str, Any] = {"a": 1, "b": {"c": 2, "d": {"e": 3, "f": 4}}, "g": [{"h": 5, "i": 6}, {"h": 7, "i": 8}]}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", FOUND),
        ("a", {"a": 1}),
        ("a,b.c", {"a": 1, "b": {"c": 2}}),
        ("b(c,d(e))", {"b": {"c": 2, "d": {"e": 3}}}),
        ("b.d.e", {"b": {"d": {"e": 3}}}),
        (" b ( c , d . f ) ", {"b": {"c": 2, "d": {"f": 4}}}),
        ("g.h", {"g": [{"h": 5}, {"h": 7}]}),
        ("g(!h)", {"g": [{"i": 6}, {"i": 8}]}),
        ("b.d.e,b.d.f", {"b": {"d": {"e": 3, "f": 4}}}),
        ("!b", {"a": 1, "g": FOUND["g"]}),
        ("!b.d.e,!g", {"a": 1, "b": {"c": 2, "d": {"f": 4}}}),
        ("!b(c,d)", {"a": 1, "b": {}, "g": FOUND["g"]}),
        ("a,", {"a": 1}),
        ("unknown", {}),
    ],
)
def test_what_is_left(text: str, left: object) -> None:
    assert fields.parse(text).of(FOUND) == left


@pytest.mark.parametrize("text", ["a(b", "a)", "a b", "(a)", "a..b(", "a(" * 50, "a." * 50 + "b"])
def test_what_cannot_be_read_is_a_bad_request(text: str) -> None:
    with pytest.raises(BadRequest, match="Invalid fields"):
        fields.parse(text)


@given(st.text(alphabet="ab.,()! ", max_size=30))
def test_nothing_else_goes_wrong(text: str) -> None:
    with contextlib.suppress(BadRequest):
        fields.parse(text).of(FOUND)
