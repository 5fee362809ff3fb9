"""All plays of a study, counted: at which hours, and of how much of them features are known."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from ritornello.library.plays import Listened

SOURCES = ("own audio", "table", "open data")
"""Where features come from, the first that has any."""
_CROWDS = (("one person", 1, 1), ("two to four people", 2, 4), ("five people or more", 5, 10**9))


@dataclass(slots=True)
class Tally:
    """All plays, counted: when, how well their time is known, and of how many people's music features are known."""

    hours: Counter[int] = field(default_factory=Counter)
    """Plays by the hour on the listener's clock."""
    minutes: dict[str, float] = field(default_factory=dict)
    """Heard of each recording."""
    hearers: dict[str, set[str]] = field(default_factory=dict)
    known: dict[str, dict[str, float]] = field(default_factory=dict)
    """Minutes of each recording by the source of its features."""

    def add(self, code: str, found: Sequence[Listened], sources: Mapping[str, str], zone: ZoneInfo) -> None:
        """Count the plays of one person."""
        for one in found:
            key, heard = one.what.key, (one.ms_played or 0) / 60_000
            self.hours[datetime.fromtimestamp(one.started_at / 1000, zone).hour] += 1
            self.minutes[key] = self.minutes.get(key, 0.0) + heard
            self.hearers.setdefault(key, set()).add(code)
            if key in sources:
                its = self.known.setdefault(key, {})
                its[sources[key]] = its.get(sources[key], 0.0) + heard

    def by_hour(self) -> list[dict[str, Any]]:
        """Plays of everybody together, hour by hour."""
        return [{"hour": hour, "plays": self.hours[hour]} for hour in range(24)]

    def by_hearers(self) -> list[dict[str, Any]]:
        """Coverage of music that few and that many people heard: rare music has features less often."""
        found = []
        for name, least, most in _CROWDS:
            keys = [key for key, its in self.hearers.items() if least <= len(its) <= most]
            total = sum(self.minutes[key] for key in keys)
            parts = {
                source: sum(self.known.get(key, {}).get(source, 0.0) for key in keys) / total if total else 0.0
                for source in SOURCES
            }
            told = {source: f"{share:.4f}" for source, share in parts.items()}
            if keys:
                known = f"{sum(parts.values()):.4f}"
                found.append(
                    {"heard_by": name, "recordings": len(keys), "minutes": round(total), "known": known} | told
                )
        return found
