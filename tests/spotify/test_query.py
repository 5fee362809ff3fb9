from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ritornello.spotify.query import Query, parse


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("remaster track:Doxy artist:Miles Davis", Query(("remaster",), track=("Doxy",), artist=("Miles", "Davis"))),
        ('artist:"Miles Davis" doxy', Query(("doxy",), artist=("Miles", "Davis"))),
        ("ARTIST:Björk year:1993", Query(artist=("Björk",), years=(1993, 1993))),
        ("year:1955-1960", Query(years=(1955, 1960))),
        ("year:1955-1960 take isrc:X five", Query(("take", "five"), isrc="X", years=(1955, 1960))),
        ("year:soon", Query(years=(0, 0))),
        ("isrc:gb-apk-93-00001", Query(isrc="GBAPK9300001")),
        ("genre:indie rock", Query(genre=("indie", "rock"))),
        ("album:x album:y", Query(album=("x", "y"))),
        ("mood:happy", Query(("mood:happy",))),
        ("cartist:x", Query(("cartist:x",))),
        ("a a !!! - a", Query(("a",))),
        ('"', Query()),
        ('artist:"', Query()),
    ],
)
def test_a_query_is_read(text: str, query: Query) -> None:
    assert parse(text) == query


def test_nothing_searchable_is_false() -> None:
    assert not parse("!!! ''")
    assert parse("x")


@given(st.text(alphabet=st.characters(), max_size=80))
def test_any_text_is_read(text: str) -> None:
    parse(text)


def test_a_code_and_a_tag_are_one_word() -> None:
    assert parse("upc:0123 tag:NEW rest") == Query(words=("rest",), upc="0123", tag="new")
