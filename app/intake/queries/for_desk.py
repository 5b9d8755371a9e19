"""What the desk reads of a clue's reports: everything but who sent them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Exists, Select, bindparam, exists, func, select

from app.identity import queries as identity_queries
from app.intake.models import Message, PromisedPhoto, Report, ReporterContact
from app.intake.terms import PhotoState
from app.platform.db import ReadSession, WriteSession, look_up

AnySession = ReadSession | WriteSession


@dataclass(frozen=True, slots=True)
class DeskReport:
    """A report as the desk reads it: everything but who sent it."""

    id: str
    is_supplement: bool
    words: str
    answers: Sequence[Mapping[str, Any]]
    place: Mapping[str, Any]
    channel: str
    org_name: str
    received_at: datetime
    has_contact: bool
    declined: Sequence[Mapping[str, Any]]
    is_data_saving: bool
    quarantine: str | None
    # How many promised photos have not come, and how many were not taken in; a copy that only went ahead counts for none.
    missing_photos: int
    declined_photos: int


def _promised_as(state: PhotoState) -> Any:
    photo: Any = PromisedPhoto
    found = select(func.count()).where(
        photo.report_id == Report.id, photo.state == state.value, func.coalesce(photo.preview_of, "") == ""
    )
    return found.scalar_subquery()


def _for_desk() -> Select[Any]:
    row: Any = Report
    contact: Any = ReporterContact
    return (
        select(
            row.org_unit_id, row.id, row.is_supplement, row.words, row.answers, row.place, row.channel,
            row.received_at, exists().where(contact.report_id == row.id), row.declined, row.is_data_saving,
            row.quarantine, _promised_as(PhotoState.MISSING), _promised_as(PhotoState.DECLINED),
        )
        .where(row.clue_id == bindparam("clue_id"))
        .order_by(row.rowno)
    )  # fmt: skip


_FOR_DESK: Final = _for_desk()


def for_desk(session: AnySession, clue_id: str) -> list[DeskReport]:
    """Return a clue's reports for staff who were found to see the clue: one look, however many there are."""
    reports = look_up(session, _FOR_DESK, {"clue_id": clue_id}).all()
    names = identity_queries.org_names_of(session, [row[0] for row in reports if row[0]])
    return [
        DeskReport(
            id=report_id, is_supplement=is_supplement, words=words, answers=answers, place=place, channel=channel,
            org_name=names.get(unit or "", ""), received_at=received_at, has_contact=bool(sealed),
            declined=declined, is_data_saving=is_data_saving, quarantine=quarantine, missing_photos=missing,
            declined_photos=refused,
        )
        for unit, report_id, is_supplement, words, answers, place, channel, received_at, sealed, declined,
            is_data_saving, quarantine, missing, refused in reports
    ]  # fmt: skip


def has_messages(clue_id: Any) -> Exists:
    """Return the condition that there are words between the office and a clue's reporters, for a larger question."""
    message: Any = Message
    return exists().where(message.clue_id == clue_id)
