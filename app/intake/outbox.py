"""The phone's outbox: its page, which is a shell for everybody, and the receipt as a picture for whoever has the secret.

What waits, and what is received, stands on the phone alone; this room only serves the page that shows it.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.identity.guards import Anyone
from app.intake import filing, queries
from app.intake.owning import NotYourReport, own_report
from app.platform.web.given import ReadSession, Shared
from app.platform.web.render import page

router = APIRouter()


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """The shell: nothing of anybody."""

    office_hours: str


@router.get("/outbox", name="intake:outbox")
def show_outbox(request: Request, _guard: Anyone, house: Shared) -> Response:
    """Give the page in which the phone shows what waits on it."""
    return page(request, "intake/outbox.html", OutboxPage(house.settings.office_hours))


# Under /api, so that a refusal is a plain 401 and no way to the sign-in; a picture, so not of the described door.
@router.get(
    "/api/v1/reports/{report_id}/receipt.svg", name="intake:receipt_for_phone", include_in_schema=False
)
def give_receipt_picture(
    request: Request, report_id: str, _guard: Anyone, session: ReadSession, house: Shared
) -> Response:
    """Draw the receipt as a picture to keep; the phone's secret opens it, as it opens the receipt itself."""
    report = own_report(session, request.headers.get("authorization", ""))
    if report.id != report_id:
        raise NotYourReport
    return filing.receipt_svg(request, house, queries.query_code(house.keys, report), report.received_at)
