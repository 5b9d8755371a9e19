"""The words of keeping: what goes, and where a matter's two parts stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

RUN: Final = "retention.run"
ANNOUNCED: Final = "retention.announced"
ERASED: Final = "retention.erased"
HELD: Final = "retention.held"
LAPSED: Final = "retention.lapsed"
LET_GO: Final = "retention.let_go"
RELEASED: Final = "retention.released"
STOPPED: Final = "retention.stopped"


class Part(StrEnum):
    """What goes at once: how to reach the reporter, or everything people said, wrote and photographed."""

    CONTACT = "contact"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Term:
    """One row of the office's terms: months after the end, None where the part is kept."""

    category: str
    outcome: str
    contact_months: int | None
    content_months: int | None
    name: str = ""
    is_confirmed: bool = False

    def months(self, part: Part) -> int | None:
        """Return how many months after its end a matter keeps this part."""
        return self.contact_months if part is Part.CONTACT else self.content_months


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one part of one matter stands."""

    part: Part
    ends_on: date | None
    goes_on: date | None
    is_gone: bool
