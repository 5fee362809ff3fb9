"""Spotify's offset paging object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlencode

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEFAULT_LIMIT = 20
MOST = 50

Item = TypeVar("Item")


class Page(TypedDict, Generic[Item]):
    """One stretch of a longer list."""

    href: str
    items: list[Item]
    limit: int
    next: str | None
    offset: int
    previous: str | None
    total: int


def page(
    items: Sequence[Item],
    *,
    total: int,
    limit: int,
    offset: int,
    url: str,
    params: Mapping[str, str],
    reach: int | None = None,
) -> Page[Item]:
    """Shape a page; ``url`` is absolute, ``params`` are the other parameters, no page ends beyond item ``reach``."""

    def link(at: int) -> str:
        return f"{url}?{urlencode({**params, 'offset': at, 'limit': limit})}"

    following = offset + limit
    more = following < total and (reach is None or following + limit <= reach)
    return {
        "href": link(offset),
        "items": list(items),
        "limit": limit,
        "next": link(following) if more else None,
        "offset": offset,
        "previous": link(max(0, offset - limit)) if offset > 0 else None,
        "total": total,
    }
