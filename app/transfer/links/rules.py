"""When a link holds, until when, and how a code is read. Pure."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

from app.transfer.lifecycle import OPEN
from app.transfer.links.terms import CODE_DIGITS
from app.transfer.terms import TransferState


def last_day(due_on: date | None, today: date, grace_days: int) -> date:
    """Return the last day a link holds: so many days past the reply's due date, never longer."""
    return (due_on or today) + timedelta(days=grace_days)


def holds(*, is_ended: bool, tries_left: int, expires_on: date, state: TransferState, today: date) -> bool:
    """Say whether a link opens anything: not ended, tries left, its last day not over, the transfer still open."""
    return not is_ended and tries_left > 0 and today <= expires_on and state in OPEN


def code_typed(text: str) -> str | None:
    """Return the digits of a code as a person types them, with spaces or wide digits; None for a slip of the pen."""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKC", text)
        if letter not in "-‐–—" and not letter.isspace()
    )
    is_code = len(plain) == CODE_DIGITS and plain.isascii() and plain.isdigit()
    return plain if is_code else None
