"""What a receiver's people note among themselves about a transfer.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "partner_entry",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("transfer_id", sa.String(36), nullable=False),
        sa.Column("org_unit_id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("assignee_id", sa.String(36), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_partner_entry_transfer_id_transfer")
        ),
        sa.ForeignKeyConstraint(
            ["org_unit_id"], ["org_unit.id"], name=op.f("fk_partner_entry_org_unit_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_partner_entry")),
        sa.UniqueConstraint("id", name=op.f("uq_partner_entry_id")),
    )
    op.create_index("ix_partner_entry_own", "partner_entry", ["org_unit_id", "transfer_id"])
    op.create_index("ix_partner_entry_transfer_id", "partner_entry", ["transfer_id"])


def downgrade() -> None:
    """Restore the structure before; loses what receivers noted for themselves and who had what in hand."""
    op.drop_table("partner_entry")
