"""What a report is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header."""

    caption: str
    header: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing."""

    name: str
    """Of its file, without ending."""
    caption: str
    words: str
    """What it shows, for those who do not see it."""
    svg: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """What a chapter does not show."""

    text: str


Block: TypeAlias = Text | Items | Table | Figure | Not


@dataclass(frozen=True, slots=True)
class Chapter:
    """One section of the report."""

    title: str
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Report:
    """All of it."""

    title: str
    byline: str
    author: str
    label: str
    chapters: list[Chapter]

    @property
    def figures(self) -> list[Figure]:
        """All figures, in their order."""
        return [block for chapter in self.chapters for block in chapter.blocks if isinstance(block, Figure)]

    @property
    def tables(self) -> list[Table]:
        """All tables, in their order."""
        return [block for chapter in self.chapters for block in chapter.blocks if isinstance(block, Table)]


def signed(value: float, digits: int = 3) -> str:
    """A number with its sign, and a minus that is one."""
    return f"{value:+.{digits}f}".replace("-", "−")


def interval(low: float, high: float, digits: int = 3) -> str:
    """Where a number lies, on one line."""
    return f"[{signed(low, digits)},\u00a0{signed(high, digits)}]"


def p(value: float | None) -> str:
    """A p value as journals write it."""
    if value is None:
        return "–"
    return "<\u00a0.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def percent(value: float) -> str:
    """A share."""
    return f"{100 * value:.0f}\u00a0%"
