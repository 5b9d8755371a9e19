"""Hooks: where a partner's system hears that something changed, what it was told, and every attempt.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WHEN = sa.DateTime(timezone=True)
_ID = sa.String(36)
_WORD = sa.String(32)


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "hook",
        sa.Column("rowno", _BIG, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("office_id", _ID, nullable=False),
        sa.Column("org_unit_id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("url", sa.String(300), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("sealed_old_secret", sa.Text(), nullable=True),
        sa.Column("old_until", _WHEN, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", _WHEN, nullable=True),
        sa.Column("opened_by", _ID, nullable=False),
        sa.Column("opened_at", _WHEN, nullable=False),
        sa.Column("ended_at", _WHEN, nullable=True),
        sa.ForeignKeyConstraint(["org_unit_id"], ["org_unit.id"], name=op.f("fk_hook_org_unit_id_org_unit")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_hook_account_id_account")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_hook")),
        sa.UniqueConstraint("id", name=op.f("uq_hook_id")),
    )
    live = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_hook_live", "hook", ["org_unit_id"], unique=True, sqlite_where=live, postgresql_where=live
    )
    op.create_index("ix_hook_account_id", "hook", ["account_id"])
    op.create_table(
        "hook_event",
        sa.Column("rowno", _BIG, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("hook_id", _ID, nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("subject_id", _ID, nullable=False),
        sa.Column("made_at", _WHEN, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", _WHEN, nullable=False),
        sa.Column("delivered_at", _WHEN, nullable=True),
        sa.Column("parked_at", _WHEN, nullable=True),
        sa.ForeignKeyConstraint(["hook_id"], ["hook.id"], name=op.f("fk_hook_event_hook_id_hook")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_hook_event")),
        sa.UniqueConstraint("id", name=op.f("uq_hook_event_id")),
    )
    op.create_index(
        "ix_hook_event_waiting", "hook_event", ["hook_id", "delivered_at", "parked_at", "next_at"]
    )
    op.create_table(
        "hook_attempt",
        sa.Column("rowno", _BIG, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("outcome", _WORD, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("attempted_at", _WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["hook_event.id"], name=op.f("fk_hook_attempt_event_id_hook_event")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_hook_attempt")),
        sa.UniqueConstraint("id", name=op.f("uq_hook_attempt_id")),
    )
    op.create_index("ix_hook_attempt_event_id", "hook_attempt", ["event_id"])
    op.create_table(
        "hook_told",
        sa.Column("rowno", _BIG, nullable=False),
        sa.Column("hook_id", _ID, nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("subject_id", _ID, nullable=False),
        sa.Column("status", _WORD, nullable=False),
        sa.ForeignKeyConstraint(["hook_id"], ["hook.id"], name=op.f("fk_hook_told_hook_id_hook")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_hook_told")),
        sa.UniqueConstraint("hook_id", "kind", "subject_id", name="uq_hook_told"),
    )


def downgrade() -> None:
    """Remove it again; loses the hooks, what they were told and the ledger: partners' systems hear nothing more."""
    op.drop_table("hook_told")
    op.drop_table("hook_attempt")
    op.drop_table("hook_event")
    op.drop_table("hook")
