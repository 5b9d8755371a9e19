"""What the phone says of each photo it promises, and the digest a replay is known by.

The law of migrations: see 0001. A downgrade loses what phones said of their photos (kind, path, name, position)
and which small copy stands for which photo.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the structure."""
    with op.batch_alter_table("promised_photo") as batch_op:
        batch_op.add_column(sa.Column("fidelity", sa.String(32), nullable=False, server_default="original"))
        batch_op.add_column(sa.Column("path", sa.String(32), nullable=False, server_default="picker"))
        batch_op.add_column(sa.Column("name", sa.String(255), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("media_type", sa.String(120), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("position", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("preview_of", sa.String(64), nullable=True))
    with op.batch_alter_table("report") as batch_op:
        batch_op.add_column(sa.Column("sent_digest", sa.String(64), nullable=True))


def downgrade() -> None:
    """Restore the structure; see above for what is lost."""
    with op.batch_alter_table("report") as batch_op:
        batch_op.drop_column("sent_digest")
    with op.batch_alter_table("promised_photo") as batch_op:
        for name in ("preview_of", "position", "media_type", "name", "path", "fidelity"):
            batch_op.drop_column(name)
