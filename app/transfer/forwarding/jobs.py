"""The worker's part of forwarding: piece by piece, each in a transaction of its own, so that nobody waits long."""

from __future__ import annotations

import time
from typing import Final

from app.platform import clock, journal
from app.platform.jobs import Handler, Tools, Work
from app.transfer.forwarding import queries, service, taking
from app.transfer.forwarding.terms import BatchState

# Jobs of other rooms (a photo just sent, say) wait this long at most.
_TURN_S: Final = 2.0


def forward(tools: Tools, work: Work) -> None:
    """Take pieces of a batch in for one turn and ask for the next; other jobs come in between."""
    now, ends_at = clock.now(), time.monotonic() + _TURN_S
    with tools.database.read_session() as looking:
        batch = queries.by_id(looking, str(work.payload["batch"]))
        if batch is None or batch.stage != BatchState.RUNNING.value:
            return
        table = taking.Table(looking, tools, batch, now=now)
        is_last = False
        while not is_last:
            table.look_ahead()
            is_last = time.monotonic() > ends_at
            with tools.database.write_session() as session:
                table.take_in(session)
                is_last = is_last or table.is_over
                if is_last and not table.is_over:
                    journal.enqueue(
                        session, service.HANDLER, once_key=f"{batch.id}:{table.done}",
                        payload={"batch": batch.id}, now=now,
                    )  # fmt: skip


HANDLERS: dict[str, Handler] = {service.HANDLER: forward}
