"""The contexts of the desk's clue templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.desk.clue_terms import ClueView, Labelled, NearView


@dataclass(frozen=True, slots=True)
class CluePage:
    """The clue page, alone or in the right pane of the queue."""

    clue: ClueView
    back: str = ""


@dataclass(frozen=True, slots=True)
class PhotoPage:
    """One picture, large, with what it says and what that gives reason to ask."""

    clue_href: str
    clue_title: str
    title: str
    src: str | None
    original_href: str | None
    rows: Sequence[Labelled]
    flags: Sequence[str]
    elsewhere: Sequence[NearView]
    previous_href: str | None
    next_href: str | None


@dataclass(frozen=True, slots=True)
class ContactPage:
    """A reporter's contact, opened once for a written reason."""

    clue_href: str
    rows: Sequence[Labelled]
    reason: str
