"""Numbers as people read them, for templates."""

from __future__ import annotations

import math

KEYS = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
MODES = ("minor", "major")


def clock(seconds: float) -> str:
    """Minutes and seconds: ``3:05``; with hours ``1:02:03``."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def count(number: int) -> str:
    """A whole number with thin spaces between thousands."""
    return f"{number:,}".replace(",", "\u202f")


def key(pitch_class: float, mode: float | None = None) -> str:
    """The name of a key; a dash where none was found."""
    if math.isnan(pitch_class) or not 0 <= pitch_class < len(KEYS):
        return "–"
    name = KEYS[int(pitch_class)]
    return name if mode is None or mode not in (0, 1) else f"{name} {MODES[int(mode)]}"


def percent(share: float) -> str:
    """A share in whole per cent."""
    return f"{share:.0%}"


FILTERS = {"clock": clock, "count": count, "key": key, "percent": percent}
