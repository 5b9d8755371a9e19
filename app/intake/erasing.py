"""Letting go of what intake holds of people: the sealed contact, or everything that was said. Nothing here commits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col

from app.intake import queries
from app.intake.models import (
    LinkedReport,
    Message,
    PromisedPhoto,
    Report,
    ReporterContact,
    RightsRequest,
    Upload,
)
from app.platform.db import WriteSession


def erase_contact(session: WriteSession, report_ids: Collection[str]) -> int:
    """Erase how to reach the reporter; return how many contacts went."""
    session.execute(
        update(RightsRequest)
        .where(col(RightsRequest.report_id).in_(report_ids))
        .values(sealed_name=None, sealed_phone=None, sealed_words=None)
        .execution_options(synchronize_session=False)
    )
    gone = session.execute(delete(ReporterContact).where(col(ReporterContact.report_id).in_(report_ids)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def erase_said(session: WriteSession, clue_id: str, report_ids: Collection[str], *, now: datetime) -> None:
    """Erase what was said in these reports and in the words between office and reporter.

    What remains of a report: when and how it came, its category, the digests the journal names, and the keyed digest of
    its code, by which the reporter still learns how the matter ended.
    """
    erase_contact(session, report_ids)
    session.execute(
        update(Report)
        .where(col(Report.id).in_(report_ids))
        .values(
            words="", answers=[], place={}, declined=[], external_ref=None, account_id=None, secret_digest=None,
            sent_digest=None, written_at=None, erased_at=now,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    session.execute(
        update(PromisedPhoto)
        .where(col(PromisedPhoto.report_id).in_(report_ids))
        .values(name="", media_type="", position=None)
    )
    session.execute(delete(LinkedReport).where(col(LinkedReport.report_id).in_(report_ids)))
    session.execute(delete(Upload).where(col(Upload.report_id).in_(report_ids)))
    session.execute(delete(Message).where(col(Message.clue_id) == clue_id))


def report_ids_of(session: WriteSession, clue_id: str) -> list[str]:
    """Return every report of a clue, supplements too."""
    return [report.id for report in queries.of_clue(session, clue_id)]
