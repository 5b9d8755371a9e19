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
from app.intake.outcome import catch_up, conclude, take_up, taken_apart
from app.intake.reception import ReportDiffers, receive, replayed

__all__ = [
    "ReportDiffers",
    "RevealedContact",
    "add",
    "ask_reporter",
    "catch_up",
    "conclude",
    "receive",
    "replayed",
    "reveal_contact",
    "take_up",
    "taken_apart",
    "tell_reporter",
    "withdraw",
]
