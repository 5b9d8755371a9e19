"""The health page 运行状态 for the system administrator, and the door at which Prometheus asks."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse

from app.identity.guards import Anyone
from app.platform import signs
from app.platform.errors import Missing
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.platform.web.given import House, Now, ReadSession, Shared
from app.platform.web.render import page
from app.platform.when import shown_time
from app.upkeep import exposition, figures, queries, setup
from app.upkeep.figures import Figures
from app.upkeep.guard import Keeper
from app.upkeep.terms import BACKUP_OLD, ParkedJob

router = APIRouter()
router.include_router(setup.router)
_PARKED_SHOWN: Final = 50
_LATE_AFTER: Final = timedelta(minutes=10)
_memory: Final = figures.Memory()

# What a job does, in words; one that is missing here is shown by its own name.
JOBS: Final = {
    "evidence.develop": N_("做照片的小图"),
    "evidence.redact": N_("做遮盖后的图"),
    "evidence.print": N_("做打印用的图"),
    "evidence.erase_blob": N_("清除文件"),
    "evidence.sweep_strays": N_("清理没有归属的文件"),
    "intake.chase": N_("提醒反映人补传照片"),
    "intake.index_words": N_("让文字能被搜到"),
    "journal.sign_head": N_("给日志链签名"),
    "rights.clean": N_("清除个人信息的残留"),
    "retention.run": N_("按期限清除"),
    "transfer.forward": N_("收单位批量转来的线索"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A label and a value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that is not as it should be, and what to do about it."""

    tone: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ParkedView:
    """A job that was given up."""

    what: str
    name: str
    attempts: int
    since: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class WorkerView:
    """One worker."""

    place: str
    started: datetime
    seen: datetime
    is_silent: bool


@dataclass(frozen=True, slots=True)
class HealthPage:
    """How the installation fares."""

    concerns: Sequence[Concern]
    work: Sequence[Row]
    kept: Sequence[Row]
    workers: Sequence[WorkerView]
    parked: Sequence[ParkedView]
    setup_open: int


@router.get("/upkeep", name="upkeep:health")
def show_health(
    request: Request, actor: Keeper, session: ReadSession, house: Shared, now: Now
) -> HTMLResponse:
    """Show what an administrator must look after: concerns first."""
    found = figures.taken(session, house, now=now)
    parked = queries.parked_jobs(session, limit=_PARKED_SHOWN) if found.jobs_parked else []
    to_settle = setup.items(session, actor.office_id, house.settings, request.app.state.urls, now=now)
    return page(request, "upkeep/health.html", _composed(found, parked, house, setup.still_open(to_settle)))


@router.get("/metrics", name="upkeep:metrics")
def metrics(_guard: Anyone, request: Request, house: Shared, now: Now) -> PlainTextResponse:
    """Tell the figures to whoever shows the token; to everybody else the door is not there."""
    expected = house.settings.metrics_token
    shown = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not expected or not hmac.compare_digest(shown.encode(), expected.encode()):
        raise Missing
    text = exposition.written(_memory.figures(house, now=now), request.app.state.counted)
    return PlainTextResponse(text, media_type=exposition.MEDIA_TYPE)


def _composed(found: Figures, parked: Sequence[ParkedJob], house: House, setup_open: int) -> HealthPage:
    return HealthPage(
        concerns=list(_concerns(found, house)),
        work=[
            Row(_("待登记线索"), _waiting(found.clues_waiting, found.oldest_clue_at)),
            Row(_("待做的任务"), _since(found.oldest_job_at)),
            Row(_("停下的任务"), str(found.jobs_parked)),
        ],
        kept=[
            Row(_("最近一次备份"), shown_time(found.backup_at) if found.backup_at else _("还没有")),
            Row(_("剩余空间"), _room(found.free_bytes)),
            Row(_("数据库结构"), found.migration),
        ],
        workers=[
            WorkerView(one.place, one.started_at, one.seen_at, found.at - one.seen_at > signs.SILENT_AFTER)
            for one in found.workers[:_PARKED_SHOWN]
        ],
        parked=[
            ParkedView(
                _(JOBS[one.handler]) if one.handler in JOBS else one.handler,
                one.handler, one.attempts, one.parked_at, one.kind,
            )
            for one in parked
        ],
        setup_open=setup_open,
    )  # fmt: skip


def _concerns(found: Figures, house: House) -> Iterator[Concern]:
    if found.worker_at is None or found.at - found.worker_at > signs.SILENT_AFTER:
        yield Concern(
            "stop", _("后台任务没有在运行"),
            _("照片的小图、到期清除和签名都停着，收举报不受影响。请检查后台进程（python -m app work）是不是还在。"),
        )  # fmt: skip
    elif found.oldest_job_at is not None and found.at - found.oldest_job_at > _LATE_AFTER:
        yield Concern(
            "time",
            _("后台任务忙不过来"),
            _("最早的任务从 %(time)s 等到现在。", time=shown_time(found.oldest_job_at)),
        )
    if found.jobs_parked:
        yield Concern(
            "stop", _("有 %(n)s 个任务做不下去", n=found.jobs_parked),
            _("试了 8 次都没有成功，下面列出了是哪一类。原因写在服务器日志里，请交给维护人员。"),
        )  # fmt: skip
    if found.blobs_damaged:
        yield Concern(
            "stop", _("有 %(n)s 份文件损坏", n=found.blobs_damaged), _("到“存证”页看是哪些，用备份找回。")
        )
    if found.migration > found.newest_migration:
        yield Concern(
            "time", _("数据库比这台主机的程序新"),
            _("数据库已经是 %(now)s，这台主机的程序只到 %(wanted)s。升级期间照常可用，请尽快给它换上新程序。", now=found.migration, wanted=found.newest_migration),
        )  # fmt: skip
    if found.migration < found.newest_migration:
        yield Concern(
            "stop", _("数据库结构和程序不一致"),
            _("数据库是 %(now)s，程序要 %(wanted)s。请运行 python -m app migrate。", now=found.migration, wanted=found.newest_migration),
        )  # fmt: skip
    if found.free_bytes is not None and found.free_bytes < 2 * house.settings.disk_floor_bytes:
        yield Concern(
            "stop", _("磁盘快满了"),
            _("还剩 %(room)s。低于 %(floor)s 就会暂停收新的举报。", room=_room(found.free_bytes), floor=_room(house.settings.disk_floor_bytes)),
        )  # fmt: skip
    if found.backup_at is None:
        yield Concern(
            "time", _("还没有做过备份"), _("机器坏了就什么都找不回来。做法见运行手册“备份和恢复”。")
        )
    elif found.at - found.backup_at > BACKUP_OLD:
        yield Concern(
            "time",
            _("备份旧了"),
            _("最近一次是 %(time)s。请看每晚的备份任务为什么没有跑。", time=shown_time(found.backup_at)),
        )


def _since(oldest: datetime | None) -> str:
    """Return since when the oldest job waits; not how many do, because every circle's jobs are among them."""
    return _("最早的从 %(time)s 起等着", time=shown_time(oldest)) if oldest else _("没有")


def _waiting(count: int, since: datetime | None) -> str:
    if not count or since is None:
        return _("没有")
    return _("%(n)s 件，最早的从 %(time)s 起", n=count, time=shown_time(since))


def _room(free_bytes: int | None) -> str:
    if free_bytes is None:
        return _("由对象存储决定")
    return f"{free_bytes / 1024**3:.1f} GB"
