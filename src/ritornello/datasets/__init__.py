"""A library as a data set: exactly the rows that permit a use, with why, in files that other programs read."""

from __future__ import annotations

from ritornello.errors import DatasetError

try:
    import pyarrow  # noqa: F401
except ImportError as error:
    raise DatasetError("data sets need pyarrow, which is not installed: pip install 'ritornello[dataset]'") from error
