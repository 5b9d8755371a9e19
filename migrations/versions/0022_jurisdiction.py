"""Rules of jurisdiction: who is to take a matter, by place, kind and level of whoever is supervised.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "jurisdiction_rule",
        sa.Column("rowno", _BIG, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("standings", "towns", "categories", "fields", "levels")
        ),
        sa.Column("only_major", sa.Boolean(), nullable=False),
        sa.Column("only_private", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.String(32), nullable=False),
        sa.Column("target", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(200), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_jurisdiction_rule")),
        sa.UniqueConstraint("key", "valid_from", name="uq_jurisdiction_rule"),
    )


def downgrade() -> None:
    """Restore the structure before; loses the rules of jurisdiction (the seeded ones come back by loading)."""
    op.drop_table("jurisdiction_rule")
