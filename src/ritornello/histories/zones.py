"""The time zone of a listener, from the countries that the plays of one export went to."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ritornello.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

_SEASONS = tuple(datetime(2024, month, 1, tzinfo=UTC) for month in range(1, 13))
"""Two zones with the same clock in all of these are taken for one."""
_CLEARLY = 0.8
"""The share of plays that must go to one country."""


def check(name: str) -> str:
    """A zone's own name, or a refusal that says what is expected."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadRequest(
            f"time zone {name!r} is not known: give one such as Europe/Berlin or America/New_York"
        ) from error
    return name


def infer(countries: Mapping[str, int]) -> tuple[str, int] | None:
    """The zone, and how many plays speak for it; None where people moved about, or in countries with several clocks."""
    total = sum(countries.values())
    if not total:
        return None
    country, plays = min(countries.items(), key=lambda item: (-item[1], item[0]))
    zone = _clock(country.upper())
    return (zone, plays) if zone is not None and plays >= _CLEARLY * total else None


def _clock(country: str) -> str | None:
    """The zone of a country in which all clocks show the same."""
    zones = _zones().get(country, ())
    clocks = {tuple(moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in _SEASONS) for zone in zones}
    return zones[0] if len(clocks) == 1 else None


@functools.cache
def _zones() -> dict[str, tuple[str, ...]]:
    """Zones by country, the most populous first, from the table that comes with the time zone database."""
    found: dict[str, tuple[str, ...]] = {}
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found[country] = (*found.get(country, ()), zone)
    return found
