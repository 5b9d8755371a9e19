"""What the boxes of one reference form must say together; each check names the box to put right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from app.identity.terms import CompartmentKind
from app.platform.i18n import gettext as _
from app.reference.inputs import Wrong
from app.reference.terms import WITH_NUMBERS, WITH_OPTIONS, MediaRule, PositionRule, QuestionKind

_FEWEST_OPTIONS = 2

_LADDER: Final = re.compile(r"-?\d{1,3}(,-?\d{1,3}){0,11}")


def category(row: Mapping[str, Any]) -> list[Wrong]:
    """Around military facilities nothing may be photographed or located (军事设施保护法 17)."""
    wrong = []
    is_military = row.get("compartment_kind") == CompartmentKind.MILITARY
    takes_photos = row.get("media") != MediaRule.FORBIDDEN
    if is_military and takes_photos:
        wrong.append(Wrong("media", _("涉军设施类的线索不能收照片（军事设施保护法第十七条）。")))
    if is_military and row.get("position") != PositionRule.FORBIDDEN:
        wrong.append(Wrong("position", _("涉军设施类的线索不能收位置（军事设施保护法第十七条）。")))
    if not is_military and row.get("position") == PositionRule.FORBIDDEN and takes_photos:
        wrong.append(Wrong("media", _("不收位置的类别也不能收照片：照片里可能带着位置。")))
    if row.get("lead") and row["lead"] in row.get("co", ()):
        wrong.append(Wrong("co", _("牵头单位不用再选成配合单位。")))
    return wrong


def question(row: Mapping[str, Any]) -> list[Wrong]:
    """Hold options to choices, limits to numbers, conditions to a question and its answers."""
    wrong = []
    kind, options = row.get("kind"), row.get("options") or []
    if kind in WITH_OPTIONS and len(options) < _FEWEST_OPTIONS:
        wrong.append(Wrong("options", _("单选、多选至少要有两个选项。")))
    if kind and kind not in WITH_OPTIONS and options:
        wrong.append(Wrong("options", _("只有单选、多选才写选项。")))
    if row.get("is_urgent") and kind != QuestionKind.BOOL:
        wrong.append(Wrong("is_urgent", _("只有“是或否”的题能这样；单选、多选请在选项那一行末尾写 urgent。")))
    low, high = row.get("low"), row.get("high")
    if kind not in WITH_NUMBERS and (low is not None or high is not None):
        wrong.append(Wrong("low", _("只有数字题才写最小和最大。")))
    if low is not None and high is not None and low > high:
        wrong.append(Wrong("high", _("最大不能比最小还小。")))
    if bool(row.get("shown_question")) != bool(row.get("shown_values")):
        wrong.append(Wrong("shown_values", _("前一题和它的答案要一起写，或者都不写。")))
    return wrong


def hotline(row: Mapping[str, Any]) -> list[Wrong]:
    """Ask for a plain key: it stands in an address."""
    key = row.get("key")
    if key is None or (key.isascii() and key.replace("-", "").replace("_", "").isalnum()):
        return []
    return [Wrong("key", _("代号只能有字母、数字和短横线。"))]


def town(row: Mapping[str, Any]) -> list[Wrong]:
    """Ask for both figures of a centre or none, and never the null island."""
    lat, lon = row.get("lat"), row.get("lon")
    if (lat is None) != (lon is None):
        return [Wrong("lon" if lon is None else "lat", _("纬度和经度要一起写，或者都不写。"))]
    if lat == 0 and lon == 0:
        return [Wrong("lat", _("(0, 0) 在大西洋里，请看一下是不是没有取到位置。"))]
    return []


def transfer_text(row: Mapping[str, Any]) -> list[Wrong]:
    """Keep the place of the days, and nothing else in braces: the sentence is filled in when a letter is signed."""
    braces = re.findall(r"[{}]", str(row.get("term", "")).replace("{days}", ""))
    if braces:
        return [Wrong("term", _("花括号只能写成 {days}，换成答复的天数。"))]
    if not _LADDER.fullmatch(str(row.get("reminder_days", ""))):
        return [Wrong("reminder_days", _("请写成 -7,-2,0,7,15 这样，最多 12 个数。"))]
    return []


def message_template(row: Mapping[str, Any]) -> list[Wrong]:
    """Keep the two places that are filled in, and nothing else in braces."""
    wrong = []
    for name in ("text", "text_en"):
        left = str(row.get(name) or "").replace("{category}", "").replace("{place}", "")
        if "{" in left or "}" in left:
            wrong.append(Wrong(name, _("花括号只能写成 {category} 或者 {place}。")))
    return wrong


def season(row: Mapping[str, Any]) -> list[Wrong]:
    """Ask for days that every year has, and for a season that ends: one that never does would hide a matter."""
    wrong = []
    for name in ("starts", "ends"):
        month, _dash, day = str(row.get(name, "")).partition("-")
        try:
            date(2001, int(month), int(day))
        except ValueError:
            wrong.append(Wrong(name, _("请写成 月-日 的样子，例如 11-01。")))
    if not wrong and row.get("starts") == row.get("ends"):
        wrong.append(Wrong("ends", _("这样就全年都停了，请换一天。")))
    return wrong


def retention_term(row: Mapping[str, Any]) -> list[Wrong]:
    """Ask on what a term rests, and for an order that can be kept: the contact never outlives what it belongs to."""
    contact, content = row.get("contact_months"), row.get("content_months")
    wrong = []
    if contact is not None and content is not None and contact > content:
        wrong.append(Wrong("contact_months", _("联系方式不能比反映的内容留得更久。")))
    if (contact is not None or content is not None) and not str(row.get("basis", "")).strip():
        wrong.append(Wrong("basis", _("写了期限，就要写明依据。")))
    if (contact is not None or content is not None) and not row.get("is_confirmed"):
        wrong.append(Wrong("is_confirmed", _("写了期限，要由本院确定后打勾才能生效。")))
    return wrong
