"""The JSON door of reports, under /api/v1: a report first, its photos later, the receipt whenever it is asked for."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from pydantic import ValidationError
from pydantic.json_schema import models_json_schema

from app.identity.guards import Anyone
from app.intake import catalogue, queries, schemas, sending, service
from app.intake.models import Report
from app.intake.reception import secret_digest
from app.intake.schemas import ReportIn
from app.intake.terms import PhotoState
from app.platform import ids
from app.platform.errors import Invalid, Missing, NotSignedIn, TooLarge
from app.platform.i18n import N_
from app.platform.web.given import House, Now, ReadSession, Shared, WriteSession, house_of

router = APIRouter()
_SCHEME: Final = "Report "
# Named so that FastAPI does not add its own form of a 422, which this door never gives.
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {"4XX": {"description": "Refused"}}
_MODELS: Final = (schemas.ReportIn, schemas.ReceiptOut, schemas.ProblemOut)


class UnreadableReport(Invalid):
    """The body is not the JSON of a report; details name the places."""

    code = "unreadable_report"
    text = N_("这份内容的格式不对，没有收下。")


class NotYourReport(NotSignedIn):
    """The secret does not belong to this report, or there is no such report: the answer is the same."""

    code = "not_your_report"
    text = N_("没有这份反映，或者密钥不对。")


async def _report_id(report_id: Annotated[str, Path(json_schema_extra={"format": "uuid"})]) -> str:
    if not ids.is_uuid(report_id):
        raise Missing
    return report_id


async def _body(request: Request, house: Annotated[House, Depends(house_of)]) -> ReportIn:
    """Read the body up to the limit of texts, then strictly."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > house.settings.text_max_bytes:
            raise TooLarge
    try:
        return ReportIn.model_validate_json(bytes(raw))
    except ValidationError as error:
        places = [
            ".".join(map(str, each["loc"])) for each in error.errors(include_input=False, include_url=False)
        ]
        raise UnreadableReport(errors=sorted(set(places))) from error


ReportId = Annotated[str, Depends(_report_id)]
Body = Annotated[ReportIn, Depends(_body)]


def _schema(name: str) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}


def _answers(*statuses: int) -> dict[str, Any]:
    said = {200: "The same report is already here", 201: "Received", 401: "Not your report", 404: "No such category",
            409: "Another report has this id", 413: "Too large", 422: "Not a report"}  # fmt: skip
    return {
        str(status): {
            "description": said[status],
            "content": {"application/json": _schema("ReceiptOut")}
            if status < 300  # noqa: PLR2004 - what is not a refusal
            else {"application/problem+json": _schema("ProblemOut")},
        }
        for status in statuses
    }


_PUT_SCHEMA: Final = {
    "requestBody": {"required": True, "content": {"application/json": _schema("ReportIn")}},
    "responses": _answers(200, 201, 404, 409, 413, 422),
}
_GET_SCHEMA: Final = {
    "responses": _answers(200, 401, 404),
    "parameters": [
        {"name": "Authorization", "in": "header", "required": True, "schema": {"type": "string"},
         "description": "`Report <report id>.<secret>`"},
    ],
}  # fmt: skip


@router.put(
    "/api/v1/reports/{report_id}", name="intake:api_report", responses=_REFUSED, openapi_extra=_PUT_SCHEMA
)
def put_report(
    _guard: Anyone, report_id: ReportId, body: Body, session: WriteSession, house: Shared, now: Now
) -> Response:
    """Receive a report made on the phone; the same again gives the same receipt."""
    with house.database.read_session() as reading:
        facts = catalogue.form_facts(reading, body.category, now=now)
    command = sending.command_of(
        report_id, body, facts, keys=house.keys, limit=house.settings.photo_limit, now=now
    )
    received = service.receive(session, house, command, kept=[], declined=[], actor=None, now=now)
    report = queries.get(session, received.report_id)
    return JSONResponse(_receipt(session, house, report), 201 if received.is_new else 200)


@router.get(
    "/api/v1/reports/{report_id}/receipt",
    name="intake:api_receipt",
    responses=_REFUSED,
    openapi_extra=_GET_SCHEMA,
)
def get_receipt(
    _guard: Anyone, request: Request, report_id: ReportId, session: ReadSession, house: Shared
) -> Response:
    """List what of a report is held, missing or declined, to whoever has its secret."""
    return JSONResponse(
        _receipt(session, house, _own(session, report_id, request.headers.get("authorization", "")))
    )


def _own(session: ReadSession, report_id: str, authorization: str) -> Report:
    given_id, _, secret = authorization.removeprefix(_SCHEME).partition(".")
    found = (
        queries.find(session, report_id)
        if authorization.startswith(_SCHEME) and given_id == report_id
        else None
    )
    known = found.secret_digest if found else None
    if found is None or known is None or not hmac.compare_digest(known, secret_digest(secret) or ""):
        raise NotYourReport
    return found


def _receipt(session: ReadSession | WriteSession, house: House, report: Report) -> dict[str, Any]:
    photos = queries.promised(session, report.id)
    return {
        "report_id": report.id,
        "query_code": queries.query_code(house.keys, report),
        "received_at": _stated(report.received_at),
        "is_complete": all(photo.state != PhotoState.MISSING for photo in photos),
        "photos": [{"sha256": row.digest, "state": row.state, "reason": row.reason} for row in photos],
        "declined": [{"what": row["what"], "reason": row["reason"]} for row in report.declined],
    }


def _stated(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")


@router.get("/api/v1/openapi.json", name="intake:openapi")
def openapi(_guard: Anyone, request: Request) -> Response:
    """Describe the routes of /api/v1, and no others."""
    routes = [
        route.original_route if hasattr(route, "original_route") else route
        for route in iter_route_contexts(request.app.routes)
        if str(getattr(route, "path", "")).startswith("/api/v1/") and route.name != "intake:openapi"
    ]
    document = get_openapi(title="Yixian", version="1", routes=routes)
    _, found = models_json_schema(
        [(model, "validation") for model in _MODELS], ref_template="#/components/schemas/{model}"
    )
    document.setdefault("components", {})["schemas"] = found["$defs"]
    return JSONResponse(document, headers={"Cache-Control": "public, max-age=300"})
