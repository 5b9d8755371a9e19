"""How a matter ends for those who reported it: one way for every ending, and for every report of the same matter.

The state, the public wording and the message travel in one transaction, so that `/track` never says one thing above
and another below. A merged clue reads like one under review until its master ends (decisions.md 20); then whoever
reported it learns the outcome too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.clues import queries as clue_queries
from app.clues import rules as clue_rules
from app.clues import service as clue_service
from app.clues.lifecycle import ENDED
from app.clues.models import Clue
from app.clues.terms import ClueAction, ClueState, Fact
from app.intake.conversation import tell_reporter
from app.intake.terms import OUTCOME_SHARED, MessageKind
from app.platform import journal
from app.platform.db import WriteSession
from app.platform.journal import Doer


def conclude(
    session: WriteSession,
    doer: Doer,
    clue: Clue,
    action: ClueAction,
    *,
    text: str,
    reason_key: str | None,
    facts: frozenset[Fact],
    now: datetime,
    version: int | None = None,
    note: str = "",
    journal_facts: Mapping[str, Any] | None = None,
) -> Clue:
    """Take a step that ends a clue, and tell everybody who reported the matter what came of it."""
    told = "" if _is_facility(clue) else text.strip()
    clue_service.advance(
        session, doer, clue, action, now=now, facts=facts, version=version, note=note,
        journal_facts=journal_facts, values=_told(told, now) | {"reason_key": reason_key},
    )  # fmt: skip
    if told:
        tell_reporter(session, doer, clue, MessageKind.RESULT, told, now)
    _pass_on(session, doer, clue, action, now=now)
    return clue


def take_up(
    session: WriteSession,
    doer: Doer,
    clue: Clue,
    *,
    now: datetime,
    version: int | None = None,
    note: str = "",
    journal_facts: Mapping[str, Any] | None = None,
) -> Clue:
    """Reopen an ended clue; what was said of its end no longer holds, here and for the clues linked under it."""
    clue_service.advance(
        session, doer, clue, ClueAction.REOPEN, now=now, facts=frozenset({Fact.REASON}), version=version,
        note=note, journal_facts=journal_facts, values=_told("", now) | {"reason_key": None},
    )  # fmt: skip
    _pass_on(session, doer, clue, ClueAction.REOPEN, now=now)
    return clue


def catch_up(
    session: WriteSession, doer: Doer, *, member: Clue, master: Clue, is_open_about_it: bool, now: datetime
) -> None:
    """Let a clue that was just merged read what its reporter may read of the master.

    `is_open_about_it` is the category's switch for harmless matters; without it the reporter does not even learn
    that somebody else reported the same.
    """
    if is_open_about_it and not _is_facility(member):
        clue_service.change(session, member, public_status=clue_rules.MERGED_OPENLY)
    if ClueState(master.state) in ENDED:
        _share(session, doer, member, master, "outcome", now=now)


def taken_apart() -> dict[str, Any]:
    """Return the columns that go back when a clue leaves its master: the outcome was the master's."""
    return {"public_text": None, "feedback_sent_at": None, "reason_key": None}


def _pass_on(session: WriteSession, doer: Doer, master: Clue, action: ClueAction, *, now: datetime) -> None:
    # Read after the master is written: a merging that went before is seen, one that comes after sees the end.
    for member_id in clue_queries.members_of(session, master.id):
        _share(session, doer, clue_queries.by_id(session, member_id), master, action.value, now=now)


def _share(
    session: WriteSession, doer: Doer, member: Clue, master: Clue, step: str, *, now: datetime
) -> None:
    if _is_facility(member):
        return
    # Of a matter near a military facility nobody reads more than where it stands (domain.md 1.11).
    told = (master.public_text or "") if not _is_facility(master) else ""
    state = ClueState(master.state)
    status = clue_rules.public_status(state, is_facility=False)
    is_over = state in ENDED
    clue_service.change(
        session,
        member,
        public_status=status,
        **_told(told if is_over else "", now),
    )
    journal.record(
        session, doer, OUTCOME_SHARED, "clue", member.id,
        now=now, clue_id=member.id, office_id=member.office_id,
        facts={"master": master.id, "step": step, "state": state.value},
    )  # fmt: skip
    if is_over and told:
        tell_reporter(session, doer, member, MessageKind.RESULT, told, now)


def _told(text: str, now: datetime) -> dict[str, Any]:
    return {"public_text": text or None, "feedback_sent_at": now if text else None}


def _is_facility(clue: Clue) -> bool:
    return clue.public_status == clue_rules.MILITARY_B
