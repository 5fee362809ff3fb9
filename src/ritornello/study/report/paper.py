"""The report as PDF: tagged after PDF/UA-1, with text as text and figures as vectors (Typst, with its own fonts)."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ritornello.study.report.blocks import Block, Report

_FULL = 560
"""Width in pixels of a drawing that takes the whole line."""


def render(report: Report) -> bytes:
    """The file; the same figures as on the page."""
    import typst

    told = {
        **{name: getattr(report, name) for name in ("title", "byline", "author", "label")},
        "chapters": [
            {"title": chapter.title, "blocks": [_told(block) for block in chapter.blocks]}
            for chapter in report.chapters
        ],
    }
    template = (files("ritornello.study") / "forms" / "report.typ").read_bytes()
    parts = {"main.typ": template, "report.json": json.dumps(told).encode()}
    parts |= {f"figures/{one.name}.svg": one.svg.encode() for one in report.figures}
    # Several files as a dict are documented; the types that the package tells leave them out.
    made: bytes = typst.compile(  # type: ignore[call-overload]
        parts, format="pdf", pdf_standards=["ua-1"], ignore_system_fonts=True
    )
    return made


def _told(block: Block) -> dict[str, Any]:
    told = asdict(block) | {"kind": type(block).__name__}
    if (svg := told.pop("svg", None)) is not None:
        told["width"] = 100 * _width(svg) / _FULL
    return told


def _width(svg: str) -> float:
    found = re.search(r'<svg[^>]* width="([0-9.]+)"', svg)
    return float(found[1]) if found else float(_FULL)
