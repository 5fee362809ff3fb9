"""Numbers as people read them, for templates."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ritornello.library.columns import TRAITS

KEYS = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
MODES = ("minor", "major")
UNITS = {"tempo": " BPM", "loudness": " LUFS"}


def clock(seconds: float) -> str:
    """Minutes and seconds: ``3:05``; with hours ``1:02:03``."""
    whole = int(seconds)
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


def say(name: str, value: float) -> str:
    """A value of a feature as people read it."""
    if value != value:
        return "–"
    if name == "key":
        return key(value)
    if name == "mode":
        return MODES[int(value)]
    if name == "time_signature":
        return f"{value:g} beats"
    if name == "duration":
        return clock(value)
    if name in UNITS:
        return f"{value:.0f}{UNITS[name]}" if name == "tempo" else f"{value:.1f}{UNITS[name]}"
    return f"{value:.2f}" if name in TRAITS else f"{value:g}"


def short(values: Mapping[str, float], name: str) -> str:
    """The same for a cell of a table, whose head has the unit."""
    if name == "key":
        return key(values["key"], values["mode"]).replace(" minor", "m").replace(" major", "")
    return say(name, values[name]).removesuffix(UNITS.get(name, "")).removesuffix(" beats")


FILTERS = {"clock": clock, "count": count, "key": key, "percent": percent, "say": say, "short": short}
