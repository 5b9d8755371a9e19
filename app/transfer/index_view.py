"""The index of transfers: work lists with counts, and one list of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.platform import when
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.transfer import labels, queries
from app.transfer.models import Transfer
from app.transfer.queries import WorkList
from app.transfer.shown import IndexPage, ListRow, WorkListShown
from app.transfer.terms import TransferState

AnySession = ReadSession | WriteSession
Url = Callable[..., str]
_SOON_DAYS = 3
_WAITING = frozenset({TransferState.SENT.value, TransferState.ACKNOWLEDGED.value})


def page_of(
    session: AnySession, actor: Actor, *, which: str, before: str, url: Url, today: date
) -> IndexPage:
    """Return one list; an address with nonsense in it shows everything from the top."""
    chosen = WorkList(which) if which in set(WorkList) else WorkList.ALL
    start = queries.row_of(session, actor, before) if before else None
    found = queries.work_list(session, actor, chosen, today=today, before=start)
    rows, more = found[: queries.PAGE_SIZE], len(found) > queries.PAGE_SIZE
    names = identity_queries.org_names_of(session, [row.receiver_id for row in rows])
    counts = queries.counts(session, actor, today=today)
    return IndexPage(
        title=_(labels.WORK_LISTS[chosen][0]),
        lists=[
            WorkListShown(
                _(labels.WORK_LISTS[item][0]), count, url("transfer:index", which=item.value), item is chosen,
                labels.WORK_LISTS[item][1] if count else "plain",
            )
            for item, count in counts.items()
        ],
        rows=[_row(row, names, url, today) for row in rows],
        next_href=url("transfer:index", which=chosen.value, before=rows[-1].id) if more else None,
        first_href=url("transfer:index", which=chosen.value) if start is not None else None,
        reminders_href=url("transfer:reminders"),
        calls_href=url("transfer:calls") if chosen is WorkList.TO_CALL and rows else "",
    )  # fmt: skip


def _row(row: Transfer, names: Mapping[str, str], url: Url, today: date) -> ListRow:
    label, tone = labels.state(row.state)
    due, due_tone = "", "plain"
    due_on = row.promised_on or row.due_on  # as reminders count
    if due_on and row.state in _WAITING:
        left = (due_on - today).days
        due = _("已过 %(n)s 天", n=-left) if left < 0 else _("还有 %(n)s 天", n=left)
        due_tone = "stop" if left < 0 else "time" if left <= _SOON_DAYS else "plain"
    promised = [(_("承诺 %(day)s", day=when.shown_date(row.promised_on)), "plain")] if row.promised_on else []
    return ListRow(
        href=url("transfer:show", transfer_id=row.id),
        title=row.subject,
        place=names.get(row.receiver_id, ""),
        source=row.number or _("还没有文号"),
        age=when.shown_time(row.sent_at or row.drafted_at),
        flags=promised,
        due=due,
        due_tone=due_tone,
        state_label=label,
        state_tone=tone,
    )
