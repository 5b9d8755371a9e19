"""The words of forwarding: columns of a table, what became of a line, where a batch stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.platform.i18n import N_

ROWS_MOST: Final = 5000
CELL_MOST: Final = 4000
JOURNAL_WORDS: Final = ("forwarding.added", "forwarding.dropped", "forwarding.finished", "forwarding.started")


class Column(StrEnum):
    """What a column of the table may hold."""

    REF = "ref"
    CATEGORY = "category"
    WORDS = "words"
    TOWN = "town"
    PLACE = "place"
    LAT = "lat"
    LON = "lon"
    ON = "on"
    OUTCOME = "outcome"


# What only the office's own earlier ledger says.
LEDGER_ONLY: Final = frozenset({Column.ON, Column.OUTCOME})
NEEDED: Final = (Column.REF, Column.CATEGORY, Column.WORDS)
NAMES: Final[dict[Column, str]] = {
    Column.REF: N_("本单位编号"),
    Column.CATEGORY: N_("类别"),
    Column.WORDS: N_("情况"),
    Column.TOWN: N_("街道或乡镇"),
    Column.PLACE: N_("地点"),
    Column.LAT: N_("纬度"),
    Column.LON: N_("经度"),
    Column.ON: N_("收到日期"),
    Column.OUTCOME: N_("办理结果"),
}
LEDGER_REF: Final = N_("线索编号")
# How other tables head the same column; compared without spaces and in small letters.
ALIASES: Final[dict[Column, tuple[str, ...]]] = {
    Column.REF: (
        "本单位编号",
        "线索编号",
        "台账编号",
        "编号",
        "工单编号",
        "工单号",
        "受理编号",
        "案件编号",
        "ref",
        "id",
        "our number",
    ),
    Column.CATEGORY: ("类别", "类型", "问题类别", "问题类型", "事项类别", "category"),
    Column.WORDS: (
        "情况",
        "内容",
        "诉求内容",
        "问题描述",
        "反映内容",
        "工单内容",
        "主要内容",
        "words",
        "what happened",
    ),
    Column.TOWN: ("街道或乡镇", "街道", "乡镇", "所属街道", "属地", "town", "street or town"),
    Column.PLACE: ("地点", "地址", "发生地址", "事发地址", "位置", "place"),
    Column.LAT: ("纬度", "lat", "latitude"),
    Column.LON: ("经度", "lon", "lng", "longitude"),
    Column.ON: ("收到日期", "受理日期", "登记日期", "收案日期", "日期", "date"),
    Column.OUTCOME: ("办理结果", "处理结果", "办理情况", "办理状态", "结果", "状态", "outcome"),
}


class BatchState(StrEnum):
    """Where a batch stands."""

    DRAFT = "draft"
    RUNNING = "running"
    DONE = "done"


class LineState(StrEnum):
    """What became of a line."""

    NEW = "new"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table, read by the mapping; `number` is the line as a spreadsheet shows it."""

    number: int
    ref: str
    category: str
    words: str
    town: str
    place: str
    lat: str
    lon: str
    on: str = ""
    outcome: str = ""
