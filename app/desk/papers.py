"""docs/lifecycle.md, put together from the rooms' tables; `write()` brings the file up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.clues import papers as clue_papers
from app.transfer import papers as transfer_papers

PAPER: Final = Path("docs/lifecycle.md")
_HEAD: Final = """# Lifecycle

Generated from `app/clues/lifecycle.py` and `app/transfer/lifecycle.py`; a test compares. Do not edit by hand:
`python -c "from app.desk import papers; papers.write()"` writes it anew."""


def lifecycle() -> str:
    """Return the whole paper."""
    parts = [_HEAD, clue_papers.lifecycle_markdown(), transfer_papers.lifecycle_markdown()]
    return "\n\n".join(parts) + "\n"


def write() -> None:
    """Write the paper anew."""
    PAPER.write_text(lifecycle(), "utf-8")
