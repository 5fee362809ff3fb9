"""The report as one HTML file, with its figures inside."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import jinja2

if TYPE_CHECKING:
    from ritornello.study.report.blocks import Block, Report


def render(report: Report) -> str:
    """The page."""
    text = (files("ritornello.study") / "forms" / "report.html").read_text(encoding="utf-8")
    # Figures are our own SVG; everything else that a study says of itself is text.
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text).render(report=report, kind=_kind)


def _kind(block: Block) -> str:
    return type(block).__name__
