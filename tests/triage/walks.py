"""Bringing a clue to a state by the desk's own steps, and every step with what it asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.clues import service as clue_service
from app.clues.models import Clue
from app.clues.terms import ClueAction as A
from app.clues.terms import ClueState as S
from app.clues.terms import Fact
from app.identity.actor import Actor
from app.platform.db import WriteSession
from app.platform.records import Journal
from app.triage import queries, service
from app.triage.terms import Grade, Scores
from tests.desk import makers

ROW: Any = Journal
GOOD = Scores(2, 2, 2, 2, 2, 2, is_ours=True, is_public=True, is_pressing=False)
Act = Callable[[WriteSession, Actor, Clue], Clue]


def _common(clue: Clue) -> dict[str, Any]:
    return {"version": clue.version, "now": makers.NOW}


def register(session: WriteSession, actor: Actor, clue: Clue) -> Clue:
    return service.register(
        session, actor, clue.id, **_common(clue), numbering=makers.NUMBERING, evaluation_days=15
    )


def evaluate(session: WriteSession, actor: Actor, clue: Clue) -> Clue:
    return service.evaluate(session, actor, clue.id, **_common(clue), scores=GOOD, grade=Grade.B, reason="")


def merge(session: WriteSession, actor: Actor, clue: Clue) -> Clue:
    other = register(session, actor, makers.clue(session))
    return service.merge(
        session, actor, clue.id, **_common(clue), master=str(other.number), reason_key="same_place_and_matter"
    )


def send(session: WriteSession, actor: Actor, clue: Clue) -> Clue:
    """Transferring is the next room's; here the lifecycle's step alone."""
    return clue_service.advance(
        session, actor.doer, clue, A.TRANSFER, now=makers.NOW, facts=frozenset({Fact.RECIPIENT})
    )


def _decide(action: A) -> Act:
    def act(session: WriteSession, actor: Actor, clue: Clue) -> Clue:
        return clue_service.advance(session, actor.doer, clue, action, now=makers.NOW, facts=frozenset(Fact))

    return act


def two(session: WriteSession, actor: Actor, clue: Clue) -> tuple[str, ...]:
    """Two people who may go and look."""
    able = queries.inquirers(
        session, office_id=clue.office_id, compartment_id=clue.compartment_id, now=makers.NOW
    )
    others = [one.account_id for one in able if one.account_id != actor.account_id]
    return (able[0].account_id, others[-1])


STEPS: dict[A, Act] = {
    A.REGISTER: register,
    A.REQUEST_INFO: lambda s, a, c: service.request_info(
        s, a, c.id, **_common(c), text="请补照片", answer_by=(makers.NOW + timedelta(days=9)).date()
    ),
    A.RESUME: lambda s, a, c: service.resume(s, a, c.id, **_common(c)),
    A.START_EVALUATION: lambda s, a, c: service.start_evaluation(s, a, c.id, **_common(c)),
    A.START_INQUIRY: lambda s, a, c: service.start_inquiry(s, a, c.id, **_common(c), staff=two(s, a, c)),
    A.END_INQUIRY: lambda s, a, c: service.end_inquiry(s, a, c.id, **_common(c), note="查实"),
    A.MERGE: merge,
    A.UNMERGE: lambda s, a, c: service.unmerge(s, a, c.id, **_common(c), note="不是同一处"),
    A.SCREEN_OUT: lambda s, a, c: service.screen_out(s, a, c.id, **_common(c), reason_key="no_content"),
    A.REDIRECT: lambda s, a, c: service.redirect(
        s, a, c.id, **_common(c), reason_key="government_hotline", hotline_key="12345"
    ),
    A.WATCH: lambda s, a, c: service.watch(s, a, c.id, **_common(c), note="等开春"),
    A.PROPOSE_FILING: lambda s, a, c: service.propose_filing(s, a, c.id, **_common(c)),
    A.CLOSE: lambda s, a, c: service.close(
        s, a, c.id, **_common(c), reason_key="rectified", public="已经整改。"
    ),
    A.REOPEN: lambda s, a, c: service.reopen(s, a, c.id, **_common(c), reason_key="new_material"),
}
_WAYS: dict[S, tuple[Act, ...]] = {
    S.SUBMITTED: (),
    S.REGISTERED: (register,),
    S.NEED_MORE_INFO: (register, STEPS[A.REQUEST_INFO]),
    S.EVALUATING: (register, evaluate),
    S.PRELIMINARY_INQUIRY: (register, evaluate, STEPS[A.START_INQUIRY]),
    S.MERGED_DUPLICATE: (register, merge),
    S.NOT_ACCEPTED: (register, STEPS[A.SCREEN_OUT]),
    S.REDIRECTED: (register, STEPS[A.REDIRECT]),
    S.TRANSFER_OUT: (register, evaluate, send),
    S.WATCHING: (register, evaluate, STEPS[A.WATCH]),
    S.FILING_PROPOSED: (register, evaluate, STEPS[A.PROPOSE_FILING]),
    S.FILED: (register, evaluate, STEPS[A.PROPOSE_FILING], _decide(A.FILE)),
    S.NOT_FILED: (register, evaluate, STEPS[A.PROPOSE_FILING], _decide(A.NOT_FILE)),
    S.CLOSED: (register, evaluate, send, STEPS[A.CLOSE]),
}


def to(session: WriteSession, actor: Actor, state: S, **wishes: Any) -> Clue:
    """Return a new clue in this state."""
    clue = makers.clue(session, **wishes)
    for act in _WAYS[state]:
        clue = act(session, actor, clue)
    assert clue.state == state
    return clue


def verbs_of(session: WriteSession, clue_id: str) -> list[str]:
    """The journal of a clue."""
    return list(session.execute(select(ROW.verb).where(ROW.clue_id == clue_id).order_by(ROW.rowno)).scalars())
