"""The name by which a city's own sign-on knows a person, bound to their account.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "sign_on_link",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("issuer", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sign_on_link_account_id_account")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_sign_on_link")),
        sa.UniqueConstraint("account_id", "issuer", name="uq_sign_on_link_account"),
        sa.UniqueConstraint("issuer", "subject", name="uq_sign_on_link_subject"),
    )


def downgrade() -> None:
    """Restore the structure before; loses which account a provider's name is bound to: it is bound anew."""
    op.drop_table("sign_on_link")
