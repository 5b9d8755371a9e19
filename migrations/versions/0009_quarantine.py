"""Why a report was taken in only to be looked at first, and the proofs of work that have been used.

The law of migrations: see 0001. A downgrade forgets both: marked reports look like all others.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "used_salt",
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("salt", name=op.f("pk_used_salt")),
    )
    op.add_column("report", sa.Column("quarantine", sa.String(32), nullable=True))
    op.add_column("clue", sa.Column("quarantine", sa.String(32), nullable=True))


def downgrade() -> None:
    """Restore the structure; see above for what is lost."""
    op.drop_column("clue", "quarantine")
    op.drop_column("report", "quarantine")
    op.drop_table("used_salt")
