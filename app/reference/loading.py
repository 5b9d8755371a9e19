"""Loading the reference data: inserts what is missing by key and date, never touches a row that is there.

An administrator's row therefore survives every upgrade (decisions.md 10). The files are TOML beside this one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert
from sqlmodel import SQLModel

from app.clocks import calendar
from app.clocks.terms import DayKind
from app.identity import queries as identity_queries
from app.identity.models import OrgUnit
from app.platform import ids
from app.platform.db import WriteSession
from app.reference import memory, queries
from app.reference.models import (
    CalendarDay,
    Category,
    CategoryGroup,
    Channel,
    Consent,
    Field,
    Hotline,
    JurisdictionRule,
    Label,
    MessageTemplate,
    PublicWording,
    Question,
    Reason,
    RetentionTerm,
    SeasonPause,
    SelfCheckCard,
    SourceType,
    Town,
    TransferText,
)
from app.reference.terms import COMMON

FOLDER: Final = Path(__file__).parent / "data"
_FIRST_DAY: Final = date(2021, 7, 1)


def read(name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """Return one file of the reference data."""
    return tomllib.loads((folder / name).read_text("utf-8"))


def _day(value: Any) -> date | None:
    return value if isinstance(value, date) or value is None else date.fromisoformat(value)


def _add_missing(
    session: WriteSession, table: type[SQLModel], keys: tuple[str, ...], rows: Iterable[Mapping[str, Any]]
) -> int:
    there = queries.keys_there(session, table, keys)
    names = set(table.model_fields) - {"rowno"}
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in table.model_fields.items()
        if name != "rowno" and not field.is_required()
    }
    missing = [
        defaults | {name: value for name, value in row.items() if name in names}
        for row in rows
        if tuple(row[key] for key in keys) not in there
    ]
    if missing:
        session.execute(insert(table), missing)
    return len(missing)


def _question(row: Mapping[str, Any], category_key: str, sort: int, valid_from: date) -> dict[str, Any]:
    return {
        "category_key": category_key, "key": row["key"], "valid_from": valid_from, "sort": sort,
        "kind": row["kind"], "label": row["label"], "label_en": row["label_en"],
        "hint": row.get("hint", ""), "hint_en": row.get("hint_en", ""), "options": row.get("options", []),
        "unit": row.get("unit", ""), "low": row.get("min"), "high": row.get("max"),
        "max_length": row.get("max_length"), "is_required": row.get("required", False),
        "is_urgent": row.get("urgent", False), "is_private": row.get("private", False),
        "shown_when": row.get("shown_when"),
    }  # fmt: skip


def _categories(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    categories, questions = [], []
    for path in sorted((folder / "categories").glob("*.toml")):
        for row in tomllib.loads(path.read_text("utf-8"))["category"]:
            start = _day(row.get("valid_from")) or _FIRST_DAY
            categories.append(
                row
                | {
                    "valid_from": start, "valid_to": _day(row.get("valid_to")), "field_key": row["field"],
                    "group_key": row["group"], "compartment_kind": row["compartment"],
                    "is_priority": row.get("is_priority", False), "co": row.get("co", []),
                    "redirect": row.get("redirect", []), "keywords": row.get("keywords", []),
                    "legal_basis": row.get("legal_basis", []),
                }
            )  # fmt: skip
            questions += [
                _question(question, row["key"], 10 * number, start)
                for number, question in enumerate(row.get("question", []), start=1)
            ]
    questions += [
        _question(question, COMMON, 10 * number, _FIRST_DAY)
        for number, question in enumerate(read("common.toml", folder)["question"], start=1)
    ]
    return categories, questions


def _agencies(session: WriteSession, office_id: str, folder: Path) -> int:
    there = identity_queries.org_keys_of(session, office_id)
    missing = [row for row in read("agencies.toml", folder)["agency"] if row["key"] not in there]
    for row in missing:
        session.execute(
            insert(OrgUnit).values(
                id=ids.new(), office_id=office_id, parent_id=None, kind=row["kind"], key=row["key"], name=row["name"],
                name_en=row.get("name_en"), is_confirmed=False, is_active=True, version=1,
            )
        )  # fmt: skip
    return len(missing)


def load(session: WriteSession, office_id: str, folder: Path = FOLDER) -> int:
    """Load everything that is missing for an office; return how many rows were added."""
    categories, questions = _categories(folder)
    fields = [
        row | {"valid_from": _day(row["valid_from"]), "valid_to": _day(row.get("valid_to"))}
        for row in read("fields.toml", folder)["field"]
    ]
    reasons = [row | {"list_key": row["list"]} for row in read("reasons.toml", folder)["reason"]]
    cards = [
        row | {"keeps_signal": row.get("keep_as_signal", False)}
        for row in _numbered("self_check.toml", "card", folder)
    ]
    channels = read("channels.toml", folder)
    published = calendar.published_calendar()
    days = [
        {"on_date": day, "kind": kind.value, "name": ""}
        for day, kind in published.days.items()
        if kind is not DayKind.UNPUBLISHED
    ]
    tables: list[tuple[type[SQLModel], tuple[str, ...], Iterable[Mapping[str, Any]]]] = [
        (Field, ("key", "valid_from"), fields),
        (CategoryGroup, ("key",), read("groups.toml", folder)["group"]),
        (Category, ("key", "valid_from"), categories),
        (Question, ("category_key", "key", "valid_from"), questions),
        (Hotline, ("key",), _numbered("hotlines.toml", "hotline", folder)),
        (SelfCheckCard, ("key",), cards),
        (Town, ("key",), read("towns.toml", folder)["town"]),
        (PublicWording, ("state",), read("wording.toml", folder)["public_status"]),
        (Reason, ("list_key", "key"), reasons),
        (SeasonPause, ("key",), _numbered("seasons.toml", "season", folder)),
        (TransferText, ("key", "valid_from"), _dated("transfer_kinds.toml", "transfer_kind", folder)),
        (JurisdictionRule, ("key", "valid_from"), _dated("jurisdiction.toml", "rule", folder)),
        (RetentionTerm, ("category_key", "outcome", "valid_from"), _dated("retention.toml", "term", folder)),
        (Consent, ("key", "version"), read("consent.toml", folder)["consent"]),
        (SourceType, ("key",), _sorted(channels["source_type"])),
        (Channel, ("key",), _sorted(channels["channel"])),
        (Label, ("key",), _numbered("labels.toml", "label", folder)),
        (MessageTemplate, ("key",), _numbered("message_templates.toml", "message_template", folder)),
        (CalendarDay, ("on_date",), days),
    ]
    added = sum(_add_missing(session, *table) for table in tables)
    if added:
        memory.raise_version(session)
    return added + _agencies(session, office_id, folder)


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"sort": 10 * number} | row for number, row in enumerate(rows, start=1)]


def _dated(name: str, key: str, folder: Path) -> list[dict[str, Any]]:
    return [row | {"valid_from": _day(row["valid_from"])} for row in _numbered(name, key, folder)]


def _numbered(name: str, key: str, folder: Path) -> list[dict[str, Any]]:
    return _sorted(read(name, folder)[key])
