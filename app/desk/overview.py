"""本院情况: the office at a glance as pictures drawn by the server, each with its numbers behind it.

Counts only, of what the viewer may see: a closed circle's clues are in nobody's picture who is not a member of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.desk.clue_page import Desk
from app.desk.pages import Reader, desk_of
from app.desk.queries import names
from app.desk.queries import overview as queries
from app.desk.queries.names import Name
from app.desk.terms import Filters, WorkList
from app.identity import queries as identity_queries
from app.platform import clock
from app.platform.i18n import gettext as _
from app.platform.web.given import Now, ReadSession, Shared
from app.platform.web.render import in_locale, page
from app.transfer.team import queries as team_queries
from app.transfer.team import rules as team_rules
from app.transfer.team.terms import Month

router = APIRouter()
WEEKS: Final = 12
MONTHS: Final = 12
# A picture of more rows is a list; the rest is one row.
_ROWS: Final = 8
_AGES: Final = (3, 7, 15, 30)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar, in hundredths of the longest."""

    start: float
    size: float
    tone: str = "act"


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a picture."""

    label: str
    value: str
    parts: Sequence[Part]
    href: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: what it shows, in one sentence what it says, its rows and their heads."""

    key: str
    title: str
    said: str
    heads: tuple[str, str]
    rows: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """The office at a glance."""

    day: date
    arrivals: Picture
    pictures: Sequence[Picture]


@router.get("/desk/overview", name="desk:overview")
def show(request: Request, actor: Reader, session: ReadSession, house: Shared, now: Now) -> Response:
    """Show arrivals, the age of what is open, fields, towns, and who answers in time."""
    return page(request, "desk/overview.html", compose(desk_of(request, session, actor, house, now)))


def compose(desk: Desk) -> OverviewPage:
    """Return the page for one person."""
    known = names.known(desk.session)
    return OverviewPage(
        desk.today, _arrivals(desk),
        [
            _ages(desk),
            _by(desk, "field", _("按领域"), known.fields),
            _by(desk, "town", _("按街道、乡镇"), known.towns),
            _answers(desk),
        ],
    )  # fmt: skip


def bars(counts: Sequence[tuple[str, int, str | None]], tone: str = "act") -> list[Bar]:
    """Return rows whose longest bar is the largest count."""
    most = max([count for _label, count, _href in counts] + [1])
    return [
        Bar(label, str(count), [Part(0, round(100 * count / most, 1), tone)] if count else [], href)
        for label, count, href in counts
    ]


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.OFFICE_ZONE)


def _arrivals(desk: Desk) -> Picture:
    """Return the weeks up to this one, Monday to Sunday, oldest first."""
    monday = desk.today - timedelta(days=desk.today.weekday())
    starts = [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -2, -1)]
    counts = queries.received_between(desk.session, desk.actor, [_start_of(day) for day in starts])
    labels = [f"{day.month}/{day.day}" for day in starts[:-1]]
    return Picture(
        "arrivals", _("每周收到"),
        _("最近 %(weeks)s 周收到 %(n)s 条，本周 %(now)s 条。", weeks=WEEKS, n=sum(counts), now=counts[-1]),
        (_("从哪天起的一周"), _("条数")), bars([(*pair, None) for pair in zip(labels, counts, strict=True)]),
    )  # fmt: skip


def _ages(desk: Desk) -> Picture:
    edges = [desk.today - timedelta(days=days) for days in _AGES]
    bounds = [desk.today + timedelta(days=1), *edges, date(2000, 1, 1)][::-1]
    counts = queries.received_between(
        desk.session, desk.actor, [_start_of(day) for day in bounds], only_open=True
    )[::-1]
    labels = [
        _("%(n)s 天以内", n=_AGES[0]),
        *(_("%(a)s 到 %(b)s 天", a=a + 1, b=b) for a, b in pairwise(_AGES)),
        _("%(n)s 天以上", n=_AGES[-1]),
    ]
    old = counts[-1]
    said = _("在办 %(n)s 条，其中 %(old)s 条收到超过 %(days)s 天。", n=sum(counts), old=old, days=_AGES[-1])
    rows = [(label, count, None) for label, count in zip(labels, counts, strict=True)]
    return Picture("ages", _("在办的收到多久了"), said, (_("收到多久"), _("条数")), bars(rows, "time"))


def _by(desk: Desk, what: str, title: str, known: Mapping[str, Name]) -> Picture:
    since = _start_of(team_rules.months_back(desk.today, MONTHS)[-1])
    found = queries.received_by(desk.session, desk.actor, f"{what}_key", since=since)
    rows: list[tuple[str, int, str | None]] = []
    for key, count in found[:_ROWS]:
        name = known.get(key or "")
        if name is None:
            rows.append((_("还没有定"), count, None))
            continue
        query = Filters(WorkList.ALL).query() | {what: name.key}
        rows.append((in_locale(name, "name"), count, desk.urls("desk:queue", **query)))
    if rest := sum(count for _key, count in found[_ROWS:]):
        rows.append((_("其余"), rest, None))
    first = next((row for row in rows if row[2]), None)  # of what has a name; what is open yet is no answer
    if first:
        said = _("最近 12 个月收到的，最多的是%(name)s，%(n)s 条。", name=first[0], n=first[1])
    elif rows:
        said = _("最近 12 个月收到的 %(n)s 条，都还没有定。", n=rows[0][1])
    else:
        said = _("最近 12 个月还没有收到线索。")
    return Picture(what, title, said, (title, _("条数")), bars(rows))


def _answers(desk: Desk) -> Picture:
    """Return who answers in time: what was due and is answered, or is overdue, within the last months."""
    since = team_rules.months_back(desk.today, MONTHS)[-1]
    found = team_queries.by_receiver(desk.session, desk.actor, since=since)
    titles = identity_queries.org_names_of(desk.session, list(found))
    totals = [
        (
            titles.get(one, ""),
            team_rules.total(team_rules.figures(rows, today=desk.today, months=MONTHS), desk.today),
        )
        for one, rows in found.items()
    ]
    due = [(name, total) for name, total in totals if _due(total)]
    due.sort(key=lambda pair: (_rate(pair[1]), -_due(pair[1]), pair[0]))
    in_time, all_due = sum(total.in_time for _n, total in due), sum(_due(total) for _n, total in due)
    said = (
        _("最近 12 个月到期的移送 %(n)s 份，按期答复 %(m)s 份。", n=all_due, m=in_time)
        if due
        else _("最近 12 个月还没有到期的移送。")
    )
    rows = [_answered(name, total) for name, total in due]
    return Picture("answers", _("各单位按期答复"), said, (_("单位"), _("按期")), rows)


def _due(total: Month) -> int:
    return total.in_time + total.late + total.overdue


def _rate(total: Month) -> float:
    return total.in_time / _due(total)


def _answered(name: str, total: Month) -> Bar:
    share = round(100 * _rate(total), 1)
    late = round(100 * total.late / _due(total), 1)
    parts = [
        Part(0, share, "done"),
        Part(share, late, "time"),
        Part(share + late, 100 - share - late, "stop"),
    ]
    note = _("逾期答复 %(late)s，逾期未答 %(overdue)s", late=total.late, overdue=total.overdue)
    return Bar(
        name, f"{total.in_time}/{_due(total)}", [one for one in parts if one.size > 0],
        note=note if total.late or total.overdue else "",
    )  # fmt: skip
