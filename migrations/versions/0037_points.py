"""An index of points on PostgreSQL, so that what lies beside a clue is found as quickly among a million as among a thousand.

A B-tree over latitude and longitude reads a whole band of the district for each clue that is looked at; SQLite has had
its R*Tree since 0006 and needs nothing. The type `point` and its GiST index belong to PostgreSQL itself, no extension.
"""

from __future__ import annotations

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the structure."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute("CREATE INDEX ix_clue_point ON clue USING gist (point(lon, lat))")


def downgrade() -> None:
    """Remove it again; nothing is lost."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP INDEX ix_clue_point")
