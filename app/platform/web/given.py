"""What is given to a handler, by type: settings, sessions, the instant, the landed form, the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from anyio import CancelScope, CapacityLimiter, to_thread
from fastapi import Depends, Request

from app.platform import clock, db
from app.platform.crypto import KeyRing
from app.platform.db import Database
from app.platform.pieces import Pieces
from app.platform.settings import Settings
from app.platform.storage import BlobStore
from app.platform.web import landing
from app.platform.web.landing import LandedForm, Limits


@dataclass(frozen=True)
class House:
    """The few things the whole application shares; made once by `create_app`."""

    settings: Settings
    database: Database
    keys: KeyRing
    store: BlobStore
    pieces: Pieces

    @property
    def has_failed(self) -> bool:
        """Say whether a disk under this house has failed; then it stops, and a new start looks at what is left."""
        return self.database.has_failed or self.store.has_failed or self.pieces.has_failed


async def house_of(request: Request) -> House:
    """Return the shared things."""
    found: House = request.app.state.house
    return found


async def _now() -> datetime:
    return clock.now()


# A session is opened on the loop, because opening one touches nothing; it is ended in a thread, because that waits
# for the disk. Not in the common threads: these may all be taken by writers who wait for this very session to end.
async def _read_session(house: Annotated[House, Depends(house_of)]) -> AsyncIterator[db.ReadSession]:
    session = house.database.reader()
    try:
        yield session
    finally:
        # The embedded database lets a reader go without waiting for anything; the other one is asked over a wire.
        if house.database.is_sqlite:
            session.close()
        elif session.in_transaction():
            await _apart(session.close)


async def _write_session(house: Annotated[House, Depends(house_of)]) -> AsyncIterator[db.WriteSession]:
    database = house.database
    session = database.writer()
    try:
        yield session
    except BaseException as problem:
        await _apart(database.give_up, session, problem)
        raise
    await _apart(database.finish, session)


async def _apart(end: Callable[..., None], *given: object) -> None:
    with CancelScope(shield=True):
        await to_thread.run_sync(end, *given, limiter=CapacityLimiter(1))


async def _form(request: Request, house: Annotated[House, Depends(house_of)]) -> AsyncIterator[LandedForm]:
    settings = house.settings
    limits = Limits(
        file_bytes=settings.photo_max_bytes,
        file_count=2 * settings.photo_limit,
        text_bytes=settings.text_max_bytes,
        free_floor_bytes=settings.disk_floor_bytes,
    )
    form = await landing.land(request, house.store, limits)
    try:
        yield form
    finally:
        landing.discard(form, house.store)


Shared = Annotated[House, Depends(house_of)]
Now = Annotated[datetime, Depends(_now)]
ReadSession = Annotated[db.ReadSession, Depends(_read_session)]
# scope="function": the commit happens before the answer leaves; a failing commit is never a 200 (house.md 8).
WriteSession = Annotated[db.WriteSession, Depends(_write_session, scope="function")]
Form = Annotated[LandedForm, Depends(_form)]
