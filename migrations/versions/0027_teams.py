"""Teams: a few people to whom a clue is given before one of them takes it.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "team",
        sa.Column("rowno", _BIG, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("founded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_team")),
        sa.UniqueConstraint("id", name=op.f("uq_team_id")),
    )
    op.create_index(op.f("ix_team_office_id"), "team", ["office_id"])
    op.create_table(
        "team_member",
        sa.Column("rowno", _BIG, nullable=False),
        sa.Column("team_id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_team_member")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_member_team_id_team")),
        sa.UniqueConstraint("team_id", "account_id", name="uq_team_member"),
    )
    op.create_index("ix_team_member_account", "team_member", ["account_id", "team_id"])
    op.add_column("clue", sa.Column("team_id", sa.String(36), nullable=True))
    op.create_index("ix_clue_team", "clue", ["team_id", "state"])


def downgrade() -> None:
    """Restore the structure before; loses the teams and which clue was with which (the journal keeps both)."""
    op.drop_index("ix_clue_team", "clue")
    op.drop_column("clue", "team_id")
    op.drop_index("ix_team_member_account", "team_member")
    op.drop_table("team_member")
    op.drop_index(op.f("ix_team_office_id"), "team")
    op.drop_table("team")
