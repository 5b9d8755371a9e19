"""The JSON door of reports, under /api/v1: a report first, its photos later, the receipt whenever it is asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from pydantic.json_schema import models_json_schema
from starlette.concurrency import run_in_threadpool

from app.identity.guards import Anyone
from app.intake import queries, schemas, sending, service, shedding
from app.intake.models import Report
from app.intake.owning import NotYourReport, own_report
from app.intake.sending import Sent
from app.intake.terms import PhotoState, Received
from app.platform import ids, sealing
from app.platform.errors import Missing, TooLarge
from app.platform.web.given import House, Now, ReadSession, Shared, WriteSession, house_of

router = APIRouter()
# Named so that FastAPI does not add its own form of a 422, which this door never gives.
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {"4XX": {"description": "Refused"}}
_MODELS: Final = (schemas.ReportIn, schemas.ReceiptOut, schemas.SealingKeyOut, schemas.ProblemOut)


async def _report_id(report_id: Annotated[str, Path(json_schema_extra={"format": "uuid"})]) -> str:
    if not ids.is_uuid(report_id):
        raise Missing
    return report_id


async def _sent(
    request: Request,
    report_id: Annotated[str, Depends(_report_id)],
    house: Annotated[House, Depends(house_of)],
) -> Sent:
    """Read the body up to the limit of texts, then strictly; a sealed one as far as it can be read."""
    is_sealed = request.headers.get("content-type", "").partition(";")[0].strip() == sealing.MEDIA_TYPE
    most = house.settings.text_max_bytes
    most = sealing.longest_sealed(most) if is_sealed else most
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > most:
            raise TooLarge
    if is_sealed:
        return await run_in_threadpool(sending.read_sealed, bytes(raw), house.keys, report_id)
    return sending.read_plain(bytes(raw))


ReportId = Annotated[str, Depends(_report_id)]
SentReport = Annotated[Sent, Depends(_sent)]


def _schema(name: str) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}


def _answers(*statuses: int) -> dict[str, Any]:
    said = {200: "The same report is already here", 201: "Received", 401: "Not your report", 404: "No such category",
            409: "Another report has this id", 413: "Too large", 422: "Not a report",
            429: "Show the work asked for (X-Work)", 503: "Come back later"}  # fmt: skip
    return {
        str(status): {
            "description": said[status],
            "content": {"application/json": _schema("ReceiptOut")}
            if status < 300  # noqa: PLR2004 - what is not a refusal
            else {"application/problem+json": _schema("ProblemOut")},
        }
        for status in statuses
    }


_SEALED: Final = {"schema": {"type": "string", "format": "binary", "description": "the same JSON, sealed"}}
_PUT_SCHEMA: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/json": _schema("ReportIn"), sealing.MEDIA_TYPE: _SEALED},
    },
    "responses": _answers(200, 201, 404, 409, 413, 422, 429, 503),
}
_GET_SCHEMA: Final = {
    "responses": _answers(200, 401, 404),
    "parameters": [
        {"name": "Authorization", "in": "header", "required": True, "schema": {"type": "string"},
         "description": "`Report <report id>.<secret>`"},
    ],
}  # fmt: skip


_KEY_SCHEMA: Final = {
    "responses": {
        "200": {
            "description": "The current sealing key",
            "content": {"application/json": _schema("SealingKeyOut")},
        }
    }
}


@router.put(
    "/api/v1/reports/{report_id}", name="intake:api_report", responses=_REFUSED, openapi_extra=_PUT_SCHEMA
)
def put_report(
    _guard: Anyone,
    request: Request,
    report_id: ReportId,
    sent: SentReport,
    session: WriteSession,
    house: Shared,
    now: Now,
) -> Response:
    """Receive a report made on the phone; the same again gives the same receipt."""
    received = _received(session, house, request, report_id, sent, now=now)
    report = queries.get(session, received.report_id)
    return JSONResponse(_receipt(session, house, report), 201 if received.is_new else 200)


def _received(
    session: WriteSession, house: House, request: Request, report_id: str, sent: Sent, *, now: datetime
) -> Received:
    """Look up and understand before the write session begins: until then nobody waits in line behind this report."""
    with house.database.read_session() as reading:
        found = service.replayed(reading, report_id, sent.digest)
        if found is not None:
            return found
        shedding.refuse_below_mark(house)
        facts = sending.form_facts(reading, sent, now=now)
    settings = house.settings
    command = sending.command_of(
        report_id, sent, facts,
        keys=house.keys, limit=settings.photo_limit, most_bytes=settings.photo_max_bytes, now=now,
    )  # fmt: skip
    if command.forwarder is None:
        shedding.admit(session, house, request, now=now)
    return service.receive(session, house, command, kept=[], declined=[], actor=None, now=now)


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
    report = own_report(session, request.headers.get("authorization", ""))
    if report.id != report_id:
        raise NotYourReport
    return JSONResponse(_receipt(session, house, report))


def _receipt(session: ReadSession | WriteSession, house: House, report: Report) -> dict[str, Any]:
    photos = queries.promised(session, report.id)
    return {
        "report_id": report.id,
        "query_code": queries.query_code(house.keys, report),
        "received_at": _stated(report.received_at),
        "is_complete": not any(
            photo.state == PhotoState.MISSING and not photo.preview_of for photo in photos
        ),
        "photos": [
            {
                "sha256": row.digest,
                "state": row.state,
                "reason": row.reason,
                "is_preview": bool(row.preview_of),
            }
            for row in photos
        ],
        "declined": [{"what": row["what"], "reason": row["reason"]} for row in report.declined],
    }


def _stated(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")


@router.get(
    "/api/v1/sealing-key", name="intake:api_sealing_key", responses=_REFUSED, openapi_extra=_KEY_SCHEMA
)
def get_sealing_key(_guard: Anyone, house: Shared) -> Response:
    """Give the key that reports and photos are sealed to while they wait on a phone (decisions.md 15)."""
    shown = {
        "key_id": house.keys.current_id,
        "public": sealing.base64url(house.keys.sealing_point),
        "algorithm": sealing.ALGORITHM,
    }
    return JSONResponse(shown, headers={"Cache-Control": "public, max-age=3600"})


@router.get("/api/v1/openapi.json", name="intake:openapi")
def openapi(_guard: Anyone, request: Request) -> Response:
    """Describe the routes of /api/v1, and no others."""
    routes = [
        route.original_route if hasattr(route, "original_route") else route
        for route in iter_route_contexts(request.app.routes)
        if str(getattr(route, "path", "")).startswith("/api/v1/") and route.name != "intake:openapi"
    ]
    document = get_openapi(title="Yixian", version="1", routes=routes, webhooks=request.app.webhooks.routes)
    _, found = models_json_schema(
        [(model, "validation") for model in _MODELS], ref_template="#/components/schemas/{model}"
    )
    document.setdefault("components", {}).setdefault("schemas", {}).update(found["$defs"])
    return JSONResponse(document, headers={"Cache-Control": "public, max-age=300"})
