"""The words of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from app.platform.i18n import N_

PREFIX: Final = "yx_"
# How much of a token is shown in lists, so that people can tell two apart.
SHOWN: Final = 7
DAYS: Final = 365
# After a rotation the old token works on, so that the other side can change over without losing a night.
OVERLAP: Final = timedelta(hours=24)


class Scope(StrEnum):
    """What a token may do."""

    FORWARD = "forward"
    READ = "read"
    TRANSFERS = "transfers"


SCOPES: Final[dict[Scope, str]] = {
    Scope.FORWARD: N_("转来线索"),
    Scope.READ: N_("查自己转来的线索办到哪一步"),
    Scope.TRANSFERS: N_("查检察院移送给本单位的事项办到哪一步"),
}


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever holds a token: for whom it speaks, and what it may."""

    token_id: str
    account_id: str
    org_unit_id: str
    office_id: str
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Wish:
    """A token to be issued."""

    name: str
    scopes: frozenset[Scope]
    expires_on: date
