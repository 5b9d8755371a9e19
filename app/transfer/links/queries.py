"""Every SELECT on one-time links and what their codes opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.platform.digest import sha256_hex
from app.transfer.links import rules
from app.transfer.links.terms import Holder
from app.transfer.models import LinkSession, Transfer, TransferLink
from app.transfer.terms import TransferState

AnySession = ReadSession | WriteSession
# SQLModel types a column as the value it holds; here columns are columns.
L: Any = TransferLink
S: Any = LinkSession
T: Any = Transfer


def digest_of(token: str) -> str:
    """Return what is kept of a token; 256 random bits need no key."""
    return sha256_hex(token.encode("utf-8", "replace"))


def hold_transfer(session: WriteSession, transfer_id: str) -> None:
    """Let those who issue links of one transfer stand in line; SQLite's writers do so anyway."""
    session.execute(select(T.rowno).where(T.id == transfer_id).with_for_update())


def by_token(session: WriteSession, token: str) -> TransferLink | None:
    """Return the link of a token, held until this transaction ends, so that tries are counted one after another."""
    found: TransferLink | None = session.execute(
        select(TransferLink).where(L.token_digest == digest_of(token)).with_for_update()
    ).scalar_one_or_none()
    return found


def of_transfer(session: AnySession, transfer_id: str) -> Sequence[TransferLink]:
    """Return the links of a transfer, newest first."""
    query = select(TransferLink).where(L.transfer_id == transfer_id).order_by(L.rowno.desc())
    return session.execute(query).scalars().all()


def not_ended(session: AnySession, transfer_id: str) -> Sequence[TransferLink]:
    """Return the links of a transfer that nobody has ended."""
    query = select(TransferLink).where(L.transfer_id == transfer_id, L.ended_at.is_(None))
    return session.execute(query).scalars().all()


def state_of(session: AnySession, transfer_id: str) -> TransferState:
    """Return where a transfer stands now."""
    return TransferState(session.execute(select(T.state).where(T.id == transfer_id)).scalar_one())


def holder(session: AnySession, token: str, *, now: datetime) -> Holder | None:
    """Return who stands behind a cookie: within the half hour, and only while the link itself holds."""
    row = session.execute(
        select(
            S.id, L.id, L.transfer_id, L.contact_name, S.expires_at,
            L.ended_at, L.tries_left, L.expires_on, T.state,
        )
        .join(TransferLink, L.id == S.link_id)
        .join(Transfer, T.id == L.transfer_id)
        .where(S.token_digest == digest_of(token), S.expires_at > now)
    ).first()  # fmt: skip
    if row is None:
        return None
    *found, ended_at, tries_left, expires_on, state = row
    is_held = rules.holds(
        is_ended=ended_at is not None, tries_left=tries_left, expires_on=expires_on,
        state=TransferState(state), today=clock.office_date(now),
    )  # fmt: skip
    return Holder(*found) if is_held else None
