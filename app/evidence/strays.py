"""Bytes without a row: what a crash between keeping and committing left, and no retry ever asked for again.

Such a photo is somebody's, and nobody answers for it: no clue shows it, no term lets it go. So it goes after
`YIXIAN_STRAY_DAYS`, one by one, journalled by its digest. Many of them at once are no crash's work but an older
database over newer bytes (a restore), where they are all that is left of a report: then nothing is removed and it is
said aloud. docs/decisions/0052 says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from app.evidence.queries import custody
from app.platform import clock, journal, logging
from app.platform.jobs import Handler, Tools, Work, ask_once

SWEEP: Final = "evidence.sweep_strays"
SWEPT: Final = "blob.swept"
_AT_ONCE: Final = 500
_DAY_S: Final = 86_400.0
_log = logging.get("strays")


def ask_daily(tools: Tools, now: datetime) -> None:
    """Ask for today's sweep unless it was asked for; called often, does little."""
    if tools.settings.stray_days:
        ask_once(tools, SWEEP, clock.office_date(now).isoformat(), now=now)


def strays(tools: Tools) -> Iterator[str]:
    """Iterate over the digests that have no row; whoever is about to write one is among them for a moment."""
    coming = tools.store.digests()
    while digests := list(islice(coming, _AT_ONCE)):
        with tools.database.read_session() as looking:
            known = custody.known_among(looking, digests)
        yield from (digest for digest in digests if digest not in known)


def sweep(tools: Tools, _work: Work) -> None:
    """Remove what has lain without a row for so many days; nothing when there are more than crashes leave."""
    least_s, cap = tools.settings.stray_days * _DAY_S, tools.settings.stray_cap
    if not least_s:
        return
    found = []
    for digest in strays(tools):
        if tools.store.untouched_s(digest) >= least_s:
            found.append(digest)
        if len(found) > cap:
            _log.error("more bytes without a row than crashes leave: nothing was removed", more_than=cap)
            return
    for digest in found:
        _remove(tools, digest, least_s)


def _remove(tools: Tools, digest: str, least_s: float) -> None:
    """Look once more where nobody can commit a row meanwhile; a retry that has kept the bytes again wins."""
    with tools.database.write_session() as session:
        if custody.known_among(session, [digest]):
            return
        size_bytes = tools.store.size(digest)
        # The row of a retry on PostgreSQL may be on its way beside us: its keep was today, so `erase` leaves the bytes.
        if not tools.store.erase(digest, untouched_for_s=least_s):
            return
        journal.record(
            session, journal.SYSTEM, SWEPT, "blob", digest[:32],
            now=clock.now(), facts={"digest": digest, "size_bytes": size_bytes},
        )  # fmt: skip
    _log.warning("bytes without a row were removed", digest=digest, size_bytes=size_bytes)


HANDLERS: Final[dict[str, Handler]] = {SWEEP: sweep}
