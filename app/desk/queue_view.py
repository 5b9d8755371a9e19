"""The queue as its template shows it: work lists, filters as chips, rows, where to go next."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from app.clues.labels import STATES, TONES
from app.clues.terms import ClueState
from app.desk import bulk_rules, bulk_view, rules, words
from app.desk.clue_page import Desk, compose
from app.desk.clue_terms import ClueView
from app.desk.counting import counted_lists
from app.desk.probes import Probe
from app.desk.queries import beside, names, queue
from app.desk.queries.standing import Standing, standing_for
from app.desk.queue_filters import ChipView, FilterView, chips, filter_views
from app.desk.step_terms import Option
from app.desk.terms import (
    COUNT_CAP,
    ORDERS,
    PAGE_ROWS,
    WORK_LIST_TONES,
    WORK_LISTS,
    Cursor,
    Filters,
    Order,
    Row,
    WorkList,
)
from app.identity import queries as identity_queries
from app.identity.permissions import Verb
from app.platform import i18n
from app.platform.db import ReadSession
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.web.render import Urls, in_locale
from app.reference.memory import remembered
from app.triage import queries as triage_queries


@dataclass(frozen=True, slots=True)
class ListView:
    """One work list with its count."""

    label: str
    count: str | None
    href: str
    is_current: bool
    tone: str


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of the queue, as the clue_rows component takes it."""

    href: str
    title: str
    place: str
    source: str
    age: str
    flags: Sequence[tuple[str, str]]
    due: str
    due_tone: str
    photo_src: str | None
    is_selected: bool
    state_label: str
    state_tone: str
    pick: str
    pick_said: str


@dataclass(frozen=True, slots=True)
class ListsPart:
    """The part that renews itself: the lists, and how many clues came in meanwhile."""

    lists: Sequence[ListView]
    poll_href: str
    etag: str
    arrived: int
    fresh_href: str
    views: Sequence[ListView]
    today: ListView


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The whole queue page."""

    heading: str
    part: ListsPart
    rows: Sequence[RowView]
    chips: Sequence[ChipView]
    filters: Sequence[FilterView]
    panel_href: str
    since: date | None
    until: date | None
    orders: Sequence[ListView]
    carried: Mapping[str, str]
    q: str
    next_href: str | None
    previous_href: str | None
    all_href: str
    clue: ClueView | None
    back: str
    can_enter: bool
    can_export: bool
    can_assign: bool
    bulk_acts: Sequence[Option]
    view_query: Mapping[str, str]
    probes: Sequence[Probe]


# In place of a clue's id: the first of the list, whichever that is.
FIRST: Final = "first"


def compose_queue(
    desk: Desk,
    filters: Filters,
    cursor: Cursor | None,
    *,
    opened: str = "",
    has_panel: bool = False,
    found_odd: Sequence[Probe] = (),
) -> QueuePage:
    """Return the queue for one person; `opened` is the clue shown in the right pane, if it is theirs to see.

    The filters that may be set are a panel of their own (`has_panel`): they weigh more than fifty rows.
    """
    known = names.known(desk.session)
    found = queue.rows(desk.session, desk.actor, filters, today=desk.today, now=desk.now, cursor=cursor)
    rows, has_more = _cut(found, cursor)
    if opened == FIRST:
        opened = rows[0].id if rows else ""
    found_beside = beside.of_rows(desk.session, desk.actor, rows, now=desk.now)
    standing = standing_for(desk.session, desk.actor, today=desk.today)
    is_backward = cursor is not None and cursor.is_backward
    has_next = has_more if not is_backward else True
    has_previous = (has_more if is_backward else cursor is not None) and bool(rows)
    here = filters.query()
    return QueuePage(
        heading=_(WORK_LISTS[filters.work_list]),
        part=lists_part(desk, filters, standing, since=standing.newest or desk.now, arrived=0),
        rows=row_views(desk, rows, found_beside, opened=opened),
        chips=chips(desk, filters, known),
        filters=filter_views(desk, filters, known) if has_panel else [],
        panel_href=desk.urls("desk:queue", **here, panel="filters"),
        since=filters.since,
        until=filters.until,
        orders=_orders(desk, filters),
        carried={key: here[key] for key in ("list", "order") if key in here},
        q=filters.q,
        next_href=_page_href(desk, filters, rows[-1:], is_backward=False) if has_next else None,
        previous_href=_page_href(desk, filters, rows[:1], is_backward=True) if has_previous else None,
        all_href=desk.urls("desk:queue", **Filters(work_list=WorkList.ALL).query()),
        clue=_opened(desk, opened),
        back=desk.urls("desk:queue", **here, clue=opened),
        can_assign=desk.actor.may(Verb.CLUE_ASSIGN),
        can_enter=desk.actor.may(Verb.CLUE_ENTER),
        can_export=desk.actor.may(Verb.CLUE_EXPORT),
        view_query=here,
        probes=found_odd,
        bulk_acts=bulk_view.acts(desk.actor),
    )


def _opened(desk: Desk, clue_id: str) -> ClueView | None:
    try:
        return compose(desk, clue_id) if clue_id else None
    except Missing:
        return None


def _cut(found: list[Row], cursor: Cursor | None) -> tuple[list[Row], bool]:
    """Drop the row that only told that there is more: the last one read, at either end."""
    if len(found) <= PAGE_ROWS:
        return found, False
    return (found[1:] if cursor is not None and cursor.is_backward else found[:-1]), True


def _page_href(desk: Desk, filters: Filters, edge: Sequence[Row], *, is_backward: bool) -> str | None:
    if not edge:
        return None
    row = edge[0]
    at = rules.write_cursor(Cursor(row.received_at, row.id, is_urgent=row.is_urgent, is_backward=is_backward))
    return desk.urls("desk:queue", **filters.query(), at=at)


@lru_cache(maxsize=16)
def _named_lists(_locale: str, urls: Urls) -> list[tuple[WorkList, str, str]]:
    """Return every work list with its name and address."""
    return [(which, _(WORK_LISTS[which]), urls("desk:queue", list=which.value)) for which in WorkList]


def lists_part(
    desk: Desk, filters: Filters, standing: Standing, *, since: datetime, arrived: int
) -> ListsPart:
    """Return the lists with their counts, and where to ask again."""
    counted = counted_lists(
        desk.session, desk.actor, today=desk.today, now=desk.now, at=standing.latest_entry
    )
    lists = [
        ListView(
            label=label,
            count=_count(counted[which]) if which in counted else None,
            href=href,
            is_current=which is filters.work_list,
            tone=WORK_LIST_TONES.get(which, "plain") if counted.get(which) else "plain",
        )
        for which, label, href in _named_lists(i18n.current_locale.get(), desk.urls)
    ]
    mark = rules.write_cursor(Cursor(since, _NOBODY))
    views = saved_views(desk, filters)
    today = _today(desk, standing)
    told = "|".join(str(counted[which]) for which in WorkList if which in counted) + f"|{arrived}"
    etag = hashlib.sha256(f"{told}|{mark}|{filters.work_list}|{views}|{today}".encode()).hexdigest()[:16]
    here = filters.query()
    poll_href = desk.urls("desk:arrivals", **here, since=mark)
    fresh_href = desk.urls("desk:queue", **here)
    return ListsPart(lists, poll_href, f'"{etag}"', arrived, fresh_href, views, today)


def _today(desk: Desk, standing: Standing) -> ListView:
    """Return the way to the day's digest, with the figure of the morning."""
    overdue = standing.overdue
    count = overdue + standing.due_today
    return ListView(
        _("今天的事"), _count(count) if count else None, desk.urls("desk:today"), is_current=False,
        tone="stop" if overdue else "time",
    )  # fmt: skip


def saved_views(desk: Desk, filters: Filters) -> list[ListView]:
    """Return the views people gave a name, those of others with who lent them."""
    found = triage_queries.saved_views(desk.session, desk.actor)
    lent = [one.account_id for one in found if one.account_id != desk.actor.account_id]
    people = identity_queries.names_of(desk.session, lent)
    here = filters.query()
    return [
        ListView(
            one.name, people.get(one.account_id), desk.urls("desk:queue", **rules.filters(one.filters).query()),
            is_current=here == rules.filters(one.filters).query(), tone="plain",
        )
        for one in found
    ]  # fmt: skip


# A cursor of arrivals needs an instant only; every id sorts after this one.
_NOBODY = "00000000-0000-7000-8000-000000000000"


def _count(found: int) -> str:
    return f"{COUNT_CAP}+" if found > COUNT_CAP else str(found)


def _busy(desk: Desk, deciding: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return who else is deciding on a clue of the page, in words."""
    people = identity_queries.names_of(desk.session, [one for found in deciding.values() for one in found])
    return {
        clue_id: _("%(name)s正在办理", name=people.get(found[0], "—")) for clue_id, found in deciding.items()
    }


@dataclass(frozen=True, slots=True)
class _Spoken:
    """The words a row of a list needs, by key, in one language."""

    towns: Mapping[str, str]
    channels: Mapping[str, str]
    labels: Mapping[str, str]


def _spoken(session: ReadSession) -> _Spoken:
    """Return them in the reader's language, kept in memory as `known` is."""

    def read() -> _Spoken:
        found = names.known(session)
        return _Spoken(*(
            {key: in_locale(one, "name") for key, one in table.items()}
            for table in (found.towns, found.channels, found.labels)
        ))  # fmt: skip

    return remembered(session, ("desk.spoken", i18n.current_locale.get()), read)


def row_views(desk: Desk, rows: Sequence[Row], found: beside.Beside, *, opened: str) -> list[RowView]:
    """Return the rows in words; what does not change from row to row is said once."""
    clue_href = desk.urls("desk:clue", clue_id=_PLACEHOLDER)
    thumb_src = desk.urls("evidence:picture", evidence_id=_PLACEHOLDER, kind="thumb")
    marks = _marks()
    states = {state.value: (_(STATES[state]), TONES.get(state, "plain")) for state in ClueState}
    spoken, busy = _spoken(desk.session), _busy(desk, found.deciding)
    towns, channels, labels = spoken.towns, spoken.channels, spoken.labels
    ticked, today = _("勾选：%(title)s"), desk.today
    views = []
    for row in rows:
        place = towns.get(row.town_key or "") or row.place_words[:16]
        source = channels.get(row.channel, row.channel)
        due, due_tone = words.due_words(*rules.due(row.due_on, row.state, today))
        state_label, state_tone = states[row.state]
        thumb = found.pictures.get(row.id)
        views.append(
            RowView(
                href=clue_href.replace(_PLACEHOLDER, row.id),
                title=row.title,
                # The title mostly ends with the place already; said twice it would only cost room.
                place="" if place and place in row.title else place,
                source=f"{row.number} · {source}" if row.number else source,
                age=words.age(row.received_at, desk.now),
                flags=[said for holds, said in marks if holds(row)]
                + ([(busy[row.id], "time")] if row.id in busy else [])
                + [(labels[key], "label") for key in found.labels.get(row.id, ()) if key in labels],
                due=due,
                due_tone=due_tone,
                photo_src=thumb_src.replace(_PLACEHOLDER, thumb) if thumb else None,
                is_selected=row.id == opened,
                state_label=state_label,
                state_tone=state_tone,
                pick=bulk_rules.write_pick(row.id, row.version),
                pick_said=ticked % {"title": row.title},
            )
        )
    return views


_PLACEHOLDER: Final = "00000000-0000-7000-8000-00000000ffff"


def _marks() -> list[tuple[Callable[[Row], bool], tuple[str, str]]]:
    return [
        (lambda row: row.is_urgent, (_("紧急"), "stop")),
        (lambda row: row.is_major, (_("重大"), "time")),
        (lambda row: row.has_news, (_("有新回复"), "act")),
        (lambda row: not row.is_complete, (_("照片没传完"), "plain")),
        (lambda row: row.needs_correction, (_("需要更正"), "plain")),
        (
            lambda row: row.quarantine is not None and row.state == ClueState.SUBMITTED,
            (_("待甄别"), "time"),
        ),
        (lambda row: row.standing == "outside", (_("在本区外"), "plain")),
        (lambda row: row.withdrawn_at is not None, (_("反映人已撤回"), "plain")),
    ]


def _orders(desk: Desk, filters: Filters) -> list[ListView]:
    return [
        ListView(
            _(ORDERS[order]), None,
            desk.urls("desk:queue", **filters.query(order="" if order is Order.NEWEST else order.value)),
            order is filters.order, "plain",
        )
        for order in Order
    ]  # fmt: skip
