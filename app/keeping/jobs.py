"""The worker's part: once a day tell what will go, let go what is due, and leave nothing of it lying about."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from app.clues.cleaning import leave_nothing
from app.keeping import service
from app.keeping.terms import RUN
from app.platform import clock, logging
from app.platform.jobs import Handler, Tools, Work, ask_once

_log = logging.get("keeping")
_NIGHT_ENDS: Final = (
    4  # the hour of the office's day from which a run may begin: before work, after the night's backup
)


def ask_daily(tools: Tools, now: datetime) -> None:
    """Ask for today's run unless it was asked for; called often, does little."""
    if now.astimezone(clock.OFFICE_ZONE).hour >= _NIGHT_ENDS:
        ask_once(tools, RUN, clock.office_date(now).isoformat(), now=now)


def run(tools: Tools, work: Work) -> None:
    """Do one day's run: each matter in a transaction of its own; begun again after a crash it goes on."""
    now, settings = clock.now(), tools.settings
    with tools.database.read_session() as looking:
        plan = service.plan(
            looking, cap=settings.retention_cap, notice_days=settings.retention_notice_days, now=now
        )
    for stop in plan.stopped if work.attempts <= 1 else ():
        _log.warning("retention run stopped", due=stop.count, cap=settings.retention_cap)
        with tools.database.write_session() as session:
            service.note_stop(session, stop, cap=settings.retention_cap, now=now)
    gone = 0
    for one in plan.going:
        with tools.database.write_session() as session:
            gone += service.let_go(session, one.notice_id, now=now)
    for candidate in plan.candidates:
        with tools.database.write_session() as session:
            service.announce(session, candidate, notice_days=settings.retention_notice_days, now=now)
    # A run that was cut short, or whose log was busy, cleans up when it comes again.
    if gone or work.attempts > 1:
        leave_nothing(tools)


HANDLERS: Final[dict[str, Handler]] = {RUN: run}
