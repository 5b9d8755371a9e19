"""The sections of the reference room: which table, which boxes, how a row is named. Screens are made from these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from app.identity.labels import COMPARTMENTS
from app.identity.terms import CompartmentKind
from app.platform.errors import Missing
from app.platform.i18n import N_
from app.reference import checks, terms
from app.reference.inputs import Input, Wrong
from app.reference.models import (
    Category,
    CategoryGroup,
    Channel,
    Consent,
    Field,
    Hotline,
    Label,
    MessageTemplate,
    PublicWording,
    Question,
    Reason,
    RetentionTerm,
    SeasonPause,
    SelfCheckCard,
    Town,
    TransferText,
)


class Mode(StrEnum):
    """How a change is kept: as a new dated row, in place, or as a new version beside the old ones."""

    DATED = "dated"
    PLAIN = "plain"
    VERSIONED = "versioned"


def _no_check(_row: Mapping[str, Any]) -> list[Wrong]:
    return []


@dataclass(frozen=True)
class Section:
    """One list of reference data. `keys` name the columns of the address, `heads` the column rows are grouped by."""

    key: str
    title: str
    intro: str
    icon: str
    table: Any
    mode: Mode
    inputs: tuple[Input, ...]
    keys: tuple[str, ...] = ("key",)
    key_inputs: tuple[Input, ...] = ()
    name: str = "name"
    about: str = ""
    heads: str = ""
    check: Callable[[Mapping[str, Any]], list[Wrong]] = _no_check

    def key_of(self, row: Any) -> str:
        """Return the key of a row as it stands in an address."""
        return ".".join(str(getattr(row, column)) for column in self.keys)

    def columns_of(self, key: str) -> dict[str, str]:
        """Return the key columns of an address; raises Missing when it cannot be one."""
        parts = key.split(".")
        if len(parts) != len(self.keys) or not all(
            part.isascii() and part.isprintable() and part for part in parts
        ):
            raise Missing
        return dict(zip(self.keys, parts, strict=True))


GROUPS: Final = {
    "main": N_("基本"),
    "form": N_("反映人看到的"),
    "rules": N_("提问的规则"),
    "handling": N_("怎么办理"),
    "english": N_("英文说法"),
}
_COMPARTMENTS: Final = tuple(
    (kind.value, text) for kind, text in COMPARTMENTS.items() if kind is not CompartmentKind.NAMED
)
_CONFIRMED: Final = N_("已经核实")


def _english(*names: tuple[str, str], longest: int = 1000) -> tuple[Input, ...]:
    return tuple(Input(name, label, group="english", longest=longest, rows=3) for name, label in names)


def _name(longest: int = 60, english: int = 120) -> tuple[Input, Input]:
    return (
        Input("name", N_("名称"), is_required=True, longest=longest),
        Input("name_en", N_("英文名称"), group="english", longest=english),
    )


_SORT: Final = Input(
    "sort", N_("排列顺序"), "whole", is_required=True, low=0, high=99999, hint=N_("小的排在前面。")
)
_KEY: Final = (Input("key", N_("代号"), "key", hint=N_("小写英文字母，以后不能改。"), is_required=True),)

_FIELDS: Final = Section(
    "fields", N_("办案领域"), N_("领域的名称和法律依据。法律变了，就从施行那天起写一行新的。"), "scale",
    Field, Mode.DATED,
    (
        *_name(),
        Input("basis", N_("法律依据"), "basis", rows=8,
              hint=N_("每行一条：法律|条款|起始日|终止日，例如：水法|全文|2021-07-01。")),
        Input("note", N_("备注"), longest=1000, rows=3),
        _SORT,
    ),
    key_inputs=_KEY, about="note",
)  # fmt: skip
_GROUPS: Final = Section(
    "groups", N_("大类"), N_("反映人选类别时先看到的几个大类，名字要短，要是日常说的话。"), "list",
    CategoryGroup, Mode.PLAIN,
    (*_name(), Input("icon", N_("图标"), "icon", is_required=True, choices=terms.ICONS), _SORT),
    key_inputs=_KEY,
)  # fmt: skip
_CATEGORIES: Final = Section(
    "categories", N_("类别"), N_("可以反映的问题。每个类别有自己的提问、提醒和牵头单位。"), "inbox",
    Category, Mode.DATED,
    (
        *_name(),
        Input("group_key", N_("大类"), "pick", is_required=True, source="groups"),
        Input("field_key", N_("办案领域"), "pick", is_required=True, source="fields"),
        Input("icon", N_("图标"), "icon", is_required=True, choices=terms.ICONS),
        _SORT,
        Input("plain", N_("一句大白话"), group="form", is_required=True, longest=120,
              hint=N_("反映人靠这句话认出自己要说的事。")),
        Input("photos_hint", N_("照片怎么拍"), group="form", longest=500, rows=2),
        Input("safety", N_("安全提醒"), group="form", longest=500, rows=2,
              hint=N_("写在表单最前面：什么不要靠近、不要拍、不要碰。")),
        Input("keywords", N_("别人会怎么说"), "lines", group="form", rows=6,
              hint=N_("每行一个词。反映人打字时靠这些词推荐类别。")),
        Input("is_priority", N_("重点类别：有照片就可以不写文字"), "yes", group="form"),
        Input("media", N_("照片"), "radio", group="handling", is_required=True, choices=terms.MEDIA_RULES),
        Input("position", N_("位置"), "radio", group="handling", is_required=True, choices=terms.POSITION_RULES),
        Input("compartment_kind", N_("谁能看"), "radio", group="handling", is_required=True, choices=_COMPARTMENTS),
        Input("lead", N_("牵头单位"), "pick", group="handling", is_required=True, source="agencies"),
        Input("co", N_("配合单位"), "many", group="handling", source="agencies"),
        Input("redirect", N_("可能更合适的热线"), "many", group="handling", source="hotlines"),
        Input("sla_days", N_("几天内给出进展"), "whole", group="handling", is_required=True, low=1, high=365),
        Input("duplicate_radius_m", N_("多少米内算同一处"), "whole", group="handling", is_required=True,
              low=0, high=20000),
        Input("duplicate_window_days", N_("多少天内算同一件"), "whole", group="handling", is_required=True,
              low=0, high=3650),
        Input("legal_basis", N_("法律依据"), "lines", group="handling", rows=4, hint=N_("每行一条。")),
        Input("shows_nearby", N_("提交之后可以告诉反映人：附近有同类问题正在办理"), "yes", group="handling",
              hint=N_("只给无害的类别打开，否则被反映的人会知道自己被盯上了。")),
        *_english(("plain_en", N_("一句大白话（英文）")), longest=200),
        *_english(("photos_hint_en", N_("照片怎么拍（英文）")), ("safety_en", N_("安全提醒（英文）"))),
    ),
    key_inputs=_KEY, about="plain", heads="group_key", check=checks.category,
)  # fmt: skip
_QUESTIONS: Final = Section(
    "questions", N_("提问"), N_("每个类别问什么。问过的答案连同当时的问题一起存在线索里，改提问不会改旧线索。"), "question",
    Question, Mode.DATED,
    (
        Input("label", N_("问题"), is_required=True, longest=120),
        Input("kind", N_("怎么答"), "radio", is_required=True, choices=terms.QUESTION_KINDS),
        Input("options", N_("选项"), "options", rows=7,
              hint=N_("单选、多选才写。每行一个：代号|中文|英文|urgent。后两项可以不写，“不清楚”由表单自动加上。")),
        Input("hint", N_("提示"), longest=500, rows=2),
        _SORT,
        Input("is_required", N_("必须回答（可以答“不清楚”）"), "yes", group="rules"),
        Input("is_urgent", N_("答“是”就算紧急"), "yes", group="rules",
              hint=N_("先提示拨打 110、119、120，再进急件。")),
        Input("is_private", N_("只有承办人能看，不随移送出去"), "yes", group="rules"),
        Input("shown_question", N_("什么时候才问"), "pick", group="rules", source="siblings",
              hint=N_("不选就是每次都问。")),
        Input("shown_values", N_("前一题答了哪些才问"), group="rules", longest=300,
              hint=N_("写选项的代号，用逗号分开；是或否的题写 yes 或 no。")),
        Input("unit", N_("单位"), group="rules", longest=16, hint=N_("数字题才写，例如：米、平方米。")),
        Input("low", N_("最小"), "number", group="rules"),
        Input("high", N_("最大"), "number", group="rules"),
        Input("max_length", N_("最多多少个字"), "whole", group="rules", low=1, high=2000),
        *_english(("label_en", N_("问题（英文）")), longest=200),
        *_english(("hint_en", N_("提示（英文）"))),
    ),
    keys=("category_key", "key"),
    key_inputs=(Input("category_key", N_("类别"), "pick", is_required=True, source="categories"), *_KEY),
    name="label", about="hint", heads="category_key", check=checks.question,
)  # fmt: skip
_REASONS: Final = Section(
    "reasons", N_("理由"), N_("办理时从这里选理由。写给反映人的一句话空着，就不显示给反映人。"), "message",
    Reason, Mode.PLAIN,
    (
        *_name(80, 160),
        Input("public", N_("写给反映人的一句话"), group="form", longest=500, rows=3),
        _SORT,
        *_english(("public_en", N_("写给反映人的一句话（英文）"))),
    ),
    keys=("list_key", "key"),
    key_inputs=(Input("list_key", N_("哪一类理由"), "pick", is_required=True, choices=terms.REASON_LISTS), *_KEY),
    about="public", heads="list_key",
)  # fmt: skip
_WORDING: Final = Section(
    "wording", N_("公开状态"), N_("反映人查询时看到的话。不写地点，不写联系了哪些单位。"), "eye",
    PublicWording, Mode.PLAIN,
    (
        Input("status", N_("状态"), is_required=True, longest=60),
        Input("sentence", N_("大字的一句话"), is_required=True, longest=300, rows=2),
        Input("next", N_("接下来做什么"), longest=600, rows=3),
        Input("status_en", N_("状态（英文）"), group="english", longest=120),
        *_english(("sentence_en", N_("大字的一句话（英文）")), ("next_en", N_("接下来做什么（英文）"))),
    ),
    keys=("state",), name="status", about="sentence",
)  # fmt: skip
_HOTLINES: Final = Section(
    "hotlines", N_("热线"), N_("更适合在别处办的事，告诉人打哪个电话。号码核实过再打勾。"), "phone",
    Hotline, Mode.PLAIN,
    (
        *_name(),
        Input("number", N_("号码"), is_required=True, longest=32),
        Input("covers", N_("管什么"), is_required=True, longest=500, rows=2),
        Input("is_emergency", N_("紧急电话"), "yes"),
        Input("is_confirmed", _CONFIRMED, "yes"),
        _SORT,
        *_english(("covers_en", N_("管什么（英文）"))),
    ),
    key_inputs=(Input("key", N_("代号"), "text", is_required=True, longest=32, hint=N_("一般就写号码。")),),
    about="covers", check=checks.hotline,
)  # fmt: skip
_CARDS: Final = Section(
    "self-check", N_("自查卡片"), N_("反映之前的几句自查，把更适合别处办的事送到对的地方，不责备人。"), "check-circle",
    SelfCheckCard, Mode.PLAIN,
    (
        Input("question", N_("问题"), is_required=True, longest=300, rows=2),
        Input("advice", N_("答“是”的时候怎么说"), is_required=True, longest=600, rows=3),
        Input("hotlines", N_("可以打的电话"), "many", source="hotlines"),
        Input("keeps_signal", N_("转去别处也记一笔，同一对象多次出现时提醒"), "yes"),
        _SORT,
        *_english(("question_en", N_("问题（英文）")), ("advice_en", N_("答“是”的时候怎么说（英文）"))),
    ),
    key_inputs=_KEY, name="question", about="advice",
)  # fmt: skip
_TOWNS: Final = Section(
    "towns", N_("街道和乡镇"), N_("辖区的街道和乡镇。中心点只用来建议，地点由人确认。"), "map",
    Town, Mode.PLAIN,
    (
        *_name(),
        Input("kind", N_("种类"), "radio", is_required=True, choices=terms.TOWN_KINDS),
        Input("lat", N_("中心点纬度"), "number", low=-90, high=90, hint=N_("WGS-84，例如 45.8021。")),
        Input("lon", N_("中心点经度"), "number", low=-180, high=180),
        Input("is_confirmed", _CONFIRMED, "yes"),
        _SORT,
    ),
    key_inputs=_KEY, check=checks.town,
)  # fmt: skip
_CHANNELS: Final = Section(
    "channels", N_("来源渠道"), N_("线索从哪里来。每个渠道归在办案规则第二十四条的六类来源之一。"), "link",
    Channel, Mode.PLAIN,
    (
        *_name(),
        Input("source_type", N_("来源"), "pick", is_required=True, source="source_types"),
        Input("door", N_("从哪个入口进来"), "radio", is_required=True, choices=terms.DOORS),
        _SORT,
    ),
    key_inputs=_KEY, heads="source_type",
)  # fmt: skip
_LABELS: Final = Section(
    "labels", N_("标签"), N_("办案人员给线索贴的标签，用来归拢、查找。标签人人看得到，名称里不要写具体的人和事。"), "list",
    Label, Mode.PLAIN, (*_name(20, 40), _SORT), key_inputs=_KEY,
)  # fmt: skip
_MESSAGES: Final = Section(
    "messages", N_("准备好的话"), N_("请反映人补充、答复反映人时可以套用的话，发出去以前办案人员还能看、能改。"), "message",
    MessageTemplate, Mode.PLAIN,
    (
        *_name(),
        Input("step", N_("哪一步用"), "pick", is_required=True, choices=terms.MESSAGE_STEPS),
        Input("categories", N_("只给哪些类别用"), "many", source="categories", hint=N_("不选就是所有类别都能用。")),
        Input("text", N_("写给反映人的话"), group="form", is_required=True, longest=1500, rows=6,
              hint=N_("{category} 换成类别，{place} 换成街道、乡镇。不写编号，不写联系了哪个单位。")),
        _SORT,
        *_english(("text_en", N_("写给反映人的话（英文）")), longest=3000),
    ),
    key_inputs=_KEY, about="text", heads="step", check=checks.message_template,
)  # fmt: skip
_TRANSFERS: Final = Section(
    "transfer-kinds", N_("移送文书"), N_("每一种移送用什么文书、固定的话怎么写。已经签发的文书不会跟着变。"), "send",
    TransferText, Mode.DATED,
    (
        Input("title", N_("文书名称"), is_required=True, longest=60),
        Input("opening", N_("开头的话"), is_required=True, longest=1000, rows=4),
        Input("requests_heading", N_("写请求或者理由的小标题"), is_required=True, longest=60),
        Input("term", N_("写期限的话"), is_required=True, longest=500, rows=3,
              hint=N_("{days} 的地方换成答复的天数。")),
        Input("slip_choices", N_("回执上的选项"), is_required=True, longest=200, rows=2),
        Input("feedback_days", N_("几天内答复"), "whole", low=1, high=365, hint=N_("不写就用本院通常的天数。")),
        Input("reminder_days", N_("哪几天提醒对方"), is_required=True, longest=60,
              hint=N_("离到期的天数，用英文逗号隔开：-7 是到期前 7 天，0 是到期那天，7 是逾期 7 天。")),
        Input("body", N_("告诉反映人转交给了哪一类机关"), group="form", is_required=True, longest=60,
              hint=N_("只写哪一类，不写哪一个单位。")),
        Input("title_en", N_("文书名称（英文）"), group="english", longest=120),
        _SORT,
    ),
    name="title", about="opening", check=checks.transfer_text,
)  # fmt: skip
_SEASONS: Final = Section(
    "seasons", N_("停查的季节"), N_("冰封雪盖看不清的季节里，到期的回访往后推，推到季节过去的第二天。"), "snow",
    SeasonPause, Mode.PLAIN,
    (
        *_name(),
        Input("starts", N_("从哪一天起"), is_required=True, longest=5, hint=N_("月-日，例如 11-01。")),
        Input("ends", N_("到哪一天止"), is_required=True, longest=5, hint=N_("月-日，例如 04-15；可以跨年。")),
        Input("categories", N_("哪些类别"), "many", source="categories"),
        _SORT,
    ),
    key_inputs=_KEY, check=checks.season,
)  # fmt: skip
_RETENTION: Final = Section(
    "retention", N_("保管期限"),
    N_("事情办完以后，反映人的联系方式和反映的内容各留多久。期限由本院依法定，定之前什么都不会自动清除。"),
    "clock", RetentionTerm, Mode.DATED,
    (
        *_name(),
        Input("contact_months", N_("联系方式留几个月"), "whole", low=1, high=1200,
              hint=N_("从办完那天算起。空着就是一直留着。")),
        Input("content_months", N_("反映的内容留几个月"), "whole", low=1, high=1200,
              hint=N_("原话、照片、往来、文书一起清除，只留编号、类别、日期这些统计。空着就是一直留着。")),
        Input("basis", N_("依据"), longest=500, rows=2, hint=N_("写明按哪个规定定的。")),
        Input("is_confirmed", N_("已经由本院确定"), "yes"),
        _SORT,
    ),
    keys=("category_key", "outcome"),
    key_inputs=(
        Input("category_key", N_("类别"), "pick", is_required=True, source="every_category"),
        Input("outcome", N_("结果"), "pick", is_required=True, choices=terms.OUTCOMES),
    ),
    about="basis", check=checks.retention_term,
)  # fmt: skip
_CONSENTS: Final = Section(
    "consents", N_("同意书"), N_("文字改了就是新的一版。旧版本和当时的反映保存在一起，不能改。"), "lock",
    Consent, Mode.VERSIONED,
    (
        Input("text", N_("正文"), is_required=True, longest=3000, rows=10),
        Input("text_en", N_("正文（英文）"), group="english", longest=6000, rows=10),
    ),
    name="key", about="text",
)  # fmt: skip
SECTIONS: Final = {
    section.key: section
    for section in (
        _CATEGORIES, _QUESTIONS, _GROUPS, _FIELDS, _REASONS, _WORDING, _HOTLINES, _CARDS, _TOWNS, _CHANNELS,
        _LABELS, _MESSAGES, _TRANSFERS, _SEASONS, _RETENTION, _CONSENTS,
    )
}  # fmt: skip
CONSENT_NAMES: Final = {"contact": N_("留电话"), "privacy": N_("个人信息")}


def section(key: str) -> Section:
    """Return a section by its key; raises Missing."""
    found = SECTIONS.get(key)
    if found is None:
        raise Missing
    return found
