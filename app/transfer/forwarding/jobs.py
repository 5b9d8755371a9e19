"""The worker's part of forwarding: piece by piece, each in a transaction of its own, so that nobody waits long."""

from __future__ import annotations

from app.platform import clock, journal
from app.platform.jobs import Handler, Tools, Work
from app.transfer.forwarding import queries, service
from app.transfer.forwarding.terms import BatchState


def forward(tools: Tools, work: Work) -> None:
    """Take the next piece of a batch in and ask for the one after; a piece done twice is done once."""
    with tools.database.write_session() as session:
        batch = queries.by_id(session, str(work.payload["batch"]))
        if batch is None or batch.stage != BatchState.RUNNING.value:
            return
        now = clock.now()
        if service.take_piece(session, tools, batch, now=now):
            session.refresh(batch)
            journal.enqueue(
                session,
                service.HANDLER,
                once_key=f"{batch.id}:{batch.done_count}",
                payload={"batch": batch.id},
                now=now,
            )


HANDLERS: dict[str, Handler] = {service.HANDLER: forward}
