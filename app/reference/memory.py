"""Reference data kept in memory while its version stands.

A form needs a dozen rows that change a few times a year; reading them cost more than writing a report. Each
process keeps what it read under the version it read it at, and asks for the version each time: one row by its
key. Every change raises the version in its own transaction, so that several processes agree at once. Whoever
changes these tables by hand restarts the server.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import insert, update
from sqlmodel import col

from app.clocks.rules import Calendar
from app.platform.db import ReadSession, WriteSession, place_of
from app.platform.errors import Missing
from app.reference import queries
from app.reference.models import Channel, ReferenceState

_STATE: Final = "state"
_MOST: Final = 512
_kept: OrderedDict[Hashable, tuple[int, Any]] = OrderedDict()
_guard: Final = threading.Lock()
Found = TypeVar("Found")


def remembered(session: ReadSession | WriteSession, key: Hashable, read: Callable[[], Found]) -> Found:
    """Return what `read` gave at this version of the reference data; it must be read-only for its callers."""
    version = queries.state_version(session)
    whole = (place_of(session), key)
    with _guard:
        kept = _kept.get(whole)
    if kept is not None and kept[0] == version:
        found: Found = kept[1]
        return found
    found = read()
    if isinstance(session, WriteSession):
        # What a transaction sees of its own changes may yet be rolled back, and its version number used again.
        return found
    with _guard:
        _kept[whole] = (version, found)
        _kept.move_to_end(whole)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return found


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What every report that comes in is measured by: the channels, and the calendar its term is counted on."""

    channels: Mapping[str, Channel]
    calendar: Calendar

    def channel(self, key: str) -> Channel:
        """Return one channel; raises Missing."""
        if key not in self.channels:
            raise Missing
        return self.channels[key]


def arrivals(session: ReadSession | WriteSession) -> Arrivals:
    """Return channels and calendar as they stand."""
    return remembered(
        session,
        "arrivals",
        lambda: Arrivals({row.key: row for row in queries.channels(session)}, queries.calendar(session)),
    )


def raise_version(session: WriteSession) -> None:
    """Note a change, in its own transaction."""
    session.info.pop(queries.STATE_VERSION, None)
    changed = session.execute(
        update(ReferenceState)
        .where(col(ReferenceState.key) == _STATE)
        .values(version=col(ReferenceState.version) + 1)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        session.execute(insert(ReferenceState).values(key=_STATE, version=1))
