"""The words of invitations: what somebody is asked for, where it stands, who may be asked about which clues."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.evidence.terms import PhonePosition
from app.identity.terms import CompartmentKind, Role


class InvitationKind(StrEnum):
    """What somebody is asked for (益心为公: 专业咨询, 跟踪观察)."""

    CONSULT = "consult"
    OBSERVE = "observe"


class InvitationState(StrEnum):
    """Where one invitation stands; that its day has passed is read from the day, not written."""

    ASKED = "asked"
    ANSWERED = "answered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


# Who is asked about which clues (domain.md 1.12): volunteers never about closed circles, the liaison about his own.
GUESTS: Final[dict[CompartmentKind, Role]] = {
    CompartmentKind.OPEN: Role.VOLUNTEER,
    CompartmentKind.MILITARY: Role.LIAISON,
}

JOURNAL_WORDS: Final = (
    "invitation.answered",
    "invitation.declined",
    "invitation.expired",
    "invitation.reminded",
    "invitation.sent",
    "invitation.withdrawn",
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a guest answers: words, and where the phone was when the photos were taken."""

    words: str
    position: PhonePosition | None = None
