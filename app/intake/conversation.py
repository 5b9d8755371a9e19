"""Words between the office and the reporter after the report, in both directions. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.models import Clue
from app.clues.terms import ClueAction, ClueState, Fact
from app.evidence.service import DeclinedFile, KeptFile
from app.identity.actor import Actor
from app.intake import queries, rules
from app.intake.models import Report
from app.intake.reception import House, declined_said, unique, write_report
from app.intake.saying import say
from app.intake.terms import (
    CONTACT_REVEALED,
    REPORT_SOLVED,
    REPORT_SUPPLEMENTED,
    REPORT_WITHDRAWN,
    REPORTER_ASKED,
    REPORTER_TOLD,
    REVIEW_ASKED,
    Addition,
    Direction,
    MessageKind,
)
from app.platform import clock, ids, journal
from app.platform.crypto import KeyRing
from app.platform.db import WriteSession
from app.platform.errors import Missing
from app.platform.journal import Doer


def add(
    session: WriteSession,
    house: House,
    first: Report,
    addition: Addition,
    *,
    kept: Sequence[KeptFile],
    declined: Sequence[DeclinedFile],
    now: datetime,
) -> bool:
    """Add what a reporter says or sends later; say whether it was new. The same again is harmless.

    Words and photos make a further report of the same clue. An answer to a request brings the clue back to work.
    """
    files = unique(kept)
    parts = rules.stated_parts(
        first.category_key, addition.words, [], {"kind": addition.kind.value}, [f.digest for f in files]
    )
    digest = rules.content_digest(parts)
    message_id = rules.sibling_id(addition.report_id, digest)
    queries.hold(session, message_id)
    if queries.has_message(session, message_id):
        return False
    clue = clue_queries.by_id(session, first.clue_id)
    report_id = message_id if addition.words.strip() or files or declined else None
    if report_id is not None:
        _supplement(session, house, first, report_id, digest, addition, files, declined, now)
        clue_service.add_words(session, clue, addition.words)
    say(
        session, clue.id, message_id=message_id, direction=Direction.FROM_REPORTER, kind=addition.kind,
        body=addition.words, now=now, report_id=report_id,
    )  # fmt: skip
    _follow(session, clue, addition.kind, now=now)
    return True


def _supplement(
    session: WriteSession,
    house: House,
    first: Report,
    report_id: str,
    digest: str,
    addition: Addition,
    files: Sequence[KeptFile],
    declined: Sequence[DeclinedFile],
    now: datetime,
) -> None:
    row: dict[str, Any] = {
        "id": report_id, "clue_id": first.clue_id, "office_id": first.office_id, "is_supplement": True,
        "content_digest": digest, "channel": first.channel, "category_key": first.category_key,
        "account_id": first.account_id, "org_unit_id": first.org_unit_id, "words": addition.words,
        "answers": [], "place": {}, "declined": declined_said(declined), "locale": first.locale,
        "is_data_saving": False,
    }  # fmt: skip
    write_report(
        session,
        journal.REPORTER,
        house,
        row=row,
        files=files,
        verb=REPORT_SUPPLEMENTED,
        has_code=False,
        now=now,
    )


def _follow(session: WriteSession, clue: Clue, kind: MessageKind, *, now: datetime) -> None:
    """Let the clue follow what was said: resumed by an answer, flagged as having news, a review asked for."""
    if kind is MessageKind.ADDITION and clue.state == ClueState.NEED_MORE_INFO:
        clue_service.advance(session, journal.REPORTER, clue, ClueAction.RESUME, now=now)
    words = {MessageKind.UNSOLVED: REVIEW_ASKED, MessageKind.SOLVED: REPORT_SOLVED}
    if kind is MessageKind.ADDITION and clue.needs_correction:
        clue_service.change(session, clue, needs_correction=False)
    if kind in words:
        journal.record(
            session, journal.REPORTER, words[kind], "clue", clue.id,
            now=now, clue_id=clue.id, office_id=clue.office_id,
        )  # fmt: skip
    _flag_news(session, clue)


def _flag_news(session: WriteSession, clue: Clue) -> None:
    """Say that something came in, on the clue and on the one it is linked under."""
    master_id = clue_queries.master_of(session, clue.id)
    for each in (clue, clue_queries.by_id(session, master_id) if master_id else None):
        if each is not None:
            clue_service.change(session, each, has_news=True)


def withdraw(session: WriteSession, first: Report, *, now: datetime) -> None:
    """Note that the reporter withdraws: a flag, never a deletion (the clue may be registered); twice is harmless."""
    clue = clue_queries.by_id(session, first.clue_id)
    if clue.withdrawn_at is not None:
        return
    clue_service.change(session, clue, withdrawn_at=now, has_news=True)
    say(
        session, clue.id, message_id=ids.new(), direction=Direction.FROM_REPORTER, kind=MessageKind.WITHDRAWAL,
        body="", now=now,
    )  # fmt: skip
    journal.record(
        session, journal.REPORTER, REPORT_WITHDRAWN, "report", first.id,
        now=now, clue_id=clue.id, office_id=clue.office_id,
    )  # fmt: skip


def ask_reporter(
    session: WriteSession,
    actor: Actor,
    clue: Clue,
    text: str,
    answer_by: date | datetime | None,
    now: datetime,
    *,
    version: int | None = None,
) -> Clue:
    """Ask the reporter for more, until when; silence does not close the clue (domain.md 1.11)."""
    message_id = ids.new()
    clue_service.advance(
        session,
        actor.doer,
        clue,
        ClueAction.REQUEST_INFO,
        now=now,
        facts=frozenset({Fact.REQUEST}),
        version=version,
    )
    say(
        session, clue.id, message_id=message_id, direction=Direction.TO_REPORTER, kind=MessageKind.REQUEST,
        body=text, now=now, account_id=actor.account_id, answer_by=_end_of(answer_by),
    )  # fmt: skip
    journal.record(
        session, actor.doer, REPORTER_ASKED, "message", message_id,
        now=now, clue_id=clue.id, office_id=clue.office_id,
    )  # fmt: skip
    return clue


def tell_reporter(
    session: WriteSession, doer: Doer, clue: Clue, kind: MessageKind | str, text: str, now: datetime
) -> str:
    """Tell the reporter something, to be read by the code; return the message's id."""
    message_id = ids.new()
    say(
        session, clue.id, message_id=message_id, direction=Direction.TO_REPORTER, kind=MessageKind(kind), body=text,
        now=now, account_id=doer.id if doer.kind == "account" else None,
    )  # fmt: skip
    journal.record(
        session, doer, REPORTER_TOLD, "message", message_id,
        now=now, clue_id=clue.id, office_id=clue.office_id, facts={"kind": MessageKind(kind).value},
    )  # fmt: skip
    return message_id


def _end_of(answer_by: date | datetime | None) -> datetime | None:
    """Return the last instant of a day where the office works; an instant stays itself."""
    if answer_by is None or isinstance(answer_by, datetime):
        return answer_by
    return datetime.combine(answer_by, time(23, 59, 59), tzinfo=clock.OFFICE_ZONE)


@dataclass(frozen=True, slots=True)
class RevealedContact:
    """Who reported, opened for one person and one reason."""

    journal_id: str
    name: str
    phone: str
    words: str


def reveal_contact(
    session: WriteSession, keys: KeyRing, actor: Actor, report_id: str, *, reason: str, now: datetime
) -> RevealedContact:
    """Open a reporter's contact for a named reason; the look is journalled in the same transaction.

    The caller has checked the right (`contact:reveal`) and that the clue is visible to this person.
    """
    sealed, report = queries.contact(session, report_id), queries.get(session, report_id)
    if sealed is None:
        raise Missing
    journal_id = journal.record(
        session, actor.doer, CONTACT_REVEALED, "report", report_id,
        now=now, clue_id=report.clue_id, office_id=report.office_id, note=reason,
    )  # fmt: skip
    opened = {
        field: keys.open_field(text, table="reporter_contact", row=report_id, field=field) if text else ""
        for field, text in (
            ("name", sealed.sealed_name),
            ("phone", sealed.sealed_phone),
            ("words", sealed.sealed_words),
        )
    }
    return RevealedContact(journal_id, **opened)
