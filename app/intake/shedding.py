"""What the house does when it cannot take everything: it says so in time, and never drops what it has begun.

Pressure is many new reports in the last minute over the whole installation, or many from one source in an hour
(a carrier puts a whole town behind one address, so that is no reason to refuse anybody). A scripted client is
then asked for a proof of work; a form without script is taken in and marked (decisions.md 17).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from app.intake import queries
from app.platform import rates, work
from app.platform.crypto import KeyRing
from app.platform.db import WriteSession
from app.platform.errors import TooMany, Unavailable
from app.platform.i18n import N_
from app.platform.settings import Settings
from app.platform.storage import BlobStore


class Quarantine(StrEnum):
    """Why a report was taken in only to be looked at by a person first."""

    PRESSURE = "pressure"
    SOURCE = "source"
    TRAP = "trap"


class WorkWanted(TooMany):
    """Too much is coming in: a scripted client shows some work first; details carry the challenge."""

    code = "work_wanted"
    text = N_("现在来件很多，请让手机先算一小会儿再提交，不用您做什么。")


class _Knock(Protocol):
    @property
    def client(self) -> Any:
        """Return the peer's address and port."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers."""


class _House(Protocol):
    @property
    def settings(self) -> Settings:
        """Return the settings."""

    @property
    def keys(self) -> KeyRing:
        """Return the keys."""

    @property
    def store(self) -> BlobStore:
        """Return the store."""


def refuse_below_mark(house: _House) -> None:
    """Put off new reports while the disk is nearly full: what is left belongs to those already received."""
    free_bytes = house.store.free_bytes()
    if free_bytes is not None and free_bytes < house.settings.disk_floor_bytes:
        raise Unavailable


def pressure(session: WriteSession, house: _House, request: _Knock, *, now: datetime) -> Quarantine | None:
    """Count a new report and say what presses, if anything does; no address is kept (decisions.md 28)."""
    settings = house.settings
    if settings.reports_per_hour:
        source = rates.source_of(request)
        if rates.step(session, house.keys, "report", source, now) > settings.reports_per_hour:
            return Quarantine.SOURCE
    most = settings.pressure_reports_per_minute
    if most and queries.is_busy(session, most=most, now=now):
        return Quarantine.PRESSURE
    return None


def admit(session: WriteSession, house: _House, request: _Knock, *, now: datetime) -> None:
    """Let a scripted client's new report in; under pressure only with work that nobody has shown before."""
    if pressure(session, house, request, now=now) is None:
        return
    bits = house.settings.work_bits
    if not work.accept(session, house.keys, request.headers.get("x-work", ""), bits=bits, now=now):
        raise WorkWanted(challenge=work.challenge(house.keys, bits=bits, now=now).shown())
