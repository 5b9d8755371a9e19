"""What the house calls at partners' systems, as openapi.json promises it (docs/agencies-api.md); sent by hooks/jobs.py."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from app.transfer.hooks.terms import Kind

router = APIRouter()


class About(BaseModel):
    """Which thing changed."""

    id: Annotated[
        str, Field(description="`report_id` of a forward, `id` of a transfer: come and read with a token")
    ]


class HookMessage(BaseModel):
    """Something changed; nothing of what."""

    type: Kind
    timestamp: datetime
    data: About


# house: allow no-status-in-domain (what others answer us)
@router.post("changed", name="hook:changed", status_code=204)
def changed(
    message: HookMessage,
    webhook_id: Annotated[str, Header(description="the same however often it is tried")],
    webhook_timestamp: Annotated[str, Header(description="seconds since 1970, of this attempt")],
    webhook_signature: Annotated[str, Header(description="Standard Webhooks v1, one a secret in force")],
) -> None:
    """Hear that something changed; any 2xx within ten seconds takes it, everything else is tried again."""
