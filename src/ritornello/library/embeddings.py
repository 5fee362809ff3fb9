"""Where tracks lie among all music: vectors, as bytes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from ritornello.library import schema as s
from ritornello.library import tracks
from ritornello.track import Embedding


def put(connection: Connection, audio_id: str, embedding: Embedding) -> None:
    """Store the vectors of a track that is in the library, in place of earlier ones."""
    row = {
        "track_id": tracks.owner(connection, audio_id),
        "version": embedding.version,
        "track": embedding.track,
        "sections": b"".join(embedding.sections),
    }
    s.upsert(connection, s.embeddings, "track_id", row)


def get(connection: Connection, ids: Sequence[str]) -> list[Embedding | None]:
    """Look up vectors in the order asked; None where there are none. An id is ours or any external one."""
    ours = tracks.resolve(connection, ids)
    query = select(s.embeddings).where(s.embeddings.c.track_id.in_(set(ours.values())))
    known = {row.track_id: _embedding(row.version, row.track, row.sections) for row in connection.execute(query)}
    return [known.get(ours.get(asked, "")) for asked in ids]


def all(connection: Connection, version: str) -> tuple[list[str], bytes]:  # noqa: A001
    """Every track's id and, in the same order, its vector: rows of one matrix in half precision."""
    query = select(s.embeddings.c.track_id, s.embeddings.c.track).where(s.embeddings.c.version == version)
    rows = connection.execute(query.order_by(s.embeddings.c.track_id)).all()
    return [row.track_id for row in rows], b"".join(row.track for row in rows)


def _embedding(version: str, track: bytes, sections: bytes) -> Embedding:
    parts = tuple(sections[i : i + len(track)] for i in range(0, len(sections), len(track)))
    return Embedding(version, track, parts)
