"""The words of the reference data: kinds of question, what a category lets in, doors, pictures of categories."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from app.platform.i18n import N_

# The key under which the questions of every form are kept.
COMMON: Final = "common"


class QuestionKind(StrEnum):
    """What kind of answer a question takes; 不清楚 is added by the form, never listed."""

    BOOL = "bool"
    ENUM = "enum"
    MULTI = "multi"
    TEXT = "text"
    INT = "int"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"


class MediaRule(StrEnum):
    """Whether photos are taken in; masked ones are covered on the phone, forbidden ones are never stored."""

    ALLOWED = "allowed"
    MASKED = "masked"
    FORBIDDEN = "forbidden"


class PositionRule(StrEnum):
    """Whether a position is taken in (军事设施保护法 17 forbids it around facilities)."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"


class Door(StrEnum):
    """Through which door a channel's reports come."""

    PUBLIC = "public"
    COUNTER = "counter"
    PARTNER = "partner"
    LIAISON = "liaison"
    IMPORT = "import"


class TownKind(StrEnum):
    """What a part of the district is called."""

    STREET = "street"
    TOWN = "town"


# How a matter can end, for terms that depend on it; `any` stands for all of them.
OUTCOMES: Final = (
    ("any", N_("任何结果")),
    ("not_accepted", N_("不予受理")),
    ("redirected", N_("已引导其他渠道")),
    ("watching", N_("存查")),
    ("not_filed", N_("不立案")),
    ("closed", N_("已办结")),
)
QUESTION_KINDS: Final = (
    (QuestionKind.BOOL.value, N_("是或否")),
    (QuestionKind.ENUM.value, N_("单选")),
    (QuestionKind.MULTI.value, N_("多选")),
    (QuestionKind.TEXT.value, N_("文字")),
    (QuestionKind.INT.value, N_("整数")),
    (QuestionKind.NUMBER.value, N_("数字（可带小数）")),
    (QuestionKind.DATE.value, N_("日期")),
    (QuestionKind.DATETIME.value, N_("日期和时间")),
)
WITH_OPTIONS: Final = frozenset({QuestionKind.ENUM.value, QuestionKind.MULTI.value})
WITH_NUMBERS: Final = frozenset({QuestionKind.INT.value, QuestionKind.NUMBER.value})
MEDIA_RULES: Final = (
    (MediaRule.ALLOWED.value, N_("可以传照片")),
    (MediaRule.MASKED.value, N_("只收打过码的照片")),
    (MediaRule.FORBIDDEN.value, N_("不收照片")),
)
POSITION_RULES: Final = (
    (PositionRule.ALLOWED.value, N_("可以给位置")),
    (PositionRule.FORBIDDEN.value, N_("不收位置，只写大致地点")),
)
DOORS: Final = (
    (Door.PUBLIC.value, N_("公众网页")),
    (Door.COUNTER.value, N_("工作人员录入")),
    (Door.PARTNER.value, N_("协作单位")),
    (Door.LIAISON.value, N_("军地联络")),
    (Door.IMPORT.value, N_("批量导入")),
)
TOWN_KINDS: Final = ((TownKind.STREET.value, N_("街道")), (TownKind.TOWN.value, N_("乡镇")))
REASON_LISTS: Final = (
    ("request_info", N_("请反映人补充")),
    ("screen_out", N_("不予受理")),
    ("redirect", N_("转其他渠道")),
    ("merge", N_("合并办理")),
    ("not_file", N_("不立案")),
    ("close", N_("办结")),
    ("reopen", N_("重新办理")),
    ("transfer_refusal", N_("受送单位退回")),
    ("withdraw_transfer", N_("撤回移送")),
    ("secrecy_check", N_("移送前核对")),
    ("secrecy_check_military", N_("涉军移送前另外核对")),
)
# The steps at which words are prepared for the reporter.
MESSAGE_STEPS: Final = (
    ("request_info", N_("请反映人补充")),
    ("screen_out", N_("不予受理")),
    ("redirect", N_("转其他渠道")),
    ("close", N_("办结")),
)
# The pictures people choose a category by; each is a name in static/icons.json (a test compares).
ICONS: Final = (
    ("water", N_("水")), ("river", N_("河")), ("drop", N_("水滴")), ("trash", N_("垃圾")), ("factory", N_("工厂")),
    ("smoke", N_("烟")), ("fire", N_("火")), ("soil", N_("黑土")), ("farmland", N_("农田")), ("tree", N_("树")),
    ("wetland", N_("湿地")), ("animal", N_("鸟")), ("tiger", N_("虎")), ("mountain", N_("景区")),
    ("monument", N_("文物")), ("heart-pulse", N_("急救")), ("warning", N_("危险")), ("snow", N_("冰雪")),
    ("food", N_("吃的")), ("pill", N_("药")), ("hospital", N_("医院")), ("bus", N_("公交")), ("shield", N_("盾牌")),
    ("flag", N_("旗")), ("star", N_("星")), ("child", N_("孩子")), ("school", N_("学校")), ("wine", N_("酒")),
    ("hotel", N_("住宿")), ("woman", N_("妇女")), ("wallet", N_("工资")), ("wheelchair", N_("无障碍")),
    ("eye-off", N_("隐私")), ("phone-lock", N_("防诈骗")), ("coins", N_("钱款")), ("map", N_("土地")),
    ("building", N_("楼房")), ("question", N_("其他")),
)  # fmt: skip
