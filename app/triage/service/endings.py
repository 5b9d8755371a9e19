"""The steps that end the office's work for the time being, and the one that takes it up again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from app.clues import service as clue_service
from app.clues.models import Clue
from app.clues.terms import ClueAction, Fact
from app.identity.actor import Actor
from app.intake import service as intake_service
from app.platform.db import WriteSession
from app.reference import queries as reference
from app.reference.models import Reason
from app.triage.service.opening import NoSuchChoice, ready

# Which list of reasons a step chooses from.
REASON_LISTS: Final[dict[ClueAction, str]] = {
    ClueAction.SCREEN_OUT: "screen_out",
    ClueAction.REDIRECT: "redirect",
    ClueAction.CLOSE: "close",
    ClueAction.REOPEN: "reopen",
    ClueAction.MERGE: "merge",
}


def reason_of(session: WriteSession, action: ClueAction, key: str) -> Reason:
    """Return the reason chosen from a step's list; raises NoSuchChoice."""
    for reason in reference.reasons(session, REASON_LISTS[action]):
        if reason.key == key:
            return reason
    raise NoSuchChoice(field="reason_key")


def _ended(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    action: ClueAction,
    *,
    version: int,
    now: datetime,
    reason_key: str,
    public: str,
    note: str,
    told: frozenset[Fact],
    facts: Mapping[str, str],
) -> Clue:
    clue = ready(session, actor, clue_id, action, version=version)
    reason = reason_of(session, action, reason_key)
    return intake_service.conclude(
        session, actor.doer, clue, action, text=public or reason.public, reason_key=reason_key, facts=told,
        now=now, version=version, note=note, journal_facts={"reason": reason_key, **facts},
    )  # fmt: skip


def screen_out(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    version: int,
    now: datetime,
    reason_key: str,
    public: str = "",
    note: str = "",
) -> Clue:
    """Decide not to accept a clue 不予受理, with a reason from the list and a sentence for the reporter."""
    return _ended(
        session, actor, clue_id, ClueAction.SCREEN_OUT, version=version, now=now,
        reason_key=reason_key, public=public, note=note, told=frozenset({Fact.REASON}), facts={},
    )  # fmt: skip


def redirect(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    version: int,
    now: datetime,
    reason_key: str,
    hotline_key: str,
    public: str = "",
    note: str = "",
) -> Clue:
    """Lead the reporter to the channel that settles the matter faster (domain.md 1.13)."""
    hotline = {row.key: row for row in reference.hotlines(session)}.get(hotline_key)
    if hotline is None:
        raise NoSuchChoice(field="hotline_key")
    told = public or reason_of(session, ClueAction.REDIRECT, reason_key).public
    return _ended(
        session, actor, clue_id, ClueAction.REDIRECT, version=version, now=now, reason_key=reason_key, note=note,
        # The channel stands on a line of its own: the reporter must be able to call it without reading a sentence.
        public=f"{told}\n{hotline.name} {hotline.number}".strip(),
        told=frozenset({Fact.REASON, Fact.CHANNEL}), facts={"hotline": hotline_key},
    )  # fmt: skip


def close(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    version: int,
    now: datetime,
    reason_key: str,
    public: str,
    note: str = "",
) -> Clue:
    """Close a clue 办结 with its outcome; that no transfer is open is asked by the desk, which can see them."""
    return _ended(
        session, actor, clue_id, ClueAction.CLOSE, version=version, now=now,
        reason_key=reason_key, public=public, note=note, told=frozenset({Fact.OUTCOME}), facts={},
    )  # fmt: skip


def watch(
    session: WriteSession, actor: Actor, clue_id: str, *, version: int, now: datetime, note: str
) -> Clue:
    """Keep a clue under watch 存查, with the reason."""
    clue = ready(session, actor, clue_id, ClueAction.WATCH, version=version)
    # The reporter reads the standing wording: kept, and taken up again with anything new.
    return intake_service.conclude(
        session, actor.doer, clue, ClueAction.WATCH, text="", reason_key=None,
        facts=frozenset({Fact.REASON}), now=now, version=version, note=note,
    )  # fmt: skip


def propose_filing(
    session: WriteSession, actor: Actor, clue_id: str, *, version: int, now: datetime, note: str = ""
) -> Clue:
    """Propose that a case be filed 提请立案; the decision is the chief procurator's (办案规则 30)."""
    clue = ready(session, actor, clue_id, ClueAction.PROPOSE_FILING, version=version)
    return clue_service.advance(
        session, actor.doer, clue, ClueAction.PROPOSE_FILING,
        now=now, facts=frozenset({Fact.EVALUATION}), version=version, note=note,
    )  # fmt: skip


def reopen(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    version: int,
    now: datetime,
    reason_key: str,
    note: str = "",
) -> Clue:
    """Take an ended clue up again, with a reason; what the reporter was told of its end no longer holds."""
    clue = ready(session, actor, clue_id, ClueAction.REOPEN, version=version)
    reason_of(session, ClueAction.REOPEN, reason_key)
    return intake_service.take_up(
        session, actor.doer, clue, now=now, version=version, note=note, journal_facts={"reason": reason_key}
    )
