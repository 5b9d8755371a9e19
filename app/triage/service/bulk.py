"""One step for several clues: each by its own service, with its own version and journal row, none hindering another.

What was done stands in a `bulk_run`; within a quarter of an hour whoever did it may take it back, by the reverse
steps the house has: an assignment goes back to who had it, a word comes off again. A clue screened out is reopened,
which is a step of its own: it comes back under evaluation, and what its reporter has read stays read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import update
from sqlmodel import col

from app.clues.lifecycle import StepRefused
from app.clues.models import Clue
from app.clues.service import StaleClue
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform import ids, journal
from app.platform.db import WriteSession
from app.platform.errors import Missing
from app.platform.i18n import N_
from app.platform.putting import put
from app.triage import queries
from app.triage.models import BulkRun
from app.triage.service import labelling
from app.triage.service.endings import reopen, screen_out
from app.triage.service.keeping import assign, hand_back
from app.triage.service.opening import NoSuchChoice, allowed
from app.triage.teams.service import give
from app.triage.terms import BulkAct

UNDO_FOR: Final = timedelta(minutes=15)
MOST: Final = 100
# The reason in the reference data under which a clue screened out by mistake is taken up again.
TAKEN_BACK: Final = "internal_correction"
_TOO_LATE: Final = N_("已经过了可以撤销的时间，或者已经撤销过。请到每条线索里处理。")
_HAS_IT: Final = N_("已经是这样，不用再做。")


@dataclass(frozen=True, slots=True)
class Pick:
    """One clue as the list showed it."""

    clue_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one clue: the version it was left with, what stood there before, or why it was left alone."""

    clue: str
    version: int = 0
    before: str | None = None
    refused: str = ""
    team: str | None = None

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Item:
        """Read the stored form."""
        return cls(stored["clue"], stored["version"], stored["before"], stored["refused"], stored.get("team"))


_Act = Callable[[Clue, int], Item]


def _each(session: WriteSession, actor: Actor, picks: Iterable[Pick], act: _Act) -> list[Item]:
    """Take a step for each; a refusal is written down and the next one goes on.

    All are locked first, in one order: each service then refuses before it writes, never in the middle.
    """
    wanted = list({pick.clue_id: pick for pick in picks}.values())
    held = queries.held(session, actor, [pick.clue_id for pick in wanted])
    found = []
    for pick in wanted:
        clue = held.get(pick.clue_id)
        if clue is None or clue.version != pick.version:
            found.append(Item(pick.clue_id, refused=StaleClue.text if clue else Missing.text))
            continue
        try:
            found.append(act(clue, pick.version))
        except (StaleClue, StepRefused, NoSuchChoice) as problem:
            found.append(Item(pick.clue_id, refused=problem.message))
    return found


def _keep(
    session: WriteSession,
    actor: Actor,
    act: BulkAct,
    facts: Mapping[str, Any],
    items: Sequence[Item],
    now: datetime,
) -> str:
    run_id = ids.new()
    put(
        session, BulkRun, id=run_id, office_id=actor.office_id, account_id=actor.account_id, action=act.value,
        facts=dict(facts), items=[asdict(item) for item in items], made_at=now, undone_at=None, undone=None,
    )  # fmt: skip
    done = sum(not item.refused for item in items)
    journal.record(
        session, actor.doer, "desk.bulk_done", "bulk_run", run_id, now=now, office_id=actor.office_id,
        facts={"act": act.value, "done": done, "refused": len(items) - done},
    )  # fmt: skip
    return run_id


def assign_all(
    session: WriteSession,
    actor: Actor,
    picks: Sequence[Pick],
    *,
    account_id: str,
    now: datetime,
    act: BulkAct = BulkAct.ASSIGN,
) -> str:
    """Make one person responsible for several clues; return the run."""
    allowed(actor, Verb.CLUE_ASSIGN)

    def give(clue: Clue, version: int) -> Item:
        before = clue.assignee_id
        if before == account_id:
            return Item(clue.id, refused=_HAS_IT)
        team = clue.team_id
        after = assign(session, actor, clue.id, version=version, now=now, account_id=account_id)
        return Item(clue.id, after.version, before, team=team)

    items = _each(session, actor, picks, give)
    return _keep(session, actor, act, {"account": account_id}, items, now)


def give_all(
    session: WriteSession, actor: Actor, picks: Sequence[Pick], *, team_id: str, now: datetime
) -> str:
    """Give several clues to one team; return the run."""
    allowed(actor, Verb.CLUE_ASSIGN)

    def hand(clue: Clue, version: int) -> Item:
        before, team = clue.assignee_id, clue.team_id
        if team == team_id and before is None:
            return Item(clue.id, refused=_HAS_IT)
        after = give(session, actor, clue.id, version=version, now=now, team_id=team_id)
        return Item(clue.id, after.version, before, team=team)

    items = _each(session, actor, picks, hand)
    return _keep(session, actor, BulkAct.ASSIGN, {"team": team_id}, items, now)


def screen_out_all(
    session: WriteSession,
    actor: Actor,
    picks: Sequence[Pick],
    *,
    reason_key: str,
    public: str,
    note: str,
    now: datetime,
) -> str:
    """Decide not to accept several clues, for one reason; return the run."""
    allowed(actor, Verb.CLUE_SCREEN_OUT)

    def act(clue: Clue, version: int) -> Item:
        before = clue.state
        after = screen_out(
            session, actor, clue.id, version=version, now=now, reason_key=reason_key, public=public, note=note
        )
        return Item(clue.id, after.version, before)

    items = _each(session, actor, picks, act)
    return _keep(session, actor, BulkAct.SCREEN_OUT, {"reason": reason_key}, items, now)


def label_all(
    session: WriteSession, actor: Actor, picks: Sequence[Pick], *, label: str, now: datetime
) -> str:
    """Put one of the office's words on several clues; return the run."""
    allowed(actor, Verb.CLUE_MESSAGE)

    def act(clue: Clue, version: int) -> Item:
        is_new = labelling.put_on(session, actor, clue, label, now=now)
        return Item(clue.id, version) if is_new else Item(clue.id, refused=_HAS_IT)

    items = _each(session, actor, picks, act)
    return _keep(session, actor, BulkAct.LABEL, {"label": label}, items, now)


def may_undo(run: BulkRun, *, now: datetime) -> bool:
    """Say whether a run can still be taken back."""
    has_done = any(not Item.of(item).refused for item in run.items)
    return has_done and run.undone_at is None and now < run.made_at + UNDO_FOR


def undo(session: WriteSession, actor: Actor, run_id: str, *, now: datetime) -> BulkRun:
    """Take a run back, for each clue nobody has touched since; raises Missing for anybody else's run."""
    run = queries.bulk_run(session, actor, run_id, holds=True)
    if not may_undo(run, now=now):
        raise StepRefused(_TOO_LATE, action="undo")
    done = [Item.of(item) for item in run.items if not item["refused"]]
    picks = [Pick(item.clue, item.version) for item in done]
    before = {item.clue: (item.before, item.team) for item in done}

    def back(clue: Clue, version: int) -> Item:
        if run.action in {BulkAct.ASSIGN, BulkAct.HAND_OVER}:
            account_id, team_id = before[clue.id]
            after = hand_back(
                session, actor, clue.id, version=version, now=now, account_id=account_id, team_id=team_id
            )
            return Item(clue.id, after.version)
        if run.action == BulkAct.SCREEN_OUT:
            after = reopen(session, actor, clue.id, version=version, now=now, reason_key=TAKEN_BACK)
            return Item(clue.id, after.version)
        # A word does not make a page stale, so whoever changed the clue meanwhile does not stand in its way.
        labelling.take_off(session, actor, clue, str(run.facts["label"]), now=now)
        return Item(clue.id, version)

    if run.action == BulkAct.LABEL:
        now_at = queries.held(session, actor, [pick.clue_id for pick in picks])
        picks = [Pick(clue.id, clue.version) for clue in now_at.values()]
    undone = _each(session, actor, picks, back)
    session.execute(
        update(BulkRun)
        .where(col(BulkRun.id) == run_id)
        .values(undone_at=now, undone=[asdict(item) for item in undone])
    )
    journal.record(
        session, actor.doer, "desk.bulk_undone", "bulk_run", run_id, now=now, office_id=actor.office_id,
        facts={"act": run.action, "undone": sum(not item.refused for item in undone)},
    )  # fmt: skip
    session.refresh(run)
    return run
