"""When a guest was reminded of an invitation, and when it ended without an answer.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the structure."""
    op.add_column("invitation", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("invitation", sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_invitation_day", "invitation", ["state", "due_on"])


def downgrade() -> None:
    """Restore the structure before; loses when guests were reminded and which ends were noted: those are noted again."""
    op.drop_index("ix_invitation_day", "invitation")
    with op.batch_alter_table("invitation") as invitation:
        invitation.drop_column("expired_at")
        invitation.drop_column("reminded_at")
