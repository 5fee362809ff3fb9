from __future__ import annotations

import pytest

from ritornello.errors import BadRequest
from ritornello.spotify import markets


def test_there_are_184_markets() -> None:
    assert len(set(markets.MARKETS)) == 184
    assert list(markets.MARKETS) == sorted(markets.MARKETS)


@pytest.mark.parametrize(
    ("given", "read"), [("SE", "SE"), ("se", "SE"), ("from_token", "from_token"), ("", None), (None, None)]
)
def test_a_market_is_read(given: str | None, read: str | None) -> None:
    assert markets.check(given) == read


def test_a_wrong_market_is_repeated_in_the_message() -> None:
    with pytest.raises(BadRequest, match="__"):
        markets.check("__")
