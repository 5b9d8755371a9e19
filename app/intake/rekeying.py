"""Intake's sealed fields and keyed digests, made anew under today's key.

A query code itself is made by the key its report came under and never changes; only the digest by which it is found is
made anew, so that the old key may go: codes keep opening, and only an old receipt cannot be printed again.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select, update
from sqlmodel import col

from app.intake import queries, rules
from app.intake.models import Report, ReporterContact, RightsRequest
from app.platform.crypto import KeyRing
from app.platform.db import WriteSession
from app.platform.rekeying import Batch, Sealed, is_stale, resealed, step_rows

_FIELDS: Final = ("name", "phone", "words")


def _in_row_order(session: WriteSession, table: Any, after: int, limit: int, *conditions: Any) -> list[Any]:
    # house: allow selects-in-queries (whole tables in row order: the rotation asks, no page ever does)
    found = select(table).where(col(table.rowno) > after, *conditions).order_by(col(table.rowno)).limit(limit)
    return list(session.execute(found).scalars())


def _contacts(session: WriteSession, keys: KeyRing, after: int, limit: int) -> Batch:
    def change(row: ReporterContact) -> bool:
        found = {field: getattr(row, f"sealed_{field}") for field in _FIELDS}
        if not any(is_stale(sealed, keys) for sealed in found.values()):
            return False
        values: dict[str, str | None] = {
            f"sealed_{field}": resealed(
                keys, sealed, table="reporter_contact", row=row.report_id, field=field
            )
            for field, sealed in found.items()
            if sealed is not None
        }
        values["phone_index"] = _phone_index(keys, row)
        session.execute(update(ReporterContact).where(col(ReporterContact.rowno) == row.rowno).values(values))
        return True

    return step_rows(_in_row_order(session, ReporterContact, after, limit), change)


def _rights(session: WriteSession, keys: KeyRing, after: int, limit: int) -> Batch:
    def change(row: RightsRequest) -> bool:
        found = {field: getattr(row, f"sealed_{field}") for field in _FIELDS}
        if not any(is_stale(sealed, keys) for sealed in found.values()):
            return False
        values = {
            f"sealed_{field}": resealed(keys, sealed, table="rights_request", row=row.id, field=field)
            for field, sealed in found.items()
            if sealed is not None
        }
        session.execute(update(RightsRequest).where(col(RightsRequest.rowno) == row.rowno).values(values))
        return True

    return step_rows(_in_row_order(session, RightsRequest, after, limit), change)


def _phone_index(keys: KeyRing, row: ReporterContact) -> str | None:
    if row.sealed_phone is None:
        return None
    phone = keys.open_field(row.sealed_phone, table="reporter_contact", row=row.report_id, field="phone")
    digits = rules.phone_digits(phone)
    return keys.keyed_digest("phone-index", digits) if digits else None


def _codes(session: WriteSession, keys: KeyRing, after: int, limit: int) -> Batch:
    def change(row: Any) -> bool:
        if row.code_key_id == keys.current_id:
            return False
        digest = keys.keyed_digest("code-digest", queries.query_code(keys, row))
        if digest == row.code_digest:
            return False
        session.execute(update(Report).where(col(Report.rowno) == row.rowno).values(code_digest=digest))
        return True

    return step_rows(
        _in_row_order(session, Report, after, limit, col(Report.code_digest).is_not(None)), change
    )


SEALED: Final = (
    Sealed("reporter_contact", _contacts),
    Sealed("rights_request", _rights),
    Sealed("report", _codes),
)
