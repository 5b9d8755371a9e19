"""A matter with everything people leave in it, closed long ago; terms; a run of the worker."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, inspect, select, text, update

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.terms import ClueAction, Fact
from app.evidence import erasing
from app.evidence.models import EvidenceItem
from app.intake import conversation, reception
from app.intake import queries as intake_queries
from app.intake.terms import MessageKind, StatedContact
from app.keeping import jobs
from app.platform import clock, journal
from app.platform.jobs import Tools, Work
from app.platform.records import Job
from app.reference.models import RetentionTerm
from app.schema import metadata
from app.transfer.models import Call, TransferAnswer
from app.transfer.terms import TransferState
from app.triage.models import Evaluation
from app.triage.terms import Scores
from tests import cast
from tests.transfer import scenes

if TYPE_CHECKING:
    from app.platform.db import Database, WriteSession
    from app.platform.web.given import House

LONG_AGO = datetime(2020, 5, 4, 3, 0, tzinfo=UTC)
NAME, PHONE = "万俟雪青", "13945127788"
# What each room was told; nothing of it may be left anywhere.
SAID = {
    "report": "举报人王小明", "private answer": "黑A12345", "answer": "13904511234", "file name": "IMG_王小明_20261120",
    "message": "请打给我姐姐欧阳霁月", "note": "内部备注甲乙丙", "reason": "评估理由丁戊己", "reply": "回函庚辛壬",
    "call": "电话里说癸子丑", "title": "商场一层扶梯口寅卯", "place": "万象汇一层", "summary": "某商场一至五层未见自动体外除颤器",
}  # fmt: skip

_SCORES = asdict(Scores(1, 1, 1, 1, 1, 1, is_ours=True, is_public=True, is_pressing=False))


def tools(house: House) -> Tools:
    """What reactions may use."""
    return Tools(house.settings, house.database, house.keys, house.store)


def matter(
    session: WriteSession,
    house: House,
    *,
    closed_at: datetime = LONG_AGO,
    action: ClueAction = ClueAction.CLOSE,
) -> str:
    """A clue with a report, a contact, messages, notes, a photo, a judgement and a transfer, closed; its id."""
    chief = cast.actor(session, "chief_zhou", house.settings)
    clue_id = scenes.clue(session, title=SAID["title"])
    report_id = intake_queries.of_clue(session, clue_id)[0].id
    reception._seal_contact(
        session, house.keys, report_id, StatedContact(NAME, PHONE, "晚上能接", "2026-1"), now=LONG_AGO
    )
    evidence_id = scenes.photo(session, house.store, clue_id)
    session.execute(
        update(EvidenceItem).where(EvidenceItem.id == evidence_id).values(origin_id=report_id, phone_lat=45.8)  # type: ignore[arg-type]
    )
    clue = clue_queries.by_id(session, clue_id)
    conversation.tell_reporter(session, chief.doer, clue, MessageKind.NOTE, SAID["message"], LONG_AGO)
    journal.record(
        session, chief.doer, "clue.noted", "clue", clue_id, now=LONG_AGO, clue_id=clue_id, office_id=clue.office_id, note=SAID["note"],
    )  # fmt: skip
    session.execute(
        insert(Evaluation).values(
            id=clue_id, clue_id=clue_id, scores=_SCORES, suggested_grade="A", grade="A", reason=SAID["reason"],
            evaluated_by=chief.account_id, evaluated_at=LONG_AGO,
        )
    )  # fmt: skip
    transfer = scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id), TransferState.SENT)
    session.execute(
        insert(TransferAnswer).values(
            id=transfer.id,
            transfer_id=transfer.id,
            kind="replied",
            way="paper",
            body=SAID["reply"],
            answered_at=LONG_AGO,
        )
    )
    session.execute(
        insert(Call).values(
            id=transfer.id, transfer_id=transfer.id, spoke_with="李", words=SAID["call"], called_by=chief.account_id, called_at=LONG_AGO
        )
    )  # fmt: skip
    if action is ClueAction.CLOSE:
        clue = clue_queries.by_id(session, clue_id)
        session.refresh(clue)
        clue_service.advance(
            session, chief.doer, clue, ClueAction.TRANSFER, now=closed_at, facts=frozenset({Fact.RECIPIENT})
        )
        clue_service.advance(
            session,
            chief.doer,
            clue,
            action,
            now=closed_at,
            facts=frozenset({Fact.OUTCOME}),
            note=SAID["note"],
        )
    return clue_id


def ended(
    session: WriteSession,
    *,
    closed_at: datetime = LONG_AGO,
    action: ClueAction = ClueAction.SCREEN_OUT,
    **wishes: Any,
) -> str:
    """A bare clue that ended; its id."""
    clue_id = scenes.clue(session, **wishes)
    clue = clue_queries.by_id(session, clue_id)
    clue_service.advance(session, journal.SYSTEM, clue, action, now=closed_at, facts=frozenset({Fact.REASON}))
    return clue_id


def set_terms(
    session: WriteSession, *, contact: int | None, content: int | None, is_confirmed: bool = True
) -> None:
    """Give every outcome the same term."""
    session.execute(
        update(RetentionTerm).values(
            contact_months=contact, content_months=content, is_confirmed=is_confirmed
        )
    )


def run(house: House, monkeypatch: Any, *, days: int = 0, attempts: int = 1) -> datetime:
    """Do the run of a day so many days from now, and the jobs it left; return that day's instant."""
    now = datetime.now(tz=UTC) + timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: now)
    jobs.run(tools(house), Work("run", "retention.run", None, {}, attempts))
    for path in (house.settings.data_dir / "blobs").rglob("*"):
        if path.is_file():
            os.utime(path, (now.timestamp() - 7200, now.timestamp() - 7200))
    with house.database.read_session() as session:
        waiting = (
            session.execute(select(Job).where(Job.handler == erasing.ERASE, Job.done_at.is_(None)))
            .scalars()
            .all()
        )  # type: ignore[arg-type, union-attr]
    for job in waiting:
        erasing.erase_blob(tools(house), Work(job.id, job.handler, None, job.payload, 1))
    return now


def left_in_tables(database: Database, *marks: str) -> list[str]:
    """Say in which column of which table a mark still stands; tables the migrations alone know are looked at too."""
    found = []
    with database.read_session() as session:
        for name in sorted({*inspect(session.connection()).get_table_names(), *metadata.tables}):
            rows = session.execute(text(f'select * from "{name}"')).mappings()  # noqa: S608 - names of our own tables
            for row in rows:
                for column, value in row.items():
                    shown = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    found += [f"{name}.{column}: {mark}" for mark in marks if mark in shown]
    return sorted(set(found))
