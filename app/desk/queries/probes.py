"""What the probes look at: the newest clues a person may see, and transfers nobody has opened."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, desc, func, literal, select

from app.clues.models import Clue
from app.clues.queries import Scope, scope_of, visible_to
from app.desk.probe_rules import Arrival
from app.desk.terms import COUNT_CAP
from app.identity.actor import Actor
from app.platform.db import ReadSession, UtcDateTime, WriteSession
from app.transfer.models import Transfer
from app.transfer.terms import TransferState

AnySession = ReadSession | WriteSession
# How many of the newest clues are looked at, and how far back: a probe is about now.
_LOOKED_AT: Final = 1500
_WEEKS: Final = timedelta(days=35)
C: Any = Clue
T: Any = Transfer


@lru_cache(maxsize=64)
def _arrivals(scope: Scope) -> Select[Any]:
    return (
        visible_to(scope, C.received_at, C.category_key, C.has_photo)
        .where(
            C.compartment_id == bindparam("circle"), C.received_at >= bindparam("since", type_=UtcDateTime())
        )
        .order_by(desc(C.received_at), desc(C.id))
        .limit(_LOOKED_AT)
    )


def arrivals(session: AnySession, actor: Actor, *, now: datetime) -> list[Arrival]:
    """Return the newest visible clues, newest first: each circle along its own index, then put together."""
    scope = scope_of(actor)
    found = [
        Arrival(*row)
        for circle in scope.compartments
        for row in session.execute(_arrivals(scope), {"circle": circle, "since": now - _WEEKS})
    ]
    found.sort(key=lambda one: one.received_at, reverse=True)
    return found[:_LOOKED_AT]


@lru_cache(maxsize=64)
def _unread(scope: Scope) -> Select[Any]:
    found = (
        select(literal(1))
        .where(
            T.office_id == scope.office_id, T.compartment_id.in_(scope.compartments),
            T.state == TransferState.SENT.value, T.sent_at <= bindparam("before", type_=UtcDateTime()),
        )
        .limit(COUNT_CAP + 1)
        .subquery()
    )  # fmt: skip
    return select(func.count()).select_from(found)


def unread(session: AnySession, actor: Actor, *, before: datetime) -> int:
    """Return how many transfers sent before a moment nobody has acknowledged, up to the cap."""
    scope = scope_of(actor)
    if not scope.reads_clues:
        return 0
    return int(session.execute(_unread(scope), {"before": before}).scalar_one())
