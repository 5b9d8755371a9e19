"""The words of intake: what a reporter says, in frozen values that carry no request and no record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from app.evidence.terms import Mark
from app.platform.i18n import gettext

UNKNOWN: Final = "unknown"

# Journal words of the room.
REPORT_RECEIVED: Final = "report.received"
REPORT_COMPLETED: Final = "report.completed"
REPORT_SUPPLEMENTED: Final = "report.supplemented"
REPORT_SOLVED: Final = "report.solved"
REPORT_WITHDRAWN: Final = "report.withdrawn"
REPORTER_ASKED: Final = "reporter.asked"
REPORTER_TOLD: Final = "reporter.told"
REPORTER_CALLED: Final = "reporter.called"
REVIEW_ASKED: Final = "clue.review_asked"
OUTCOME_SHARED: Final = "clue.outcome_shared"
CONTACT_ASKED: Final = "contact.asked"
CONTACT_DENIED: Final = "contact.denied"
CONTACT_GRANTED: Final = "contact.granted"
CONTACT_NOTICED: Final = "contact.noticed"
CONTACT_REVEALED: Final = "contact.revealed"


# The reaction that reminds a reporter of photos that have not come.
CHASE: Final = "intake.chase"


class Direction(StrEnum):
    """Which way a message went."""

    TO_REPORTER = "to_reporter"
    FROM_REPORTER = "from_reporter"


class CallEnd(StrEnum):
    """How a call to a reporter went."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    CALL_AGAIN = "call_again"
    WRONG_NUMBER = "wrong_number"
    DECLINED = "declined"


class MessageKind(StrEnum):
    """What a message is for."""

    REQUEST = "request"  # the office asks for more
    RESULT = "result"  # the office tells what came of it
    NOTE = "note"  # the office says something else
    ADDITION = "addition"  # the reporter adds facts, asked or unasked
    SOLVED = "solved"
    UNSOLVED = "unsolved"  # 还没解决: asks for a review
    WITHDRAWAL = "withdrawal"


class PhotoState(StrEnum):
    """What became of a digest a report promised."""

    MISSING = "missing"
    HELD = "held"
    DECLINED = "declined"


class Asked(Protocol):
    """A structured question, as the reference data holds it."""

    @property
    def key(self) -> str:
        """Return the question's key."""

    @property
    def kind(self) -> str:
        """Return bool, enum, multi, int, number, text, date or datetime."""

    @property
    def label(self) -> str:
        """Return the question in Chinese."""

    @property
    def label_en(self) -> str:
        """Return the question in English."""

    @property
    def options(self) -> list[dict[str, Any]]:
        """Return the choices: value, label, label_en, urgent."""

    @property
    def unit(self) -> str:
        """Return the unit of a number."""

    @property
    def low(self) -> float | None:
        """Return the least number that makes sense."""

    @property
    def high(self) -> float | None:
        """Return the greatest number that makes sense."""

    @property
    def max_length(self) -> int | None:
        """Return how long a text may be."""

    @property
    def is_required(self) -> bool:
        """Say whether it must be answered, if only by 不清楚."""

    @property
    def is_urgent(self) -> bool:
        """Say whether a yes makes the clue urgent."""

    @property
    def is_private(self) -> bool:
        """Say whether the answer never leaves the house."""

    @property
    def shown_when(self) -> dict[str, Any] | None:
        """Return the condition: which question, which answers."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What has to be put right: the field it stands at, and a message id with its values."""

    field: str
    message: str
    values: Mapping[str, Any] = with_default(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the sentence in the reader's language."""
        return gettext(self.message, **self.values)


@dataclass(frozen=True, slots=True)
class Said:
    """What stood in one question's fields, as sent."""

    values: tuple[str, ...] = ()
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    """What the service needs to know of a category."""

    key: str
    field_key: str
    name: str
    compartment_kind: str
    sla_days: int
    is_priority: bool
    allows_photos: bool
    allows_position: bool
    # Its photos show personal data: each is masked on the phone, or its reporter says a word about it.
    needs_masking: bool = False

    @property
    def is_facility(self) -> bool:
        """Say whether this is the kind about which the public reads one sentence only (domain.md 1.6 b)."""
        return not (self.allows_photos or self.allows_position)


@dataclass(frozen=True, slots=True)
class StatedPlace:
    """Where the reporter says it is: WGS-84 or nothing, and the words beside it."""

    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    source: str = "none"
    raw: Mapping[str, Any] | None = None
    fixed_at: datetime | None = None
    words: str = ""
    town_key: str | None = None
    town_name: str = ""
    standing: str = "unknown"


@dataclass(frozen=True, slots=True)
class StatedContact:
    """How to reach the reporter, as typed; sealed before it is stored."""

    name: str
    phone: str
    words: str
    consent_version: str


@dataclass(frozen=True, slots=True)
class Forwarder:
    """A signed-in agency, liaison or volunteer who reports: account, organisation, channel."""

    account_id: str
    org_unit_id: str
    channel: str


@dataclass(frozen=True, slots=True)
class Promise:
    """A photo the phone will send later, by its digest."""

    digest: str
    size_bytes: int
    declined: str | None = None
    fidelity: str = "original"
    mark: Mark | None = None
    path: str = "picker"
    name: str = ""
    media_type: str = ""
    position: Mapping[str, Any] | None = None
    # Set on the small copy that travels ahead: the digest of the photo it stands for.
    preview_of: str | None = None


@dataclass(frozen=True, slots=True)
class ReportCommand:
    """One report as both doors hand it to the service; everything in it has been looked at."""

    report_id: str
    matter: Matter
    words: str
    answers: Sequence[Mapping[str, Any]]
    place: StatedPlace
    contact: StatedContact | None
    channel: str
    forwarder: Forwarder | None
    consent_version: str
    is_urgent: bool
    # A served form under whose id other content arrives opens a new report (decisions.md 17); the API conflicts.
    is_served_form: bool = True
    needs_correction: bool = False
    # Why the office should look before it believes anything.
    quarantine: str | None = None
    # What a sealed report leaves to be asked about through its code.
    faults: Sequence[Fault] = ()
    declined: Sequence[Mapping[str, Any]] = ()
    promises: Sequence[Promise] = ()
    secret: str | None = None
    sent_digest: str | None = None
    is_data_saving: bool = False
    locale: str = "zh"
    written_at: datetime | None = None
    # The forwarder's own number; unique in its organisation.
    external_ref: str | None = None
    # The number of the office's own earlier ledger, which the clue keeps.
    kept_number: str | None = None


@dataclass(frozen=True, slots=True)
class Addition:
    """What a reporter says later, through the code."""

    report_id: str
    kind: MessageKind
    words: str


@dataclass(frozen=True, slots=True)
class Received:
    """What the service made of a report; `is_new` is false for a replay."""

    report_id: str
    clue_id: str
    is_new: bool
