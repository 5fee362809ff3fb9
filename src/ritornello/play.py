"""The noun of listening: one play."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Play:
    """One listening."""

    listener: str
    played_at: int
    """Unix milliseconds, UTC."""
    track_id: str
    """Ours or an external one."""
    ms_played: int | None = None
    """None where it is not known."""
    source: str = ""
    """Where the row comes from."""
