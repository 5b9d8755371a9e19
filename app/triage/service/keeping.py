"""What is kept beside the state: who handles, the title, the flags, notes, the circle."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import insert, update

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.lifecycle import StepRefused
from app.clues.models import Clue
from app.clues.service import PlaceOfClue
from app.clues.terms import ClueState
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform import ids, journal
from app.platform.db import WriteSession
from app.platform.i18n import N_
from app.triage import queries
from app.triage.models import Assignment
from app.triage.service.opening import NoSuchChoice, allowed, seen

_NOT_MAJOR = N_("先标为重大线索，才能登记报备。")
_NUMBERED = N_("已经登记编号，不能再换范围。")


def end_assignment(session: WriteSession, clue: Clue, *, now: datetime) -> None:
    """End whoever's responsibility for a clue there was."""
    session.execute(
        update(Assignment)
        .where(Assignment.clue_id == clue.id, Assignment.ended_at.is_(None))  # type: ignore[arg-type, union-attr]
        .values(ended_at=now)
    )


def give_to(session: WriteSession, actor: Actor, clue: Clue, account_id: str, *, now: datetime) -> None:
    """Make somebody responsible for a clue this transaction already holds; the former assignment ends."""
    before = clue.assignee_id
    end_assignment(session, clue, now=now)
    session.execute(
        insert(Assignment).values(
            id=ids.new(),
            clue_id=clue.id,
            account_id=account_id,
            assigned_by=actor.account_id,
            assigned_at=now,
        )
    )
    # Who takes it for the team leaves it the team's; anybody else takes it away from it.
    kept = clue.team_id if clue.team_id and account_id in queries.team_people(session, clue.team_id) else None
    clue_service.change(session, clue, assignee_id=account_id, team_id=kept)
    journal.record(
        session, actor.doer, "clue.assigned", "clue", clue.id,
        now=now, clue_id=clue.id, office_id=clue.office_id, facts={"account": account_id, "before": before},
    )  # fmt: skip


def assign(
    session: WriteSession, actor: Actor, clue_id: str, *, version: int, now: datetime, account_id: str
) -> Clue:
    """Assign a clue 分派 to somebody of the office who belongs to its circle; to the same person is nothing."""
    allowed(actor, Verb.CLUE_ASSIGN)
    clue = seen(session, actor, clue_id, version=version)
    if clue.assignee_id == account_id:
        return clue
    able = queries.handlers(
        session, office_id=clue.office_id, compartment_id=clue.compartment_id, now=now, clue_id=clue.id
    )
    if account_id not in {handler.account_id for handler in able}:
        raise NoSuchChoice(field="account_id")
    give_to(session, actor, clue, account_id, now=now)
    return clue


def hand_back(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    version: int,
    now: datetime,
    account_id: str | None,
    team_id: str | None,
) -> Clue:
    """Give a clue back to who had it before, team and person; to nobody, where that person may no longer."""
    allowed(actor, Verb.CLUE_ASSIGN)
    clue = seen(session, actor, clue_id, version=version)
    able = queries.handlers(
        session, office_id=clue.office_id, compartment_id=clue.compartment_id, now=now, clue_id=clue.id
    )
    if account_id in {handler.account_id for handler in able}:
        give_to(session, actor, clue, account_id, now=now)
        if clue.team_id != team_id:
            clue_service.change(session, clue, team_id=team_id)
        return clue
    before = clue.assignee_id
    end_assignment(session, clue, now=now)
    clue_service.change(session, clue, version=version, assignee_id=None, team_id=team_id)
    journal.record(
        session, actor.doer, "clue.relieved", "clue", clue_id,
        now=now, clue_id=clue_id, office_id=clue.office_id, facts={"before": before},
    )  # fmt: skip
    return clue


def set_title(
    session: WriteSession, actor: Actor, clue_id: str, *, version: int, now: datetime, title: str
) -> Clue:
    """Give a clue the title the office uses; the reporter's own words stay as they were."""
    allowed(actor, Verb.CLUE_REGISTER)
    clue = seen(session, actor, clue_id, version=version)
    if clue.title == title:
        return clue
    before = clue.title
    clue_service.change(session, clue, version=version, title=title)
    journal.record(
        session, actor.doer, "clue.retitled", "clue", clue_id,
        now=now, clue_id=clue_id, office_id=clue.office_id, note=before,
    )  # fmt: skip
    return clue


def set_place(
    session: WriteSession, actor: Actor, clue_id: str, *, version: int, now: datetime, place: PlaceOfClue
) -> Clue:
    """Put right where the matter is; what the reporter stated stays with the report, what stood here in a note."""
    allowed(actor, Verb.CLUE_REGISTER)
    clue = seen(session, actor, clue_id, version=version)
    at = "" if clue.lat is None else f"{clue.lat:.6f}, {clue.lon:.6f}"
    before = "\n".join(part for part in (clue.town_key or "", clue.place_words, at) if part)
    clue_service.change(
        session, clue, version=version, lat=place.lat, lon=place.lon, accuracy_m=place.accuracy_m,
        place_source=place.source, place_raw=dict(place.raw) if place.raw else None,
        place_fixed_at=place.fixed_at, place_words=place.words, town_key=place.town_key,
        standing=place.standing.value,
    )  # fmt: skip
    journal.record(
        session, actor.doer, "clue.placed", "clue", clue_id,
        now=now, clue_id=clue_id, office_id=clue.office_id, note=before,
    )  # fmt: skip
    return clue


def set_flags(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    version: int,
    now: datetime,
    is_urgent: bool,
    is_major: bool,
) -> Clue:
    """Mark a clue urgent or major 重大 (办案规则 25), or take the mark away."""
    allowed(actor, Verb.CLUE_EVALUATE)
    clue = seen(session, actor, clue_id, version=version)
    if (clue.is_urgent, clue.is_major) == (is_urgent, is_major):
        return clue
    clue_service.change(session, clue, version=version, is_urgent=is_urgent, is_major=is_major)
    journal.record(
        session, actor.doer, "clue.flagged", "clue", clue_id,
        now=now, clue_id=clue_id, office_id=clue.office_id, facts={"urgent": is_urgent, "major": is_major},
    )  # fmt: skip
    return clue


def file_major(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    version: int,
    now: datetime,
    superior_id: str,
    filed_on: date,
    note: str = "",
) -> Clue:
    """Note that a major clue 重大线索 was filed with the procuratorate above (办案规则 25)."""
    allowed(actor, Verb.CLUE_EVALUATE)
    clue = seen(session, actor, clue_id, version=version)
    if not clue.is_major:
        raise StepRefused(_NOT_MAJOR, action="file_major")
    if superior_id not in {one.id for one in queries.superiors(session, clue.office_id)}:
        raise NoSuchChoice(field="superior_id")
    clue_service.change(session, clue, version=version)
    journal.record(
        session, actor.doer, "clue.major_filed", "clue", clue_id,
        now=now, clue_id=clue_id, office_id=clue.office_id, note=note,
        facts={"superior": superior_id, "on": filed_on.isoformat()},
    )  # fmt: skip
    return clue


def note(session: WriteSession, actor: Actor, clue_id: str, *, now: datetime, text: str) -> Clue:
    """Write an internal note; it decides nothing, so it makes nobody's page stale."""
    allowed(actor, Verb.CLUE_MESSAGE)
    clue = clue_queries.get(session, actor, clue_id)
    journal.record(
        session, actor.doer, "clue.noted", "clue", clue_id,
        now=now, clue_id=clue_id, office_id=clue.office_id, note=text,
    )  # fmt: skip
    return clue


def move(
    session: WriteSession, actor: Actor, clue_id: str, *, version: int, now: datetime, compartment_id: str
) -> Clue:
    """Move a clue to another circle, before it has a number of its circle's series (decisions.md 5).

    Whoever moves it may not belong to the new circle and then no longer sees it; that is meant. A handler
    outside the new circle is relieved.
    """
    allowed(actor, Verb.CLUE_REGISTER)
    clue = seen(session, actor, clue_id, version=version)
    if clue.number is not None or clue.state != ClueState.SUBMITTED:
        raise StepRefused(_NUMBERED, action="move")
    if compartment_id == clue.compartment_id:
        return clue
    if compartment_id not in {circle.id for circle in queries.circles(session, actor)}:
        raise NoSuchChoice(field="compartment_id")
    able = queries.handlers(session, office_id=clue.office_id, compartment_id=compartment_id, now=now)
    keeps_handler = clue.assignee_id in {handler.account_id for handler in able}
    if not keeps_handler:
        end_assignment(session, clue, now=now)
    clue_service.change(
        session, clue, version=version,
        compartment_id=compartment_id, assignee_id=clue.assignee_id if keeps_handler else None,
    )  # fmt: skip
    journal.record(
        session, actor.doer, "clue.moved", "clue", clue_id,
        now=now, clue_id=clue_id, office_id=clue.office_id, facts={"compartment": compartment_id},
    )  # fmt: skip
    return clue


def read_news(session: WriteSession, actor: Actor, clue_id: str, *, version: int, now: datetime) -> Clue:
    """Note that what the reporter said last has been read; nothing else moves. Read before is nothing."""
    allowed(actor, Verb.CLUE_MESSAGE)
    clue = seen(session, actor, clue_id, version=version)
    if clue.has_news:
        clue_service.change(session, clue, version=version, has_news=False)
        journal.record(
            session, actor.doer, "clue.news_read", "clue", clue_id,
            now=now, clue_id=clue_id, office_id=clue.office_id,
        )  # fmt: skip
    return clue


def note_entry(session: WriteSession, actor: Actor, clue_id: str, *, now: datetime, text: str) -> None:
    """Note who handed a matter over, with its entry; the circle it fell into may not be the enterer's own."""
    allowed(actor, Verb.CLUE_ENTER)
    clue = clue_queries.by_id(session, clue_id)
    journal.record(
        session, actor.doer, "clue.noted", "clue", clue_id,
        now=now, clue_id=clue_id, office_id=clue.office_id, note=text,
    )  # fmt: skip


def note_case_number(
    session: WriteSession, actor: Actor, clue_id: str, *, version: int, now: datetime, number: str
) -> Clue:
    """Store the number the official case system has given; the same again is nothing."""
    allowed(actor, Verb.CLUE_REGISTER)
    clue = seen(session, actor, clue_id, version=version)
    if clue.case_number == number:
        return clue
    before = clue.case_number
    clue_service.change(session, clue, version=version, case_number=number)
    journal.record(
        session, actor.doer, "clue.case_numbered", "clue", clue_id,
        now=now, clue_id=clue_id, office_id=clue.office_id, facts={"number": number, "before": before},
    )  # fmt: skip
    return clue
