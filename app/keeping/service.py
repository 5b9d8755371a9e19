"""Telling what will go, holding it back, and letting it go when its day has come. Nothing here commits.

What goes together goes in one transaction; the bytes of photos and letters follow by jobs of that transaction. The clue
stays with its number, category, town, outcome and dates: statistics are kept. The journal keeps ids and digests, and
notes lose body and salt, so that the chain still verifies (decisions.md 7, 9).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import delete, update
from sqlmodel import col

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.models import Clue
from app.evidence import erasing as evidence_erasing
from app.identity.actor import Actor
from app.intake import erasing as intake_erasing
from app.intake import queries as intake_queries
from app.keeping import queries, rules
from app.keeping.models import RetentionNotice
from app.keeping.terms import (
    ANNOUNCED,
    ERASED,
    HELD,
    LAPSED,
    LET_GO,
    RELEASED,
    STOPPED,
    Part,
    Standing,
    Term,
)
from app.platform import clock, ids, journal
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Conflict
from app.platform.i18n import N_
from app.platform.journal import SYSTEM
from app.platform.putting import put
from app.reference import queries as reference
from app.transfer.service import erasing as transfer_erasing
from app.triage.service import erasing as triage_erasing

# So many are looked at in one statement, and so many told of in one night.
_AT_ONCE: Final = 500
_A_NIGHT: Final = 5000
_GONE_TITLE: Final = "%s（内容已清除）"


class OtherCount(Conflict):
    """More or fewer things are due than the person was shown."""

    code = "other_count"
    text = N_("到期的数目和刚才看到的不一样了，请再看一遍名单。")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A part of a matter that may be announced, and the day on which its term ends."""

    clue: Clue
    part: Part
    ends_on: date


@dataclass(frozen=True, slots=True)
class Stop:
    """A circle in which too many fell due at once."""

    compartment_id: str
    office_id: str
    count: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do: tell of, let go, and where it would stop, by circle."""

    candidates: Sequence[Candidate]
    going: Sequence[queries.Due]
    stopped: Sequence[Stop]


def plan(session: ReadSession | WriteSession, *, cap: int, notice_days: int, now: datetime) -> Plan:
    """Return what a run would do now, and do nothing: the dry run and the run itself ask the same."""
    today = clock.office_date(now)
    waiting = queries.due(session, today)
    unreleased = Counter((one.compartment_id, one.office_id) for one in waiting if not one.is_released)
    stopped = [Stop(*where, count) for where, count in unreleased.items() if rules.is_runaway(count, cap)]
    shut = {stop.compartment_id for stop in stopped}
    going = [one for one in waiting if one.is_released or one.compartment_id not in shut]
    candidates = [
        one for part in Part for one in _candidates(session, part, notice_days=notice_days, now=now)
    ]
    return Plan(candidates, going, stopped)


def _candidates(
    session: ReadSession | WriteSession, part: Part, *, notice_days: int, now: datetime
) -> list[Candidate]:
    horizon = clock.office_date(now) + timedelta(days=notice_days)
    terms = queries.terms(session, clock.office_date(now))
    months, after = rules.shortest(terms, part), 0
    found: list[Candidate] = []
    while months is not None and len(found) < _A_NIGHT:
        # A month has 28 days at least; whose term does not end soon is sorted out below.
        before = now + timedelta(days=notice_days - 28 * months)
        rows = queries.to_announce(session, part, closed_before=before, after=after, limit=_AT_ONCE)
        if not rows:
            break
        after = rows[-1].clue.rowno or 0
        over = [
            Candidate(one.clue, part, ends)
            for one in rows
            if (ends := _ends_on(terms, part, one)) is not None and ends <= horizon
        ]
        if part is Part.CONTACT:
            known = intake_queries.with_contact(session, [one.clue.id for one in over])
            over = [one for one in over if one.clue.id in known]
        found += over
    return found


def _ends_on(terms: Sequence[Term], part: Part, one: queries.Ended) -> date | None:
    closed_on = clock.office_date(one.closed_at)
    return rules.ends_on(terms, part, one.clue.category_key, one.outcome, closed_on)


def standing(session: ReadSession | WriteSession, clue: Clue, *, now: datetime) -> list[Standing]:
    """Return where both parts of a matter stand."""
    today = clock.office_date(now)
    terms, found, told = (
        queries.terms(session, today),
        queries.ended(session, clue.id),
        queries.notices_of(session, clue.id),
    )
    return [
        Standing(
            part=part,
            ends_on=_ends_on(terms, part, found) if found else None,
            goes_on=told[part].due_on if part in told and told[part].done_at is None else None,
            is_gone=(part in told and told[part].done_at is not None) or clue.erased_at is not None,
        )
        for part in Part
    ]


def announce(session: WriteSession, candidate: Candidate, *, notice_days: int, now: datetime) -> None:
    """Tell that a part of a matter will go, and when: never before the notice has run."""
    clue, part, today = candidate.clue, candidate.part, clock.office_date(now)
    goes_on = rules.goes_on(candidate.ends_on, today=today, notice_days=notice_days)
    notice_id = ids.new()
    put(
        session, RetentionNotice, id=notice_id, clue_id=clue.id, part=part.value, announced_at=now, due_on=goes_on,
        released_by=None, released_at=None, done_at=None,
    )  # fmt: skip
    journal.record(
        session, SYSTEM, ANNOUNCED, "clue", clue.id, now=now, clue_id=clue.id, office_id=clue.office_id,
        facts={"part": part.value, "due_on": goes_on.isoformat()},
    )  # fmt: skip


def note_stop(session: WriteSession, stop: Stop, *, cap: int, now: datetime) -> None:
    """Write that a run stopped before a circle's matters, because too many fell due at once."""
    journal.record(
        session, SYSTEM, STOPPED, "compartment", stop.compartment_id, now=now, office_id=stop.office_id,
        facts={"due": stop.count, "cap": cap},
    )  # fmt: skip


def let_go(session: WriteSession, notice_id: str, *, now: datetime) -> bool:
    """Let a part of a matter go if its time is still over; say whether it went. A matter opened again is kept."""
    notice = queries.notice(session, notice_id)
    if notice is None or notice.done_at is not None:
        return False
    today = clock.office_date(now)
    clue, part = clue_queries.by_id(session, notice.clue_id), Part(notice.part)
    if clue.held_at is not None or notice.due_on > today:
        return False
    found = queries.ended(session, clue.id)
    ends = _ends_on(queries.terms(session, today), part, found) if found else None
    if ends is None or ends > today:
        session.execute(delete(RetentionNotice).where(col(RetentionNotice.id) == notice_id))
        _record(session, LAPSED, clue, part, now=now)
        return False
    erase(session, clue, part, now=now)
    session.execute(update(RetentionNotice).where(col(RetentionNotice.id) == notice_id).values(done_at=now))
    return True


def erase(session: WriteSession, clue: Clue, part: Part, *, now: datetime) -> None:
    """Erase a part of a matter from every room."""
    report_ids = intake_erasing.report_ids_of(session, clue.id)
    if part is Part.CONTACT:
        intake_erasing.erase_contact(session, report_ids)
    else:
        kind = reference.ever_category(session, clue.category_key)
        title = _GONE_TITLE % (kind.name if kind else clue.category_key)
        evidence_erasing.erase_items(session, SYSTEM, clue.id, now=now)
        transfer_erasing.erase_words(session, clue.id, subject=title, now=now)
        triage_erasing.erase_words(session, clue.id)
        intake_erasing.erase_said(session, clue.id, report_ids, now=now)
        journal.erase_notes(session, clue.id, now=now)
        clue_service.forget(session, clue, title=title, now=now)
    _record(session, ERASED, clue, part, now=now)


def _record(session: WriteSession, verb: str, clue: Clue, part: Part, *, now: datetime) -> None:
    journal.record(
        session, SYSTEM, verb, "clue", clue.id, now=now, clue_id=clue.id, office_id=clue.office_id,
        facts={"part": part.value},
    )  # fmt: skip


def hold(session: WriteSession, actor: Actor, clue: Clue, *, reason: str, now: datetime) -> None:
    """Keep a clue whatever its term says (保全), for a written reason; twice is harmless."""
    if clue.held_at is None:
        clue_service.change(session, clue, held_at=now)
        journal.record(
            session, actor.doer, HELD, "clue", clue.id,
            now=now, clue_id=clue.id, office_id=clue.office_id, note=reason,
        )  # fmt: skip


def end_hold(session: WriteSession, actor: Actor, clue: Clue, *, reason: str, now: datetime) -> None:
    """End a hold. What was announced before is announced anew, so that nothing goes without its notice."""
    if clue.held_at is not None:
        clue_service.change(session, clue, held_at=None)
        session.execute(
            delete(RetentionNotice).where(
                col(RetentionNotice.clue_id) == clue.id, col(RetentionNotice.done_at).is_(None)
            )
        )
        journal.record(
            session, actor.doer, LET_GO, "clue", clue.id,
            now=now, clue_id=clue.id, office_id=clue.office_id, note=reason,
        )  # fmt: skip


def release(session: WriteSession, actor: Actor, *, count: int, cap: int, reason: str, now: datetime) -> None:
    """Let a stopped run go on, for exactly what this person was shown."""
    today = clock.office_date(now)
    waiting = queries.waiting(session, actor, today)
    stopped = [circle for circle, n in waiting.items() if rules.is_runaway(n, cap)]
    found = queries.stopped_ids(session, actor, stopped, today)
    if not found or len(found) != count:
        raise OtherCount(shown=count, now=len(found))
    session.execute(
        update(RetentionNotice)
        .where(col(RetentionNotice.id).in_(found))
        .values(released_at=now, released_by=actor.account_id)
    )
    for circle in stopped:
        journal.record(
            session, actor.doer, RELEASED, "compartment", circle,
            now=now, office_id=actor.office_id, note=reason, facts={"count": waiting[circle]},
        )  # fmt: skip
