"""The words of the clue: states (domain.md 1.3), actions, how a place came to be known."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ClueState(StrEnum):
    """Where a clue stands; drafts live on the phone and are no state (decisions.md 6)."""

    SUBMITTED = "submitted"
    REGISTERED = "registered"
    NEED_MORE_INFO = "need_more_info"
    EVALUATING = "evaluating"
    PRELIMINARY_INQUIRY = "preliminary_inquiry"
    MERGED_DUPLICATE = "merged_duplicate"
    NOT_ACCEPTED = "not_accepted"
    REDIRECTED = "redirected"
    TRANSFER_OUT = "transfer_out"
    WATCHING = "watching"
    FILING_PROPOSED = "filing_proposed"
    FILED = "filed"
    NOT_FILED = "not_filed"
    CLOSED = "closed"


class RespondentEnd(StrEnum):
    """Why an organisation a matter is about is no longer kept from it."""

    SERVED = "served"  # a document was served on it 已送达文书
    DISCLOSED = "disclosed"  # before filing, somebody decided to tell it (domain.md 1.12)
    MISTAKEN = "mistaken"  # it is not about them


# Lists of reference data: what a named person has looked at before anything of a clue leaves the house (domain.md 1.6).
SECRECY_CHECKS: Final = "secrecy_check"
MILITARY_SECRECY_CHECKS: Final = "secrecy_check_military"


class ClueAction(StrEnum):
    """What may be done with a clue; each is a row of the lifecycle table."""

    REGISTER = "register"
    REQUEST_INFO = "request_info"
    RESUME = "resume"
    START_EVALUATION = "start_evaluation"
    START_INQUIRY = "start_inquiry"
    END_INQUIRY = "end_inquiry"
    MERGE = "merge"
    UNMERGE = "unmerge"
    SCREEN_OUT = "screen_out"
    REDIRECT = "redirect"
    TRANSFER = "transfer"
    TRANSFER_RETURNED = "transfer_returned"
    WATCH = "watch"
    PROPOSE_FILING = "propose_filing"
    FILE = "file"
    NOT_FILE = "not_file"
    CLOSE = "close"
    REOPEN = "reopen"


class Fact(StrEnum):
    """What a step needs to be told before it may be taken."""

    NUMBER = "number"
    REASON = "reason"
    CHANNEL = "channel"
    MASTER = "master"
    RECIPIENT = "recipient"
    REQUEST = "request"
    EVALUATION = "evaluation"
    OUTCOME = "outcome"


class Standing(StrEnum):
    """Where a place lies relative to the district; outside is accepted and marked, never refused."""

    INSIDE = "inside"
    NEAR_EDGE = "near_edge"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"
