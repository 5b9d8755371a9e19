"""The office's words on a clue: put on and taken off. They decide nothing, so they make nobody's page stale."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.models import Clue
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform import journal
from app.platform.db import WriteSession
from app.platform.putting import put
from app.reference import queries as reference
from app.triage import queries
from app.triage.models import ClueLabel
from app.triage.service.opening import NoSuchChoice, allowed


def put_on(session: WriteSession, actor: Actor, clue: Clue, key: str, *, now: datetime) -> bool:
    """Put one word on a clue this transaction already holds, and say whether it was not there yet."""
    if key in queries.labels_of(session, [clue.id]).get(clue.id, ()):
        return False
    if key not in {label.key for label in reference.labels(session)}:
        raise NoSuchChoice(field="label")
    put(session, ClueLabel, clue_id=clue.id, label_key=key, account_id=actor.account_id, labelled_at=now)
    _record(session, actor, clue, now=now, on=[key], off=[])
    return True


def take_off(session: WriteSession, actor: Actor, clue: Clue, key: str, *, now: datetime) -> bool:
    """Take one word off a clue, and say whether it was there."""
    if key not in queries.labels_of(session, [clue.id]).get(clue.id, ()):
        return False
    _delete(session, clue, {key})
    _record(session, actor, clue, now=now, on=[], off=[key])
    return True


def set_labels(
    session: WriteSession, actor: Actor, clue_id: str, *, now: datetime, keys: AbstractSet[str]
) -> Clue:
    """Leave exactly these words on a clue; the same again is nothing."""
    allowed(actor, Verb.CLUE_MESSAGE)
    clue = clue_queries.get(session, actor, clue_id)
    known = {label.key for label in reference.labels(session)}
    if not keys <= known:
        raise NoSuchChoice(field="labels")
    before = set(queries.labels_of(session, [clue_id]).get(clue_id, ())) & known
    on, off = sorted(keys - before), sorted(before - keys)
    for key in on:
        put(session, ClueLabel, clue_id=clue_id, label_key=key, account_id=actor.account_id, labelled_at=now)
    _delete(session, clue, set(off))
    if on or off:
        _record(session, actor, clue, now=now, on=on, off=off)
    return clue


def _delete(session: WriteSession, clue: Clue, keys: AbstractSet[str]) -> None:
    if keys:
        session.execute(
            delete(ClueLabel).where(col(ClueLabel.clue_id) == clue.id, col(ClueLabel.label_key).in_(keys))
        )


def _record(
    session: WriteSession, actor: Actor, clue: Clue, *, now: datetime, on: list[str], off: list[str]
) -> None:
    clue_service.mark_words(session, clue, on=on, off=off)
    journal.record(
        session, actor.doer, "clue.labelled", "clue", clue.id,
        now=now, clue_id=clue.id, office_id=clue.office_id, facts={"on": on, "off": off},
    )  # fmt: skip
