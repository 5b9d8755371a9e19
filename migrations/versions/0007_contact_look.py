"""Looks at a reporter's contact: asked for, agreed to, used up, told to the heads.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "contact_look",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("journal_id", sa.String(36), nullable=False),
        sa.Column("asked_by", sa.String(36), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(36), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_granted", sa.Boolean(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noticed_by", sa.String(36), nullable=True),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_contact_look_clue_id_clue")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_contact_look")),
        sa.UniqueConstraint("id", name=op.f("uq_contact_look_id")),
    )
    with op.batch_alter_table("contact_look", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_look_clue_id"), ["clue_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_look_asked_by"), ["asked_by"], unique=False)
        batch_op.create_index("ix_contact_look_open", ["noticed_at", "decided_at"], unique=False)


def downgrade() -> None:
    """Restore the structure before; loses: open requests to look at a contact (the journal keeps every look)."""
    op.drop_table("contact_look")
