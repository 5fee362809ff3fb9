"""Occasions by person, in the order of time, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ritornello.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Numbers: TypeAlias = NDArray[np.float64]

_DAY = 24 * 3600 * 1000


@dataclass(frozen=True)
class Panel:
    """Rows of several people, each person's together and in the order of time."""

    person: NDArray[np.intp]
    """Number of the person, 0 to ``people`` - 1."""
    codes: tuple[str, ...]
    time: Numbers
    """Milliseconds."""
    columns: Mapping[str, Numbers]
    """NaN is not known."""

    @property
    def people(self) -> int:
        """How many people."""
        return len(self.codes)

    def __len__(self) -> int:
        return len(self.person)

    def column(self, name: str) -> Numbers:
        """One column."""
        if name not in self.columns:
            raise StudyError(f"there is no column {name!r}: expected one of {', '.join(sorted(self.columns))}")
        return self.columns[name]

    def where(self, keep: NDArray[np.bool_]) -> Panel:
        """Some of the rows; people without any are no part of it any more."""
        numbers, person = np.unique(self.person[keep], return_inverse=True)
        codes = tuple(self.codes[number] for number in numbers)
        return Panel(person, codes, self.time[keep], {name: value[keep] for name, value in self.columns.items()})

    def with_(self, **columns: Numbers) -> Panel:
        """The same rows with more columns."""
        return Panel(self.person, self.codes, self.time, {**self.columns, **columns})

    def means(self, values: Numbers) -> Numbers:
        """The mean of each person over what is known, one number a person."""
        known = np.isfinite(values)
        total = np.bincount(self.person[known], values[known], self.people)
        count = np.bincount(self.person[known], minlength=self.people)
        with np.errstate(invalid="ignore"):
            return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    def split(self, values: Numbers) -> tuple[Numbers, Numbers]:
        """Deviation from the person's mean, and that mean: a number a row each."""
        between = self.means(values)[self.person]
        return values - between, between

    def previous(self, values: Numbers) -> Numbers:
        """The value of the same person on the occasion before, not longer ago than a day; NaN on the first."""
        before = np.roll(values, 1)
        same = np.r_[False, self.person[1:] == self.person[:-1]] & (np.diff(self.time, prepend=np.nan) <= _DAY)
        return np.where(same, before, np.nan)

    def counts(self) -> NDArray[np.intp]:
        """Rows of each person."""
        return np.bincount(self.person, minlength=self.people)


def of_rows(rows: Sequence[Mapping[str, str]]) -> Panel:
    """Rows of ``occasions.csv`` as a panel; what is no number is no column."""
    if not rows:
        raise StudyError("there are no occasions: ritornello study features")
    ordered = sorted(rows, key=lambda row: (row["code"], int(row["sent_at"])))
    codes = tuple(sorted({row["code"] for row in ordered}))
    number = {code: index for index, code in enumerate(codes)}
    names = [name for name in ordered[0] if name not in ("code", "sent_at")]
    columns = {name: np.array([float(row.get(name) or "nan") for row in ordered]) for name in names}
    person = np.array([number[row["code"]] for row in ordered], np.intp)
    return Panel(person, codes, np.array([float(row["sent_at"]) for row in ordered]), columns)


def clock(hours: Numbers) -> Numbers:
    """Local hours as two columns, cosine and sine of the day's circle."""
    angle = hours * (2 * np.pi / 24)
    return np.column_stack([np.cos(angle), np.sin(angle)])
