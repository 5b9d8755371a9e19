"""The few clues that are held back are found without reading all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the structure."""
    is_held = sa.text("held_at IS NOT NULL")
    op.create_index(
        "ix_clue_held", "clue", ["office_id", "held_at"], sqlite_where=is_held, postgresql_where=is_held
    )


def downgrade() -> None:
    """Remove it again."""
    op.drop_index("ix_clue_held", "clue")
