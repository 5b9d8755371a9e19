"""The words of the desk: work lists, order, filters, the cursor of a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from app.clues.lifecycle import OPEN
from app.clues.terms import ClueState
from app.platform.i18n import N_

PAGE_ROWS: Final = 50
COUNT_CAP: Final = 99


class WorkList(StrEnum):
    """The questions a desk asks each morning, in the order they are asked."""

    NEW = "new"
    URGENT = "urgent"
    ANSWERED = "answered"
    DUE_TODAY = "today"
    OVERDUE = "overdue"
    LIKELY = "likely"
    UNASSIGNED = "unassigned"
    TEAM = "team"
    MINE = "mine"
    UNACKNOWLEDGED = "unacknowledged"
    TO_CHECK = "to_check"
    INCOMPLETE = "incomplete"
    ALL = "all"


class Order(StrEnum):
    """What stands first."""

    NEWEST = "newest"
    URGENT = "urgent"


class Flag(StrEnum):
    """What a list can be narrowed to beside the state."""

    URGENT = "urgent"
    MAJOR = "major"
    NEWS = "news"
    PHOTO = "photo"
    NO_PHOTO = "no_photo"
    OUTSIDE = "outside"
    INCOMPLETE = "incomplete"
    CORRECTION = "correction"
    WITHDRAWN = "withdrawn"
    QUARANTINE = "quarantine"


class Age(StrEnum):
    """How long ago a clue arrived."""

    DAY = "1d"
    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"
    OLDER = "older"


AGE_DAYS: Final[dict[Age, int]] = {Age.DAY: 1, Age.WEEK: 7, Age.MONTH: 30, Age.QUARTER: 90, Age.OLDER: 90}
# States in which the office itself has to move and a date of the clue runs; after a transfer the transfer's does.
IN_HAND: Final = OPEN - {ClueState.TRANSFER_OUT, ClueState.FILED, ClueState.FILING_PROPOSED}

WORK_LISTS: Final[dict[WorkList, str]] = {
    WorkList.NEW: N_("新到未登记"),
    WorkList.URGENT: N_("紧急"),
    WorkList.ANSWERED: N_("待补充已回复"),
    WorkList.DUE_TODAY: N_("今天到期"),
    WorkList.OVERDUE: N_("已超期"),
    WorkList.LIKELY: N_("疑似重复"),
    WorkList.UNASSIGNED: N_("无人承办"),
    WorkList.TEAM: N_("本组待接"),
    WorkList.MINE: N_("我承办的"),
    WorkList.UNACKNOWLEDGED: N_("移送未签收"),
    WorkList.TO_CHECK: N_("答复待核"),
    WorkList.INCOMPLETE: N_("不完整"),
    WorkList.ALL: N_("全部"),
}
WORK_LIST_TONES: Final[dict[WorkList, str]] = {
    WorkList.NEW: "act",
    WorkList.URGENT: "stop",
    WorkList.ANSWERED: "act",
    WorkList.DUE_TODAY: "time",
    WorkList.OVERDUE: "stop",
}
FLAGS: Final[dict[Flag, str]] = {
    Flag.URGENT: N_("紧急"),
    Flag.MAJOR: N_("重大"),
    Flag.NEWS: N_("有新回复"),
    Flag.PHOTO: N_("有照片"),
    Flag.NO_PHOTO: N_("没有照片"),
    Flag.OUTSIDE: N_("在本区外"),
    Flag.INCOMPLETE: N_("照片没传完"),
    Flag.CORRECTION: N_("需要更正"),
    Flag.WITHDRAWN: N_("反映人已撤回"),
    Flag.QUARANTINE: N_("待甄别"),
}
AGES: Final[dict[Age, str]] = {
    Age.DAY: N_("一天内"),
    Age.WEEK: N_("七天内"),
    Age.MONTH: N_("三十天内"),
    Age.QUARTER: N_("九十天内"),
    Age.OLDER: N_("九十天以前"),
}
ORDERS: Final[dict[Order, str]] = {Order.NEWEST: N_("最新在前"), Order.URGENT: N_("紧急在前")}


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked at; everything of it stands in the address of the page."""

    work_list: WorkList = WorkList.NEW
    state: str = ""
    category: str = ""
    field: str = ""
    town: str = ""
    source: str = ""
    channel: str = ""
    grade: str = ""
    assignee: str = ""
    team: str = ""
    label: str = ""
    since: date | None = None
    until: date | None = None
    age: Age | None = None
    flag: Flag | None = None
    q: str = ""
    order: Order = Order.NEWEST

    def query(self, **changes: object) -> dict[str, str]:
        """Return the address's query for this view, with some of it changed; what is usual is left out."""
        shown = {
            "list": self.work_list.value,
            "state": self.state,
            "category": self.category,
            "field": self.field,
            "town": self.town,
            "source": self.source,
            "channel": self.channel,
            "grade": self.grade,
            "assignee": self.assignee,
            "team": self.team,
            "label": self.label,
            "from": self.since.isoformat() if self.since else "",
            "to": self.until.isoformat() if self.until else "",
            "age": self.age.value if self.age else "",
            "flag": self.flag.value if self.flag else "",
            "q": self.q,
            "order": "" if self.order is Order.NEWEST else self.order.value,
        } | {key: str(value) if value else "" for key, value in changes.items()}
        return {key: value for key, value in shown.items() if value}


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the sort value and the id of its last row (decisions.md 2), and which way to read."""

    received_at: datetime
    id: str
    is_urgent: bool = False
    is_backward: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One clue in the queue, as selected; no record is loaded for a list."""

    id: str
    version: int
    number: str | None
    state: str
    title: str
    category_key: str
    channel: str
    place_words: str
    town_key: str | None
    standing: str
    is_urgent: bool
    is_major: bool
    is_complete: bool
    needs_correction: bool
    has_photo: bool
    has_news: bool
    quarantine: str | None
    withdrawn_at: datetime | None
    assignee_id: str | None
    received_at: datetime
    due_on: date | None


ROW_COLUMNS: Final = tuple(Row.__slots__)
