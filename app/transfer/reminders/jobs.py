"""The worker's part: once a working day look at the ladders; get each digest out, with patience."""

from __future__ import annotations

import smtplib
import urllib.error
from datetime import datetime
from typing import Final

from app.clocks.terms import DayKind
from app.platform import clock, logging
from app.platform.i18n import gettext as _
from app.platform.jobs import Handler, Tools, Work, ask_once
from app.reference import queries as reference_queries
from app.transfer.reminders import queries, service, ways
from app.transfer.reminders.terms import RUN, SEND, Message, Outcome, Way

_log = logging.get("reminders")
# The hour of the office's day from which receivers are reminded: when somebody is there to read it.
_FROM_HOUR: Final = 8


class NotSent(Exception):
    """A digest did not get out; the job room tries again, later each time."""


def ask_daily(tools: Tools, now: datetime) -> None:
    """Ask for today's run unless it was asked for; called often, does little. On days off nobody is reminded."""
    day = clock.office_date(now)
    if now.astimezone(clock.OFFICE_ZONE).hour < _FROM_HOUR:
        return
    ask_once(
        tools, RUN, day.isoformat(), now=now,
        only_if=lambda looking: reference_queries.calendar(looking).day_kind(day) is DayKind.WORKDAY,
    )  # fmt: skip


def run(tools: Tools, work: Work) -> None:
    """Note the day's rungs and ask for the digests, all in one transaction."""
    del work
    with tools.database.write_session() as session:
        service.run_day(session, ways=ways.configured(tools.settings), now=clock.now())


def message_of(tools: Tools, digest_id: str) -> Message:
    """Return what leaves the house: who writes and where to look, nothing of what it is about."""
    settings = tools.settings
    text = _(
        "【%(office)s】您单位有检察院请办的事项快到期或者已经到期。请登录 %(url)s 查看，或者用我们给您的一次性链接。"
        "有疑问请打 %(phone)s。",
        office=settings.office_name,
        url=settings.base_url,
        phone=settings.office_phone,
    )
    return Message(digest_id, _("有检察院请办的事项等待办理"), text)


def send(tools: Tools, work: Work) -> None:
    """Get one digest out by one way; an attempt that fails is in the ledger before the job goes back."""
    digest_id, way = str(work.payload["digest"]), Way(str(work.payload["way"]))
    with tools.database.read_session() as looking:
        digest = queries.digest(looking, digest_id)
        if digest is None or queries.was_sent(looking, digest_id, way):
            return
        address = queries.address_of(looking, tools.keys, digest.receiver_id, way)
    out = ways.configured(tools.settings).get(way)
    if out is None or not address:
        return  # switched off, or the address was taken away, since it was asked for
    problem: Exception | None = None
    try:
        out(address, message_of(tools, digest_id))
    except (OSError, smtplib.SMTPException, urllib.error.URLError, ways.NotTaken, ValueError) as found:
        problem = found
    with tools.database.write_session() as session:
        outcome = Outcome.SENT if problem is None else Outcome.FAILED
        # The name of the fault only: what a server says may quote the address.
        error = type(problem).__name__ if problem else ""
        service.note_attempt(session, digest_id, way, outcome, error=error, now=clock.now())
    if problem is not None:
        _log.warning("reminder not sent", way=way.value, why=type(problem).__name__, attempts=work.attempts)
        raise NotSent(type(problem).__name__) from None


HANDLERS: Final[dict[str, Handler]] = {RUN: run, SEND: send}
