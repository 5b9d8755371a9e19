"""A file as it came in: durable in a temporary place, not yet kept under its digest."""

from __future__ import annotations

from dataclasses import dataclass

from app.platform.storage import Landed


@dataclass(slots=True)
class LandedFile:
    """One file of a form: durable in a temporary file, or refused with a reason key."""

    field: str
    name: str
    declared_type: str
    size_bytes: int = 0
    first_bytes: bytes = b""
    landed: Landed | None = None
    refused: str | None = None
