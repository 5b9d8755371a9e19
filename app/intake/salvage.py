"""What can be kept of a sealed report that is not quite as it should be: everything but what nobody can read. Pure.

A phone cannot open its own sealed report again, so a refusal for its content would lose it (decisions.md 15). Each
part that does not fit is taken out and kept as it was sent, for the office to read; the reporter is asked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from app.intake import rules
from app.intake.schemas import PROMISES_MOST, ReportIn

OTHER: Final = "other"
_NO_SECRET: Final = "A" * 22
_ROUNDS_MOST: Final = 400
_TOLD_MOST: Final = 2000
# Of these nothing is written down in the clear: who reported, what opens the receipt, digests that say nothing.
_SILENT: Final = frozenset({"contact", "secret", "source_stamp", "photos"})


class NotAReport(Exception):
    """The opened bytes are not a JSON object: no page of ours has sealed them."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Something a phone sent that could not be read as what it should be."""

    part: str
    text: str


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A report that can be read, and what had to be taken out for it."""

    body: ReportIn
    unread: tuple[Unread, ...]
    has_secret: bool


def salvage(raw: bytes) -> Salvaged:
    """Return what can be read; raises NotAReport only where there is nothing like a report."""
    try:
        content = json.loads(raw.decode("utf-8", "replace"), parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        raise NotAReport from None
    if not isinstance(content, dict):
        raise NotAReport
    content = _storable(content)
    unread: dict[Unread, None] = {}
    has_secret = True
    for _ in range(_ROUNDS_MOST):
        try:
            body = ReportIn.model_validate_json(json.dumps(content))
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                has_secret &= fault["loc"][:1] != ("secret",)
                unread |= dict.fromkeys(_mend(content, fault["loc"]))
        else:
            return Salvaged(body, tuple(unread), has_secret)
    raise NotAReport


def _storable(value: Any) -> Any:
    """Leave out what no database can hold: NUL and halves of signs."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(each) for key, each in value.items()}
    return value


def _mend(content: dict[str, Any], loc: tuple[int | str, ...]) -> list[Unread]:
    """Take out the smallest part that holds the fault; return it as it was sent."""
    part = str(loc[0]) if loc else ""
    if part == "secret":
        content["secret"] = _NO_SECRET
        return []
    if part == "category":
        told = _told(part, content.get(part))
        content["category"] = OTHER
        return told
    found = content.get(part)
    if part == "words" and isinstance(found, str):
        content["words"] = found[: rules.WORDS_MOST]
        return _told(part, found[rules.WORDS_MOST :])
    if part == "photos" and isinstance(found, list) and len(found) > PROMISES_MOST:
        content["photos"] = found[:PROMISES_MOST]
        return []
    parent, key = _smallest(content, loc)
    return _told(part, parent.pop(key)) if key is not None else []


def _smallest(content: dict[str, Any], loc: tuple[int | str, ...]) -> tuple[Any, Any]:
    """Return the deepest thing on the way to a fault that is there, as its container and key."""
    parent: Any = None
    key: Any = None
    here: Any = content
    for step in loc:
        is_there = (isinstance(here, dict) and step in here) or (
            isinstance(here, list) and isinstance(step, int) and step < len(here)
        )
        if not is_there:
            break
        parent, key, here = here, step, here[step]
    return parent, key


def _told(part: str, value: Any) -> list[Unread]:
    if part in _SILENT or value is None or value == "":
        return []
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return [Unread(part, text[:_TOLD_MOST])]
