"""What genres tracks are heard to be of, and how likely."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from ritornello.library import schema as s
from ritornello.library import tracks


def put(connection: Connection, audio_id: str, odds: Mapping[str, float], version: str) -> None:
    """Store the odds of a track that is in the library, in place of earlier ones."""
    row = {"track_id": tracks.owner(connection, audio_id), "version": version, "odds": dict(odds)}
    s.upsert(connection, s.genre_odds, "track_id", row)


def all(connection: Connection) -> dict[str, dict[str, float]]:  # noqa: A001
    """Every track's odds, by its id."""
    return {row.track_id: row.odds for row in connection.execute(select(s.genre_odds))}
