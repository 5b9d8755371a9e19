"""Views of the queue that people give a name; who has a clue before them.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "saved_view",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("id", name=op.f("uq_saved_view_id")),
    )
    op.create_index("ix_saved_view_office", "saved_view", ["office_id", "is_shared", "account_id"])
    op.create_table(
        "presence",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("is_deciding", sa.Boolean(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_presence")),
    )
    op.create_index("ix_presence_clue", "presence", ["clue_id", "until"])


def downgrade() -> None:
    """Restore the structure before; loses the saved views."""
    op.drop_table("presence")
    op.drop_table("saved_view")
