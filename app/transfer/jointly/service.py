"""Recording joint work; nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, update
from sqlmodel import col

from app.clues.models import Clue
from app.evidence import service as evidence_service
from app.evidence.service import KeptFile
from app.evidence.terms import Origin
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform import ids, journal
from app.platform.db import WriteSession
from app.platform.errors import Refused
from app.transfer.jointly.models import JointAct
from app.transfer.jointly.terms import JointTold
from app.triage.service.opening import refuse_recused


def record(
    session: WriteSession,
    actor: Actor,
    clue: Clue,
    told: JointTold,
    *,
    files: Sequence[KeptFile],
    now: datetime,
) -> str:
    """Record a joint inquiry or hearing with its paper; return its id."""
    if not actor.may(Verb.TRANSFER_RECORD_PAPER):
        raise Refused(verb=Verb.TRANSFER_RECORD_PAPER.value)
    refuse_recused(session, actor.account_id, clue.id)
    act_id = ids.new()
    session.execute(
        insert(JointAct).values(
            id=act_id, clue_id=clue.id, office_id=clue.office_id, kind=told.kind.value, held_on=told.held_on,
            place=told.place, ours=told.ours, theirs=told.theirs, outcome=told.outcome,
            recorded_by=actor.account_id, recorded_at=now,
        )
    )  # fmt: skip
    evidence_service.take_in(
        session, actor.doer, files, clue_id=clue.id, office_id=clue.office_id,
        origin_kind=Origin.STAFF, origin_id=act_id, now=now,
    )  # fmt: skip
    journal.record(
        session, actor.doer, "joint.recorded", "joint_act", act_id, now=now, clue_id=clue.id,
        office_id=clue.office_id,
        facts={"kind": told.kind.value, "held_on": told.held_on.isoformat(), "files": len(files)},
    )  # fmt: skip
    return act_id


def erase_words(session: WriteSession, clue_id: str) -> None:
    """Erase who was there and what came of it; that and when it was stays."""
    session.execute(
        update(JointAct)
        .where(col(JointAct.clue_id) == clue_id)
        .values(place="", ours="", theirs="", outcome="")
        .execution_options(synchronize_session=False)
    )
