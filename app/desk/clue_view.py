"""The contexts of the desk's clue templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.desk.clue_terms import ClueView, Labelled
from app.desk.step_terms import Option


@dataclass(frozen=True, slots=True)
class CluePage:
    """The clue page, alone or in the right pane of the queue."""

    clue: ClueView
    back: str = ""


@dataclass(frozen=True, slots=True)
class ContactPage:
    """A reporter's contact, opened once for a written reason."""

    clue_href: str
    rows: Sequence[Labelled]
    reason: str
    dials: Sequence[str]
    call_href: str
    ends: Sequence[Option]
