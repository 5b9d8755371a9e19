"""The words of the transfer: kinds, states, actions, how an answer came."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final


class TransferKind(StrEnum):
    """To whom, and therefore under which document and rules (办案规则 26, 31; domain.md 5)."""

    AGENCY = "agency"  # 行政机关: 线索移送函
    PROCURATORATE = "procuratorate"  # 同级检察院: 移送案件线索通知书; cannot be returned
    UPWARD = "upward"  # 上级检察院: 报请移送案件线索意见书
    MILITARY = "military"  # 军事检察院: 线索移送函
    DEPARTMENT = "department"  # 本院其他部门: 内部移送线索登记表
    POLICE = "police"  # 公安机关 (办案规则 31)
    SUPERVISION = "supervision"  # 监察机关 (办案规则 31)


class TransferState(StrEnum):
    """Where one handing-over stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    TO_SIGN = "to_sign"
    SIGNED = "signed"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    REPLIED = "replied"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class TransferAction(StrEnum):
    """What may be done with a transfer."""

    SUBMIT = "submit"
    APPROVE_REVIEW = "approve_review"
    SIGN = "sign"
    RETURN_DRAFT = "return_draft"
    SEND = "send"
    WITHDRAW = "withdraw"
    ACKNOWLEDGE = "acknowledge"
    REFUSE = "refuse"
    PROMISE = "promise"
    ASK = "ask"
    REPLY = "reply"
    REPORT_DISPUTE = "report_dispute"
    TELL = "tell"
    ASK_AGAIN = "ask_again"
    VERIFY = "verify"
    FAIL = "fail"
    CLOSE = "close"
    RELAPSE = "relapse"


class VisitOutcome(StrEnum):
    """What two people found on the ground 核查结论 (办案规则 77; domain.md 1.3)."""

    VERIFIED = "verified"  # 已解决
    FAILED = "failed"  # 没有解决
    RELAPSED = "relapsed"  # 反弹


class AnswerKind(StrEnum):
    """What was said between the receiver and us; the last two are our words to the receiver."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    PROMISED = "promised"
    ASKED = "asked"
    REPLIED = "replied"
    DISPUTED = "disputed"
    TOLD = "told"
    ASKED_AGAIN = "asked_again"


class AnswerWay(StrEnum):
    """How the words came; `office` are our own."""

    ACCOUNT = "account"
    LINK = "link"
    PAPER = "paper"
    OFFICE = "office"


class SignStep(StrEnum):
    """A step of the sign-off chain; which ones an office uses is a setting (submission always happens)."""

    SUBMIT = "submit"
    REVIEW = "review"
    SIGN = "sign"
    SEND = "send"


class SignDecision(StrEnum):
    """What was decided at a step of the chain."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    SENT = "sent"


class ServiceMode(StrEnum):
    """How a paper was served 送达方式 (办案规则 76, 民诉法)."""

    DIRECT = "direct"
    LIEN = "lien"
    MAIL = "mail"
    ELECTRONIC = "electronic"
    DECLARED = "declared"
    ENTRUSTED = "entrusted"


class LetterKind(StrEnum):
    """The documents of a transfer (domain.md 5)."""

    TRANSFER_LETTER = "transfer_letter"  # 线索移送函
    TRANSFER_NOTICE = "transfer_notice"  # 移送案件线索通知书
    SUBMISSION_UP = "submission_up"  # 报请移送案件线索意见书
    HANDOVER_FORM = "handover_form"  # 内部移送线索登记表


@dataclass(frozen=True, slots=True)
class Wording:
    """The fixed words of one kind's document as in force when it is signed; frozen with what is disclosed."""

    title: str
    title_en: str
    opening: str
    requests_heading: str
    term: str
    slip_choices: str
    body: str

    def as_json(self) -> dict[str, str]:
        """Return what is frozen."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Practice:
    """How this office signs, numbers and waits: settings, handed down as one value."""

    chain: tuple[SignStep, ...]
    number_pattern: str
    office_short: str
    number_start: int
    feedback_days: int
    revisit_days: tuple[int, ...] = (30, 90, 180, 365)


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """One structured answer that goes along, as the receiver reads it."""

    key: str
    label: str
    shown: str


@dataclass(frozen=True, slots=True)
class DraftContent:
    """Everything a person writes or chooses for a transfer; what is not here does not leave."""

    subject: str
    summary: str
    requests: str
    basis: str
    place_shown: str
    shows_position: bool
    contact_name: str
    contact_phone: str
    position_square_m: int = 200
    shown_answers: tuple[ShownAnswer, ...] = ()
    kept_findings: tuple[str, ...] = ()
    evidence_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServedPaper:
    """The 送达回证 of a paper: how, when, by which two people."""

    mode: ServiceMode
    served_on: date
    server_one: str
    server_two: str

    def as_json(self) -> dict[str, Any]:
        """Return what the answer's row keeps."""
        return {
            "mode": self.mode.value,
            "served_on": self.served_on.isoformat(),
            "servers": [self.server_one, self.server_two],
        }


@dataclass(frozen=True, slots=True)
class Given:
    """How the receiver's words reached us, and who stands behind them."""

    way: AnswerWay
    account_id: str | None = None
    link_id: str | None = None
    signer: str = ""
    document_number: str = ""
    received_on: date | None = None
    service: ServedPaper | None = None


@dataclass(frozen=True, slots=True)
class PaperAnswer:
    """An answer that came on paper, as staff enter it."""

    kind: AnswerKind
    words: str
    reason_key: str
    promised_on: date | None
    given: Given


@dataclass(frozen=True, slots=True)
class VisitTold:
    """A visit as two people tell of it. `to_receiver` is what the receiver reads when it is not solved."""

    visited_on: date
    staff_one: str
    staff_two: str
    outcome: VisitOutcome
    words: str
    to_receiver: str = ""
    public_answer: str = ""
    support_id: str = ""


# Every journal word of this room.
JOURNAL_WORDS: Final = (
    "transfer.acknowledged",
    "transfer.asked",
    "transfer.asked_again",
    "transfer.called",
    "transfer.closed",
    "transfer.disputed",
    "transfer.drafted",
    "transfer.edited",
    "transfer.letter_made",
    "transfer.promised",
    "transfer.reaimed",
    "transfer.refused",
    "transfer.replied",
    "transfer.returned",
    "transfer.reviewed",
    "transfer.sent",
    "transfer.signed",
    "transfer.submitted",
    "transfer.told",
    "transfer.visited",
    "transfer.withdrawn",
)
