"""What genres a track is heard to be of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_genre_odds"
down_revision = "0004_histories"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; it is filled as files are analysed."""
    op.create_table(
        "genre_odds",
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("odds", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["track_id"], ["tracks.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("track_id"),
    )
