"""What intake does after the answer: remind once of photos that did not come, and clear away what nobody finishes."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.cleaning import leave_nothing
from app.intake import queries, rules, uploading
from app.intake.rights.terms import CLEAN
from app.intake.saying import say
from app.intake.terms import CHASE, REPORTER_TOLD, Direction, MessageKind
from app.platform import clock, i18n, journal
from app.platform.i18n import N_
from app.platform.jobs import Handler, Tools, Work
from app.platform.pieces import Pieces

_UNTOUCHED_S: Final = 3600.0
_AT_ONCE: Final = 200
_REMINDER: Final = N_(
    "您反映的问题我们已经收到，但照片还差 %(n)s 张没有传到。请用当时那台手机再打开本网站，连上网它会接着传；"
    "照片不在了也没关系，可以在这里重新加照片，或者用几句话说明。"
)


def chase(tools: Tools, work: Work) -> None:
    """Remind the reporter, once, if photos are still missing; a second run writes nothing."""
    report_id, now = str(work.payload["report"]), clock.now()
    with tools.database.write_session() as session:
        report = queries.find(session, report_id)
        if report is None:
            return
        queries.hold(session, report.clue_id)
        missing = queries.missing_count(session, report_id)
        message_id = rules.sibling_id(report_id, CHASE)
        clue = clue_queries.by_id(session, report.clue_id)
        if not missing or clue.withdrawn_at is not None or queries.has_message(session, message_id):
            return
        with i18n.speaking(report.locale):
            body = i18n.gettext(_REMINDER, n=missing)
        say(
            session, clue.id, message_id=message_id, direction=Direction.TO_REPORTER, kind=MessageKind.NOTE,
            body=body, now=now,
        )  # fmt: skip
        journal.record(
            session, journal.SYSTEM, REPORTER_TOLD, "message", message_id,
            now=now, clue_id=clue.id, office_id=clue.office_id, facts={"kind": "note", "missing": missing},
        )  # fmt: skip


def index_words(tools: Tools, _work: Work) -> None:
    """Make the clues findable that were there before the search index, some at a time (migration "search")."""
    while True:
        with tools.database.write_session() as session:
            lacking = queries.without_words(session, limit=_AT_ONCE)
            for one in lacking:
                clue_service.write_words(session, one.rowno, head=one.head, body=one.body)
        if len(lacking) < _AT_ONCE:
            return


def clean(tools: Tools, work: Work) -> None:
    """Take what somebody had erased out of the places where a database keeps what is gone; raises LogBusy."""
    leave_nothing(tools, had_words=bool(work.payload["had_words"]))


HANDLERS: Final[dict[str, Handler]] = {CHASE: chase, CLEAN: clean, "intake.index_words": index_words}


def sweep_uploads(tools: Tools, now: datetime) -> int:
    """Forget uploads whose time is over, and files that belong to none; say how many went."""
    pieces = Pieces(tools.settings.data_dir / "blobs")
    with tools.database.read_session() as looking:
        over = [upload.id for upload in queries.expired(looking, now=now, limit=_AT_ONCE)]
    if over:
        with tools.database.write_session() as session:
            for upload_id in over:
                uploading.forget(session, upload_id)
    idle = pieces.names(untouched_for_s=_UNTOUCHED_S)
    with tools.database.read_session() as looking:
        orphans = set(idle) - queries.live_names(looking, idle)
    gone = {*over, *orphans}
    for name in gone:
        pieces.drop(name)
    return len(gone) + tools.store.sweep_incoming(_UNTOUCHED_S)
