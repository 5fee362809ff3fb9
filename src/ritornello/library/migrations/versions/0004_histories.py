"""Plays of listening histories, the songs that they name, and what these are in the library."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0004_histories"
down_revision = "0003_embeddings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and give the plays that are there what new ones have."""
    op.create_table(
        "songs",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("artist", sa.Text(), nullable=False),
        sa.Column("album", sa.Text(), nullable=True),
        sa.Column("spotify", sa.Text(), nullable=True),
        sa.Column("isrc", sa.Text(), nullable=True),
        sa.Column("musicbrainz", sa.Text(), nullable=True),
        sa.Column("duration", sa.Float(), nullable=True),
    )
    for column in ("named", "isrc", "musicbrainz"):
        op.create_index(op.f(f"ix_songs_{column}"), "songs", [column])
    op.create_table(
        "matches",
        sa.Column("song_id", sa.Text(), sa.ForeignKey("songs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("track_id", sa.Text(), primary_key=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
    )
    op.create_index(op.f("ix_matches_track_id"), "matches", ["track_id"])
    op.create_table(
        "listeners",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("zone_plays", sa.Integer(), nullable=True),
    )
    op.create_table(
        "open_features",
        sa.Column("item_id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("spread", sa.Float(), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("mbid", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
    )
    _plays()


def _plays() -> None:
    before = sa.table(
        "plays", *(sa.column(name) for name in ("listener", "played_at", "track_id", "ms_played", "source"))
    )
    connection = op.get_bind()
    kept = connection.execute(sa.select(before)).all()
    op.drop_table("plays")
    after = op.create_table(
        "plays",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("listener", sa.Text(), nullable=False),
        sa.Column("played_at", sa.BigInteger(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("ms_played", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("quality", sa.Text(), nullable=False, server_default="exact"),
        sa.Column("reason_start", sa.Text(), nullable=True),
        sa.Column("reason_end", sa.Text(), nullable=True),
        sa.Column("shuffle", sa.Boolean(), nullable=True),
        sa.Column("skipped", sa.Boolean(), nullable=True),
        sa.Column("offline", sa.Boolean(), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False, server_default="1"),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("listener", "digest", name="uq_plays"),
    )
    op.create_index("ix_plays_track_id", "plays", ["track_id", "listener"])
    op.create_index("ix_plays_played_at", "plays", ["listener", "played_at"])
    if kept:
        rows = [{**row._mapping, "digest": _digest(row.played_at, row.track_id)} for row in kept]
        connection.execute(after.insert(), rows)


def _digest(played_at: int, track_id: str) -> bytes:
    return hashlib.blake2b(f"play\0{played_at}\0{track_id}\0".encode(), digest_size=16).digest()
