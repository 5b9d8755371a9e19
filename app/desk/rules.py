"""Decisions on plain values: what a query string asks for, what a cursor says, how a row reads."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from app.clues.terms import ClueState
from app.desk.terms import IN_HAND, Age, Cursor, Filters, Flag, Order, WorkList
from app.platform import ids

_LONGEST: Final = 64
GRADES: Final = ("A", "B", "C", "D")
_Choice = TypeVar("_Choice", bound=StrEnum)


def filters(query: Mapping[str, str]) -> Filters:
    """Read the filters of an address; what is not known is left out rather than refused (bookmarks live long)."""

    def chosen(kind: type[_Choice], name: str) -> _Choice | None:
        value = query.get(name, "")
        return kind(value) if value in set(kind) else None

    def text(name: str) -> str:
        return query.get(name, "").strip()[:_LONGEST].replace("\x00", "")

    def day(name: str) -> date | None:
        try:
            return date.fromisoformat(text(name))
        except ValueError:
            return None

    state, grade = text("state"), text("grade")
    return Filters(
        work_list=chosen(WorkList, "list") or WorkList.NEW,
        state=state if state in set(ClueState) else "",
        category=text("category"),
        field=text("field"),
        town=text("town"),
        source=text("source"),
        channel=text("channel"),
        grade=grade if grade in GRADES else "",
        assignee=text("assignee"),
        team=text("team"),
        label=text("label"),
        since=day("from"),
        until=day("to"),
        age=chosen(Age, "age"),
        flag=chosen(Flag, "flag"),
        q=text("q"),
        order=chosen(Order, "order") or Order.NEWEST,
    )


def write_cursor(cursor: Cursor) -> str:
    """Write a cursor for an address."""
    micros = round((cursor.received_at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
    plain = f"{int(cursor.is_backward)}{int(cursor.is_urgent)}.{micros}.{cursor.id}"
    return base64.urlsafe_b64encode(plain.encode()).decode("ascii").rstrip("=")


def read_cursor(text: str) -> Cursor | None:
    """Read a cursor back; None for anything we did not write."""
    try:
        plain = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode("ascii")
        signs, micros, clue_id = plain.split(".")
        if len(signs) != 2 or set(signs) - set("01") or not ids.is_uuid(clue_id) or len(micros) > 17:  # noqa: PLR2004
            return None
        received_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(micros))
    except (ValueError, binascii.Error, OverflowError):
        return None
    return Cursor(received_at, clue_id, is_urgent=signs[1] == "1", is_backward=signs[0] == "1")


class Due(StrEnum):
    """How a date stands today."""

    NONE = "none"
    LATER = "later"
    SOON = "soon"
    TODAY = "today"
    OVERDUE = "overdue"


_SOON_DAYS: Final = 3


def due(due_on: date | None, state: str, today: date) -> tuple[Due, int]:
    """Say how a clue's date stands, and by how many days; after a decision of ours it no longer runs."""
    if due_on is None or state not in IN_HAND:
        return Due.NONE, 0
    return standing(due_on, today)


def standing(due_on: date, today: date) -> tuple[Due, int]:
    """Say how a date that runs stands today, and by how many days."""
    days = (due_on - today).days
    if days < 0:
        return Due.OVERDUE, -days
    if days == 0:
        return Due.TODAY, 0
    return (Due.SOON if days <= _SOON_DAYS else Due.LATER), days
