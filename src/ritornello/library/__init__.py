"""The library: tracks, features, analyses and files in one SQLite file. SQL is written here and nowhere else.

Functions take the connection first and live in a module named by what they store; :class:`Library` gives connections.
"""

from __future__ import annotations

from ritornello.library.database import Library

__all__ = ["Library"]
