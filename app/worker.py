"""The worker: claims jobs and calls the rooms' reactions; a thread in `serve` on SQLite, a process otherwise."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date

from app.platform import clock, journal, rates
from app.platform.jobs import Handler, Tools, run_until


def start(tools: Tools, handlers: Mapping[str, Handler]) -> tuple[threading.Thread, threading.Event]:
    """Start the worker as a thread; set the event and join to stop it."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(tools, handlers, stop), name="worker", daemon=True)
    thread.start()
    return thread, stop


def run(tools: Tools, handlers: Mapping[str, Handler], stop: threading.Event) -> None:
    """Work until told to stop; on PostgreSQL also seal the journal while idle."""
    cleaned_on: list[date] = []

    def forget() -> None:
        """Once a day let go of yesterday's rate keys and counts (decisions.md 28)."""
        now = clock.now()
        if cleaned_on != [now.date()]:
            cleaned_on[:] = [now.date()]
            with tools.database.write_session() as session:
                rates.forget_old(session, now)

    def seal() -> None:
        forget()
        if tools.database.is_sqlite:
            return
        with tools.database.read_session() as looking:
            has_unsealed = journal.has_unsealed(looking)
        if has_unsealed:
            with tools.database.write_session() as session:
                journal.seal_pending(session)

    run_until(tools, handlers, stop, idle=seal)
