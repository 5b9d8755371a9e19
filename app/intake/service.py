"""What the reporter's door does, and what later rooms may ask of it; nothing here commits."""

from __future__ import annotations

from app.intake.conversation import (
    RevealedContact,
    add,
    ask_reporter,
    reveal_contact,
    tell_reporter,
    withdraw,
)
from app.intake.reception import ReportDiffers, receive, replayed

__all__ = [
    "ReportDiffers",
    "RevealedContact",
    "add",
    "ask_reporter",
    "receive",
    "replayed",
    "reveal_contact",
    "tell_reporter",
    "withdraw",
]
