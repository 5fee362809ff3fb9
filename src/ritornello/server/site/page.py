"""A page: a template of this folder, filled in and escaped, with the headers that keep it to itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ritornello.server.site import words

if TYPE_CHECKING:
    from ritornello.server.site.visitor import Visitor

SECTIONS = (
    ("Library", "/library"),
    ("Playlists", "/playlists"),
    ("Playground", "/playground"),
    ("Habits", "/habits"),
    ("Developer", "/developer"),
)
"""What the navigation leads to, in its order."""

_templates = Environment(
    loader=PackageLoader("ritornello.server.site", "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_templates.filters.update(words.FILTERS)


def page(
    request: Request,
    name: str,
    visitor: Visitor | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> HTMLResponse:
    """Fill a template in; what is put into it is escaped. Without a visitor there is no navigation."""
    given = {
        "root": root(request),
        "here": request.url.path,
        "navigation": _sections(request),
        "visitor": visitor,
        **values,
    }
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return HTMLResponse(_templates.get_template(name).render(given), status, kept)


def _sections(request: Request) -> tuple[tuple[str, str], ...]:
    """What there is to look at; a study where one is open."""
    return SECTIONS if request.app.state.study is None else (*SECTIONS[:-1], ("Study", "/study"), SECTIONS[-1])


def root(request: Request) -> str:
    """What stands before the path of every link: the path of the public address, else nothing."""
    public_url: str | None = request.app.state.public_url
    return urlsplit(public_url or "").path.rstrip("/").removesuffix("/v1")
