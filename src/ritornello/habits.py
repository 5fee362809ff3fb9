"""What a listening history says of habits: most of it without any audio, and the sound of it where there is some.

All functions take the plays of one listener, the oldest first. Days and hours are those of the listener's clock.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise
from statistics import median
from typing import TYPE_CHECKING, Literal, TypeAlias
from zoneinfo import ZoneInfo

from ritornello.errors import BadRequest
from ritornello.library import listeners, plays, tracks
from ritornello.library.plays import LEAST_MS, Listened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from ritornello.track import AudioFeatures

Kind: TypeAlias = Literal["artists", "tracks", "albums", "genres"]
KINDS: tuple[Kind, ...] = ("artists", "tracks", "albums", "genres")

GAP_MS = 20 * 60 * 1000
"""A pause longer than this ends a session."""
FEWEST = 5
"""What fewer people than this share is told of nobody."""
AVERAGED = ("danceability", "energy", "valence", "acousticness", "instrumentalness", "tempo", "loudness")
"""Features of which a mean makes sense."""

_CHOSEN = frozenset({"clickrow", "clickside", "playbtn", "search", "uriopen"})
_SKIPS = frozenset({"fwdbtn", "nextbtn", "backbtn"})
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place of a list of favourites."""

    name: str
    artist: str | None
    """Of tracks and albums."""
    plays: int
    hours: float


@dataclass(frozen=True, slots=True)
class Streaks:
    """Days in a row with at least one play."""

    longest: int
    longest_from: date | None
    current: int
    """Up to the last day of the history."""
    days: int
    """Days with a play."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Plays without a pause of more than :data:`GAP_MS` between them."""

    count: int
    median_minutes: float
    median_plays: float


@dataclass(frozen=True, slots=True)
class Rate:
    """A share, and of how many plays it is known."""

    share: float | None
    """0..1; None where it is known of no play."""
    known: int


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the listener's calendar."""

    month: str
    """``YYYY-MM``."""
    plays: int
    new_tracks: int
    """Tracks that were never played before."""
    new_artists: int
    covered: int
    """Plays whose features are known."""
    features: dict[str, float] = field(default_factory=dict)
    """Means over those plays."""


@dataclass(frozen=True, slots=True)
class Habits:
    """All that is told of one listener."""

    listener: str
    zone: str
    plays: int
    hours: float
    first: str | None
    """ISO 8601, local."""
    last: str | None
    time_quality: dict[str, int]
    """Plays by how well their time is known; doubtful ones are in no session and no clock."""
    top: dict[Kind, list[Ranked]]
    recent: list[tuple[str, str, str]]
    """Local time, artist and title, the newest first."""
    streaks: Streaks
    sessions: Sessions
    skipped: Rate
    chosen: Rate
    """Started by hand and not by what was before."""
    diversity: float
    """How many artists, played equally, would be as diverse: the exponential of Shannon's entropy."""
    clock: list[list[int]]
    """Plays by weekday, Monday first, and hour."""
    months: list[Month]


def of(
    connection: Connection,
    listener: str | None = None,
    *,
    since: date | None = None,
    until: date | None = None,
    limit: int = 10,
) -> Habits:
    """Everything of one listener.

    Parameters
    ----------
    listener
        Whose; need not be told where there is one alone.
    since, until
        The first day, and the first day that does not count any more, on the listener's clock.
    limit
        How long the lists of favourites are.
    """
    who = _listener(connection, listener)
    zone = ZoneInfo(who.zone or "UTC")
    found = plays.listened(connection, who.name, _midnight(since, zone), _midnight(until, zone))
    timed = [one for one in found if one.quality != "doubtful"]
    days = [_local(one.started_at, zone) for one in found]
    ids = sorted({one.what.track_id for one in found if one.what.track_id is not None})
    return Habits(
        listener=who.name,
        zone=str(zone),
        plays=len(found),
        hours=round(sum(one.ms_played or 0 for one in found) / 3_600_000, 2),
        first=days[0].isoformat(timespec="minutes") if days else None,
        last=days[-1].isoformat(timespec="minutes") if days else None,
        time_quality=dict(sorted(Counter(one.quality for one in found).items())),
        top={kind: top(found, kind, limit, _genres(connection, ids) if kind == "genres" else {}) for kind in KINDS},
        recent=[
            (_local(one.started_at, zone).isoformat(timespec="minutes"), one.what.artist, one.what.title)
            for one in found[: -limit - 1 : -1]
        ],
        streaks=streaks({day.date() for day in days}),
        sessions=sessions(timed),
        skipped=skipped(found),
        chosen=chosen(found),
        diversity=diversity(found),
        clock=clock(timed, zone),
        months=months(found, zone, _features(connection, ids)),
    )


def top(found: Sequence[Listened], kind: Kind, limit: int, genres: dict[str, tuple[str, ...]]) -> list[Ranked]:
    """Favourites by the number of plays of half a minute or more; genres are those of tracks with audio."""
    count: Counter[tuple[str, str | None]] = Counter()
    ms: Counter[tuple[str, str | None]] = Counter()
    named: dict[object, tuple[str, str | None]] = {}
    for one in _heard(found):
        for key, name in _named(one, kind, genres):
            first = named.setdefault(key, name)
            count[first] += 1
            ms[first] += one.ms_played or 0
    ranked = sorted(count, key=lambda name: (-count[name], -ms[name], name[0], name[1] or ""))
    return [Ranked(*name, count[name], round(ms[name] / 3_600_000, 2)) for name in ranked[:limit]]


def streaks(days: set[date]) -> Streaks:
    """Days in a row with a play."""
    longest, since, run = 0, None, 0
    for before, day in pairwise([date.min, *sorted(days)]):
        run = run + 1 if day - before == timedelta(days=1) else 1
        if run > longest:
            longest, since = run, day - timedelta(days=run - 1)
    return Streaks(longest, since, run, len(days))


def sessions(found: Sequence[Listened]) -> Sessions:
    """Stretches of listening."""
    some = list(_sessions(found))
    if not some:
        return Sessions(0, 0.0, 0.0)
    minutes = [(max(one.ended_at for one in part) - part[0].started_at) / 60_000 for part in some]
    return Sessions(len(some), round(median(minutes), 1), float(median(len(part) for part in some)))


def skipped(found: Sequence[Listened]) -> Rate:
    """The share of plays that were skipped; of those alone of which it is known."""
    return _rate([one.reason_end in _SKIPS if one.skipped is None and one.reason_end else one.skipped for one in found])


def chosen(found: Sequence[Listened]) -> Rate:
    """The share of plays that somebody chose, and not what came next by itself."""
    return _rate([one.reason_start in _CHOSEN if one.reason_start else None for one in found])


def diversity(found: Sequence[Listened]) -> float:
    """The effective number of artists (Hill's number of the first order)."""
    counts = Counter(one.what.artist.casefold() for one in _heard(found))
    total = counts.total()
    entropy = -sum(n / total * math.log(n / total) for n in counts.values()) if total else 0.0
    return round(math.exp(entropy), 2) if total else 0.0


def clock(found: Sequence[Listened], zone: ZoneInfo) -> list[list[int]]:
    """Plays by weekday and hour of the listener's clock."""
    grid = [[0] * 24 for _ in range(7)]
    for one in found:
        local = _local(one.started_at, zone)
        grid[local.weekday()][local.hour] += 1
    return grid


def months(found: Sequence[Listened], zone: ZoneInfo, features: dict[str, AudioFeatures]) -> list[Month]:
    """Discovery and sound, month by month."""
    by_month: dict[str, list[Listened]] = defaultdict(list)
    for one in found:
        by_month[f"{_local(one.started_at, zone):%Y-%m}"].append(one)
    known: set[str] = set()
    artists: set[str] = set()
    told = []
    for month, some in sorted(by_month.items()):
        keys, names = {one.what.key for one in some}, {one.what.artist.casefold() for one in some}
        numbers = [features[one.what.track_id] for one in some if one.what.track_id in features]
        means = {
            name: round(sum(getattr(one, name) for one in numbers) / len(numbers), 4) for name in AVERAGED if numbers
        }
        told.append(Month(month, len(some), len(keys - known), len(names - artists), len(numbers), means))
        known |= keys
        artists |= names
    return told


# What people share ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Together:
    """Two artists or tracks that people hear in one session."""

    one: str
    other: str
    listeners: int


@dataclass(frozen=True, slots=True)
class Shared:
    """What all listeners of the library have in common; nothing of fewer than :data:`FEWEST` people."""

    listeners: int
    artists: list[tuple[str, int]]
    """Names, and how many people hear them."""
    tracks: list[tuple[str, int]]
    artists_together: list[Together]
    tracks_together: list[Together]


def shared(connection: Connection, limit: int = 20) -> Shared:
    """What groups of listeners share."""
    people = [one.name for one in listeners.all(connection) if one.plays]
    if len(people) < FEWEST:
        raise BadRequest(f"{len(people)} listeners are in the library: what fewer than {FEWEST} share is not told")
    found = {}
    for kind, name in (("artists", _artist), ("tracks", _track)):
        found[kind] = _common(connection, people, name, limit)
    return Shared(len(people), found["artists"][0], found["tracks"][0], found["artists"][1], found["tracks"][1])


def _common(
    connection: Connection, people: Sequence[str], name: Callable[[Listened], str], limit: int
) -> tuple[list[tuple[str, int]], list[Together]]:
    """Names that enough people hear, and pairs of those that enough people hear in one session."""
    hearing: Counter[str] = Counter()
    for person in people:
        hearing.update({name(one) for one in _heard(plays.listened(connection, person))})
    common = {one for one, count in hearing.items() if count >= FEWEST}
    pairs: Counter[tuple[str, str]] = Counter()
    for person in people:
        found = [one for one in _heard(plays.listened(connection, person)) if name(one) in common]
        parts = ({name(one) for one in part} for part in _sessions(found))
        pairs.update({pair for part in parts for pair in combinations(sorted(part), 2)})
    ranked = sorted(common, key=lambda one: (-hearing[one], one))[:limit]
    together = sorted((pair for pair, n in pairs.items() if n >= FEWEST), key=lambda pair: (-pairs[pair], pair))[:limit]
    return [(one, hearing[one]) for one in ranked], [Together(*pair, pairs[pair]) for pair in together]


def _artist(one: Listened) -> str:
    return one.what.artist


def _track(one: Listened) -> str:
    return f"{one.what.artist} – {one.what.title}"


# ---------------------------------------------------------------------------------------------------------------------


def _listener(connection: Connection, name: str | None) -> listeners.Listener:
    if name is not None:
        return listeners.get(connection, name)
    found = listeners.all(connection)
    if len(found) != 1:
        known = ", ".join(one.name for one in found[:20]) or "none yet: import a history first"
        raise BadRequest(f"say whose habits with --listener; listeners are {known}")
    return found[0]


def _heard(found: Sequence[Listened]) -> Iterator[Listened]:
    """Plays that count for favourites."""
    return (one for one in found if one.ms_played is None or one.ms_played >= LEAST_MS)


def _named(
    one: Listened, kind: Kind, genres: dict[str, tuple[str, ...]]
) -> list[tuple[object, tuple[str, str | None]]]:
    """What a play counts for: keys, and how they are shown."""
    what = one.what
    if kind == "artists":
        return [(what.artist.casefold(), (what.artist, None))]
    if kind == "tracks":
        return [(what.key, (what.title, what.artist))]
    if kind == "albums":
        return [((what.artist.casefold(), what.album.casefold()), (what.album, what.artist))] if what.album else []
    return [(genre, (genre, None)) for genre in genres.get(what.track_id or "", ())]


def _sessions(found: Sequence[Listened]) -> Iterator[list[Listened]]:
    part: list[Listened] = []
    for one in found:
        if part and one.started_at - max(part[-1].ended_at, part[-1].started_at) > GAP_MS:
            yield part
            part = []
        part.append(one)
    if part:
        yield part


def _rate(told: Sequence[bool | None]) -> Rate:
    known = [one for one in told if one is not None]
    return Rate(round(sum(known) / len(known), 4) if known else None, len(known))


def _local(moment: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(moment / 1000, UTC).astimezone(zone)


def _midnight(day: date | None, zone: ZoneInfo) -> int | None:
    return None if day is None else round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def _genres(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found = {}
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        for id_, track in zip(some, tracks.get(connection, some), strict=True):
            if track is not None:
                found[id_] = track.genres
    return found


def _features(connection: Connection, ids: Sequence[str]) -> dict[str, AudioFeatures]:
    found = {}
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        for id_, told in zip(some, tracks.features(connection, some), strict=True):
            if told is not None:
                found[id_] = told[0]
    return found
