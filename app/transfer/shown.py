"""The shapes of what the pages of this room show: frozen, so that a template cannot ask for what was not declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """A label and its value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a list."""

    value: str
    label: str
    hint: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """One picture of a grid."""

    src: str | None
    href: str | None
    alt: str
    caption: str = ""
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Knot:
    """One knot of the sign-off thread."""

    label: str
    when: datetime | None
    sentence: str
    is_done: bool
    is_now: bool


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file that is only ever downloaded."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """Something said between the receiver and us."""

    title: str
    who: str
    when: datetime
    text: str
    rows: Sequence[Row]
    photos: Sequence[Photo]
    files: Sequence[FileLink]
    is_ours: bool


@dataclass(frozen=True, slots=True)
class LetterShown:
    """A document as made."""

    version: int
    made_at: datetime
    made_by: str
    docx_href: str
    pdf_href: str | None


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another receiver of the same clue."""

    receiver: str
    state_label: str
    state_tone: str
    href: str


@dataclass(frozen=True, slots=True)
class TransferPage:
    """Everything transfer/show.html shows."""

    transfer_id: str
    clue_id: str
    clue_title: str
    clue_number: str
    version: int
    state: str
    state_label: str
    state_tone: str
    subject: str
    document_name: str
    kind_label: str
    receiver: str
    number: str
    sent_at: datetime | None
    due: str
    due_tone: str
    why_due: Sequence[str]
    # The agreement that set the days: where it is read, and its name.
    agreed: tuple[str, str] | None
    promised: str
    is_frozen: bool
    rows: Sequence[Row]
    photos: Sequence[Photo]
    outdated_count: int
    withheld: Sequence[Row]
    undecided: Sequence[Row]
    knots: Sequence[Knot]
    letters: Sequence[LetterShown]
    no_pdf: str
    answers: Sequence[AnswerShown]
    siblings: Sequence[Sibling]
    steps: frozenset[str]
    paper_kinds: Sequence[Option]
    refusal_reasons: Sequence[Option]
    withdrawal_reasons: Sequence[Option]
    checks: Sequence[Option]
    checks_one_by_one: bool
    modes: Sequence[Option]
    ends_clue: bool
    tells_reporter: bool
    may_issue_link: bool
    links: Any
    follow_up: Any
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[Any] = ()
    stale: str = ""


@dataclass(frozen=True, slots=True)
class ChoosablePhoto:
    """A picture that may go along."""

    id: str
    src: str
    is_chosen: bool
    # Where it is redacted, when its reporter could not cover personal data and nobody has done it yet.
    redact_href: str


@dataclass(frozen=True, slots=True)
class FindingShown:
    """Something that could give a person away, and what was decided about it: mask, keep or nothing yet."""

    key: str
    label: str
    value: str
    decided: str


@dataclass(frozen=True, slots=True)
class DraftPage:
    """Everything transfer/draft.html shows."""

    clue_id: str
    clue_title: str
    clue_number: str
    transfer_id: str
    receiver: str
    version: int
    # What the rules of jurisdiction say of the clue, in one line.
    advice: str
    suggested: Sequence[Option]
    others: Sequence[Option]
    chosen_receivers: Sequence[str]
    values: Mapping[str, str]
    is_position_known: bool
    position: str
    answers: Sequence[Option]
    chosen_answers: Sequence[str]
    photos: Sequence[ChoosablePhoto]
    findings: Sequence[FindingShown]
    words: Sequence[str]
    withheld: Sequence[Row]
    errors: Sequence[Any] = ()
    stale: str = ""


@dataclass(frozen=True, slots=True)
class ListRow:
    """One transfer in a list, in the shape of ui.clue_rows."""

    href: str
    title: str
    place: str
    source: str
    age: str
    flags: Sequence[tuple[str, str]]
    due: str
    due_tone: str
    state_label: str
    state_tone: str
    photo_src: str | None = None
    is_selected: bool = False


@dataclass(frozen=True, slots=True)
class WorkListShown:
    """One work list with its count, in the shape of ui.worklists."""

    label: str
    count: int
    href: str
    is_current: bool
    tone: str


@dataclass(frozen=True, slots=True)
class IndexPage:
    """Everything transfer/index.html shows."""

    title: str
    lists: Sequence[WorkListShown]
    rows: Sequence[ListRow]
    next_href: str | None
    first_href: str | None
    reminders_href: str
    calls_href: str = ""
