"""Exports into the library: every row read is kept, known already, or refused for a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ritornello.errors import HistoryError
from ritornello.histories import read, zones
from ritornello.library import heard, listeners, matches
from ritornello.play import Heard, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from ritornello.library import Library

_TELL_EVERY = 1000


@dataclass(slots=True)
class Account:
    """What became of every row: ``rows`` = ``kept`` + ``duplicates`` + all that was refused."""

    rows: int = 0
    kept: int = 0
    """Plays that the listener has now and had not before."""
    refused: Counter[str] = field(default_factory=Counter)
    """Rows by the reason."""
    matched: int = 0
    """Plays of the listener, old ones too, whose audio is in the library."""
    zone: str | None = None
    """In which hours and days of this listener are told."""
    zone_inferred: bool = False
    failed: list[tuple[Path, str]] = field(default_factory=list)
    """Files of which nothing was imported, and why."""

    @property
    def duplicates(self) -> int:
        """Rows of plays that were known."""
        return self.rows - self.kept - self.refused.total()


def import_files(
    paths: Sequence[Path],
    library: Library,
    listener: str,
    *,
    zone: str | None = None,
    shortest: float = 0.0,
    progress: Callable[[int], None] = lambda rows: None,
) -> Account:
    """Import exports of one listener, each file all of it or nothing.

    Parameters
    ----------
    paths
        Zips or folders as services send them, or single files.
    library
        Where plays go.
    listener
        Whose they are.
    zone
        IANA's name of the time zone; inferred where it is not told.
    shortest
        Seconds below which a play is refused; plays of unknown length stay.
    progress
        Is told the number of rows now and then.
    """
    listener = listeners.check(listener)
    said = zones.check(zone) if zone is not None else None
    account = Account()
    for path in paths:
        try:
            _import(path, library, listener, said, shortest, account, progress)
        except HistoryError as error:
            account.failed.append((path, str(error)))
    with library.begin() as connection:
        matches.refresh(connection)
        account.matched = matches.count(connection, listener)
        found = [one for one in listeners.all(connection) if one.name == listener]
    if found:
        account.zone, account.zone_inferred = found[0].zone, found[0].inferred
    return account


def _import(
    path: Path,
    library: Library,
    listener: str,
    zone: str | None,
    shortest: float,
    account: Account,
    progress: Callable[[int], None],
) -> None:
    """Import one file in one transaction; nothing is counted of a file that fails."""
    countries: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    rows = 0

    def plays(told: Iterable[Heard | Refused]) -> Iterator[Heard]:
        nonlocal rows
        for one in told:
            rows += 1
            if rows % _TELL_EVERY == 0:
                progress(account.rows + rows)
            if isinstance(one, Refused):
                refused[one.reason] += 1
            elif one.ms_played is not None and one.ms_played < shortest * 1000:
                refused["too short"] += 1
            else:
                yield one

    with library.begin() as connection:
        kept = heard.add(connection, listener, plays(read(path, countries)))
        listeners.meet(connection, listener, zone, zones.infer(countries))
    account.rows += rows
    account.kept += kept
    account.refused += refused
