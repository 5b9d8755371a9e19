"""Who leads a team, and how much of the day is their team's: one digest a person, with two figures more.

Downgrading loses who leads; a digest lives for a day.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
_FIGURES = ("team_overdue", "team_due_today")


def upgrade() -> None:
    """Expand the structure."""
    op.add_column("team", sa.Column("lead_id", sa.String(36), nullable=True))
    for name in _FIGURES:
        op.add_column("daily_digest", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Remove them again."""
    for name in _FIGURES:
        op.execute(f"ALTER TABLE daily_digest DROP COLUMN {name}")
    op.execute("ALTER TABLE team DROP COLUMN lead_id")
