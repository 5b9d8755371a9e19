"""Copies that are asked for: a redacted one for what leaves the house, a larger one for paper. Nothing here commits.

A redaction never touches the original: it is a new picture with its own digest, made from the original and the
rectangles, and both stand in the journal. The decoding is the worker's; asking is a row and a job.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, update
from sqlmodel import col

from app.evidence import queries
from app.evidence.imaging import Rectangle
from app.evidence.models import Redaction
from app.evidence.queries import Shown
from app.evidence.service import keep_derivative, params_digest_of
from app.evidence.terms import DerivativeKind
from app.identity.actor import Actor
from app.platform import journal
from app.platform.db import WriteSession
from app.platform.errors import Missing

REDACT: Final = "evidence.redact"
PRINT: Final = "evidence.print"
MOST_PARTS: Final = 60
LABEL_LENGTH: Final = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A part to hide: fractions of the upright picture, how, and a word on what is under it."""

    left: float
    top: float
    right: float
    bottom: float
    is_solid: bool = True
    label: str = ""

    def as_rectangle(self, number: int) -> Rectangle:
        """Return the rectangle the darkroom hides; only its number stands on the picture."""
        return Rectangle(
            self.left,
            self.top,
            self.right,
            self.bottom,
            is_solid=self.is_solid,
            mark=str(number) if self.label else "",
        )


def parts_of(typed: str) -> list[Part]:
    """Read typed or drawn parts, one a line: left,top,right,bottom in percent, `solid` or `mosaic`, a word.

    Returns nothing at all when one line cannot be read, rather than leaving it out: somebody would believe that it
    is hidden.
    """
    found = []
    for line in typed.splitlines():
        if not line.strip():
            continue
        fields = [field.strip() for field in line.replace("，", ",").split(",", 5)]
        try:
            left, top, right, bottom = (round(float(field) / 100, 4) for field in fields[:4])
            Rectangle(left, top, right, bottom)
        except ValueError:
            return []
        is_solid = (fields[4] if len(fields) > 4 else "solid") != "mosaic"  # noqa: PLR2004
        label = "".join(sign for sign in (fields[5] if len(fields) > 5 else "") if sign.isprintable())  # noqa: PLR2004
        found.append(Part(left, top, right, bottom, is_solid=is_solid, label=label[:LABEL_LENGTH]))
    return found if len(found) <= MOST_PARTS else []


def params_of(parts: Sequence[Part]) -> dict[str, Any]:
    """Return the parameters of a redacted copy as they are kept beside it."""
    return {"parts": [asdict(part) for part in parts]}


def ask_redaction(
    session: WriteSession, actor: Actor, item: Shown, parts: Sequence[Part], *, now: datetime
) -> None:
    """Ask for a redacted copy of an item this person may see."""
    params = params_of(parts)
    journal_id = journal.record(
        session, actor.doer, "evidence.redaction_asked", "evidence_item", item.id,
        now=now, clue_id=item.clue_id, office_id=actor.office_id,
        facts={"digest": item.digest, "params_digest": params_digest_of(params), "parts": len(parts)},
    )  # fmt: skip
    journal.enqueue(
        session, REDACT, once_key=f"{item.id}/{journal_id}", now=now, journal_id=journal_id,
        payload={"evidence_id": item.id, "account_id": actor.account_id, "office_id": actor.office_id, **params},
    )  # fmt: skip


def keep_redaction(
    session: WriteSession,
    item: Shown,
    work: tuple[str, dict[str, Any]],
    *,
    digest: str,
    size: tuple[int, int],
    size_bytes: int,
    now: datetime,
) -> None:
    """Write a redacted copy that was made; a second run of its job changes nothing."""
    redaction_id, payload = work
    if queries.redaction(session, redaction_id) is not None:
        return
    params = {"parts": payload["parts"]}
    keep_derivative(
        session, item.digest, DerivativeKind.REDACTED, digest=digest, size=size, size_bytes=size_bytes,
        params=params, now=now,
    )  # fmt: skip
    session.execute(
        insert(Redaction).values(
            id=redaction_id, evidence_id=item.id, made_by=payload["account_id"], made_at=now,
            derivative_id=queries.derivative_id(
                session, item.digest, DerivativeKind.REDACTED, params_digest_of(params)
            ),
        )
    )  # fmt: skip
    journal.record(
        session, journal.account(payload["account_id"]), "evidence.redacted", "evidence_item", item.id,
        now=now, clue_id=item.clue_id, office_id=payload["office_id"],
        facts={"digest": item.digest, "copy": digest, "params_digest": params_digest_of(params)},
    )  # fmt: skip


def withdraw_redaction(
    session: WriteSession, actor: Actor, item: Shown, redaction_id: str, *, now: datetime
) -> None:
    """Take a redacted copy back: from now on it is not what leaves; what was sent stays sent."""
    found = queries.redaction(session, redaction_id)
    if found is None or found.evidence_id != item.id or found.withdrawn_at is not None:
        raise Missing
    session.execute(update(Redaction).where(col(Redaction.id) == redaction_id).values(withdrawn_at=now))
    journal.record(
        session, actor.doer, "evidence.redaction_withdrawn", "evidence_item", item.id,
        now=now, clue_id=item.clue_id, office_id=actor.office_id, facts={"redaction": redaction_id},
    )  # fmt: skip


def ask_print(session: WriteSession, item: Shown, *, now: datetime) -> None:
    """Ask for the copy for paper, unless it is there or was asked for already."""
    if not journal.is_asked(session, PRINT, item.digest):
        journal.enqueue(session, PRINT, once_key=item.digest, now=now, payload={"evidence_id": item.id})
