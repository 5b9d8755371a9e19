"""Whom a matter is about, and since when they learn nothing of it.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "clue_respondent",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("org_unit_id", sa.String(36), nullable=False),
        sa.Column("shown_status", sa.String(32), nullable=False),
        sa.Column("named_by", sa.String(36), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_how", sa.String(32), nullable=True),
        sa.Column("ended_by", sa.String(36), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document", sa.String(120), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_clue_respondent_clue_id_clue")),
        sa.ForeignKeyConstraint(["org_unit_id"], ["org_unit.id"], name=op.f("fk_clue_respondent_org_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_clue_respondent")),
        sa.UniqueConstraint("id", name=op.f("uq_clue_respondent_id")),
    )  # fmt: skip
    op.create_index("ix_clue_respondent", "clue_respondent", ["clue_id", "org_unit_id"])
    op.create_index("ix_clue_respondent_org_unit_id", "clue_respondent", ["org_unit_id"])


def downgrade() -> None:
    """Restore the structure before; loses whom matters are about and which documents were served on them."""
    op.drop_table("clue_respondent")
