"""Signed heads: the end of the journal's chain, put on record where an insider with the database cannot reach.

The chain alone finds what was changed in the middle; somebody who rewrites everything from a row to the end, or
cuts the end off, leaves a chain that holds. A head signed before that, kept in a second place (a folder of
another disk or machine) and stamped by an outside authority, does not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert, select
from sqlmodel import col

from app.platform import chain, clock, ids, logging
from app.platform.crypto import KeyRing, Signed
from app.platform.db import ReadSession, WriteSession
from app.platform.digest import canonical_json
from app.platform.jobs import Tools, Work
from app.platform.records import HeadStamp, JournalHead, JournalSeal

PURPOSE: Final = "custody"
KIND: Final = "yixian-journal-head/1"
EVERY: Final = timedelta(hours=1)
SECOND_PLACE: Final = "journal-heads.jsonl"
_FIELDS: Final = ("id", "seq", "sha256", "sm3", "cause", "signed_at")
_log = logging.get("heads")


class Cause(StrEnum):
    """Why a head was signed."""

    HOUR = "hour"
    TRANSFER = "transfer"
    BUNDLE = "bundle"


@dataclass(frozen=True, slots=True)
class HeadFault:
    """A signed head that no longer fits: which seal it signed, where the head stands, what is wrong."""

    seq: int
    why: str
    where: str = ""


BAD_SIGNATURE: Final = "the signature does not hold"
STRANGE_KEY: Final = "it is signed by a key that is not ours"
CUT_OFF: Final = "the chain ends before a seal that was signed"
REWRITTEN: Final = "the seal is not the one that was signed"
UNREADABLE: Final = "a line of the second place cannot be read"


def plain(head: JournalHead) -> dict[str, Any]:
    """Return a head as plain values, the way it is written to the second place and into a bundle."""
    signed: dict[str, Any] = {name: getattr(head, name) for name in _FIELDS}
    signed["signed_at"] = head.signed_at.isoformat()
    return {
        **signed, "key_id": head.key_id, "public_key": head.public_key, "signature": head.signature,
    }  # fmt: skip


def signed_form(head: Mapping[str, Any]) -> bytes:
    """Return the bytes that are signed."""
    return canonical_json({"kind": KIND} | {name: head[name] for name in _FIELDS})


def sign(session: WriteSession, keys: KeyRing, cause: Cause, *, now: datetime) -> JournalHead | None:
    """Sign the end of the chain; a head that is signed already is not signed again."""
    while chain.seal_pending(session):
        pass
    last = session.execute(
        select(col(JournalSeal.seq), col(JournalSeal.sha256), col(JournalSeal.sm3))
        .order_by(col(JournalSeal.seq).desc())
        .limit(1)
    ).first()
    if last is None:
        return None
    newest = newest_head(session)
    if newest is not None and newest.seq == last[0]:
        return newest
    signed_at = now.isoformat()
    values = dict(zip(_FIELDS, (ids.new(), *last, cause.value, signed_at), strict=True))
    made = keys.sign(PURPOSE, signed_form(values))
    values |= {
        "signed_at": now, "key_id": made.key_id, "public_key": made.public_key, "signature": made.signature,
    }  # fmt: skip
    session.execute(insert(JournalHead).values(**values))
    return newest_head(session)


def sign_for_work(tools: Tools, work: Work) -> None:
    """React to something that leaves the house: the chain that tells of it is signed and put away at once."""
    del work

    with tools.database.write_session() as session:
        sign(session, tools.keys, Cause.TRANSFER, now=clock.now())
    put_away(tools)


def sign_hourly(tools: Tools, now: datetime) -> None:
    """Sign when an hour has passed and the chain has grown; called often, does little."""
    with tools.database.read_session() as looking:
        newest = newest_head(looking)
        end = end_of_chain(looking)
    if end and (newest is None or (newest.seq < end and now - newest.signed_at >= EVERY)):
        with tools.database.write_session() as session:
            sign(session, tools.keys, Cause.HOUR, now=now)
    put_away(tools)


def newest_head(session: ReadSession | WriteSession) -> JournalHead | None:
    """Return the head signed last."""
    return session.execute(
        select(JournalHead).order_by(col(JournalHead.rowno).desc()).limit(1)
    ).scalar_one_or_none()


def newest_stamp(session: ReadSession) -> HeadStamp | None:
    """Return the time stamp that came last."""
    return session.execute(
        select(HeadStamp).order_by(col(HeadStamp.rowno).desc()).limit(1)
    ).scalar_one_or_none()


def end_of_chain(session: ReadSession | WriteSession) -> int:
    """Return the number of the last seal; 0 for a journal without any."""
    return (
        session.execute(
            select(col(JournalSeal.seq)).order_by(col(JournalSeal.seq).desc()).limit(1)
        ).scalar_one_or_none()
        or 0
    )


def not_put_away(session: ReadSession, folder: Path | None) -> int | None:
    """Return how many heads the second place lacks; None where no second place is set."""
    if folder is None:
        return None
    try:
        known = {line.get("id") for line in lines_of(folder) if line is not None}
    except OSError:
        known = set()
    return sum(1 for head in all_heads(session) if head.id not in known)


def covering(session: ReadSession | WriteSession, seq: int) -> JournalHead | None:
    """Return the first head signed at or behind a seal."""
    return session.execute(
        select(JournalHead).where(col(JournalHead.seq) >= seq).order_by(col(JournalHead.seq)).limit(1)
    ).scalar_one_or_none()


# -- the second place ---------------------------------------------------------------------------------------------
def put_away(tools: Tools) -> None:
    """Write the heads that the second place does not hold yet; a place that is not there is tried again later."""
    folder = tools.settings.heads_dir
    if folder is None:
        return
    try:
        known = {str(line.get("id")) for line in lines_of(folder) if line is not None}
        with tools.database.read_session() as session:
            missing = [plain(head) for head in all_heads(session) if head.id not in known]
        if missing:
            _append(folder / SECOND_PLACE, missing)
    except OSError as problem:
        _log.error("the second place for signed heads cannot be written", why=type(problem).__name__)


def lines_of(folder: Path) -> list[dict[str, Any] | None]:
    """Return the heads the second place holds, None for a line that cannot be read; a new place holds none."""
    found: list[dict[str, Any] | None] = []
    with suppress(FileNotFoundError):
        for line in (folder / SECOND_PLACE).read_text("utf-8", errors="replace").splitlines():
            try:
                head = json.loads(line)
            except ValueError:
                head = None
            found.append(head if isinstance(head, dict) else None)
    return found


def _append(path: Path, heads: Iterable[Mapping[str, Any]]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
    with os.fdopen(handle, "wb") as file:
        file.write(b"".join(canonical_json(head) + b"\n" for head in heads))
        file.flush()
        os.fsync(file.fileno())


def all_heads(session: ReadSession) -> list[JournalHead]:
    """Return every signed head in order."""
    return list(session.execute(select(JournalHead).order_by(col(JournalHead.rowno))).scalars())


# -- checking -----------------------------------------------------------------------------------------------------
def verify(session: ReadSession, keys: KeyRing, folder: Path | None) -> tuple[int, list[HeadFault]]:
    """Check every head, here and in the second place, against the chain; return how many hold, and the faults."""
    ours = keys.signing_keys(PURPOSE)
    heads = [(plain(head), "") for head in all_heads(session)]
    faults: list[HeadFault] = []
    if folder is not None:
        for number, line in enumerate(lines_of(folder), start=1):
            where = f"{SECOND_PLACE}:{number}"
            if line is None or not _is_whole(line):
                faults.append(HeadFault(0, UNREADABLE, where))
            else:
                heads.append((line, where))
    wanted = {int(head["seq"]) for head, _ in heads}
    chained = _sealed_at(session, wanted)
    for head, where in heads:
        why = _why_not(head, ours, chained)
        if why:
            faults.append(HeadFault(int(head["seq"]), why, where))
    return len(heads) - sum(1 for fault in faults if fault.why != UNREADABLE), faults


def _is_whole(line: Mapping[str, Any]) -> bool:
    texts = ("id", "sha256", "sm3", "cause", "signed_at", "key_id", "public_key", "signature")
    return type(line.get("seq")) is int and all(isinstance(line.get(name), str) for name in texts)


def _sealed_at(session: ReadSession, wanted: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    places = sorted(wanted)
    for start in range(0, len(places), 500):
        rows = session.execute(
            select(col(JournalSeal.seq), col(JournalSeal.sha256)).where(
                col(JournalSeal.seq).in_(places[start : start + 500])
            )
        )
        found |= {row[0]: row[1] for row in rows}
    return found


def _why_not(head: Mapping[str, Any], ours: Mapping[str, str], chained: Mapping[int, str]) -> str:
    signed = Signed(head["key_id"], head["public_key"], head["signature"])
    if not signed.holds_for(signed_form(head)):
        return BAD_SIGNATURE
    if ours.get(signed.key_id) != signed.public_key:
        return STRANGE_KEY
    if head["seq"] not in chained:
        return CUT_OFF
    return "" if chained[head["seq"]] == head["sha256"] else REWRITTEN
