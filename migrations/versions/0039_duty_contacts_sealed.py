"""The duty contacts of organisations and of agreements lie sealed: each sealed column beside the one it lay open in.

Nothing is moved here, because the keys are not the database's: the worker seals what lies open and empties the old
columns (docs/decisions/0060). The old columns stay: the version before reads and writes them while hosts are exchanged.
Downgrading loses every contact that lies sealed; enter it again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None
_SEALED = {
    "org_unit": ("contact_name", "phone", "remind_mail", "remind_mobile", "remind_openid"),
    "agreement": ("contacts",),
}


def upgrade() -> None:
    """Expand the structure."""
    for table, fields in _SEALED.items():
        for field in fields:
            op.add_column(table, sa.Column(f"sealed_{field}", sa.Text(), nullable=True))


def downgrade() -> None:
    """Remove them again."""
    for table, fields in _SEALED.items():
        for field in fields:
            op.execute(f"ALTER TABLE {table} DROP COLUMN sealed_{field}")
