"""The words of the receiver's own side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

NOTE_LIMIT: Final = 2000
JOURNAL_WORDS: Final = ("partner.handed", "partner.noted")


@dataclass(frozen=True, slots=True)
class Standing:
    """What of one transfer its receiver's figures ask for."""

    sent_on: date
    due_on: date | None
    answered_on: date | None
    is_waiting: bool
    is_refused: bool
    is_withdrawn: bool


@dataclass(slots=True)
class Month:
    """One month's transfers, by how they went."""

    first: date
    sent: int = 0
    in_time: int = 0
    late: int = 0
    refused: int = 0
    withdrawn: int = 0
    waiting: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class EntryShown:
    """One note or hand-over, as colleagues read it."""

    who: str
    when: datetime
    text: str
    is_ours: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """One colleague in a list."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class TeamShown:
    """The part of a transfer's page that only the receiver's own people see."""

    holder: str
    chosen: str
    colleagues: Sequence[Choice]
    entries: Sequence[EntryShown]
    note_href: str
    hand_href: str
    note_limit: int = field(default=NOTE_LIMIT)
