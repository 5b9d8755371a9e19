"""The words of reminding: the ways out of the house, where a transfer stands on its ladder."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.platform.i18n import N_

RUN: Final = "transfer.remind"
SEND: Final = "transfer.remind_send"
JOURNAL_WORDS: Final = ("transfer.reminded",)


class Way(StrEnum):
    """How a reminder may leave the house."""

    MAIL = "mail"
    SMS = "sms"
    GZH = "gzh"


class Outcome(StrEnum):
    """What became of one attempt."""

    SENT = "sent"
    FAILED = "failed"


WAYS: Final[dict[Way, str]] = {
    Way.MAIL: N_("邮件"),
    Way.SMS: N_("短信"),
    Way.GZH: N_("公众号"),
}


@dataclass(frozen=True, slots=True)
class Message:
    """What leaves the house: the same for everybody, with nothing of any matter in it."""

    id: str
    subject: str
    text: str
