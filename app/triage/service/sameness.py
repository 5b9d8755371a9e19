"""The same matter 合并: linked, never renumbered, never moved; and taken apart again (decisions.md 1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.models import Clue
from app.clues.service import StaleClue
from app.clues.terms import ClueAction, ClueState, Fact
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.intake import service as intake_service
from app.intake.terms import MessageKind
from app.platform import clock
from app.platform.db import WriteSession
from app.platform.errors import Invalid
from app.platform.i18n import N_
from app.reference import queries as reference
from app.triage import queries
from app.triage.service.endings import reason_of
from app.triage.service.opening import NoSuchChoice, allowed, ready, seen


class CannotMerge(Invalid):
    """The clue named cannot be the one this clue is merged into."""

    code = "cannot_merge"
    text = N_("没有找到这条线索，请核对编号。")


# The reason whose sentence says to a reporter that their matter is looked at anew.
GOES_ON = "internal_correction"
_ITSELF = N_("这就是当前这条线索，请填写另一条的编号。")
_IS_MEMBER = N_("那条线索自己已经合并到别的线索，请填写主线索的编号。")
_HAS_MEMBERS = N_("这条线索下面已经合并了别的线索，请反过来合并。")
_OTHER_CIRCLE = N_("两条线索不在同一个范围，不能合并。")


def merge(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    version: int,
    now: datetime,
    master: str,
    reason_key: str,
    note: str = "",
) -> Clue:
    """Note that a clue is the same matter as another one, named by number or id, which goes on for both."""
    ready(session, actor, clue_id, ClueAction.MERGE, version=version)
    reason_of(session, ClueAction.MERGE, reason_key)
    named = queries.named(session, actor, master)
    if named is None:
        raise CannotMerge(field="master")
    # Both rows are locked and read again: two people may be merging the two into each other.
    both = queries.held(session, actor, [clue_id, named.id])
    member, into = both[clue_id], both[named.id]
    if member.version != version:
        raise StaleClue(clue_id=clue_id)
    _check(session, member, into)
    clue_service.advance(
        session, actor.doer, member, ClueAction.MERGE,
        now=now, facts=frozenset({Fact.MASTER}), version=version, note=note,
        journal_facts={"master": into.id, "reason": reason_key}, values={"reason_key": reason_key},
    )  # fmt: skip
    clue_service.link(session, actor.doer, master=into, member=member, account_id=actor.account_id, now=now)
    kind = reference.category(session, member.category_key, clock.office_date(member.received_at))
    intake_service.catch_up(
        session, actor.doer, member=member, master=into, is_open_about_it=kind.shows_nearby, now=now
    )
    return member


def _check(session: WriteSession, member: Clue, into: Clue) -> None:
    if member.id == into.id:
        raise CannotMerge(_ITSELF, field="master")
    if into.compartment_id != member.compartment_id:
        raise CannotMerge(_OTHER_CIRCLE, field="master")
    if into.state == ClueState.MERGED_DUPLICATE:
        raise CannotMerge(_IS_MEMBER, field="master")
    if clue_queries.members_of(session, member.id):
        raise CannotMerge(_HAS_MEMBERS, field="master")


def unmerge(
    session: WriteSession, actor: Actor, clue_id: str, *, version: int, now: datetime, note: str
) -> Clue:
    """Take a merged clue out again, with the reason; the trace of the link stays."""
    clue = ready(session, actor, clue_id, ClueAction.UNMERGE, version=version)
    was_told = clue.feedback_sent_at is not None
    clue = clue_service.advance(
        session, actor.doer, clue, ClueAction.UNMERGE,
        now=now, facts=frozenset({Fact.REASON}), version=version, note=note, values=intake_service.taken_apart(),
    )  # fmt: skip
    clue_service.unlink(session, actor.doer, member=clue, now=now)
    if was_told:
        # The reporter has read how the other matter ended: that this one goes on must not be left for them to guess.
        text = reason_of(session, ClueAction.REOPEN, GOES_ON).public
        intake_service.tell_reporter(session, actor.doer, clue, MessageKind.NOTE, text, now)
    return clue


def split(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    version: int,
    now: datetime,
    members: Sequence[str],
    stay_together: bool,
    note: str,
) -> list[Clue]:
    """Take some of the clues merged under this one out again, each by itself or as one matter of their own.

    Where they stay together the one that came first goes on for the others, for the reason each was merged with.
    """
    allowed(actor, Verb.CLUE_MERGE)
    seen(session, actor, clue_id, version=version)
    held = queries.held(session, actor, list(members))
    if (
        not members
        or set(members) - set(held)
        or set(members) - set(clue_queries.members_of(session, clue_id))
    ):
        raise NoSuchChoice(field="stay_together")
    reasons = {one.id: one.reason_key or "" for one in held.values()}
    out = [
        unmerge(session, actor, one.id, version=one.version, now=now, note=note)
        for one in sorted(held.values(), key=lambda one: (one.received_at, one.rowno or 0))
    ]
    if stay_together:
        first, *others = out
        for one in others:
            merge(
                session, actor, one.id, version=one.version, now=now, master=first.id,
                reason_key=reasons[one.id], note=note,
            )  # fmt: skip
    return out
