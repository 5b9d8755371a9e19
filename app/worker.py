"""The worker: claims jobs and calls the rooms' reactions; a thread in `serve` on SQLite, a process otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from app.platform import clock, journal, rates, signs, work
from app.platform.jobs import Handler, Tools, run_until

Chore = Callable[[Tools, datetime], object]
# How often the rooms' chores are looked at while there is no job; each decides itself whether it is due.
_CHORES_EVERY: Final = timedelta(minutes=1)


def start(
    tools: Tools, handlers: Mapping[str, Handler], chores: Sequence[Chore] = ()
) -> tuple[threading.Thread, threading.Event]:
    """Start the worker as a thread; set the event and join to stop it."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(tools, handlers, stop, chores), name="worker", daemon=True)
    thread.start()
    return thread, stop


def run(
    tools: Tools, handlers: Mapping[str, Handler], stop: threading.Event, chores: Sequence[Chore] = ()
) -> None:
    """Work until told to stop; while idle do the chores, and on PostgreSQL seal the journal."""
    life = signs.Life(tools.database)
    cleaned_on: list[date] = []
    looked_at: list[datetime] = []
    sealed_before: list[bool] = []

    def forget() -> None:
        """Once a day let go of yesterday's rate keys and counts (decisions.md 28), and see how the rows are spread."""
        now = clock.now()
        if cleaned_on != [now.date()]:
            cleaned_on[:] = [now.date()]
            with tools.database.write_session() as session:
                rates.forget_old(session, now)
                work.forget_old(session, now)
                signs.forget_old(session, now)
            tools.database.take_stock()

    def rest() -> None:
        forget()
        seal()
        now = clock.now()
        life.sign(now)
        if not looked_at or now - looked_at[0] >= _CHORES_EVERY:
            looked_at[:] = [now]
            for chore in chores:
                chore(tools, now)

    def seal() -> None:
        if tools.database.is_sqlite:
            return
        with tools.database.read_session() as looking:
            has_unsealed = journal.has_unsealed(looking)
        if has_unsealed or not sealed_before:
            with tools.database.write_session() as session:
                sealed = journal.seal_pending(session, is_whole=not sealed_before)
            if sealed < journal.SEALED_AT_ONCE:
                sealed_before.append(True)

    run_until(tools, life.timed(handlers), stop, idle=rest)
