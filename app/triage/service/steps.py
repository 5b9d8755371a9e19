"""The steps on the way: register, ask, evaluate, inquire; each journals once through `advance`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import insert

from app.clocks.rules import deadline
from app.clues import service as clue_service
from app.clues.lifecycle import StepRefused
from app.clues.models import Clue
from app.clues.service import Numbering
from app.clues.terms import ClueAction, ClueState, Fact
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.intake import service as intake_service
from app.platform import clock, ids, journal
from app.platform.db import WriteSession
from app.reference import queries as reference
from app.triage import labels, policy, queries
from app.triage.models import Evaluation
from app.triage.rules import suggested_grade
from app.triage.service.keeping import give_to
from app.triage.service.opening import NoSuchChoice, ready, seen
from app.triage.terms import Grade, Scores

EVALUATION_CLOCK: Final = "clue_evaluation"
INQUIRERS: Final = 2


def register(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    version: int,
    now: datetime,
    numbering: Numbering,
    evaluation_days: int,
) -> Clue:
    """Register a clue 登记: its number, its evaluation clock, and somebody responsible if it has nobody."""
    clue = ready(session, actor, clue_id, ClueAction.REGISTER, version=version)
    kind = identity_queries.compartment_kind(session, clue.compartment_id)
    clue = clue_service.register(
        session, actor.doer, clue, numbering=numbering, compartment_kind=kind.value, now=now, version=version
    )
    today = clock.office_date(now)
    days = reference.category(session, clue.category_key, today).sla_days or evaluation_days
    due = deadline(EVALUATION_CLOCK, today, reference.calendar(session), amount_override=days)
    clue_service.change(session, clue, due_on=due.due_on)
    # Whoever may only register (a clerk, 案管) is not made responsible for what they may not decide.
    if clue.assignee_id is None and actor.may(Verb.CLUE_EVALUATE):
        give_to(session, actor, clue, actor.account_id, now=now)
    return clue


def request_info(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    version: int,
    now: datetime,
    text: str,
    answer_by: date,
) -> Clue:
    """Ask the reporter for more, until a day; silence does not close the clue."""
    clue = ready(session, actor, clue_id, ClueAction.REQUEST_INFO, version=version)
    return intake_service.ask_reporter(session, actor, clue, text, answer_by, now, version=version)


def resume(session: WriteSession, actor: Actor, clue_id: str, *, version: int, now: datetime) -> Clue:
    """Go on with a clue that waited for the reporter, where it was left."""
    clue = ready(session, actor, clue_id, ClueAction.RESUME, version=version)
    return clue_service.advance(session, actor.doer, clue, ClueAction.RESUME, now=now, version=version)


def start_evaluation(
    session: WriteSession, actor: Actor, clue_id: str, *, version: int, now: datetime
) -> Clue:
    """Begin to evaluate."""
    clue = ready(session, actor, clue_id, ClueAction.START_EVALUATION, version=version)
    return clue_service.advance(
        session, actor.doer, clue, ClueAction.START_EVALUATION, now=now, version=version
    )


def evaluate(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    version: int,
    now: datetime,
    scores: Scores,
    grade: Grade,
    reason: str,
) -> Clue:
    """Write an evaluation 评估; a clue just registered thereby comes under evaluation, in one journal entry."""
    clue = seen(session, actor, clue_id, version=version)
    why = policy.may_evaluate(actor.verbs, ClueState(clue.state))
    if why is not None:
        raise StepRefused(labels.WHY_NOT[why], action="evaluate", reason=why.value)
    suggested = suggested_grade(scores).grade
    evaluation_id = ids.new()
    session.execute(
        insert(Evaluation).values(
            id=evaluation_id, clue_id=clue_id, scores=scores.as_json(), suggested_grade=suggested.value,
            grade=grade.value, reason=reason, evaluated_by=actor.account_id, evaluated_at=now,
        )
    )  # fmt: skip
    facts = {"evaluation": evaluation_id, "grade": grade.value, "suggested": suggested.value}
    # What is judged pressing takes the urgent path: it stands on that list from now on.
    written: dict[str, Any] = {"grade": grade.value} | ({"is_urgent": True} if scores.is_pressing else {})
    if clue.state == ClueState.REGISTERED:
        return clue_service.advance(
            session, actor.doer, clue, ClueAction.START_EVALUATION,
            now=now, version=version, note=reason, journal_facts=facts, values=written,
        )  # fmt: skip
    clue_service.change(session, clue, version=version, **written)
    journal.record(
        session, actor.doer, "clue.evaluated", "clue", clue_id,
        now=now, clue_id=clue_id, office_id=clue.office_id, facts=facts, note=reason,
    )  # fmt: skip
    return clue


def start_inquiry(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    version: int,
    now: datetime,
    staff: Sequence[str],
    note: str = "",
) -> Clue:
    """Begin a preliminary inquiry 初步调查 (办案规则 27) by two named people at least (36); its plan is a note."""
    clue = ready(session, actor, clue_id, ClueAction.START_INQUIRY, version=version)
    able = queries.inquirers(
        session, office_id=clue.office_id, compartment_id=clue.compartment_id, now=now, clue_id=clue_id
    )
    if len(set(staff)) < INQUIRERS or not set(staff) <= {one.account_id for one in able}:
        raise NoSuchChoice(field="staff_2")
    return clue_service.advance(
        session, actor.doer, clue, ClueAction.START_INQUIRY,
        now=now, facts=frozenset({Fact.EVALUATION}), version=version, note=note,
        journal_facts={"staff": sorted(set(staff))},
    )  # fmt: skip


def end_inquiry(
    session: WriteSession, actor: Actor, clue_id: str, *, version: int, now: datetime, note: str
) -> Clue:
    """End a preliminary inquiry with its finding, and go back to evaluating."""
    clue = ready(session, actor, clue_id, ClueAction.END_INQUIRY, version=version)
    return clue_service.advance(
        session, actor.doer, clue, ClueAction.END_INQUIRY,
        now=now, facts=frozenset({Fact.REASON}), version=version, note=note,
    )  # fmt: skip
