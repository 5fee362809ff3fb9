from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from ritornello.spotify.paging import page


def test_a_page_in_the_middle_links_both_ways() -> None:
    made = page("cd", total=5, limit=2, offset=2, url="http://h/v1/search", params={"q": "a&b é", "type": "track"})
    assert list(made) == ["href", "items", "limit", "next", "offset", "previous", "total"]
    links = [dict(parse_qsl(urlsplit(str(made[name])).query)) for name in ("previous", "href", "next")]
    assert [link.pop("offset") for link in links] == ["0", "2", "4"]
    assert links == [{"q": "a&b é", "type": "track", "limit": "2"}] * 3


def test_a_page_beyond_the_end_is_empty_and_last() -> None:
    made = page(list[str](), total=5, limit=2, offset=40, url="u", params={})
    assert (made["items"], made["next"], made["total"]) == ([], None, 5)


def test_no_link_leads_where_an_error_waits() -> None:
    assert page(list[str](), total=5000, limit=50, offset=900, url="u", params={}, reach=1000)["next"] is not None
    assert page(list[str](), total=5000, limit=50, offset=950, url="u", params={}, reach=1000)["next"] is None


@given(st.integers(0, 300), st.integers(1, 50))
def test_following_next_gives_everything_once(total: int, limit: int) -> None:
    seen: list[int] = []
    offset: int | None = 0
    while offset is not None:
        items = list(range(total))[offset : offset + limit]
        made = page(items, total=total, limit=limit, offset=offset, url="http://h", params={})
        seen += made["items"]
        offset = int(dict(parse_qsl(urlsplit(made["next"]).query))["offset"]) if made["next"] else None
    assert seen == list(range(total))
