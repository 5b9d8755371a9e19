"""What people ask of their own data: requests, decisions, the corrected contact sealed until it is moved.

The law of migrations: see 0001. A downgrade loses the requests and what was decided; the journal still tells of both.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "rights_request",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("report_id", sa.String(36), nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("known_by", sa.String(32), nullable=False),
        sa.Column("phone_matches", sa.Boolean(), nullable=True),
        sa.Column("sealed_name", sa.Text(), nullable=True),
        sa.Column("sealed_phone", sa.Text(), nullable=True),
        sa.Column("sealed_words", sa.Text(), nullable=True),
        sa.Column("consent_version", sa.String(20), nullable=True),
        sa.Column("asked_journal_id", sa.String(36), nullable=False),
        sa.Column("asked_by", sa.String(36), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("decided_journal_id", sa.String(36), nullable=True),
        sa.Column("decided_by", sa.String(36), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_granted", sa.Boolean(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_rights_request_report_id_report")
        ),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_rights_request_clue_id_clue")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_rights_request")),
        sa.UniqueConstraint("id", name=op.f("uq_rights_request_id")),
    )
    op.create_index(op.f("ix_rights_request_report_id"), "rights_request", ["report_id"])
    op.create_index(op.f("ix_rights_request_clue_id"), "rights_request", ["clue_id"])
    op.create_index("ix_rights_request_open", "rights_request", ["decided_at", "due_on"])


def downgrade() -> None:
    """Restore the structure; see above for what is lost."""
    op.drop_table("rights_request")
