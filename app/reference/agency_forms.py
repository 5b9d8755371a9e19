"""Reading the form of an organisation and its duties, and showing it again with everything typed kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.identity.duty_contacts import CONTACTS
from app.identity.labels import ORG_KINDS
from app.identity.models import OrgUnit
from app.identity.terms import OrgKind
from app.platform.crypto import KeyRing
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.platform.web.landing import LandedForm
from app.reference import inputs, rules
from app.reference.inputs import Input, Option, Wrong
from app.reference.models import AgencyDuty

DUTY_ROWS: Final = 60
BLANK_ROWS: Final = 3
_KINDS: Final = tuple((kind.value, text) for kind, text in ORG_KINDS.items() if kind is not OrgKind.OFFICE)
# One address and nothing that could become a second line of a mail's head.
_MAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
LEAD: Final = "lead"
CO: Final = "co"

INPUTS: Final = (
    Input("name", N_("全称"), is_required=True, longest=120,
          hint=N_("和公章上的一样。部队单位不要写番号。")),
    Input("short_name", N_("简称"), longest=32),
    Input("kind", N_("是什么单位"), "radio", is_required=True, choices=_KINDS),
    Input("credit_code", N_("统一社会信用代码"), longest=40, hint=N_("18 位。部队和没有代码的单位不填。")),
    Input("address", N_("地址"), longest=200),
    Input("contact_name", N_("联系人"), longest=60),
    Input("phone", N_("电话"), longest=40),
    Input("remind_mail", N_("提醒用的邮箱"), longest=160,
          hint=N_("只收一句“有事项待办”，不写任何内容。本院开通了邮件提醒才会发。")),
    Input("remind_mobile", N_("提醒用的手机"), longest=40, hint=N_("开通了短信提醒才会发。")),
    Input("remind_openid", N_("提醒用的公众号编号"), longest=80, hint=N_("开通了公众号提醒才会发。")),
    Input("name_en", N_("英文名称"), longest=160),
    Input("is_confirmed", N_("名称和联系方式已经核实"), "yes"),
    Input("is_active", N_("正在使用"), "yes", hint=N_("不勾就不再出现在移送的列表里，以前的移送不受影响。")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DutyTyped:
    """One line of the duties as it was typed."""

    category: str = ""
    role: str = LEAD
    town: str = ""
    basis: str = ""


@dataclass(frozen=True)
class AgencyTyped:
    """An organisation's form as it was read."""

    values: Mapping[str, str]
    duties: list[DutyTyped]
    errors: list[Wrong]
    row: Mapping[str, Any]
    duty_rows: list[dict[str, Any]]
    version: int


def read(form: LandedForm, categories: Sequence[Option], towns: Sequence[Option]) -> AgencyTyped:
    """Read the whole form: the organisation, then its duties line by line."""
    values = {item.name: form.get(item.name) for item in INPUTS}
    row: dict[str, Any] = {}
    errors = []
    for item in INPUTS:
        choices = [Option(value, label) for value, label in item.choices]
        row[item.name], problem = inputs.read(item, form.all(item.name), choices)
        errors += [Wrong(item.name, problem)] if problem else []
    row["credit_code"] = str(row["credit_code"]).upper().replace(" ", "")
    if row["credit_code"] and not rules.credit_code_holds(row["credit_code"]):
        errors.append(Wrong("credit_code", _("代码和最后一位校验码对不上，请对照证书再看一遍。")))
    if row["remind_mail"] and not _MAIL.fullmatch(row["remind_mail"]):
        errors.append(Wrong("remind_mail", _("邮箱的写法不对，例如 shuiwu@example.gov.cn。")))
    duties = _duties(form)
    errors += _duty_errors(
        duties, {option.value for option in categories}, {option.value for option in towns}
    )
    version = form.get("version")
    return AgencyTyped(
        values, duties, errors,
        {name: (value if value != "" else None) for name, value in row.items()},
        [_duty_row(duty) for duty in duties if duty.category],
        int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0,  # noqa: PLR2004
    )  # fmt: skip


def _duties(form: LandedForm) -> list[DutyTyped]:
    lines = zip(
        *(form.all(f"duty_{name}")[:DUTY_ROWS] for name in ("category", "role", "town", "basis")),
        strict=False,
    )
    return [DutyTyped(*line) for line in lines]


def _duty_errors(duties: Sequence[DutyTyped], categories: set[str], towns: set[str]) -> list[Wrong]:
    errors: list[Wrong] = []
    seen: set[tuple[str, str]] = set()
    for number, duty in enumerate(duties, start=1):
        place = f"duty_category_{number}"
        if not duty.category:
            if duty.basis.strip():
                errors.append(
                    Wrong(place, _("第 %(n)s 行写了依据，请选类别；不要这一行就清空依据。", n=number))
                )
            continue
        if (
            duty.category not in categories
            or duty.role not in {LEAD, CO}
            or (duty.town and duty.town not in towns)
        ):
            errors.append(Wrong(place, _("第 %(n)s 行请从列表里选。", n=number)))
        elif (duty.category, duty.town) in seen:
            errors.append(Wrong(place, _("第 %(n)s 行和前面重复了。", n=number)))
        elif len(duty.basis) > _LONGEST_BASIS:
            errors.append(
                Wrong(place, _("第 %(n)s 行的依据最多 %(most)s 个字。", n=number, most=_LONGEST_BASIS))
            )
        seen.add((duty.category, duty.town))
    return errors


_LONGEST_BASIS: Final = 300


def _duty_row(duty: DutyTyped) -> dict[str, Any]:
    return {
        "category_key": duty.category, "town_key": duty.town or None, "is_lead": duty.role == LEAD,
        "basis": duty.basis.strip(),
    }  # fmt: skip


def typed_of(keys: KeyRing, unit: OrgUnit) -> dict[str, str]:
    """Return a stored organisation as a person would have typed it."""
    kept = {field: CONTACTS.opened(keys, unit, field) for field in CONTACTS.fields}
    return {
        item.name: str(inputs.shown(item, kept[item.name] if item.name in kept else getattr(unit, item.name)))
        for item in INPUTS
    }


def duties_typed(rows: Sequence[AgencyDuty]) -> list[DutyTyped]:
    """Return stored duties as a person would have typed them."""
    return [
        DutyTyped(row.category_key, LEAD if row.is_lead else CO, row.town_key or "", row.basis)
        for row in rows
    ]
