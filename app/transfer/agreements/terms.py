"""The words of agreements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

JOURNAL_WORDS: Final = (
    "agreement.added",
    "agreement.changed",
    "agreement.reviewed",
)
NAME_MOST: Final = 120
NUMBER_MOST: Final = 60
WORDS_MOST: Final = 4000
DAYS_MOST: Final = 365
# A review is asked for this long ahead: a meeting of several organisations wants time.
AHEAD: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Content:
    """What an agreement says, as a person wrote it down."""

    name: str
    number: str
    signed_on: date | None
    ends_on: date | None
    mechanisms: str
    contacts: str
    categories: tuple[str, ...]
    feedback_days: int | None
    review_on: date | None
    parties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The signed paper as it was kept: never shown in the page, given as a download."""

    digest: str
    size_bytes: int
    media_type: str
