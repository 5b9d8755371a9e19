"""What is done to a transfer, from draft to closure. `steps.advance` is the one writer of its state."""

from app.transfer.service.answering import (
    PromiseInPast,
    acknowledge,
    ask,
    promise,
    refuse,
    reply,
    report_dispute,
)
from app.transfer.service.calling import CallAgainDay, record_call
from app.transfer.service.closing import NoPublicAnswer, ask_again, close, ends_clue, tell
from app.transfer.service.drafting import (
    ClueNotReady,
    FacilityBarred,
    NoSuchReceiver,
    draft,
    edit,
    must_be_draft,
    reaim,
    take_redactions,
)
from app.transfer.service.paper import record_paper
from app.transfer.service.sending import LetterMissing, send, withdraw
from app.transfer.service.signing import (
    PicturesOutdated,
    Unchecked,
    Undecided,
    approve_review,
    keep_letter,
    needed_checks,
    needs_second_check,
    return_draft,
    sign,
    submit,
)
from app.transfer.service.steps import ReceiverIsRespondent, StaleTransfer, UnknownReason
from app.transfer.service.visiting import (
    NoSuchSupport,
    NothingToReceiver,
    TwoStaff,
    VisitDay,
    outcomes_at,
    record_visit,
)

__all__ = [
    "CallAgainDay",
    "ClueNotReady",
    "FacilityBarred",
    "LetterMissing",
    "NoPublicAnswer",
    "NoSuchReceiver",
    "NoSuchSupport",
    "NothingToReceiver",
    "PicturesOutdated",
    "PromiseInPast",
    "ReceiverIsRespondent",
    "StaleTransfer",
    "TwoStaff",
    "Unchecked",
    "Undecided",
    "UnknownReason",
    "VisitDay",
    "acknowledge",
    "approve_review",
    "ask",
    "ask_again",
    "close",
    "draft",
    "edit",
    "ends_clue",
    "keep_letter",
    "must_be_draft",
    "needed_checks",
    "needs_second_check",
    "outcomes_at",
    "promise",
    "reaim",
    "record_call",
    "record_paper",
    "record_visit",
    "refuse",
    "reply",
    "report_dispute",
    "return_draft",
    "send",
    "sign",
    "submit",
    "take_redactions",
    "tell",
    "withdraw",
]
