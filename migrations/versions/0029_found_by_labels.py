"""Labels and numbers of the official case system among what a clue is found by: the worker writes what is lacking.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Leave a job, so that the office goes on meanwhile; a new office lacks nothing."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM clue LIMIT 1")).first() is None:
        return
    job = sa.table(
        "job",
        *(sa.column(name) for name in ("id", "handler", "once_key", "payload", "attempts")),
        sa.column("run_after", sa.DateTime(timezone=True)),
    )
    op.execute(
        job.insert().values(
            id="00000000-0000-7000-8000-000000000028", handler="triage.index_marks", once_key="migration-0028",
            payload="{}", attempts=0, run_after=datetime(2026, 11, 26, tzinfo=UTC),
        )
    )  # fmt: skip


def downgrade() -> None:
    """Take the job back; loses nothing: what is among the words of a clue finds nothing by itself."""
    op.execute("DELETE FROM job WHERE handler = 'triage.index_marks'")
