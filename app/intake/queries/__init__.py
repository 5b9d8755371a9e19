"""Every SELECT of intake. Reports are found by a code, a secret or a clue; who reported is never among the answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, func, select
from sqlmodel import col

from app.clues.models import Clue, ClueText
from app.intake import codes
from app.intake.models import LinkedReport, Message, PromisedPhoto, Report, ReporterContact, Upload
from app.intake.queries.for_desk import DeskReport as DeskReport
from app.intake.queries.for_desk import for_desk as for_desk
from app.intake.queries.for_desk import has_messages as has_messages
from app.intake.terms import Direction, MessageKind, PhotoState
from app.platform.crypto import KeyRing, Unreadable
from app.platform.db import ReadSession, WriteSession, look_up
from app.platform.errors import Missing
from app.platform.records import Journal, Note

AnySession = ReadSession | WriteSession
_REPORT: Final = select(Report).where(Report.id == bindparam("id"))  # type: ignore[arg-type]


def hold(session: WriteSession, report_id: str) -> None:
    """Let requests with one report id stand in line; SQLite's writers do so anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(report_id, 0))))


def find(session: AnySession, report_id: str) -> Report | None:
    """Return a report by its id, if there is one."""
    found: Report | None = session.execute(_REPORT, {"id": report_id}).scalar_one_or_none()
    return found


def there_among(session: AnySession, report_ids: Iterable[str]) -> set[str]:
    """Return which of some ids are a report's already."""
    asked = list(report_ids)
    return set(session.execute(select(col(Report.id)).where(col(Report.id).in_(asked))).scalars())


def by_open311_id(session: AnySession, request_id: str) -> Report | None:
    """Return a report by the id other systems know it by, if there is one."""
    found: Report | None = session.execute(
        select(Report).where(Report.open311_id == request_id)  # type: ignore[arg-type]
    ).scalar_one_or_none()
    return found


def get(session: AnySession, report_id: str) -> Report:
    """Return a report by its id; raises Missing."""
    found = find(session, report_id)
    if found is None:
        raise Missing
    return found


def query_code(keys: KeyRing, report: Report) -> str:
    """Return a report's query code, made anew from its id: it is stored nowhere (decisions.md 13)."""
    return codes.code_of(keys.keyed_digest("query-code", report.id, key_id=report.code_key_id))


def by_code(session: AnySession, keys: KeyRing, code: str) -> Report | None:
    """Return the report a normalised code belongs to; compared again in constant time."""
    digests = [keys.keyed_digest("code-digest", code, key_id=key_id) for key_id in keys.ids]
    found: Report | None = (
        session.execute(select(Report).where(Report.code_digest.in_(digests))).scalars().first()  # type: ignore[union-attr]
    )
    return found if found is not None and _is_same(keys, found, code) else None


def _is_same(keys: KeyRing, report: Report, code: str) -> bool:
    try:
        return codes.same(query_code(keys, report), code)
    except Unreadable:
        return True  # the key the code was made with is retired; the digest under the current one has matched


# What the clue page asks each time: built once, because building a statement costs several times what running it does.
_OF_CLUE = select(Report).where(Report.clue_id == bindparam("clue_id")).order_by(Report.rowno)  # type: ignore[arg-type]
_PROMISED = (
    select(PromisedPhoto)
    .where(PromisedPhoto.report_id == bindparam("report_id"))  # type: ignore[arg-type]
    .order_by(PromisedPhoto.rowno)  # type: ignore[arg-type]
)
_MESSAGES = select(Message).where(Message.clue_id == bindparam("clue_id")).order_by(Message.rowno)  # type: ignore[arg-type]
_HAS_CONTACT = select(ReporterContact.rowno).where(  # type: ignore[call-overload]
    ReporterContact.report_id == bindparam("report_id")
)


def of_clue(session: AnySession, clue_id: str) -> Sequence[Report]:
    """Return a clue's reports, the first one first."""
    return session.execute(_OF_CLUE, {"clue_id": clue_id}).scalars().all()


def of_account(session: AnySession, account_id: str, *, limit: int = 100) -> Sequence[Report]:
    """Return what a forwarder has reported or laid to their account by its code, newest first (their own list)."""
    linked = select(LinkedReport.report_id).where(LinkedReport.account_id == account_id)  # type: ignore[call-overload]
    # Asked apart: together they would be read and sorted whole, tens of thousands where an agency imports.
    found = {
        report.rowno or 0: report
        for is_theirs in (Report.account_id == account_id, Report.id.in_(linked))  # type: ignore[attr-defined]
        for report in session.execute(
            select(Report)
            .where(is_theirs, Report.is_supplement.is_(False))  # type: ignore[attr-defined, arg-type]
            .order_by(Report.rowno.desc())  # type: ignore[union-attr]
            .limit(limit)
        ).scalars()
    }
    return [found[rowno] for rowno in sorted(found, reverse=True)[:limit]]


def is_own(session: AnySession, report: Report, account_id: str) -> bool:
    """Say whether a report was forwarded by this account, or laid to it by its code."""
    mine = select(LinkedReport.rowno).where(  # type: ignore[call-overload]
        LinkedReport.account_id == account_id, LinkedReport.report_id == report.id
    )
    return report.account_id == account_id or session.execute(mine).first() is not None


def promised(session: AnySession, report_id: str) -> Sequence[PromisedPhoto]:
    """Return what became of each digest of a report, in the order chosen."""
    return session.execute(_PROMISED, {"report_id": report_id}).scalars().all()


def promise(session: AnySession, report_id: str, digest: str) -> PromisedPhoto | None:
    """Return what a report has promised under a digest."""
    found: PromisedPhoto | None = session.execute(
        select(PromisedPhoto).where(
            col(PromisedPhoto.report_id) == report_id, col(PromisedPhoto.digest) == digest
        )
    ).scalar_one_or_none()
    return found


def preview_of(session: AnySession, report_id: str, digest: str) -> PromisedPhoto | None:
    """Return the small copy that travels ahead of a photo, if one was promised."""
    found: PromisedPhoto | None = (
        session.execute(
            select(PromisedPhoto).where(
                col(PromisedPhoto.report_id) == report_id, col(PromisedPhoto.preview_of) == digest
            )
        )
        .scalars()
        .first()
    )
    return found


def upload(session: AnySession, upload_id: str) -> Upload | None:
    """Return an upload by its random name."""
    found: Upload | None = session.execute(
        select(Upload).where(col(Upload.id) == upload_id)
    ).scalar_one_or_none()
    return found


def settled_bytes(session: AnySession) -> dict[str, int | None]:
    """Return how much of each upload that is not whole was noted as durable; None where an older version began it."""
    unfinished = select(col(Upload.id), col(Upload.settled_bytes)).where(col(Upload.finished_at).is_(None))
    return dict(iter(session.execute(unfinished)))


def begun(session: AnySession, report_id: str, digest: str, *, is_sealed: bool, length: int) -> Upload | None:
    """Return the upload that was begun for the very same thing."""
    found: Upload | None = session.execute(
        select(Upload).where(
            col(Upload.report_id) == report_id,
            col(Upload.digest) == digest,
            col(Upload.is_sealed) == is_sealed,
            col(Upload.length) == length,
        )
    ).scalar_one_or_none()
    return found


def open_count(session: AnySession, report_id: str, *, now: datetime) -> int:
    """Return how many uploads of a report are under way."""
    found: int = session.execute(
        select(func.count())
        .select_from(Upload)
        .where(
            col(Upload.report_id) == report_id,
            col(Upload.finished_at).is_(None),
            col(Upload.expires_at) > now,
        )
    ).scalar_one()
    return found


def expired(session: AnySession, *, now: datetime, limit: int) -> Sequence[Upload]:
    """Return uploads whose time is over."""
    rows: Any = select(Upload).where(col(Upload.expires_at) <= now).order_by(col(Upload.rowno)).limit(limit)
    return session.execute(rows).scalars().all()


def live_names(session: AnySession, names: Sequence[str]) -> set[str]:
    """Return which of some files belong to an upload that is still under way."""
    rows = select(col(Upload.id)).where(col(Upload.id).in_(names), col(Upload.finished_at).is_(None))
    return set(session.execute(rows).scalars())


def ahead(session: AnySession, report_id: str) -> set[str]:
    """Return the evidence that is only a small copy gone ahead of its photo."""
    rows = select(PromisedPhoto.evidence_id).where(  # type: ignore[call-overload]
        col(PromisedPhoto.report_id) == report_id, col(PromisedPhoto.preview_of).is_not(None)
    )
    return set(session.execute(rows).scalars())


def is_busy(session: AnySession, *, most: int, now: datetime) -> bool:
    """Say whether more than so many reports came in the last minute, over the whole installation."""
    newest = select(col(Report.received_at)).order_by(col(Report.rowno).desc())
    found = session.execute(newest.offset(most - 1).limit(1)).scalar_one_or_none()
    return found is not None and found > now - timedelta(minutes=1)


def missing_count(session: AnySession, report_id: str) -> int:
    """Return how many photos of a report have not come; copies that only travel ahead are not counted."""
    found: int = session.execute(
        select(func.count())
        .select_from(PromisedPhoto)
        .where(
            col(PromisedPhoto.report_id) == report_id,
            col(PromisedPhoto.state) == PhotoState.MISSING.value,
            col(PromisedPhoto.preview_of).is_(None),
        )
    ).scalar_one()
    return found


def is_complete(session: AnySession, clue_id: str) -> bool:
    """Say whether every photo promised for a clue is held or declined; a copy that only travels ahead counts not."""
    missing = session.execute(
        select(PromisedPhoto.rowno)  # type: ignore[call-overload]
        .join(Report, Report.id == PromisedPhoto.report_id)
        .where(
            Report.clue_id == clue_id,
            PromisedPhoto.state == PhotoState.MISSING.value,
            PromisedPhoto.preview_of.is_(None),  # type: ignore[union-attr]
        )
        .limit(1)
    ).first()
    return missing is None


def messages(session: AnySession, clue_id: str) -> Sequence[Message]:
    """Return the words between office and reporter, oldest first."""
    return session.execute(_MESSAGES, {"clue_id": clue_id}).scalars().all()


def has_message(session: AnySession, message_id: str) -> bool:
    """Say whether a message is there (a second tap)."""
    return session.execute(select(Message.rowno).where(Message.id == message_id)).first() is not None  # type: ignore[call-overload]


def open_request(session: AnySession, clue_id: str) -> Message | None:
    """Return what the office asked for and nobody has answered yet."""
    return unanswered(messages(session, clue_id))


def unanswered(found: Iterable[Message]) -> Message | None:
    """Return the newest request among messages that nobody has answered."""
    waiting: Message | None = None
    for message in found:
        if message.kind == MessageKind.REQUEST:
            waiting = message
        elif message.direction == Direction.FROM_REPORTER and message.kind == MessageKind.ADDITION:
            waiting = None
    return waiting


def way_of(session: AnySession, clue_id: str) -> list[tuple[str, datetime, dict[str, Any]]]:
    """Return a clue's journal as verb, instant, facts; `views` chooses what is public."""
    rows = session.execute(
        select(Journal.verb, Journal.recorded_at, Journal.facts)  # type: ignore[call-overload]
        .where(Journal.clue_id == clue_id)
        .order_by(Journal.rowno)
    )
    return [(verb, at, facts) for verb, at, facts in rows]


def has_contact(session: AnySession, report_id: str) -> bool:
    """Say whether a reporter left a way to reach them; opening it is another verb."""
    return look_up(session, _HAS_CONTACT, {"report_id": report_id}).first() is not None


def contact(session: AnySession, report_id: str) -> ReporterContact | None:
    """Return the sealed contact of a report."""
    found: ReporterContact | None = session.execute(
        select(ReporterContact).where(ReporterContact.report_id == report_id)  # type: ignore[arg-type]
    ).scalar_one_or_none()
    return found


@dataclass(frozen=True, slots=True)
class Wordless:
    """A clue that cannot be found by its words yet, with what it should be found by."""

    rowno: int
    head: Sequence[str]
    body: str


def without_words(session: AnySession, *, limit: int) -> list[Wordless]:
    """Return some clues from before the search index, for the house itself."""
    clue: Any = Clue
    text: Any = ClueText
    lacking = session.execute(
        # house: allow scope-first (the house indexes for everybody; who finds what is asked when searching)
        select(clue.rowno, clue.id, clue.title, clue.place_words, clue.number)
        .outerjoin(text, text.clue_rowno == clue.rowno)
        .where(text.clue_rowno.is_(None))
        .order_by(clue.rowno)
        .limit(limit)
    ).all()
    said: dict[str, list[str]] = {}
    wanted = [row.id for row in lacking]
    report: Any = Report
    for clue_id, words in session.execute(
        select(report.clue_id, report.words).where(report.clue_id.in_(wanted)).order_by(report.rowno)
    ):
        said.setdefault(clue_id, []).append(words)
    return [
        Wordless(row.rowno, (row.title, row.place_words, row.number or ""), "\n".join(said.get(row.id, ())))
        for row in lacking
    ]


def reasons(session: AnySession, journal_ids: Sequence[str]) -> dict[str, str]:
    """Return the written reasons of journal rows, those that were not erased."""
    rows = session.execute(
        select(col(Note.journal_id), col(Note.body)).where(col(Note.journal_id).in_(journal_ids))
    )
    return {row[0]: row[1] or "" for row in rows}


def with_contact(session: AnySession, clue_ids: Sequence[str]) -> set[str]:
    """Return which of some clues hold a way to reach a reporter."""
    report: Any = Report
    contact: Any = ReporterContact
    rows = session.execute(
        select(report.clue_id)
        .join(contact, contact.report_id == report.id)
        .where(report.clue_id.in_(clue_ids))
    )
    return set(rows.scalars())
