"""The probes in words: said on the desk while something is out of range, nothing where all is as usual.

Each is asked of what the person may see (decisions.md 4): a probe that knew of another circle would tell of it.
People with one scope share the answer for ten minutes; nothing here is urgent, and the queue must stay quick.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.clues.queries import Scope, scope_of
from app.desk import probe_rules
from app.desk.clue_page import Desk
from app.desk.probe_rules import Doubled, Limits
from app.desk.queries import names, queue
from app.desk.queries import probes as queries
from app.desk.terms import COUNT_CAP
from app.identity.permissions import Verb
from app.platform.db import place_of
from app.platform.i18n import gettext as _
from app.platform.settings import Settings
from app.platform.web.render import in_locale

_BELIEVED: Final = timedelta(minutes=10)
_MOST: Final = 64
# From so many hours on a silence is told in days.
_IN_DAYS: Final = 72


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing out of range, and where to look."""

    text: str
    href: str
    look: str


@dataclass(frozen=True, slots=True)
class _Found:
    silent_since: datetime | None
    has_no_photos: bool
    unread: int
    doubled: Sequence[Doubled]


_kept: OrderedDict[tuple[str, Scope, Limits], tuple[datetime, _Found]] = OrderedDict()
_guard: Final = threading.Lock()


def limits_of(settings: Settings) -> Limits:
    """Return what is out of range in this installation."""
    return Limits(
        settings.probe_silence_hours, settings.probe_photo_window, settings.probe_unread_days,
        settings.probe_share_factor, settings.probe_share_least,
    )  # fmt: skip


def for_desk(desk: Desk, settings: Settings) -> list[Probe]:
    """Return what is out of range to whoever looks after it: the people who give out the work."""
    return out_of_range(desk, limits_of(settings)) if desk.actor.may(Verb.CLUE_ASSIGN) else []


def out_of_range(desk: Desk, limits: Limits) -> list[Probe]:
    """Return what is out of range for this person now, in words."""
    key = (place_of(desk.session), scope_of(desk.actor), limits)
    with _guard:
        kept = _kept.get(key)
    if kept is None or not timedelta(0) <= desk.now - kept[0] < _BELIEVED:
        kept = (desk.now, _look(desk, limits))
        with _guard:
            _kept[key] = kept
            _kept.move_to_end(key)
            while len(_kept) > _MOST:
                _kept.popitem(last=False)
    return _said(desk, limits, kept[1])


def _look(desk: Desk, limits: Limits) -> _Found:
    newest = queue.newest(desk.session, desk.actor)
    arrivals = queries.arrivals(desk.session, desk.actor, now=desk.now)
    before = desk.now - timedelta(days=limits.unread_days)
    return _Found(
        silent_since=newest if probe_rules.is_silent(newest, desk.now, limits.silence_hours) else None,
        has_no_photos=probe_rules.photos_fell(arrivals, limits.photo_window),
        unread=queries.unread(desk.session, desk.actor, before=before) if limits.unread_days else 0,
        doubled=probe_rules.doubled(arrivals, desk.now, limits),
    )


def _said(desk: Desk, limits: Limits, found: _Found) -> list[Probe]:
    urls, said = desk.urls, []
    if found.silent_since is not None:
        hours = int((desk.now - found.silent_since).total_seconds() // 3600)
        said.append(
            Probe(
                _("已经 %(n)s 天没有收到线索。请打开填报页看看能不能用。", n=hours // 24)
                if hours >= _IN_DAYS
                else _("已经 %(n)s 小时没有收到线索。请打开填报页看看能不能用。", n=hours),
                urls("intake:home"), _("打开填报页"),
            )
        )  # fmt: skip
    if found.has_no_photos:
        said.append(
            Probe(
                _("最近 %(n)s 条线索都没有照片，以前不是这样。请看看传照片是不是坏了。", n=limits.photo_window),
                urls("desk:queue", list="all", flag="no_photo"), _("看这些线索"),
            )
        )  # fmt: skip
    if found.unread:
        count = f"{COUNT_CAP}+" if found.unread > COUNT_CAP else str(found.unread)
        said.append(
            Probe(
                _("%(n)s 件移送发出 %(days)s 天了对方还没有签收。", n=count, days=limits.unread_days),
                urls("desk:queue", list="unacknowledged"), _("看这些移送"),
            )
        )  # fmt: skip
    known = names.known(desk.session).categories if found.doubled else {}
    for one in found.doubled[:3]:
        name = in_locale(known[one.category_key], "name") if one.category_key in known else one.category_key
        said.append(
            Probe(
                _(
                    "“%(name)s”占最近七天线索的 %(now)s%%，以前占 %(before)s%%。",
                    name=name, now=one.now, before=one.before,
                ),
                urls("desk:queue", list="all", category=one.category_key, age="7d"), _("看这些线索"),
            )
        )  # fmt: skip
    return said
