"""`python -m app verify`: the whole journal, every signed head, every kept byte; each fault by its name.

Reads only, so that it may run beside the server and against a restored copy. What the scrubber finds by and by,
this finds at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.evidence.queries import custody
from app.evidence.scrub import condition_of
from app.platform import chain, heads
from app.platform.digest import sm3_of_file
from app.platform.jobs import Tools


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; a fault makes the whole check fail, a remark does not."""

    about: str
    text: str
    is_fault: bool = True


def check_journal(tools: Tools) -> Iterator[Finding]:
    """Walk the chain and every head signed over it."""
    with tools.database.read_session() as session:
        found = chain.verify(session)
        for fault in found.faults:
            belongs = f"; it belongs at {fault.belongs_at}" if fault.belongs_at else ""
            row = f" (row {fault.journal_id})" if fault.journal_id else ""
            yield Finding(f"journal {fault.seq}", f"{fault.why}{belongs}{row}")
        yield Finding(
            "journal", f"{found.sealed} seals hold, {found.unsealed} rows not yet sealed", is_fault=False
        )
        holding, faults = heads.verify(session, tools.keys, tools.settings.heads_dir)
        for head in faults:
            where = f", {head.where}" if head.where else ""
            yield Finding(f"signed head over {head.seq}{where}", head.why)
        yield Finding("signed heads", f"{holding} hold", is_fault=False)
        if tools.settings.heads_dir is None:
            yield Finding("signed heads", "no second place is set (YIXIAN_HEADS_DIR)", is_fault=False)


def check_store(tools: Tools) -> Iterator[Finding]:
    """Read every kept blob and compare it with its row; and every item with the journal row that took it in."""
    count = size = 0
    with tools.database.read_session() as session:
        for blob in custody.all_blobs(session):
            if blob.erased_at is not None:
                # house: allow selects-in-queries (a file of the store, not a question to the database)
                if tools.store.exists(blob.digest):
                    yield Finding(f"blob {blob.digest}", "it was erased, but its bytes are still there")
                continue
            count, size = count + 1, size + blob.size_bytes
            wrong = condition_of(tools.store, blob.digest)
            if wrong:
                yield Finding(f"blob {blob.digest}", f"the bytes are {wrong}")
            elif tools.store.size(blob.digest) != blob.size_bytes:
                yield Finding(f"blob {blob.digest}", "its row tells another size")
            elif blob.sm3 is not None and _sm3(tools, blob.digest) != blob.sm3:
                yield Finding(f"blob {blob.digest}", "its row tells another SM3")
        for evidence_id, why in custody.items_unlike_the_journal(session):
            yield Finding(f"evidence {evidence_id}", why)
        known = custody.known_digests(session)
    strays = sum(1 for digest in tools.store.digests() if digest not in known)
    yield Finding("blobs", f"{count} read, {size} bytes", is_fault=False)
    if strays:
        yield Finding(
            "blobs", f"{strays} without a row (bytes of a report that was never finished)", is_fault=False
        )


def _sm3(tools: Tools, digest: str) -> str:
    with tools.store.borrow(digest) as path:
        return sm3_of_file(path)
