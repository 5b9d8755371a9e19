"""How long what is known of people is kept: terms as dated rows, notices of what will go, holds, and what went.

The law of migrations: see 0001. A downgrade loses the office's terms, the notices given and the holds (保全): write the
holds down before. What was erased stays erased.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ROWNO = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "retention_term",
        sa.Column("rowno", _ROWNO, nullable=False),
        sa.Column("category_key", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("contact_months", sa.Integer(), nullable=True),
        sa.Column("content_months", sa.Integer(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_retention_term")),
        sa.UniqueConstraint("category_key", "outcome", "valid_from", name="uq_retention_term"),
    )
    op.create_table(
        "retention_notice",
        sa.Column("rowno", _ROWNO, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("part", sa.String(32), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("released_by", sa.String(36), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_retention_notice_clue_id_clue")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_retention_notice")),
        sa.UniqueConstraint("id", name=op.f("uq_retention_notice_id")),
        sa.UniqueConstraint("clue_id", "part", name="uq_retention_notice"),
    )
    op.create_index("ix_retention_notice_due", "retention_notice", ["done_at", "due_on", "rowno"])
    op.add_column("clue", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("clue", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_clue_closed", "clue", ["office_id", "closed_at"])
    op.add_column("report", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Restore the structure; see above for what is lost."""
    op.drop_column("report", "erased_at")
    op.drop_index("ix_clue_closed", table_name="clue")
    op.drop_column("clue", "erased_at")
    op.drop_column("clue", "held_at")
    op.drop_index("ix_retention_notice_due", table_name="retention_notice")
    op.drop_table("retention_notice")
    op.drop_table("retention_term")
