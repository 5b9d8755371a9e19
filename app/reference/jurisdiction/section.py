"""The form of one rule of jurisdiction: a section like the others, with screens of its own at the desk.

Whoever edits which organisation answers for what (`agency:edit`) edits these too: it is the head of the
department who knows, and whose clues the trial of a changed rule is run over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.reference.inputs import Input, Wrong
from app.reference.jurisdiction.terms import LEVELS, VERDICTS, Verdict
from app.reference.models import JurisdictionRule
from app.reference.sections import Mode, Section

STANDINGS: Final = (
    ("inside", N_("在本区内")),
    ("near_edge", N_("靠近区界")),
    ("outside", N_("在本区外")),
    ("unknown", N_("没有位置")),
)
_TARGETLESS: Final = frozenset({Verdict.OWN, Verdict.AGENCY, Verdict.HOTLINE})


def _check(row: Mapping[str, Any]) -> list[Wrong]:
    """Ask to whom, where only a name can say it: there are many sister procuratorates."""
    verdict = row.get("verdict")
    if verdict and Verdict(verdict) not in _TARGETLESS and not row.get("target"):
        return [Wrong("target", _("请选是哪一个检察院；还没有的，先到“单位”里添加。"))]
    return []


SECTION: Final = Section(
    "jurisdiction", N_("管辖规则"),
    N_("按地点、类别和监督对象的层级，说明一条线索该由谁办、为什么。从上往下第一条对得上的规则算数，其余的列在后面供参考。"),
    "scale", JurisdictionRule, Mode.DATED,
    (
        Input("name", N_("名称"), is_required=True, longest=60),
        Input("verdict", N_("该由谁办"), "radio", is_required=True,
              choices=tuple((one.value, text) for one, text in VERDICTS.items())),
        Input("target", N_("具体是哪一个"), "pick", source="targets",
              hint=N_("行政机关和热线可以不选：不选就按类别里写的牵头单位和热线。")),
        Input("reason", N_("为什么"), is_required=True, longest=500, rows=3,
              hint=N_("办案人员在线索上看到这段话。")),
        Input("basis", N_("依据"), longest=200, hint=N_("哪部法律、哪个办法、哪一条。")),
        Input("is_confirmed", N_("已经由本院核实"), "yes"),
        Input("sort", N_("排列顺序"), "whole", is_required=True, low=0, high=99999,
              hint=N_("小的先比。前面的规则对上了，后面的就只作参考。")),
        Input("standings", N_("地点"), "many", group="rules",
              choices=STANDINGS, hint=N_("不选就是不管地点。下面几项也一样。")),
        Input("towns", N_("街道、乡镇"), "many", group="rules", source="towns"),
        Input("categories", N_("类别"), "many", group="rules", source="own_categories",
              hint=N_("类别和领域对上一个就算。")),
        Input("fields", N_("办案领域"), "many", group="rules", source="fields"),
        Input("levels", N_("监督对象的层级"), "many", group="rules",
              choices=tuple((one.value, text) for one, text in LEVELS.items())),
        Input("only_major", N_("只管标为重大的线索"), "yes", group="rules"),
        Input("only_private", N_("只管评估为“不涉及不特定多数人的利益”的线索"), "yes", group="rules"),
        Input("name_en", N_("英文名称"), group="english", longest=120),
        Input("reason_en", N_("为什么（英文）"), group="english", longest=1000, rows=3),
    ),
    key_inputs=(Input("key", N_("代号"), "key", hint=N_("小写英文字母，以后不能改。"), is_required=True),),
    about="reason", check=_check,
)  # fmt: skip
