"""``/habits``: what a person heard and when; bringing in a history, and taking it away."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import APIRouter, Depends, Form
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ritornello import habits, importing
from ritornello.errors import BadRequest, Forbidden
from ritornello.library import listeners
from ritornello.server.answers import Json
from ritornello.server.context import OpenLibrary
from ritornello.server.site import charts
from ritornello.server.site.page import page, root
from ritornello.server.site.visitor import Seeing, Sending, Uploading, Visitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from ritornello.habits import Habits, Month
    from ritornello.library import Library

router = APIRouter(include_in_schema=False)

MOST_BYTES = 4 << 30
"""Of one file; the largest histories have a hundredth of it."""
SPANS = {"": "All", "28": "4 weeks", "182": "6 months", "365": "12 months"}
"""Days up to the last play."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_KEPT = 8
_BOUNDS = {name: (0.0, 1.0) for name in habits.AVERAGED if name not in ("tempo", "loudness")}


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart, what it says, and its numbers."""

    title: str
    drawn: Markup
    says: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Told:
    """Everything of a span, drawn."""

    habits: Habits
    clock: Figure
    discovery: Figure
    features: list[Figure]
    covered: int


class Remembered:
    """The last few spans that were looked at, as long as the library is the same."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._version = -1
        self._kept: dict[tuple[str, date | None, date | None], Told] = {}

    def told(self, listener: str, since: date | None, until: date | None) -> Told:
        """A span of somebody's listening."""
        with self._lock:
            version = self._library.version()
            if version != self._version:
                self._kept, self._version = {}, version
            if since is None and until is None:
                return self._look(listener, None, None, None)
            return self._look(listener, since, until, self._look(listener, None, None, None).habits)

    def _look(self, listener: str, since: date | None, until: date | None, whole: Habits | None) -> Told:
        wanted = (listener, since, until)
        if wanted not in self._kept:
            with self._library.connect() as connection:
                found = habits.of(connection, listener, since=since, until=until)
            self._kept = dict([*self._kept.items()][1 - _KEPT :]) | {wanted: _drawn(found, whole or found)}
        return self._kept[wanted]


async def _remembered(request: Request) -> Remembered:
    return cast("Remembered", request.app.state.habits)


Known = Annotated[Remembered, Depends(_remembered)]


@router.get("/habits")
def show(request: Request, library: OpenLibrary, visitor: Seeing, known: Known) -> Response:
    """The page, as its address says."""
    asked = request.query_params
    with library.connect() as connection:
        whose = _whose(connection, visitor)
    name = _chosen(whose, visitor, asked.get("listener", ""))
    here = next((one for one in whose if one.name == name and one.plays), None)
    told = None
    days, since, last = asked.get("days", ""), _day(asked.get("since", "")), _day(asked.get("until", ""))
    until = last and last + timedelta(days=1)
    if here is not None:
        if days and days in SPANS:
            until = date.fromisoformat(_last_day(known, name)) + timedelta(days=1)
            since = until - timedelta(days=int(days))
        told = known.told(name, since, until)
    return page(
        request,
        "habits.html",
        visitor,
        listener=name,
        whose=[one.name for one in whose if one.plays],
        told=told,
        days=days,
        since=since.isoformat() if since and not days else "",
        until=last.isoformat() if last and not days else "",
        spans=SPANS,
    )


@router.post("/habits/import")
async def bring(
    request: Request, library: OpenLibrary, visitor: Uploading, file: str, listener: str, zone: str = ""
) -> Response:
    """Import a file, whose bytes are all that is sent; they lie in a folder of their own until they were read."""
    name = listeners.check(listener)
    _require(visitor, name)
    with tempfile.TemporaryDirectory(prefix="ritornello-") as folder:
        path = Path(folder) / (Path(file.replace("\\", "/")).name or "history")
        await _receive(request, path)
        account = await run_in_threadpool(importing.import_files, [path], library, name, zone=zone.strip() or None)
    if account.failed:
        raise BadRequest(account.failed[0][1].replace(str(path), path.name).replace(folder, ""))
    return Json(
        {
            "listener": name,
            "rows": account.rows,
            "kept": account.kept,
            "duplicates": account.duplicates,
            "refused": dict(account.refused.most_common()),
            "matched": account.matched,
            "zone": account.zone,
        }
    )


@router.post("/habits/erase")
def erase(
    request: Request,
    library: OpenLibrary,
    visitor: Sending,
    listener: Annotated[str, Form()],
    repeated: Annotated[str, Form()] = "",
) -> Response:
    """Remove all plays of a person, who wrote the name once more."""
    _require(visitor, listener)
    if repeated.strip() != listener:
        raise BadRequest(f"nothing was erased: write the name, {listener}, into the field beside the button")
    listeners.erase(library, listener)
    return RedirectResponse(f"{root(request)}/habits", 303)


def _whose(connection: Connection, visitor: Visitor) -> list[listeners.Listener]:
    """Whose plays somebody may look at: everybody's on a machine of one person, else their own."""
    return [one for one in listeners.all(connection) if visitor.is_local or one.name == visitor.id]


def _chosen(whose: list[listeners.Listener], visitor: Visitor, asked: str) -> str:
    names = [one.name for one in sorted(whose, key=lambda one: -one.plays)]
    return next((name for name in (asked, visitor.id) if name in names), names[0] if names else visitor.id)


def _require(visitor: Visitor, listener: str) -> None:
    if not visitor.is_local and listener != visitor.id:
        raise Forbidden(f"You are signed in as {visitor.id}, and this would be plays of {listener}")


def _last_day(known: Remembered, name: str) -> str:
    last = known.told(name, None, None).habits.last
    assert last is not None
    return last[:10]


def _day(text: str) -> date | None:
    """A day of an address; None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def _receive(request: Request, path: Path) -> None:
    """Write what is sent to disk as it comes."""
    size = 0
    with path.open("wb") as file:
        async for block in request.stream():
            size += len(block)
            if size > MOST_BYTES:
                raise BadRequest(f"the file has more than {MOST_BYTES >> 30} GB: no history has")
            await run_in_threadpool(file.write, block)


# What the charts say -------------------------------------------------------------------------------------------------


def _drawn(found: Habits, whole: Habits) -> Told:
    """The span; what was new in it is what the whole history does not have before."""
    here = {one.month for one in found.months}
    return Told(
        found,
        _clock(found),
        _discovery([one for one in whole.months if one.month in here]),
        [_feature(found, name) for name in habits.AVERAGED if any(name in one.features for one in found.months)],
        sum(one.covered for one in found.months),
    )


def _clock(found: Habits) -> Figure:
    plays, day, hour = max((n, -day, -hour) for day, some in enumerate(found.clock) for hour, n in enumerate(some))
    says = f"Most plays begin on {DAYS[-day]} between {-hour} and {1 - hour} o’clock: {plays:,}."
    rows = [(DAYS[day], *(f"{n:,}" for n in some)) for day, some in enumerate(found.clock)]
    head = ("", *(str(hour) for hour in range(24)))
    return Figure("By weekday and hour", charts.hours(found.clock, says), says, head, rows)


def _discovery(some: list[Month]) -> Figure:
    months = [(one.month, one.new_tracks, one.new_artists) for one in some]
    songs, artists = sum(one[1] for one in months), sum(one[2] for one in months)
    says = f"{songs:,} songs and {artists:,} artists were heard for the first time."
    if months:
        most = max(months, key=lambda one: one[1])
        says += f" Most new songs: {most[1]:,} in {_month(most[0])}."
    rows = [(_month(month), f"{new:,}", f"{by:,}") for month, new, by in reversed(months)]
    drawn = charts.discovery(months, says) if months else Markup()
    return Figure("New in each month", drawn, says, ("Month", "New songs", "New artists"), rows)


def _feature(found: Habits, name: str) -> Figure:
    months = [(one.month, one.features[name]) for one in found.months if name in one.features]
    low, high = min(value for _, value in months), max(value for _, value in months)
    unit = {"tempo": " BPM", "loudness": " LUFS"}.get(name, "")
    digits = 0 if name == "tempo" else 1 if name == "loudness" else 2
    says = f"{name.capitalize()} between {low:.{digits}f} and {high:.{digits}f}{unit} on average of a month."
    rows = [(_month(month), f"{value:.{digits}f}") for month, value in reversed(months)]
    return Figure(
        name.capitalize(), charts.line(months, _BOUNDS.get(name), says), says, ("Month", name.capitalize()), rows
    )


def _month(text: str) -> str:
    return f"{date.fromisoformat(f'{text}-01'):%B %Y}"
