from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ritornello.errors import BadRequest
from ritornello.spotify import ids


@given(st.binary(min_size=16, max_size=16))
def test_an_id_reads_back_as_the_bytes_it_was_made_from(digest: bytes) -> None:
    written = ids.encode(digest)
    assert ids.is_id(written)
    assert ids.decode(written) == digest


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_ids_sort_as_their_bytes_do_in_the_alphabet(one: bytes, other: bytes) -> None:
    places = [[ids.ALPHABET.index(character) for character in ids.encode(digest)] for digest in (one, other)]
    assert (places[0] < places[1]) == (one < other)


def test_the_alphabet_is_digits_then_small_then_capital_letters() -> None:
    assert ids.encode(bytes(16)) == "0" * 22
    assert ids.encode(bytes(15) + b"\x0a") == "0" * 21 + "a"
    assert ids.encode(bytes(15) + b"\x3d") == "0" * 21 + "Z"
    assert ids.encode(b"\xff" * 16) == "7N42dgm5tFLK9N8MT7fHC7"


@pytest.mark.parametrize("digest", [b"", bytes(15), bytes(17)])
def test_other_lengths_are_refused(digest: bytes) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        ids.encode(digest)


@pytest.mark.parametrize(
    "text", ["", "0" * 21, "0" * 23, "0" * 21 + "-", "0" * 21 + "é", "0" * 21 + "٣", "0" * 22 + "\n"]
)
def test_what_is_no_id(text: str) -> None:
    assert not ids.is_id(text)
    with pytest.raises(BadRequest, match="invalid id"):
        ids.decode(text)


def test_an_id_above_128_bits_has_the_form_but_no_bytes() -> None:
    assert ids.is_id("Z" * 22)
    with pytest.raises(BadRequest, match="128 bits"):
        ids.decode("Z" * 22)


def test_a_name_has_one_id_however_it_is_spaced_and_capitalised() -> None:
    written = ids.of_name("artist", "Sigur Rós")
    assert written == "0FvjsUejp9LojrqWfyDibK"
    assert ids.of_name("artist", "  SIGUR \t RO\u0301S ") == written
    assert ids.of_name("artist", "Sigur Ros") != written
    assert ids.of_name("album", "Sigur Rós") != written


@given(st.text())
def test_any_name_has_an_id(name: str) -> None:
    assert ids.is_id(ids.of_name("artist", name))


def test_a_list_keeps_order_duplicates_and_malformed_ids() -> None:
    assert ids.split("b, a,,b ,bad!", 5) == ["b", "a", "", "b", "bad!"]


@pytest.mark.parametrize("text", [None, "", "  "])
def test_no_list_at_all_is_refused(text: str | None) -> None:
    with pytest.raises(BadRequest, match="ids is missing"):
        ids.split(text, 5)


def test_a_list_may_be_as_long_as_the_limit_and_no_longer() -> None:
    assert len(ids.split(",".join("a" * 100), 100)) == 100
    with pytest.raises(BadRequest, match="too many ids requested: 101"):
        ids.split(",".join("a" * 101), 100)


def test_a_uri() -> None:
    assert ids.uri("track", "x") == "spotify:track:x"
