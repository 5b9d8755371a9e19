"""Labels of the office, on clues; steps taken for several clues at once.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "label",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("name_en", sa.String(40), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_label")),
    )
    op.create_table(
        "clue_label",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("label_key", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("labelled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_clue_label_clue_id_clue")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_clue_label")),
        sa.UniqueConstraint("clue_id", "label_key", name="uq_clue_label"),
    )
    op.create_index("ix_clue_label_key", "clue_label", ["label_key", "clue_id"])
    op.create_table(
        "bulk_run",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_bulk_run")),
        sa.UniqueConstraint("id", name=op.f("uq_bulk_run_id")),
    )
    op.create_index("ix_bulk_run_own", "bulk_run", ["account_id", "rowno"])


def downgrade() -> None:
    """Restore the structure before; loses labels, which clues carry them, and what was done to several at once."""
    op.drop_table("bulk_run")
    op.drop_table("clue_label")
    op.drop_table("label")
