"""The words of joint work (domain.md 1.6): what was done, as two sides tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from app.platform.i18n import N_


class JointKind(StrEnum):
    """What both sides did together."""

    INQUIRY = "inquiry"  # 联合调查
    HEARING = "hearing"  # 联合听证


KINDS: Final = {JointKind.INQUIRY: N_("联合调查"), JointKind.HEARING: N_("联合听证")}
JOURNAL_WORDS: Final = ("joint.recorded",)


@dataclass(frozen=True, slots=True)
class JointTold:
    """One joint act as somebody records it: who, when, where, what came of it."""

    kind: JointKind
    held_on: date
    place: str
    ours: str
    theirs: str
    outcome: str
