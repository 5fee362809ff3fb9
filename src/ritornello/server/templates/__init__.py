"""The pages for people, from the templates in this folder."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader
from starlette.responses import HTMLResponse

_templates = Environment(loader=PackageLoader("ritornello.server", "templates"), autoescape=True)

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "X-Frame-Options": "DENY",
    # The address holds the program's state; it is nobody else's business.
    "Referrer-Policy": "no-referrer",
}


def page(name: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: object) -> HTMLResponse:
    """Fill a template in; what is put into it is escaped."""
    return HTMLResponse(_templates.get_template(name).render(values), status, {**_HEADERS, **(headers or {})})
