"""The counts of the work lists, kept while nothing has happened: every desk asks for them every fifteen seconds.

Whatever changes a list writes a journal row in the same transaction, so the journal's last row number says whether
a count still holds. On PostgreSQL a lower number may become visible after a higher one; a count is therefore never
believed for longer than a few seconds.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from app.clues.queries import Scope, scope_of
from app.desk.queries import queue
from app.desk.terms import WorkList
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession, place_of

_BELIEVED: Final = timedelta(seconds=10)
_MOST: Final = 256
_Key = tuple[str, Scope, str]
_kept: OrderedDict[_Key, tuple[int, date, datetime, Mapping[WorkList, int]]] = OrderedDict()
_guard: Final = threading.Lock()


def counted_lists(
    session: ReadSession | WriteSession, actor: Actor, *, today: date, now: datetime, at: int
) -> Mapping[WorkList, int]:
    """Return how many clues stand on each list for this person; `at` is where the journal stands for this session."""
    key = (place_of(session), scope_of(actor), actor.account_id)
    with _guard:
        kept = _kept.get(key)
    if kept is not None and kept[:2] == (at, today) and timedelta(0) <= now - kept[2] < _BELIEVED:
        return kept[3]
    found = queue.counts(session, actor, today=today)
    with _guard:
        _kept[key] = (at, today, now, found)
        _kept.move_to_end(key)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return found
