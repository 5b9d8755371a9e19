"""Views of the queue that people give a name; they are the person's own, or lent to the whole office."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import delete, update
from sqlmodel import col

from app.identity.actor import Actor
from app.platform import ids
from app.platform.db import WriteSession
from app.platform.errors import Refused
from app.platform.i18n import N_
from app.platform.putting import put
from app.triage import queries
from app.triage.models import SavedView

MOST: Final = 30
_TOO_MANY: Final = N_("最多保存 30 个视图，请先删掉不用的。")


def save_view(
    session: WriteSession,
    actor: Actor,
    *,
    name: str,
    filters: Mapping[str, str],
    is_shared: bool,
    now: datetime,
) -> None:
    """Keep a view under a name; the same name again replaces what stood under it."""
    own = [view for view in queries.saved_views(session, actor) if view.account_id == actor.account_id]
    same = next((view for view in own if view.name == name), None)
    if same is not None:
        session.execute(
            update(SavedView)
            .where(col(SavedView.id) == same.id)
            .values(filters=dict(filters), is_shared=is_shared, saved_at=now)
        )
        return
    if len(own) >= MOST:
        raise Refused(_TOO_MANY)
    put(
        session, SavedView, id=ids.new(), office_id=actor.office_id, account_id=actor.account_id, name=name,
        filters=dict(filters), is_shared=is_shared, saved_at=now,
    )  # fmt: skip


def share_view(session: WriteSession, actor: Actor, view_id: str, *, is_shared: bool) -> None:
    """Lend one's own view to the office, or keep it to oneself again; raises Missing for anybody else's."""
    queries.own_view(session, actor, view_id)
    session.execute(update(SavedView).where(col(SavedView.id) == view_id).values(is_shared=is_shared))


def drop_view(session: WriteSession, actor: Actor, view_id: str) -> None:
    """Forget one's own view; raises Missing for anybody else's."""
    queries.own_view(session, actor, view_id)
    session.execute(delete(SavedView).where(col(SavedView.id) == view_id))
