"""The shapes of what the pages of invitations show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.transfer.shown import DraftPage, Option, Photo, Row


@dataclass(frozen=True, slots=True)
class AskPage:
    """Everything transfer/invite.html shows: the words that leave are those of a transfer's draft."""

    draft: DraftPage
    kinds: Sequence[Option]
    guests: Sequence[Option]
    chosen_guests: Sequence[str]
    checks: Sequence[Option]
    checked: Sequence[str]
    is_liaison: bool
    today: str
    values: Mapping[str, str]
    errors: Sequence[Any] = ()
    stale: str = ""


@dataclass(frozen=True, slots=True)
class AnswerOfGuest:
    """One answer of a guest."""

    when: datetime
    words: str
    is_refusal: bool
    at: str
    photos: Sequence[Photo]


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """Everything transfer/invitation.html shows the office."""

    id: str
    clue_id: str
    clue_title: str
    clue_number: str
    title: str
    guest: str
    state: str
    tone: str
    until: str
    sent: str
    rows: Sequence[Row]
    photos: Sequence[Photo]
    answers: Sequence[AnswerOfGuest]
    version: int
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """One invitation on the clue's page."""

    href: str
    guest: str
    kind: str
    state: str
    tone: str
    until: str


@dataclass(frozen=True, slots=True)
class GuestRow:
    """One invitation in the guest's own list."""

    href: str
    title: str
    kind: str
    until: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class GuestPage:
    """Everything partner/invitation.html shows the guest."""

    subject: str
    kind: str
    office: str
    state: str
    tone: str
    until: str
    question: str
    rows: Sequence[Row]
    photos: Sequence[Photo]
    said: Sequence[AnswerOfGuest]
    is_observation: bool
    answer_href: str
    refuse_href: str
    words_limit: int
    file_limit: int
    file_mb: int
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[Any] = ()
    stale: str = ""
