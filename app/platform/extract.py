"""An extract of the journal that can be checked without the rest: rows of one clue, tied to a signed head.

From each row the chain is followed to the nearest head that was signed behind it. Of the rows between, which are
other clues', only the digests are given.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import col

from app.platform import chain, heads
from app.platform.db import ReadSession
from app.platform.records import HeadStamp, Journal, JournalHead, JournalSeal


def spans_of(session: ReadSession, clue_id: str, rooms: Collection[str]) -> list[dict[str, Any]]:
    """Return the spans of the chain that hold a clue's rows of these rooms (`evidence`, `original`, …)."""
    wanted = session.execute(
        select(col(JournalSeal.seq), col(Journal.id))
        .join(Journal, col(Journal.id) == col(JournalSeal.journal_id))
        .where(
            col(Journal.clue_id) == clue_id,
            or_(*(col(Journal.verb).like(f"{room}.%") for room in sorted(rooms))),
        )
        .order_by(col(JournalSeal.seq))
    ).all()
    shown = {row[1] for row in wanted}
    spans: list[dict[str, Any]] = []
    reached = 0
    for seq, _ in wanted:
        if seq <= reached:
            continue
        head = heads.covering(session, seq)
        if head is None:  # written while the extract was being made
            break
        spans.append(_span(session, seq, head, shown))
        reached = head.seq
    return spans


def _span(session: ReadSession, first: int, head: JournalHead, shown: Collection[str]) -> dict[str, Any]:
    previous, links = "", []
    for seal in chain.seals(session, first=first, last=head.seq):
        previous = previous or seal.previous
        link: dict[str, Any] = {"seq": seal.seq, "sha256": seal.sha256, "sm3": seal.sm3}
        if seal.row is not None and seal.journal_id in shown:
            link["row"] = chain.sealed_form(seal.row)
        elif seal.row is not None:
            link["row_sha256"], link["row_sm3"] = chain.row_digests(seal.row)
        links.append(link)
    return {"first": first, "previous": previous, "links": links, "head": heads.plain(head)}


def rows_of(spans: list[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Return the rows an extract shows, with their places."""
    return [(link["seq"], link["row"]) for span in spans for link in span["links"] if "row" in link]


def stamps_of(session: ReadSession, spans: list[dict[str, Any]]) -> dict[int, str]:
    """Return the time stamps of an extract's heads, in base64, by the place of the head."""
    seqs = {span["head"]["id"]: span["head"]["seq"] for span in spans}
    rows = session.execute(
        select(col(HeadStamp.head_id), col(HeadStamp.response)).where(col(HeadStamp.head_id).in_(seqs))
    )
    return {seqs[row[0]]: row[1] for row in rows}
