"""Photos that arrive in pieces, and where the phone was when each was taken.

The law of migrations: see 0001. A downgrade forgets uploads that are not whole yet (the phone begins them anew)
and when a phone fixed the position of a photo.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "upload",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("report_id", sa.String(36), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("is_sealed", sa.Boolean(), nullable=False),
        sa.Column("length", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_upload_report_id_report")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_upload")),
        sa.UniqueConstraint("id", name=op.f("uq_upload_id")),
        sa.UniqueConstraint("report_id", "digest", "is_sealed", "length", name="uq_upload"),
    )
    op.create_index(op.f("ix_upload_expires_at"), "upload", ["expires_at"], unique=False)
    op.add_column("evidence_item", sa.Column("phone_fixed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Restore the structure; see above for what is lost."""
    op.drop_column("evidence_item", "phone_fixed_at")
    op.drop_index(op.f("ix_upload_expires_at"), table_name="upload")
    op.drop_table("upload")
