"""Which migration this program was written for, and how a database is asked where it stands: alembic's own table."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import text

STANDS_AT: Final = text("SELECT version_num FROM alembic_version")
_HEAD: Final = Path(__file__).resolve().parents[2] / "migrations" / "HEAD"


def newest() -> str:
    """Return the migration this program was written for."""
    return _HEAD.read_text("ascii").strip()
