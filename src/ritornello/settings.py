"""The only reader of ``RITORNELLO_*`` variables, and where things lie when nobody says where."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from platformdirs import user_data_path

if TYPE_CHECKING:
    from pathlib import Path


def library() -> str:
    """The library: ``RITORNELLO_LIBRARY``, else ``library.db`` in the user's data folder."""
    return os.environ.get("RITORNELLO_LIBRARY") or str(_data() / "library.db")


def pieces() -> Path:
    """The folder for the demo pieces, in the user's data folder."""
    return _data() / "pieces"


def _data() -> Path:
    return user_data_path("ritornello", appauthor=False)
