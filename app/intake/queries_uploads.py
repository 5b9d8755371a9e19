"""Reads of photos on their way: promises, uploads, and whose they are."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlmodel import col

from app.intake.models import PromisedPhoto, Report, Upload
from app.intake.reception import secret_digest
from app.intake.terms import PhotoState
from app.platform import ids
from app.platform.db import ReadSession, WriteSession

AnySession = ReadSession | WriteSession
_SCHEME: Final = "Report "


def own_report(session: AnySession, authorization: str) -> Report | None:
    """Return the report whose id and secret a phone names (decisions.md 14); None tells nothing of which was wrong."""
    report_id, _, secret = authorization.removeprefix(_SCHEME).partition(".")
    if not authorization.startswith(_SCHEME) or not ids.is_uuid(report_id):
        return None
    found: Report | None = session.execute(
        select(Report).where(col(Report.id) == report_id)
    ).scalar_one_or_none()
    known = found.secret_digest if found else None
    is_own = known is not None and hmac.compare_digest(known, secret_digest(secret) or "")
    return found if is_own else None


def promise(session: AnySession, report_id: str, digest: str) -> PromisedPhoto | None:
    """Return what a report has promised under a digest."""
    found: PromisedPhoto | None = session.execute(
        select(PromisedPhoto).where(
            col(PromisedPhoto.report_id) == report_id, col(PromisedPhoto.digest) == digest
        )
    ).scalar_one_or_none()
    return found


def preview_of(session: AnySession, report_id: str, digest: str) -> PromisedPhoto | None:
    """Return the small copy that travels ahead of a photo, if one was promised."""
    found: PromisedPhoto | None = (
        session.execute(
            select(PromisedPhoto).where(
                col(PromisedPhoto.report_id) == report_id, col(PromisedPhoto.preview_of) == digest
            )
        )
        .scalars()
        .first()
    )
    return found


def upload(session: AnySession, upload_id: str) -> Upload | None:
    """Return an upload by its random name."""
    found: Upload | None = session.execute(
        select(Upload).where(col(Upload.id) == upload_id)
    ).scalar_one_or_none()
    return found


def begun(session: AnySession, report_id: str, digest: str, *, is_sealed: bool, length: int) -> Upload | None:
    """Return the upload that was begun for the very same thing."""
    found: Upload | None = session.execute(
        select(Upload).where(
            col(Upload.report_id) == report_id,
            col(Upload.digest) == digest,
            col(Upload.is_sealed) == is_sealed,
            col(Upload.length) == length,
        )
    ).scalar_one_or_none()
    return found


def open_count(session: AnySession, report_id: str, *, now: datetime) -> int:
    """Return how many uploads of a report are under way."""
    found: int = session.execute(
        select(func.count())
        .select_from(Upload)
        .where(
            col(Upload.report_id) == report_id,
            col(Upload.finished_at).is_(None),
            col(Upload.expires_at) > now,
        )
    ).scalar_one()
    return found


def expired(session: AnySession, *, now: datetime, limit: int) -> Sequence[Upload]:
    """Return uploads whose time is over."""
    rows: Any = select(Upload).where(col(Upload.expires_at) <= now).order_by(col(Upload.rowno)).limit(limit)
    return session.execute(rows).scalars().all()


def live_names(session: AnySession, names: Sequence[str]) -> set[str]:
    """Return which of some files belong to an upload that is still under way."""
    rows = select(col(Upload.id)).where(col(Upload.id).in_(names), col(Upload.finished_at).is_(None))
    return set(session.execute(rows).scalars())


def missing_count(session: AnySession, report_id: str) -> int:
    """Return how many photos of a report have not come; copies that only travel ahead are not counted."""
    found: int = session.execute(
        select(func.count())
        .select_from(PromisedPhoto)
        .where(
            col(PromisedPhoto.report_id) == report_id,
            col(PromisedPhoto.state) == PhotoState.MISSING.value,
            col(PromisedPhoto.preview_of).is_(None),
        )
    ).scalar_one()
    return found
