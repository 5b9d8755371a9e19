"""The checklist 开通准备: what an office settles before it opens its doors, what of it is done, and who does the rest.

What the machine can see it checks at every look; what only people can know (a copy of the keys in another place) it
asks, and never calls done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.identity import queries as identity_queries
from app.identity.labels import ROLES
from app.identity.terms import Role
from app.platform import clock
from app.platform.i18n import gettext as _
from app.platform.i18n import listed
from app.platform.settings import Settings
from app.platform.web.given import Now, ReadSession, Shared
from app.platform.web.render import Urls, page
from app.platform.when import shown_time
from app.reference import queries as reference
from app.upkeep import queries
from app.upkeep.guard import Keeper
from app.upkeep.terms import BACKUP_OLD

router = APIRouter()
# Without one of each the corridor stops somewhere: nobody handles, signs, keeps accounts, or reads the journal.
NEEDED: Final = (Role.CLERK, Role.HANDLER, Role.DEPT_HEAD, Role.CHIEF, Role.SECADMIN, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to settle. `standing` is done, open, or ask: only people can know."""

    standing: str
    title: str
    text: str
    who: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class SetupPage:
    """Everything to settle, in the order in which an office does it."""

    items: Sequence[Item]
    open_count: int


@router.get("/upkeep/setup", name="upkeep:setup")
def show_setup(
    request: Request, actor: Keeper, session: ReadSession, house: Shared, now: Now
) -> HTMLResponse:
    """Show what is still missing before the office can open."""
    found = items(session, actor.office_id, house.settings, request.app.state.urls, now=now)
    return page(request, "upkeep/setup.html", SetupPage(found, still_open(found)))


def still_open(found: Sequence[Item]) -> int:
    """Return how many things the machine sees to be missing."""
    return sum(one.standing == "open" for one in found)


def items(
    session: ReadSession, office_id: str, settings: Settings, urls: Urls, *, now: datetime
) -> list[Item]:
    """Return the checklist of one office."""
    return [
        _people(session, office_id),
        _agencies(session, office_id, urls),
        *_reference(session, urls, now),
        *_keys(settings),
        *_backup(session, settings, now),
        _doors(settings),
    ]


def _people(session: ReadSession, office_id: str) -> Item:
    without = [_(ROLES[role]) for role in NEEDED if not identity_queries.holders(session, office_id, role)]
    text = _("还没有人担任：%(roles)s。", roles=listed(without)) if without else _("每个要紧的岗位都有人。")
    return Item("open" if without else "done", _("人员"), text, _("安全管理员，在“人员”页"))


def _agencies(session: ReadSession, office_id: str, urls: Urls) -> Item:
    units = [unit for unit in reference.org_units(session, office_id) if unit.is_active]
    left = sum(not unit.is_confirmed for unit in units)
    text = (
        _("%(n)s 个单位，其中 %(left)s 个的全称没有核实。移送函上印的就是全称。", n=len(units), left=left)
        if left or not units
        else _("%(n)s 个单位，全称都核实过。", n=len(units))
    )
    return Item(
        "open" if left or not units else "done",
        _("协作单位"),
        text,
        _("您，系统管理员"),
        urls("reference:agencies"),
    )


def _reference(session: ReadSession, urls: Urls, now: datetime) -> Iterator[Item]:
    today = clock.office_date(now)
    count = len(reference.categories(session, today))
    yield Item(
        "done" if count else "open", _("类别"), _("可以反映 %(n)s 类问题。提问和期限请过一遍。", n=count),
        _("您，系统管理员"), urls("reference:section", section_key="categories"),
    )  # fmt: skip
    for key, title, rows in (
        ("hotlines", _("热线"), reference.hotlines(session)),
        ("towns", _("街道和乡镇"), reference.towns(session)),
        ("retention", _("保管期限"), reference.retention_terms(session, today)),
    ):
        left = sum(not row.is_confirmed for row in rows)
        text = (
            _("%(n)s 条里还有 %(left)s 条没有核实。", n=len(rows), left=left)
            if left
            else _("%(n)s 条都核实过。", n=len(rows))
        )
        yield Item(
            "open" if left else "done",
            title,
            text,
            _("您，系统管理员"),
            urls("reference:section", section_key=key),
        )


def _keys(settings: Settings) -> Iterator[Item]:
    is_apart = not settings.keeps_keys_with_data
    yield Item(
        "done" if is_apart else "open", _("密钥"),
        _("密钥文件和数据分开放着。")
        if is_apart
        else _("密钥文件和数据放在一起，谁拿走数据就能打开。请用 YIXIAN_KEY_FILE 放到别处。"),
        _("维护人员"),
    )  # fmt: skip
    yield Item(
        "ask", _("密钥的备份"),
        _("密钥丢了，联系方式谁也打不开。请另存一份，封好，放在两个人一起才能取的地方。"), _("您和分管领导"),
    )  # fmt: skip


def _backup(session: ReadSession, settings: Settings, now: datetime) -> Iterator[Item]:
    last = queries.last_backup(session)
    if not settings.backup_key:
        text = _("还没有设备份的密钥（YIXIAN_BACKUP_KEY）。机器坏了就什么都找不回来。")
    elif last is None:
        text = _("还没有做过备份。做法见运行手册“备份和恢复”。")
    else:
        text = _("最近一次是 %(time)s。", time=shown_time(last[0]))
    is_fresh = bool(settings.backup_key) and last is not None and now - last[0] < BACKUP_OLD
    yield Item("done" if is_fresh else "open", _("备份"), text, _("维护人员"))
    yield Item(
        "ask", _("恢复演练"), _("没有恢复过的备份不算备份。请在另一台机器上恢复一次，核对条数。"),
        _("维护人员"),
    )  # fmt: skip


def _doors(settings: Settings) -> Item:
    is_open = settings.is_production and settings.is_https
    text = (
        _("用的是加密的网址，没有演示人员。")
        if is_open
        else _("现在是开发环境：有演示人员，不能收真的反映。正式开通前请按运行手册设成生产环境。")
    )
    return Item("done" if is_open else "open", _("正式运行"), text, _("维护人员"))
