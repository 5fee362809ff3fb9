"""What a command has to say: a screen of plain text, and the same facts for programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Summary:
    """The outcome of one step."""

    lines: list[str]
    facts: Mapping[str, object]
    warnings: list[str] = field(default_factory=list)
    ok: bool = True
    """Whether the step did what it was asked to do."""
