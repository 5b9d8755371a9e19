"""The JSON door through which an agency's system sees what was handed to it: numbers, states and days, no matter.

What a transfer is about is read on its page, by a person of that agency; a machine needs to know that it is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from app.identity.guards import Anyone
from app.identity.token_guard import Following
from app.platform import ids
from app.platform.errors import Missing
from app.platform.web.given import ReadSession
from app.transfer import labels, queries
from app.transfer.models import Transfer

router = APIRouter()
PAGE: Final = 100


class TransferOut(BaseModel):
    """One transfer, without what it is about."""

    id: str
    number: str | None
    state: str
    state_words: str
    sent_at: datetime
    due_on: date | None
    promised_on: date | None


class TransfersOut(BaseModel):
    """A page of what was handed over, newest first; `next` is the `after` of the next page."""

    items: list[TransferOut]
    next: str | None


def _schema() -> dict[str, Any]:
    shape = TransfersOut.model_json_schema(mode="serialization")
    shape["properties"]["items"]["items"] = shape.pop("$defs")[TransferOut.__name__]
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    refusals = {401: "No token, or one that is over", 403: "The token is not for this",
                404: "No such place to go on from", 422: "Not a question", 429: "Too many in this hour"}  # fmt: skip
    told = {str(status): {"description": said, "content": problem} for status, said in refusals.items()}
    page = {"description": "A page of them", "content": {"application/json": {"schema": shape}}}
    return {"responses": {"200": page, **told}}


_GET_SCHEMA: Final = _schema()
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {"4XX": {"description": "Refused"}}


@router.get("/api/v1/transfers", name="partner:api_transfers", responses=_REFUSED, openapi_extra=_GET_SCHEMA)
def transfers(
    _guard: Anyone,
    bearer: Following,
    session: ReadSession,
    after: Annotated[str, Query(max_length=36)] = "",
    limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
) -> Response:
    """List what was handed to the organisation, and how each stands."""
    start = None
    if after:
        start = queries.row_sent_to(session, bearer.org_unit_id, after) if ids.is_uuid(after) else None
        if start is None:
            raise Missing
    found: Sequence[Transfer] = queries.sent_to(session, bearer.org_unit_id, before=start, limit=limit + 1)
    items = [_shown(row) for row in found[:limit]]
    more = items[-1].id if len(found) > limit else None
    return JSONResponse(TransfersOut(items=items, next=more).model_dump(mode="json"))


def _shown(row: Transfer) -> TransferOut:
    sent_at = row.sent_at or row.drafted_at  # sent it was, else it would not be here
    return TransferOut(
        id=row.id, number=row.number, state=row.state, state_words=labels.state(row.state, sees="receiver")[0],
        sent_at=sent_at.replace(microsecond=0), due_on=row.due_on, promised_on=row.promised_on,
    )  # fmt: skip
