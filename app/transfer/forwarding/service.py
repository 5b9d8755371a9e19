"""What is done to a batch: laid on the table, mapped, looked at, started. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, update

from app.identity.actor import Actor
from app.intake import sources
from app.platform import ids, journal
from app.platform.crypto import KeyRing
from app.platform.db import WriteSession
from app.platform.errors import Conflict, Invalid
from app.platform.i18n import N_, listed
from app.platform.i18n import gettext as _
from app.transfer.forwarding import ledger, queries, rules
from app.transfer.forwarding.queries import B
from app.transfer.forwarding.reading import Reader
from app.transfer.forwarding.terms import NEEDED, ROWS_MOST, BatchState, LineState
from app.transfer.models import ForwardBatch

HANDLER: Final = "transfer.forward"


class TooManyRows(Invalid):
    """More lines than one batch takes."""

    code = "too_many_rows"
    text = N_("一次最多 5000 行，请分成几个文件。")


class EmptyTable(Invalid):
    """No line below the headings."""

    code = "empty_table"
    text = N_("表里没有内容。第一行写列名，从第二行起一行一件。")


class ColumnsMissing(Invalid):
    """A column every line needs was not pointed out."""

    code = "columns_missing"
    text = N_("请指明编号、类别和情况各是哪一列。")


class BatchGone(Conflict):
    """The batch has been started already."""

    code = "batch_started"
    text = N_("这一批已经开始导入了。")


def add(
    session: WriteSession, actor: Actor, rows: Sequence[Sequence[str]], *, name: str, now: datetime
) -> str:
    """Lay a table on the table; nothing is taken in yet. Return the batch's id."""
    if len(rows) - 1 > ROWS_MOST:
        raise TooManyRows
    body = [list(row) for row in rows[1:] if any(text.strip() for text in row)]
    if not body:
        raise EmptyTable
    batch_id, headings = ids.new(), [text.strip() for text in rows[0]]
    mapping = rules.guess(headings, queries.remembered(session, queries.unit_of(actor)))
    session.execute(
        insert(ForwardBatch).values(
            id=batch_id, org_unit_id=queries.unit_of(actor), office_id=actor.office_id, account_id=actor.account_id,
            name=name[:200], stage=BatchState.DRAFT.value, headings=headings, mapping=mapping,
            rows=[list(row) for row in rows[1:]], results=[], row_count=len(body), done_count=0, created_at=now,
        )
    )  # fmt: skip
    record(session, actor.doer, "added", batch_id, actor.office_id, now, {"rows": len(body)})
    return batch_id


def remap(session: WriteSession, batch: ForwardBatch, mapping: Mapping[str, int]) -> None:
    """Say which column is which."""
    _must_be_draft(batch)
    session.execute(update(ForwardBatch).where(B.id == batch.id).values(mapping=dict(mapping)))


def drop(session: WriteSession, actor: Actor, batch: ForwardBatch, *, now: datetime) -> None:
    """Take a table off the table: its lines are forgotten."""
    _must_be_draft(batch)
    session.execute(update(ForwardBatch).where(B.id == batch.id).values(**finished(now, rows=[], results=[])))
    record(session, actor.doer, "dropped", batch.id, batch.office_id, now, {})


def start(session: WriteSession, actor: Actor, batch: ForwardBatch, *, now: datetime) -> None:
    """Let the worker take it in."""
    _must_be_draft(batch)
    if {column.value for column in NEEDED} - set(batch.mapping):
        raise ColumnsMissing
    changed = session.execute(
        update(ForwardBatch)
        .where(B.id == batch.id, B.started_at.is_(None))
        .values(started_at=now, stage=BatchState.RUNNING.value)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise BatchGone
    record(session, actor.doer, "started", batch.id, batch.office_id, now, {"rows": batch.row_count})
    journal.enqueue(session, HANDLER, once_key=f"{batch.id}:0", payload={"batch": batch.id}, now=now)


def check(
    session: Any, tools: Any, batch: ForwardBatch, actor: Actor, *, now: datetime
) -> list[dict[str, Any]]:
    """Return what is wrong, line by line, without taking anything in."""
    reader = reader_of(session, tools.settings, tools.keys, batch, actor=actor, now=now)
    lines = rules.lines(batch.rows, batch.mapping)
    doubled = rules.twice(line.ref for line in lines)
    is_ledger = queries.is_ledger(batch)
    taken = ledger.taken(session, batch, lines) if is_ledger else set()
    found = []
    for line in lines:
        wrong = [_("这个编号在表里出现了不止一次")] if line.ref in doubled else []
        wrong += (reader.ledger_command if is_ledger else reader.command)(line)[1]
        wrong += [_(ledger.NUMBER_TAKEN)] if line.ref in taken else []
        if wrong:
            found.append(
                {
                    "line": line.number,
                    "ref": line.ref,
                    "became": LineState.WRONG.value,
                    "note": listed(wrong, N_("；")),
                }
            )
    return found


def reader_of(
    session: Any, settings: Any, keys: KeyRing, batch: ForwardBatch, *, actor: Actor | None, now: datetime
) -> Reader:
    """Return what reads the lines of a batch, as sent by whoever laid it down."""
    stamp = sources.source_stamp(keys, actor, now=now) if actor else _stamp(keys, batch, now)
    return Reader(session, settings, keys, org_unit_id=batch.org_unit_id, stamp=stamp, now=now)


def _stamp(keys: KeyRing, batch: ForwardBatch, now: datetime) -> str:
    facts = {"account": batch.account_id, "unit": batch.org_unit_id, "channel": "partner_agency"}
    return keys.stamp("source", facts, expires_at=now + sources.STAMP_FOR)


def _must_be_draft(batch: ForwardBatch) -> None:
    if batch.stage != BatchState.DRAFT.value:
        raise BatchGone


def finished(now: datetime, **values: Any) -> dict[str, Any]:
    """Return the columns of a batch that is over."""
    return {**values, "finished_at": now, "stage": BatchState.DONE.value}


def record(
    session: WriteSession,
    doer: journal.Doer,
    word: str,
    batch_id: str,
    office_id: str,
    now: datetime,
    facts: dict[str, Any],
) -> None:
    """Journal what was done to a batch."""
    journal.record(
        session,
        doer,
        f"forwarding.{word}",
        "forward_batch",
        batch_id,
        now=now,
        office_id=office_id,
        facts=facts,
    )
