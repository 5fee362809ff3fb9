"""What was heard before each prompt: windows, and what they say of behaviour and of sound.

All times are Unix milliseconds in UTC; a window has only what had ended when the answer was given.
"""

from __future__ import annotations

import bisect
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import fmean, median, pstdev
from typing import TYPE_CHECKING, Literal, TypeAlias

from ritornello.habits import GAP_MS, chosen, skipped
from ritornello.library.plays import Listened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SOUND = {
    "energy": "energy",
    "valence": "valence_of_music",
    "danceability": "danceability",
    "acousticness": "acousticness",
    "instrumentalness": "instrumentalness",
    "tempo": "tempo",
    "loudness": "loudness",
}
"""Features of a track to the columns of a window; moods have a valence too."""
OPEN = (
    "happy",
    "sad",
    "relaxed",
    "aggressive",
    "party",
    "acoustic",
    "electronic",
    "danceable",
    "instrumental",
    "bright",
    "onset_rate",
    "dynamic_complexity",
)
"""What AcousticBrainz says of recordings (most are a classifier's odds); columns are ``open_happy`` and so on, for its
scales are not ours. Only its ``bpm`` stands for our ``tempo`` where there is no audio."""
COLUMNS = SOUND | {f"open_{name}": f"open_{name}" for name in OPEN}
Listen: TypeAlias = Literal["any", "long", "half", "completed", "unlooped"]
LISTENS: tuple[Listen, ...] = ("any", "long", "half", "completed", "unlooped")
"""What counts as a listen: any play; one of the plan's shortest length; of half of the track; to its end; any but those
of one recording over and over."""
LOOPED = 20
"""Plays of one recording without another between, from which nobody may have been listening."""
BEHAVIOUR = ("repetition", "chosen", "skipped", "diversity", "minutes")
_MINUTE = 60_000
_WEEK = 7 * 24 * 60 * _MINUTE
TYPICAL_MS = 200_000
"""How long a play of unknown length is taken to be: ListenBrainz and Last.fm tell when something began, and no more."""
_LONGEST_PLAY = 6 * 60 * _MINUTE


@dataclass(frozen=True)
class History:
    """The plays of one person, made ready to be asked about windows."""

    plays: list[Listened]
    """With a time that is known, the earliest end first."""
    ends: list[int]
    starts: list[int]
    """Of the same plays, the earliest start first."""
    by_start: list[Listened]
    heard: dict[str, list[int]]
    """When each recording was heard, by its end."""
    lengths: dict[str, float]
    """How long each recording is, in milliseconds: the middle of its plays to the end."""
    looped: frozenset[tuple[int, str]]
    """End and recording of plays that are in a run of one recording over and over."""


def prepare(plays: Iterable[Listened], shortest_ms: float) -> History:
    """Put plays in order; doubtful times cannot be in a window."""
    timed = [_with_length(one) for one in plays if one.quality != "doubtful"]
    timed.sort(key=lambda one: (one.ended_at, one.started_at))
    heard: dict[str, list[int]] = defaultdict(list)
    for one in timed:
        if (one.ms_played or 0) >= shortest_ms:
            heard[one.what.key].append(one.ended_at)
    by_start = sorted(timed, key=lambda one: one.started_at)
    whole: dict[str, list[int]] = defaultdict(list)
    for one in timed:
        if one.reason_end == "trackdone" and one.ms_played:
            whole[one.what.key].append(one.ms_played)
    lengths = {key: median(some) for key, some in whole.items()}
    looped = frozenset((one.ended_at, one.what.key) for one in _loops(timed))
    ends, starts = [one.ended_at for one in timed], [one.started_at for one in by_start]
    return History(timed, ends, starts, by_start, dict(heard), lengths, looped)


def _with_length(one: Listened) -> Listened:
    if one.ms_played is not None:
        return one
    return replace(one, ms_played=TYPICAL_MS, ended_at=max(one.ended_at, one.started_at + TYPICAL_MS))


def before(history: History, moment: int, minutes: float) -> list[Listened]:
    """Plays that ended within so many minutes before a moment, and none that went on after it."""
    first = bisect.bisect_right(history.ends, moment - minutes * _MINUTE)
    return history.plays[first : bisect.bisect_right(history.ends, moment)]


def after(history: History, moment: int, minutes: float) -> list[Listened]:
    """Plays that began within so many minutes after a moment."""
    first = bisect.bisect_right(history.starts, moment)
    return history.by_start[first : bisect.bisect_right(history.starts, moment + minutes * _MINUTE)]


def counted(history: History, window: Sequence[Listened], listen: Listen, shortest_ms: float) -> list[Listened]:
    """Those plays of a window that count as a listen.

    Half of a track that never played to its end is not known: then the shortest length decides.
    """
    if listen == "any":
        return list(window)
    if listen == "unlooped":
        return [one for one in window if (one.ended_at, one.what.key) not in history.looped]
    if listen == "completed":
        return [one for one in window if one.reason_end == "trackdone" and one.skipped is not True]
    halves = {key: length / 2 for key, length in history.lengths.items()} if listen == "half" else {}
    return [one for one in window if (one.ms_played or 0) >= halves.get(one.what.key, shortest_ms)]


def picked(window: Sequence[Listened], *, by_hand: bool) -> list[Listened]:
    """Plays that the listener chose, or those that came by themselves; plays of which it is not known are neither."""
    return [one for one in window if chosen([one]).share == float(by_hand)]


def behaviour(history: History, window: Sequence[Listened], shortest_ms: float) -> dict[str, float | None]:
    """How was listened to: of plays that were long enough, but for skips, which are short.

    Returns
    -------
    dict
        ``minutes`` heard; ``plays``; ``repetition``, the share of plays of what was heard in the week before;
        ``diversity``, artists a play; ``chosen`` and ``skipped``, shares of the plays of which it is known; None where
        nothing was heard.
    """
    long = [one for one in window if (one.ms_played or 0) >= shortest_ms]
    known = skipped(window), chosen(window)
    told: dict[str, float | None] = {
        "minutes": round(sum(one.ms_played or 0 for one in window) / _MINUTE, 3),
        "plays": float(len(long)),
        "repetition": None,
        "diversity": None,
        "skipped": known[0].share if window else None,
        "chosen": known[1].share if window else None,
    }
    if long:
        told["repetition"] = fmean(_repeated(history, one) for one in long)
        told["diversity"] = len({one.what.artist.casefold() for one in long}) / len(long)
    return told


def sound(
    window: Sequence[Listened], numbers: Mapping[str, Mapping[str, float]], least_coverage: float
) -> dict[str, float | None]:
    """The mean sound of a window, each track by the time it played.

    Returns
    -------
    dict
        ``coverage``: of the time heard, the share of which any feature is known; and each of :data:`COLUMNS`, None
        where that one is known of too little.
    """
    weights = [(one.ms_played or 0, numbers.get(one.what.key)) for one in window]
    total = sum(weight for weight, _ in weights)
    found: dict[str, float | None] = {"coverage": None, **dict.fromkeys(COLUMNS.values())}
    if not total:
        return found
    known = [(weight, its) for weight, its in weights if its is not None and weight]
    found["coverage"] = sum(weight for weight, _ in known) / total
    for name, column in COLUMNS.items():
        some = [(weight, its[name]) for weight, its in known if name in its]
        covered = sum(weight for weight, _ in some)
        if covered and covered >= least_coverage * total:
            found[column] = sum(weight * value for weight, value in some) / covered
    return found


def overlap(history: History) -> float:
    """The share of the time heard in which two plays ran at once: one account, several people or devices."""
    total, twice, until = 0, 0, 0
    for one in history.by_start:
        length = min(one.ended_at - one.started_at, _LONGEST_PLAY, one.ms_played or 0)
        total += length
        twice += max(0, min(until, one.started_at + length) - one.started_at)
        until = max(until, one.started_at + length)
    return twice / total if total else 0.0


def _loops(timed: Sequence[Listened]) -> list[Listened]:
    """Plays within runs of one recording, so many times without another: sleep, or nobody there."""
    runs = (list(run) for _, run in groupby(timed, key=lambda one: one.what.key))
    return [one for run in runs if len(run) >= LOOPED for one in run]


def sessions(plays: Sequence[Listened]) -> int:
    """Stretches without a pause longer than twenty minutes."""
    count, until = 0, None
    for one in plays:
        count += until is None or one.started_at - until > GAP_MS
        until = max(until or 0, one.ended_at)
    return count


def person(history: History, local_hours: Sequence[int]) -> dict[str, float]:
    """What a whole history says of a person: how much, how repetitive, how varied, how much at night."""
    heard = history.plays
    if not heard:
        return {}
    artists = Counter(one.what.artist.casefold() for one in heard)
    days = max(1.0, (heard[-1].ended_at - heard[0].started_at) / (24 * 60 * _MINUTE))
    found = {
        "minutes_a_day": sum(one.ms_played or 0 for one in heard) / _MINUTE / days,
        "repetition": 1 - len(history.heard) / max(1, sum(map(len, history.heard.values()))),
        "most_heard_artist": max(artists.values()) / len(heard),
        "night": fmean(hour < 6 for hour in local_hours),
        "spread_over_the_day": pstdev(local_hours) if len(local_hours) > 1 else 0.0,
    }
    for name, rate in (("skipped", skipped(heard)), ("chosen", chosen(heard))):
        if rate.share is not None:
            found[name] = rate.share
    return found


def _repeated(history: History, one: Listened) -> bool:
    times = history.heard.get(one.what.key, [])
    place = bisect.bisect_left(times, one.ended_at)
    return place > 0 and one.ended_at - times[place - 1] <= _WEEK
