"""How much of an upload was durable when somebody was last told; empty for uploads an older version began.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand the structure."""
    op.add_column("upload", sa.Column("settled_bytes", _BIG, nullable=True))


def downgrade() -> None:
    """Remove it again; uploads under way go by the length of their file alone."""
    with op.batch_alter_table("upload") as upload:
        upload.drop_column("settled_bytes")
