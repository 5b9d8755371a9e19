"""Ways into the journal for its reader: by verb and by person, newest first, without walking over all of it.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the structure."""
    op.create_index("ix_journal_verb", "journal", ["verb", "rowno"])
    op.create_index("ix_journal_actor", "journal", ["actor_id", "rowno"])


def downgrade() -> None:
    """Remove them again; nothing is lost."""
    op.drop_index("ix_journal_actor", "journal")
    op.drop_index("ix_journal_verb", "journal")
