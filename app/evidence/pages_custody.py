"""The page of custody 存证状态: is the journal whole and signed, is every kept byte as it came; for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from app.evidence.queries import custody
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import heads
from app.platform.i18n import gettext as _
from app.platform.web.given import House, ReadSession, Shared
from app.platform.web.render import page
from app.platform.when import shown_time

router = APIRouter()
Keeper = Annotated[Actor, Depends(Requires(Verb.CUSTODY_READ))]


@dataclass(frozen=True, slots=True)
class Row:
    """A label and a value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class DamagedView:
    """One damaged blob: which, since when, how many items need it; nothing of any clue."""

    digest: str
    size: str
    since: datetime
    needed_by: int


@dataclass(frozen=True, slots=True)
class CustodyPage:
    """What an administrator must know about custody."""

    damaged: Sequence[DamagedView]
    kept: Sequence[Row]
    signed: Sequence[Row]
    has_second_place: bool
    is_behind: bool


@router.get("/custody", name="evidence:custody")
def show_custody(request: Request, _actor: Keeper, session: ReadSession, house: Shared) -> HTMLResponse:
    """Show how custody stands."""
    return page(request, "evidence/custody.html", _compose(session, house))


def _compose(session: ReadSession, house: House) -> CustodyPage:
    count, size, oldest = custody.kept_figures(session)
    newest, total = heads.newest_head(session), heads.end_of_chain(session)
    signed = [Row(_("日志链"), _("%(n)s 节", n=total))]
    if newest is not None:
        signed += [
            Row(
                _("最近一次签名"),
                _("%(time)s，签到第 %(n)s 节", time=shown_time(newest.signed_at), n=newest.seq),
            ),
            Row(_("签名公钥"), newest.public_key),
        ]
    away = heads.not_put_away(session, house.settings.heads_dir)
    if away is not None:
        signed.append(
            Row(_("第二处存放"), _("齐全") if not away else _("还有 %(n)s 个签名没有写过去", n=away))
        )
    stamp = heads.newest_stamp(session)
    if stamp is not None:
        signed.append(Row(_("可信时间戳"), f"{shown_time(stamp.stamped_at)} · {stamp.authority}"))
    return CustodyPage(
        damaged=[
            DamagedView(blob.digest, shown_size(blob.size_bytes), blob.damaged_at or blob.stored_at, needed)
            for blob, needed in custody.damaged(session)
        ],
        kept=[
            Row(_("保存的文件"), _("%(n)s 份，共 %(size)s", n=count, size=shown_size(size))),
            Row(_("全部重读到"), shown_time(oldest) if oldest else _("还没有文件")),
            Row(_("多久读一遍"), _("%(n)s 天", n=house.settings.scrub_days)),
        ],
        signed=signed,
        has_second_place=away is not None,
        is_behind=bool(away),
    )


def shown_size(size_bytes: int) -> str:
    """Return a size in the unit people think in."""
    if size_bytes < 1024 * 1024:
        return f"{max(1, size_bytes // 1024)} KB"
    if size_bytes < 1024**3:
        return f"{size_bytes / 1024**2:.1f} MB"
    return f"{size_bytes / 1024**3:.1f} GB"
