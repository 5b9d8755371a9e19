"""The words of hooks: what is told, what became of an attempt, how patient we are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from app.identity.tokens.terms import Scope
from app.platform.i18n import N_

DELIVER: Final = "transfer.hook"
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - the prefix of a secret, as Standard Webhooks writes it
# After the secret is renewed both sign, so that the other side can change over without losing a night.
OVERLAP: Final = timedelta(hours=24)
# How long an event waits after its first, second, … attempt; the last one goes on. After so many attempts it is parked.
PAUSES: Final = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360))
ATTEMPTS_MOST: Final = 12
URL_MOST: Final = 300
WAIT_S: Final = 10


class Kind(StrEnum):
    """What may be told; each needs the scope by which the same thing can be read."""

    FORWARD = "forward.changed"
    TRANSFER = "transfer.changed"
    TEST = "hook.test"


NEEDS: Final[dict[Kind, Scope]] = {Kind.FORWARD: Scope.READ, Kind.TRANSFER: Scope.TRANSFERS}
KINDS: Final[dict[Kind, str]] = {
    Kind.FORWARD: N_("转来的线索有了新的状态"),
    Kind.TRANSFER: N_("移送给该单位的事项有了新的状态"),
    Kind.TEST: N_("试发"),
}


class Outcome(StrEnum):
    """What became of one attempt."""

    TAKEN = "taken"
    ANSWERED = "answered"  # with something that is no 2xx
    SLOW = "slow"
    UNREACHED = "unreached"
    UNTRUSTED = "untrusted"
    FORBIDDEN = "forbidden"
    UNREADABLE = "unreadable"
    SILENCED = "silenced"


OUTCOMES: Final[dict[Outcome, str]] = {
    Outcome.TAKEN: N_("对方收下了"),
    Outcome.ANSWERED: N_("对方没有收下"),
    Outcome.SLOW: N_("等了 10 秒没有回答"),
    Outcome.UNREACHED: N_("连不上"),
    Outcome.UNTRUSTED: N_("对方的证书不可信"),
    Outcome.FORBIDDEN: N_("这个地址不在允许的范围里"),
    Outcome.UNREADABLE: N_("对方的回答看不懂"),
    Outcome.SILENCED: N_("没有在用的接口口令，没有发"),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt went."""

    outcome: Outcome
    status: int | None
    took_ms: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as it leaves: where to, and which secrets sign it."""

    event_id: str
    kind: Kind
    subject_id: str
    url: str
    secrets: tuple[str, ...]
