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
from app.transfer.service.closing import NoPublicAnswer, ask_again, close, ends_clue, tell
from app.transfer.service.drafting import ClueNotReady, NoSuchReceiver, draft, edit, must_be_draft
from app.transfer.service.paper import record_paper
from app.transfer.service.sending import LetterMissing, send, withdraw
from app.transfer.service.signing import (
    Undecided,
    approve_review,
    keep_letter,
    return_draft,
    sign,
    submit,
)
from app.transfer.service.steps import StaleTransfer, UnknownReason

__all__ = [
    "ClueNotReady",
    "LetterMissing",
    "NoPublicAnswer",
    "NoSuchReceiver",
    "PromiseInPast",
    "StaleTransfer",
    "Undecided",
    "UnknownReason",
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
    "promise",
    "record_paper",
    "refuse",
    "reply",
    "report_dispute",
    "return_draft",
    "send",
    "sign",
    "submit",
    "tell",
    "withdraw",
]
