"""What files say of their licence, rules about paths, consent of listeners, and traits of one's own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_rights"
down_revision = "0005_genre_odds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create, and have the next scan read the tags of every file again, for its licence was not read before."""
    for name in ("licence", "copyright", "sidecar_licence", "sidecar_copyright"):
        op.add_column("files", sa.Column(name, sa.Text(), nullable=True))
    op.execute("UPDATE files SET mtime_ns = -1 WHERE status = 'analysed'")
    op.create_table(
        "rules",
        sa.Column("path", sa.LargeBinary(), primary_key=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("jurisdiction", sa.Text(), nullable=True),
        sa.Column("reserved", sa.Boolean(), nullable=True),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=True),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("listener", sa.Text(), nullable=False, unique=True),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "own_traits",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
    )
    op.create_table(
        "scores",
        sa.Column("track_id", sa.Text(), sa.ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("trait", sa.Text(), sa.ForeignKey("own_traits.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("value", sa.Float(), nullable=False),
    )
    op.create_index(op.f("ix_scores_trait"), "scores", ["trait"])
