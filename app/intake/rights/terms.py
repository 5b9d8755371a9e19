"""The words of a person's rights: what is asked, about what, how the person was known, where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from app.platform.i18n import N_

ASKED: Final = "rights.asked"
GRANTED: Final = "rights.granted"
REFUSED: Final = "rights.refused"
OPENED: Final = "rights.opened"
# The worker's part after an erasure was granted.
CLEAN: Final = "rights.clean"
# A copy or a code that was granted is fetched within this time, else it is asked for again.
GRANT_HOLDS: Final = timedelta(days=30)


class Right(StrEnum):
    """What is asked (个人信息保护法 45 to 47; a code is our own)."""

    COPY = "copy"
    CORRECT = "correct"
    ERASE_CONTACT = "erase_contact"
    ERASE_ALL = "erase_all"
    CODE = "code"


class Known(StrEnum):
    """How the person was known."""

    BY_CODE = "code"
    BY_PAPERS = "papers"
    BY_PHONE = "phone"
    OTHERWISE = "other"


RIGHTS: Final = {
    Right.COPY: N_("查看和复制我的信息"),
    Right.CORRECT: N_("更正联系方式"),
    Right.ERASE_CONTACT: N_("删除联系方式"),
    Right.ERASE_ALL: N_("删除我反映的全部内容"),
    Right.CODE: N_("查询码丢了，补一张"),
}
KNOWN: Final = {
    Known.BY_CODE: N_("凭查询码"),
    Known.BY_PAPERS: N_("核对了身份证件"),
    Known.BY_PHONE: N_("核对了留存的电话"),
    Known.OTHERWISE: N_("用其他方式核对"),
}
# What somebody with the code may ask for; whoever lost it comes to the counter.
WITH_CODE: Final = (Right.COPY, Right.CORRECT, Right.ERASE_CONTACT, Right.ERASE_ALL)
# What is fetched after it was granted.
FETCHED: Final = frozenset({Right.COPY, Right.CODE})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks, as typed; the contact is sealed before it is stored."""

    right: Right
    known: Known
    name: str = ""
    phone: str = ""
    words: str = ""
    # What whoever registers it writes about how the person was known, and the phone they named.
    note: str = ""
    told_phone: str = ""
