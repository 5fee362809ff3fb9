"""Tables as survey tools export them, to plain rows; what says who somebody is, is dropped at this door."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Literal

from ritornello.errors import StudyError

if TYPE_CHECKING:
    from pathlib import Path

Format = Literal["plain", "qualtrics", "m-path", "redcap", "limesurvey", "spss"]
FORMATS: tuple[Format, ...] = ("plain", "qualtrics", "m-path", "redcap", "limesurvey", "spss")

PERSONAL = re.compile(
    r"ip_?addr(ess)?|ip|location_?(latitude|longitude)|latitude|longitude|recipient_?(email|first_?name|last_?name)"
    r"|e-?mail(_?address)?|(first|last|full|sur|given)?_?name|alias|initials|phone(_?number)?|mobile(_?number)?|address"
    r"|birth_?(date|day)|user_?name|refurl|external(data)?reference",
    re.IGNORECASE,
)
"""Columns whose values are thrown away before anything else looks at them."""
_TEST = {"spam", "survey preview", "survey test", "preview", "1", "2", "8", "9", "12"}
"""Words and numbers in Qualtrics' column Status for answers that nobody gave in earnest."""


def read(path: Path, form: Format | None = None) -> tuple[Format, list[dict[str, str]], list[str]]:
    """Read a table.

    Returns
    -------
    tuple
        Its format, its rows, and the columns whose values were thrown away.
    """
    rows = _spss(path) if path.suffix.lower() == ".sav" else _csv(path)
    if not rows:
        raise StudyError(f"{path} has no rows")
    found = form or guess(path, list(rows[0]), rows)
    if found == "qualtrics":
        rows = [row for row in _without_headers(rows) if row.get("Status", "").strip().lower() not in _TEST]
    dropped = [name for name in rows[0] if PERSONAL.fullmatch(name.strip())] if rows else []
    return found, [{name: value for name, value in row.items() if name not in dropped} for row in rows], dropped


def guess(path: Path, columns: list[str], rows: list[dict[str, str]]) -> Format:
    """Tell the tool by columns that it alone has."""
    if path.suffix.lower() == ".sav":
        return "spss"
    if {"connectionId", "timeZoneOffset"} <= set(columns):
        return "m-path"
    if "ResponseId" in columns or "ImportId" in str(rows[min(1, len(rows) - 1)]):
        return "qualtrics"
    if "redcap_event_name" in columns or "redcap_repeat_instance" in columns:
        return "redcap"
    if {"submitdate", "startdate"} <= set(columns) or {"submitdate", "token"} <= set(columns):
        return "limesurvey"
    return "plain"


def _csv(path: Path) -> list[dict[str, str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StudyError(f"{path} is not in UTF-8: export it again as CSV UTF-8, not through a spreadsheet") from error
    except OSError as error:
        raise StudyError(f"{path} cannot be read: {error.strerror}") from error
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        header, *rows = [row for row in table if any(cell.strip() for cell in row)]
    except (csv.Error, ValueError) as error:
        raise StudyError(f"{path} has no table: {error}") from error
    if len(set(header)) != len(header):
        twice = sorted({name for name in header if header.count(name) > 1})
        raise StudyError(f"{path} has columns of the same name: {', '.join(twice)}")
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise StudyError(
                f"{path}, line {number} has {len(row)} cells, and the header {len(header)}: a spreadsheet may "
                f"have saved it"
            )
    return [dict(zip(header, row, strict=True)) for row in rows]


def _spss(path: Path) -> list[dict[str, str]]:
    import pyreadstat

    try:
        frame, _ = pyreadstat.read_sav(str(path), apply_value_formats=False)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        raise StudyError(f"{path} is not a file of SPSS: {error}") from error
    return [
        {str(name): _cell(value) for name, value in row.items()}
        for row in frame.astype(object).to_dict(orient="records")
    ]


def _cell(value: object) -> str:
    if value is None or value != value:
        return ""
    return f"{value:g}" if isinstance(value, float) and value.is_integer() and abs(value) < 1e6 else str(value)


def _without_headers(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Qualtrics writes the questions and its own ids below the names."""
    start = next(
        (number for number, row in enumerate(rows[:3], 1) if any("ImportId" in cell for cell in row.values())), 0
    )
    return rows[start:]
