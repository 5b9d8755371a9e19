"""The number a clue has in the official case system.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the structure."""
    op.add_column("clue", sa.Column("case_number", sa.String(60), nullable=True))


def downgrade() -> None:
    """Restore the structure before; loses the numbers of the official case system (the journal keeps them)."""
    op.drop_column("clue", "case_number")
