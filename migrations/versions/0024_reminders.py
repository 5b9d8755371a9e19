"""The reminder ladder: its rungs, the day's digests, every attempt to get one out.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand the structure."""
    op.add_column("org_unit", sa.Column("remind_mail", sa.String(160), nullable=True))
    op.add_column("org_unit", sa.Column("remind_mobile", sa.String(40), nullable=True))
    op.add_column("org_unit", sa.Column("remind_openid", sa.String(80), nullable=True))
    op.add_column(
        "transfer_text",
        sa.Column("reminder_days", sa.String(60), nullable=False, server_default="-7,-2,0,7,15"),
    )
    op.create_table(
        "reminder_digest",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("receiver_id", sa.String(36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["org_unit.id"], name=op.f("fk_reminder_digest_receiver_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_reminder_digest")),
        sa.UniqueConstraint("id", name=op.f("uq_reminder_digest_id")),
        sa.UniqueConstraint("receiver_id", "day", name=op.f("uq_reminder_digest")),
    )
    op.create_table(
        "reminder",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("transfer_id", sa.String(36), nullable=False),
        sa.Column("digest_id", sa.String(36), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("step_days", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_reminder_transfer_id_transfer")
        ),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["reminder_digest.id"], name=op.f("fk_reminder_digest_id_reminder_digest")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_reminder")),
        sa.UniqueConstraint("id", name=op.f("uq_reminder_id")),
        sa.UniqueConstraint("transfer_id", "due_on", "step_days", name=op.f("uq_reminder")),
    )
    op.create_index("ix_reminder_digest_id", "reminder", ["digest_id"])
    op.create_table(
        "reminder_delivery",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("digest_id", sa.String(36), nullable=False),
        sa.Column("way", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("error", sa.String(120), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["reminder_digest.id"], name=op.f("fk_reminder_delivery_digest_id_reminder_digest")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_reminder_delivery")),
        sa.UniqueConstraint("id", name=op.f("uq_reminder_delivery_id")),
    )
    op.create_index("ix_reminder_delivery_digest_id", "reminder_delivery", ["digest_id"])


def downgrade() -> None:
    """Restore the structure before; loses reminders, their ledger, and where receivers are reminded."""
    op.drop_table("reminder_delivery")
    op.drop_table("reminder")
    op.drop_table("reminder_digest")
    op.drop_column("transfer_text", "reminder_days")
    for name in ("remind_openid", "remind_mobile", "remind_mail"):
        op.drop_column("org_unit", name)
