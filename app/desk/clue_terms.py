"""What the clue page is made of, as frozen values: its template cannot ask for what is not here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.desk.drawn_forms import Forms
from app.desk.step_terms import StepView
from app.desk.steps_shown import Bar
from app.platform.errors import Fault
from app.transfer.invitations.shown import InvitationLine


@dataclass(frozen=True, slots=True)
class Labelled:
    """A label and a value, as the facts component takes them."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One answered question; private ones stay in the house."""

    label: str
    value: str
    is_private: bool
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report: the first, or something added later."""

    id: str
    title: str
    words: str
    answers: Sequence[AnswerView]
    channel: str
    org_name: str
    received_at: datetime
    has_contact: bool
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class PhotoView:
    """One picture in the grid."""

    src: str | None
    href: str
    alt: str
    caption: str
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class FileView:
    """One file that is no picture."""

    href: str | None
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The district's outline with the point: a sketch, never a map."""

    path: str
    width: int
    height: int
    x: float | None
    y: float | None
    title: str


@dataclass(frozen=True, slots=True)
class PlaceView:
    """Where, and how far to trust it."""

    words: str
    rows: Sequence[Labelled]
    warning: str
    drawing: Drawing | None
    copy_text: str


@dataclass(frozen=True, slots=True)
class NearView:
    """Another clue worth a look."""

    href: str
    title: str
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class TransferView:
    """One transfer of this clue."""

    href: str
    receiver: str
    number: str
    state: str
    tone: str
    due: str


@dataclass(frozen=True, slots=True)
class Knot:
    """One knot of the thread."""

    label: str
    when: datetime | None
    sentence: str
    is_done: bool
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message to or from the reporter."""

    who: str
    when: datetime
    text: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """The last evaluation."""

    head: str
    rows: Sequence[Labelled]
    reason: str


@dataclass(frozen=True, slots=True)
class ClueView:
    """Everything on the clue page."""

    id: str
    version: int
    title: str
    number: str
    state_label: str
    state_tone: str
    flags: Sequence[tuple[str, str]]
    assignee: str
    due: str
    due_tone: str
    due_why: Sequence[str]
    heads: Sequence[Labelled]
    reports: Sequence[ReportView]
    photos: Sequence[PhotoView]
    files: Sequence[FileView]
    place: PlaceView
    near: Sequence[NearView]
    near_note: str
    linked: Sequence[NearView]
    transfers: Sequence[TransferView]
    invitations: Sequence[InvitationLine]
    invite_href: str
    invite_label: str
    joint_href: str
    evaluation: EvaluationView | None
    public_status: str
    public_text: str
    knots: Sequence[Knot]
    messages: Sequence[MessageView]
    bar: Bar
    side: Mapping[str, StepView]
    forms: Forms
    notice: str
    kept: str
    errors: Sequence[Fault]
    has_news: bool
    others: Sequence[str]
    recused: Sequence[str]
    respondents: Sequence[str]
    respondents_href: str | None
    keeping_href: str | None
    rights_href: str | None
