"""The sheet that is gone through before an office opens, and any day after: each line says whether it is as it should be.

It looks and changes nothing. What only a person can prove, that the copy of the key file opens, is proven by
`check --key-copy` and remembered in the journal.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app.identity.permissions import ADMIN_ROLES, OFFICE_ROLES
from app.identity.queries import credentials
from app.platform import journal, migrations
from app.platform.crypto import KeyRing
from app.platform.i18n import gettext as _
from app.platform.settings import Settings
from app.platform.web.given import House
from app.platform.when import shown_time
from app.upkeep import backup, left_open, looks, queries
from app.upkeep.terms import BACKUP_OLD, NOBODY, Stopped

COPY_PROVEN: Final = "keys.copy_proven"
_PROVEN_FOR: Final = timedelta(days=183)
_AHEAD: Final = timedelta(minutes=5)
_APART: Final = timedelta(seconds=5)
_CERTIFICATE_SOON: Final = timedelta(days=21)
_NAMES_SHOWN: Final = 20


class Level(IntEnum):
    """How bad a line is; the worst of them is the command's exit code."""

    FINE = 0
    MEND = 1
    STOP = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the sheet, in the reader's language."""

    level: Level
    about: str
    text: str


def of_settings(settings: Settings) -> Iterator[Line]:
    """Say what can be seen without the database: settings, the key file, the disk, the public address."""
    for sentence in settings.unsafe():
        yield Line(Level.STOP, _("设置"), sentence)
    yield from _keys(settings)
    yield from _disk(settings)
    yield _clock()
    yield _public(settings)


def of_house(house: House, session: Session, *, now: datetime) -> Iterator[Line]:
    """Say what the database knows."""
    settings = house.settings
    stands_at, wanted = queries.migration(session), migrations.newest()
    level = Level.STOP if stands_at < wanted else Level.MEND if stands_at > wanted else Level.FINE
    yield Line(level, _("数据库"), _("结构是 %(now)s，程序要 %(wanted)s", now=stands_at, wanted=wanted))
    if level is Level.STOP:
        return
    yield _times(session, now)
    yield _copy(house, session, now)
    yield backup_line(settings, now)
    yield _second_steps(settings, session)
    yield _contacts(session)


def unreadable(settings: Settings, problem: str) -> Line:
    """Say that the database could not be asked; its address may hold a password and is not shown."""
    return Line(
        Level.STOP, _("数据库"),
        _("%(name)s 打不开，或者还没有建好（先运行 migrate）：%(why)s", name=make_url(settings.database).database, why=problem),
    )  # fmt: skip


def gone_through(settings: Settings, house: House, *, now: datetime) -> Iterator[Line]:
    """Give every line of the sheet."""
    yield from of_settings(settings)
    if settings.is_sqlite and not Path(make_url(settings.database).database or "").is_file():
        yield unreadable(settings, _("没有这个文件"))
        return
    try:
        with house.database.read_session() as session:
            yield from list(of_house(house, session, now=now))
    except SQLAlchemyError as problem:
        yield unreadable(settings, type(problem).__name__)


def prove_copy(house: House, copy: Path, *, now: datetime) -> Line:
    """Compare a copy of the key file, as it was fetched from where it is kept, with the one in use; remember that it opens."""
    about = _("密钥副本")
    if copy.exists() and copy.samefile(house.settings.keys):
        return Line(Level.STOP, about, _("这就是正在用的密钥文件，不是副本。"))
    try:
        ring = KeyRing.from_file(copy, cipher=house.settings.cipher)
    except (OSError, ValueError, IndexError) as problem:
        return Line(Level.STOP, about, _("副本读不出来：%(why)s", why=type(problem).__name__))
    missing = [each for each in house.keys.ids if not _is_same(house.keys, ring, each)]
    if missing:
        return Line(Level.STOP, about, _("副本里没有这些密钥，或者不一样：%(ids)s。请重新做一份副本。", ids=" ".join(missing)))  # fmt: skip
    with house.database.write_session() as session:
        journal.record(
            session, journal.SYSTEM, COPY_PROVEN, "installation", NOBODY,
            facts={"key_ids": list(house.keys.ids)}, now=now,
        )  # fmt: skip
    if copy.stat().st_dev == house.settings.keys.stat().st_dev:
        return Line(
            Level.MEND, about, _("副本是对的，但和正在用的密钥在同一块盘上；应当从别处的介质上读它。")
        )
    return Line(Level.FINE, about, _("副本是对的，已经记下今天核对过。"))


def _is_same(ours: KeyRing, theirs: KeyRing, key_id: str) -> bool:
    if key_id not in theirs.ids:
        return False
    digests = [ring.keyed_digest("key-copy", key_id, key_id=key_id) for ring in (ours, theirs)]
    return digests[0] == digests[1]


def _keys(settings: Settings) -> Iterator[Line]:
    path, about = settings.keys, _("密钥文件")
    if not path.is_file():
        yield Line(Level.STOP, about, _("没有 %(path)s", path=path))
        return
    if settings.keeps_keys_with_data:
        level = Level.STOP if settings.is_production else Level.MEND
        yield Line(level, about, _("在数据文件夹里面：拿走数据的人也就拿走了密钥"))
        return
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        yield Line(Level.MEND, about, _("别的用户也能读（%(mode)s），请改成 600", mode=f"{mode:o}"))
        return
    yield Line(Level.FINE, about, _("在数据文件夹外面，只有本用户能读"))


def _copy(house: House, session: Session, now: datetime) -> Line:
    about, proven = _("密钥副本"), queries.last_of(session, COPY_PROVEN)
    how = _("从保管处取来，运行 check --key-copy 文件")
    if proven is None:
        level = Level.STOP if house.settings.is_production else Level.MEND
        return Line(level, about, _("从来没有核对过；丢了密钥文件，联系方式就再也打不开。%(how)s", how=how))
    when, facts = proven
    if house.keys.current_id not in facts.get("key_ids", ()):
        return Line(Level.MEND, about, _("换过密钥以后还没有核对副本。%(how)s", how=how))
    is_old = now - when > _PROVEN_FOR
    return Line(
        Level.MEND if is_old else Level.FINE, about, _("最近一次核对是 %(time)s", time=shown_time(when))
    )


def _contacts(session: Session) -> Line:
    about = _("单位联系人")
    if left_open.lying_open(session):
        how = _("还有没加密保存的；夜里会自动加密，也可以现在运行 rotate-keys")
        return Line(Level.MEND, about, how)
    return Line(Level.FINE, about, _("都是加密保存的"))


def _disk(settings: Settings) -> Iterator[Line]:
    about, folder = _("磁盘"), settings.data_dir
    try:
        free = shutil.disk_usage(folder).free
    except OSError as problem:
        yield Line(Level.STOP, about, _("数据文件夹用不了：%(why)s", why=type(problem).__name__))
        return
    level = (
        Level.STOP if free < settings.disk_floor_bytes
        else Level.MEND if free < 2 * settings.disk_floor_bytes
        else Level.FINE
    )  # fmt: skip
    room, floor = f"{free / 2**30:.1f} GiB", f"{settings.disk_floor_bytes / 2**30:.1f} GiB"
    yield Line(level, about, _("还剩 %(room)s，低于 %(floor)s 就暂停收新的举报", room=room, floor=floor))
    if folder.stat().st_mode & 0o007:
        yield Line(Level.MEND, about, _("数据文件夹别的用户也能进，请改成 750"))
    backups = settings.backup_dir
    if backups is not None and backups.is_dir() and backups.stat().st_dev == folder.stat().st_dev:
        yield Line(Level.MEND, about, _("备份和数据在同一块盘上，盘坏了两样都没有"))


def _clock() -> Line:
    about, is_set = _("时钟"), looks.is_clock_synchronised()
    if is_set is None:
        return Line(Level.MEND, about, _("看不出是否对时，请自己确认（chrony 或 systemd-timesyncd）"))
    if not is_set:
        return Line(Level.MEND, about, _("没有和时间服务器对时；期限、时间戳都靠它"))
    return Line(Level.FINE, about, _("已和时间服务器对时"))


def _times(session: Session, now: datetime) -> Line:
    about, newest = _("时钟"), queries.newest_journal_time(session)
    if newest is not None and newest - now > _AHEAD:
        return Line(Level.STOP, about, _("日志里最新一条写的是 %(time)s，比现在还晚：时钟往回走了", time=shown_time(newest)))  # fmt: skip
    theirs = queries.database_time(session)
    if theirs is not None and abs(theirs - now) > _APART:
        seconds = f"{(theirs - now).total_seconds():.0f}"
        return Line(Level.MEND, about, _("和数据库那台机器差 %(n)s 秒", n=seconds))
    return Line(Level.FINE, about, _("和日志、数据库的时间对得上"))


def _public(settings: Settings) -> Line:
    about = "TLS"
    if not settings.is_https:
        level = Level.STOP if settings.is_production else Level.MEND
        return Line(level, about, _("对外地址不是 https，手机不给定位"))
    try:
        seen = looks.public_answer(settings.base_url)
    except OSError as problem:
        return Line(Level.STOP, about, _("%(address)s 连不上，或者证书不可信：%(why)s", address=settings.base_url, why=looks.reason(problem)))  # fmt: skip
    if not seen.is_ours:
        return Line(Level.STOP, about, _("%(address)s 后面应答的不是本系统", address=settings.base_url))
    level = Level.MEND if seen.lasts < _CERTIFICATE_SOON else Level.FINE
    return Line(level, about, _("%(protocol)s，证书还有 %(n)s 天", protocol=seen.protocol, n=seen.lasts.days))


def backup_line(settings: Settings, now: datetime) -> Line:
    """Say how old the newest whole backup is, or what is missing for one."""
    about = _("备份")
    none = Level.STOP if settings.is_production else Level.MEND
    if settings.backup_dir is None or not settings.backup_key:
        return Line(none, about, _("没有设置：YIXIAN_BACKUP_DIR、YIXIAN_BACKUP_KEY（见运行手册）"))
    try:
        told = backup.newest(settings)
    except (Stopped, OSError) as problem:
        return Line(none, about, str(problem))
    if told is None:
        return Line(none, about, _("还没有做过"))
    level = Level.MEND if now - told.made_at > BACKUP_OLD else Level.FINE
    hours = int((now - told.made_at).total_seconds() // 3600)
    return Line(
        level, about, _("最近一次是 %(time)s，%(n)s 小时以前", time=shown_time(told.made_at), n=hours)
    )


def _second_steps(settings: Settings, session: Session) -> Line:
    about = _("两步登录")
    without = credentials.logins_without_second_step(session, OFFICE_ROLES | ADMIN_ROLES)
    if not without:
        return Line(Level.FINE, about, _("本院每个账号都有"))
    names = " ".join(without[:_NAMES_SHOWN]) + (" ..." if len(without) > _NAMES_SHOWN else "")
    if settings.asks_second_step:
        return Line(Level.MEND, about, _("%(n)s 个账号还没有，下次登录时会要求：%(names)s", n=len(without), names=names))  # fmt: skip
    level = Level.STOP if settings.is_production else Level.MEND
    return Line(level, about, _("没有要求，%(n)s 个账号只有密码：%(names)s", n=len(without), names=names))
