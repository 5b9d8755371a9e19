"""What the office has agreed with others, and with whom.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "agreement",
        sa.Column("rowno", _BIG, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("mechanisms", sa.Text(), nullable=False),
        sa.Column("contacts", sa.Text(), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("feedback_days", sa.Integer(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("document_digest", sa.String(64), nullable=True),
        sa.Column("document_bytes", sa.Integer(), nullable=True),
        sa.Column("document_type", sa.String(100), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_agreement")),
        sa.ForeignKeyConstraint(["office_id"], ["org_unit.id"], name=op.f("fk_agreement_office_id_org_unit")),
        sa.UniqueConstraint("id", name=op.f("uq_agreement_id")),
    )
    op.create_index("ix_agreement_office", "agreement", ["office_id", "review_on"])
    op.create_table(
        "agreement_party",
        sa.Column("rowno", _BIG, nullable=False),
        sa.Column("agreement_id", sa.String(36), nullable=False),
        sa.Column("org_unit_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_agreement_party")),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_party_agreement_id_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["org_unit_id"], ["org_unit.id"], name=op.f("fk_agreement_party_org_unit_id_org_unit")
        ),
        sa.UniqueConstraint("agreement_id", "org_unit_id", name="uq_agreement_party"),
    )
    op.create_index(op.f("ix_agreement_party_org_unit_id"), "agreement_party", ["org_unit_id"])


def downgrade() -> None:
    """Restore the structure before; loses every agreement and its parties (their papers' bytes stay)."""
    op.drop_index(op.f("ix_agreement_party_org_unit_id"), "agreement_party")
    op.drop_table("agreement_party")
    op.drop_index("ix_agreement_office", "agreement")
    op.drop_table("agreement")
