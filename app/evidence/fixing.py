"""From 线索材料 to 证据: two members of staff, two different people, say how they checked a file (办案规则 art 36)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col

from app.evidence.models import EvidenceItem
from app.evidence.queries import Shown
from app.identity.actor import Actor
from app.platform import journal
from app.platform.db import WriteSession
from app.platform.errors import Conflict, Refused
from app.platform.i18n import N_


class NeedsSecondPerson(Refused):
    """The one who proposed cannot also confirm."""

    code = "needs_second_person"
    text = N_("固定证据要两个人：您已经提出，请另一位工作人员确认。")


class AlreadyFixed(Conflict):
    """The item is evidence already, or somebody else proposed or confirmed at the same moment."""

    code = "already_fixed"
    text = N_("这份材料刚刚有人处理过。请看最新情况再决定。")


def fix(session: WriteSession, actor: Actor, item: Shown, *, note: str, now: datetime) -> bool:
    """Propose an item as evidence, or confirm what another proposed; return whether it is evidence now.

    `note` says when, where and how it was checked (arts 37 to 39); it is kept as a note of the journal.
    """
    if item.fixed_at is not None:
        raise AlreadyFixed
    if item.fixed_by == actor.account_id:
        raise NeedsSecondPerson
    is_second = item.fixed_by is not None
    mine = col(EvidenceItem.id) == item.id
    if is_second:
        changed = session.execute(
            update(EvidenceItem)
            .where(mine, col(EvidenceItem.fixed_by) == item.fixed_by, col(EvidenceItem.fixed_at).is_(None))
            .values(fixed_with=actor.account_id, fixed_at=now)
        )
    else:
        changed = session.execute(
            update(EvidenceItem)
            .where(mine, col(EvidenceItem.fixed_by).is_(None))
            .values(fixed_by=actor.account_id)
        )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise AlreadyFixed
    journal.record(
        session, actor.doer, "evidence.fixed" if is_second else "evidence.fixing_asked", "evidence_item", item.id,
        now=now, clue_id=item.clue_id, office_id=actor.office_id, note=note,
        facts={"digest": item.digest, **({"first": item.fixed_by} if is_second else {})},
    )  # fmt: skip
    return is_second
