"""A worker's sign of life, and what its jobs have cost; damaged blobs are counted without a walk over all.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "worker_sign",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tallies", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_sign")),
    )
    damaged = sa.text("damaged_at IS NOT NULL")
    op.create_index("ix_blob_damaged", "blob", ["damaged_at"], sqlite_where=damaged, postgresql_where=damaged)


def downgrade() -> None:
    """Restore the structure before; loses when each worker was last seen, which it writes anew within a minute."""
    op.drop_index("ix_blob_damaged", "blob")
    op.drop_table("worker_sign")
