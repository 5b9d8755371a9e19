"""Who keeps out of a clue; who is away and who stands in.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "recusal",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_recusal_clue_id_clue")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_recusal")),
    )
    op.create_index("ix_recusal_clue", "recusal", ["clue_id", "account_id"])
    op.create_table(
        "absence",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("deputy_id", sa.String(36), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_absence")),
        sa.UniqueConstraint("id", name=op.f("uq_absence_id")),
    )
    op.create_index("ix_absence_office_id", "absence", ["office_id"])
    op.create_index("ix_absence_deputy", "absence", ["deputy_id", "from_on", "to_on"])


def downgrade() -> None:
    """Restore the structure before; loses who keeps out of which clue, and absences."""
    op.drop_table("absence")
    op.drop_table("recusal")
