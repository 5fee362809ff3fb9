"""All plays of a study, counted: at which hours, and of how much of them features are known."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from ritornello.library.plays import Listened

SOURCES = ("own audio", "table", "open data")
"""Where features come from, the first that has any."""
_CROWDS = (("one person", 1, 1), ("two to four people", 2, 4), ("five people or more", 5, 10**9))


_FEWEST = 100
_GAIN = 0.4


def shift(own: Counter[int], others: Counter[int]) -> int:
    """By how many hours somebody's clock seems to be ahead of the right one (-11 to 12), from when they listen.

    The hours of their plays are turned until they are most like those of everybody else; 0 unless that is much more
    alike (a correlation larger by .4), or with fewer than a hundred plays. Exports tell times in UTC, so a shift means
    that the zone of the person is another one, or that they live by night.
    """
    if own.total() < _FEWEST or others.total() < _FEWEST:
        return 0
    mine, theirs = (_smooth(hours) for hours in (own, others))
    if min(np.ptp(mine), np.ptp(theirs)) < 1e-9:
        return 0
    alike = [float(np.corrcoef(np.roll(mine, -turn), theirs)[0, 1]) for turn in range(24)]
    best = int(np.argmax(alike))
    if alike[best] - alike[0] < _GAIN:
        return 0
    return best if best <= 12 else best - 24


def _smooth(hours: Counter[int]) -> NDArray[np.float64]:
    counts = np.array([hours[hour] for hour in range(24)], float)
    found: NDArray[np.float64] = counts + 0.5 * (np.roll(counts, 1) + np.roll(counts, -1))
    return found


@dataclass(slots=True)
class Tally:
    """All plays, counted: when, how well their time is known, and of how many people's music features are known."""

    hours: dict[str, Counter[int]] = field(default_factory=dict)
    """Plays of each person by the hour on their clock."""
    minutes: dict[str, float] = field(default_factory=dict)
    """Heard of each recording."""
    hearers: dict[str, set[str]] = field(default_factory=dict)
    known: dict[str, dict[str, float]] = field(default_factory=dict)
    """Minutes of each recording by the source of its features."""

    def add(self, code: str, found: Sequence[Listened], sources: Mapping[str, str], zone: ZoneInfo) -> None:
        """Count the plays of one person."""
        for one in found:
            key, heard = one.what.key, (one.ms_played or 0) / 60_000
            hour = datetime.fromtimestamp(one.started_at / 1000, zone).hour
            self.hours.setdefault(code, Counter())[hour] += 1
            self.minutes[key] = self.minutes.get(key, 0.0) + heard
            self.hearers.setdefault(key, set()).add(code)
            if key in sources:
                its = self.known.setdefault(key, {})
                its[sources[key]] = its.get(sources[key], 0.0) + heard

    def by_hour(self) -> list[dict[str, Any]]:
        """Plays of everybody together, hour by hour."""
        total = sum(self.hours.values(), Counter[int]())
        return [{"hour": hour, "plays": total[hour]} for hour in range(24)]

    def shifts(self) -> dict[str, int]:
        """By how many hours the clock of each person seems to be ahead."""
        total = sum(self.hours.values(), Counter[int]())
        return {code: shift(own, total - own) for code, own in self.hours.items()}

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
