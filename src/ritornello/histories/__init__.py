"""Listening exports in, plays out: one file a source, no database, and nothing personal beyond these doors."""

from __future__ import annotations

from ritornello.histories.reading import read

__all__ = ["read"]
