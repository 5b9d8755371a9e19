"""A batch comes in piece by piece: lines are read before anybody waits, rows are written in one short transaction."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import update

from app.intake import queries as intake_queries
from app.intake import service as intake_service
from app.intake.reception import ReportDiffers
from app.intake.terms import ReportCommand
from app.platform import journal
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import N_, listed
from app.platform.i18n import gettext as _
from app.platform.jobs import Tools
from app.platform.putting import together
from app.transfer.forwarding import ledger, queries, rules, service
from app.transfer.forwarding.queries import B
from app.transfer.forwarding.terms import BatchState, Line, LineState
from app.transfer.models import ForwardBatch

# How many lines are looked at before the writers' line is joined.
AHEAD: Final = 100
# Whoever reports meanwhile waits behind one piece: when it has taken this long, the rest is the next one's.
_PIECE_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class Ready:
    """One line as it is to be taken in: the report it makes, or why it makes none."""

    line: Line
    command: ReportCommand | None
    wrong: str


class Table:
    """A batch on the worker's table: read once, looked at line by line, taken in piece by piece."""

    def __init__(self, session: ReadSession, tools: Tools, batch: ForwardBatch, *, now: datetime) -> None:
        """Lay it out behind the lines that are done."""
        self._tools, self._batch, self._now = tools, batch, now
        self._done, self._results = batch.done_count, list(batch.results)
        # A turn takes a part of the table: all of it is only counted, a line is read when its turn comes.
        self._rows = rules.said(batch.rows)
        self._doubled = rules.twice(rules.refs(self._rows, batch.mapping))
        reader = service.reader_of(session, tools.settings, tools.keys, batch, actor=None, now=now)
        self._is_ledger = queries.is_ledger(batch)
        self._command_of = reader.ledger_command if self._is_ledger else reader.command
        self._ready: deque[Ready] = deque()

    @property
    def done(self) -> int:
        """Return how many lines are done."""
        return self._done

    @property
    def is_over(self) -> bool:
        """Say whether that is all of them."""
        return self._done >= len(self._rows)

    def look_ahead(self) -> None:
        """Look at the next lines as the phone's door looks at a report."""
        at = self._done + len(self._ready)
        rows = self._rows[at : self._done + AHEAD]
        self._ready.extend(self._look(rules.line(number, row, self._batch.mapping)) for number, row in rows)

    def _look(self, line: Line) -> Ready:
        if line.ref in self._doubled:
            return Ready(line, None, _("这个编号在表里出现了不止一次"))
        command, wrong = self._command_of(line)
        return Ready(line, command, listed(wrong, N_("；")))

    def take_in(self, session: WriteSession) -> None:
        """Take the lines in that were looked at, as many as a piece's time allows.

        A line that came before is the same report, so that a piece done twice is done once.
        """
        told = self._told(session)
        first, self._done = self._done, self._done + len(told)
        self._results += told
        values: dict[str, Any] = {"results": self._results, "done_count": self._done}
        # What was taken in lives in its reports; what was wrong can be sent again.
        values |= service.finished(self._now, rows=[]) if self.is_over else {}
        changed = session.execute(
            update(ForwardBatch)
            .where(B.id == self._batch.id, B.done_count == first, B.stage == BatchState.RUNNING.value)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if changed.rowcount != 1:  # type: ignore[attr-defined]
            raise service.BatchGone
        if self.is_over:
            batch = self._batch
            counts = {
                state.value: sum(row["became"] == state.value for row in self._results) for state in LineState
            }
            doer = journal.account(batch.account_id)
            service.record(session, doer, "finished", batch.id, batch.office_id, self._now, counts)

    def _told(self, session: WriteSession) -> list[dict[str, Any]]:
        there = intake_queries.there_among(
            session, (ready.command.report_id for ready in self._ready if ready.command)
        )
        lines = (ready.line for ready in self._ready)
        piece = (
            ledger.Piece(session, self._tools.settings, self._batch, lines, self._now)
            if self._is_ledger
            else None
        )
        told: list[dict[str, Any]] = []
        ends_at = time.monotonic() + _PIECE_S
        with together(session):
            while self._ready and (not told or time.monotonic() < ends_at):
                ready = self._ready.popleft()
                became, note = self._take(session, ready, there, piece)
                line = ready.line
                told.append({"line": line.number, "ref": line.ref, "note": note, "became": became.value})
            if piece:
                piece.end()
        return told

    def _take(
        self, session: WriteSession, ready: Ready, there: set[str], piece: ledger.Piece | None
    ) -> tuple[LineState, str]:
        """Take one line in; the same line again is nothing."""
        ref = ready.line.ref
        is_taken = piece is not None and ref in piece.taken
        if ready.command is None or is_taken:
            wrong = (ready.wrong, _(ledger.NUMBER_TAKEN) if is_taken else "")
            return LineState.WRONG, listed(filter(None, wrong), N_("；"))
        try:
            received = intake_service.receive(
                session, self._tools, replace(ready.command, external_ref=ref), kept=[], declined=[],
                actor=piece.importer if piece else None, now=self._now,
                is_first=ready.command.report_id not in there,
            )  # fmt: skip
        except ReportDiffers:
            return LineState.WRONG, _("这个编号以前来过，内容不一样，没有改动原来的")
        if not received.is_new:
            return LineState.SAME, ""
        if piece:
            piece.place(ready.line, received.clue_id)
        return LineState.NEW, ""
