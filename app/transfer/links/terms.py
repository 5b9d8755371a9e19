"""The words of one-time links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from app.platform.errors import Invalid
from app.platform.i18n import N_

CODE_DIGITS: Final = 8
TRIES: Final = 5
SESSION_FOR: Final = timedelta(minutes=30)
JOURNAL_WORDS: Final = ("link.ended", "link.issued", "link.opened", "link.wrong_code")


class EndReason(StrEnum):
    """Why a link ended before its time."""

    BY_OFFICE = "by_office"
    REISSUED = "reissued"
    TRIES = "tries"


class LinkTooLate(Invalid):
    """The last day a link could hold has passed already (decisions.md 24)."""

    code = "link_too_late"
    text = N_("答复期限已经过去太久，不能再发一次性链接。请改用纸质函件，或者请管理员给对方开账号。")


@dataclass(frozen=True, slots=True)
class Issued:
    """A fresh link: token and code are known here once and never again."""

    link_id: str
    token: str
    code: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever gave the right code of a link within the half hour."""

    session_id: str
    link_id: str
    transfer_id: str
    contact_name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class LinkShown:
    """A link as the desk sees it: never the token, never the code."""

    id: str
    contact_name: str
    issued_at: datetime
    issued_by: str
    expires_on: date
    state_label: str
    state_tone: str
    is_live: bool
