"""What a reporter said about personal data in a photo before sending it, and how many places the phone covered.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TABLES = ("evidence_item", "promised_photo")


def upgrade() -> None:
    """Expand the structure; empty means that nothing was said, as of every photo before."""
    for table in _TABLES:
        op.add_column(table, sa.Column("masking", sa.String(32), nullable=True))
        op.add_column(table, sa.Column("masked_parts", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Restore the structure before; loses the reporters' words about masking (the journal keeps them)."""
    for table in reversed(_TABLES):
        op.drop_column(table, "masked_parts")
        op.drop_column(table, "masking")
