"""A vector for each track and each of its sections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_embeddings"
down_revision = "0002_contract"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; it is filled by the next scan."""
    op.create_table(
        "embeddings",
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("track", sa.LargeBinary(), nullable=False),
        sa.Column("sections", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["track_id"], ["tracks.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("track_id"),
    )
    op.create_index(op.f("ix_embeddings_version"), "embeddings", ["version"], unique=False)
