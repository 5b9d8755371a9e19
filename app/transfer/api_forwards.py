"""The JSON door of agencies' own systems: a clue is forwarded once under their number; how it stands is read from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from app.identity.guards import Anyone
from app.identity.token_guard import Forwarding, Reading
from app.identity.tokens import service as token_service
from app.identity.tokens.terms import Bearer
from app.intake import service as intake_service
from app.intake import shedding, sources
from app.intake.queries import partner as partner_queries
from app.intake.queries.partner import Forwarded
from app.intake.sending import ReportFaulty
from app.platform import db, ids
from app.platform.errors import Missing, TooLarge
from app.platform.web.given import House, Now, ReadSession, Shared, WriteSession, house_of
from app.transfer.forwarding.reading import Reader
from app.transfer.forwarding.terms import CELL_MOST, Line

router = APIRouter()
PAGE: Final = 100


def _legal(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain NUL")
    return text


Text = Annotated[str, Field(max_length=CELL_MOST), AfterValidator(_legal)]


class ForwardIn(BaseModel):
    """One clue an agency forwards. Nothing of the person who reported it to the agency belongs here."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    ref: Annotated[str, Field(min_length=1, max_length=120, pattern=r"\S"), AfterValidator(_legal)]
    category: Annotated[Text, Field(description="key or name of a category")]
    words: Text
    town: Text = ""
    place: Text = ""
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None


class ForwardOut(BaseModel):
    """What became of it, as the public may know."""

    ref: str
    report_id: str
    category: str
    received_at: datetime
    status: str
    status_words: str


class ForwardsOut(BaseModel):
    """A page of what was forwarded, newest first; `next` is the `after` of the next page."""

    items: list[ForwardOut]
    next: str | None


def _told(*statuses: int, body: type[BaseModel]) -> dict[str, Any]:
    said = {200: "The same clue is already here, or a page of them", 201: "Received", 401: "No token, or one that is over",
            403: "The token is not for this", 404: "No such place to go on from", 409: "Another clue has this number",
            413: "Too large", 422: "Not a clue", 429: "Too many in this hour", 503: "Come back later"}  # fmt: skip
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    shape = body.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    parts = shape.pop("$defs", None)
    if parts:  # one kind of part only, and no other room knows it: it stands where it is used
        shape["properties"]["items"]["items"] = parts[ForwardOut.__name__]
    return {
        str(status): {
            "description": said[status],
            "content": {"application/json": {"schema": shape}} if status < 300 else problem,  # noqa: PLR2004
        }
        for status in statuses
    }


_TOKEN: Final = {"name": "Authorization", "in": "header", "required": True, "schema": {"type": "string"},
                 "description": "`Bearer yx_…`, issued by the office for one contact"}  # fmt: skip
_POST_SCHEMA: Final = {
    "parameters": [_TOKEN],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": ForwardIn.model_json_schema()}},
    },
    "responses": _told(200, 201, 401, 403, 409, 413, 422, 429, 503, body=ForwardOut),
}
_GET_SCHEMA: Final = {"responses": _told(200, 401, 403, 404, 422, 429, body=ForwardsOut)}
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {"4XX": {"description": "Refused"}}


async def _forward(request: Request, house: Annotated[House, Depends(house_of)]) -> ForwardIn:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > house.settings.text_max_bytes:
            raise TooLarge
    try:
        return ForwardIn.model_validate_json(bytes(raw))
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        errors = [{"field": ".".join(map(str, each["loc"])), "text": each["msg"]} for each in wrong]
        raise ReportFaulty(errors=errors) from None


@router.post("/api/v1/forwards", name="partner:api_forward", responses=_REFUSED, openapi_extra=_POST_SCHEMA)
def forward(
    _guard: Anyone,
    bearer: Forwarding,
    body: Annotated[ForwardIn, Depends(_forward)],
    session: WriteSession,
    house: Shared,
    now: Now,
) -> Response:
    """Take one clue in; the same number with the same words is the same clue, whichever way it came."""
    with house.database.read_session() as reading:
        shedding.refuse_below_mark(house)
        facts = {"account": bearer.account_id, "unit": bearer.org_unit_id, "channel": "partner_agency"}
        stamp = house.keys.stamp("source", facts, expires_at=now + sources.STAMP_FOR)
        reader = Reader(
            reading, house.settings, house.keys, org_unit_id=bearer.org_unit_id, stamp=stamp, now=now
        )
        command, wrong = reader.command(_line(body))
    if command is None:
        raise ReportFaulty(errors=[{"field": "", "text": text} for text in wrong])
    received = intake_service.receive(
        session, house, replace(command, external_ref=body.ref), kept=[], declined=[], actor=None, now=now
    )
    token_service.note_use(session, bearer, now=now)
    shown = _shown(partner_queries.forwarded(session, received.report_id)).model_dump(mode="json")
    return JSONResponse(shown, 201 if received.is_new else 200)


def _line(body: ForwardIn) -> Line:
    lat, lon = ("" if value is None else repr(value) for value in (body.lat, body.lon))
    return Line(0, body.ref, body.category.strip(), body.words, body.town.strip(), body.place, lat, lon)


@router.get("/api/v1/forwards", name="partner:api_forwards", responses=_REFUSED, openapi_extra=_GET_SCHEMA)
def forwards(
    _guard: Anyone,
    bearer: Reading,
    session: ReadSession,
    ref: Annotated[str, Query(max_length=120)] = "",
    after: Annotated[str, Query(max_length=36)] = "",
    limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
) -> Response:
    """List what the organisation has forwarded under its own numbers, or the one of a number."""
    found = _page(session, bearer, ref=ref, after=after, limit=limit + 1)
    items = [_shown(one) for one in found[:limit]]
    more = items[-1].report_id if len(found) > limit else None
    return JSONResponse(ForwardsOut(items=items, next=more).model_dump(mode="json"))


def _page(
    session: db.ReadSession, bearer: Bearer, *, ref: str, after: str, limit: int
) -> Sequence[Forwarded]:
    start = None
    if after:
        start = partner_queries.rowno_of(session, bearer.org_unit_id, after) if ids.is_uuid(after) else None
        if start is None:
            raise Missing
    return partner_queries.numbered(session, bearer.org_unit_id, ref=ref, before=start, limit=limit)


def _shown(found: Forwarded) -> ForwardOut:
    return ForwardOut(
        ref=found.ref, report_id=found.report_id, category=found.category,
        received_at=found.received_at.replace(microsecond=0), status=found.status, status_words=found.sentence,
    )  # fmt: skip
