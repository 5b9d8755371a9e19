"""What the house does when it cannot take everything: it says so in time, and never drops what it has begun."""

from __future__ import annotations

from app.platform.errors import Unavailable
from app.platform.settings import Settings
from app.platform.storage import BlobStore


def refuse_below_mark(store: BlobStore, settings: Settings) -> None:
    """Put off new reports while the disk is nearly full: what is left belongs to those already received."""
    free_bytes = store.free_bytes()
    if free_bytes is not None and free_bytes < settings.disk_floor_bytes:
        raise Unavailable
