"""Keys of the reference data with their words, as narrow rows: a list needs no whole records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from app.platform.db import ReadSession, WriteSession
from app.reference.memory import remembered
from app.reference.models import Category, Channel, Field, Label, SourceType, Town

AnySession = ReadSession | WriteSession


@dataclass(frozen=True, slots=True)
class Name:
    """A key of the reference data with its words in both languages."""

    key: str
    name: str
    name_en: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """The words of the reference data a desk needs, kept in memory while its version stands."""

    categories: Mapping[str, Name]
    fields: Mapping[str, Name]
    towns: Mapping[str, Name]
    channels: Mapping[str, Name]
    sources: Mapping[str, Name]
    labels: Mapping[str, Name]


def known(session: AnySession) -> Known:
    """Return them all; read again only after somebody changed the reference data."""
    return remembered(
        session,
        "desk.names",
        lambda: Known(
            category_names(session), field_names(session), town_names(session), channel_names(session),
            source_names(session), label_names(session),
        ),
    )  # fmt: skip


def _names(session: AnySession, query: Select[Any]) -> dict[str, Name]:
    return {row[0]: Name(*row) for row in session.execute(query)}


def category_names(session: AnySession) -> dict[str, Name]:
    """Return the words of every category that ever was; the latest wording wins."""
    table: Any = Category
    query = select(table.key, table.name, table.name_en, table.field_key).order_by(
        table.sort, table.valid_from
    )
    return _names(session, query)


def field_names(session: AnySession) -> dict[str, Name]:
    """Return the words of every field."""
    table: Any = Field
    return _names(
        session, select(table.key, table.name, table.name_en).order_by(table.sort, table.valid_from)
    )


def town_names(session: AnySession) -> dict[str, Name]:
    """Return the words of the towns."""
    table: Any = Town
    return _names(session, select(table.key, table.name, table.name_en).order_by(table.sort))


def channel_names(session: AnySession) -> dict[str, Name]:
    """Return the words of the channels; the parent is the source under which each counts."""
    table: Any = Channel
    return _names(
        session, select(table.key, table.name, table.name_en, table.source_type).order_by(table.sort)
    )


def source_names(session: AnySession) -> dict[str, Name]:
    """Return the words of the six sources (办案规则 24)."""
    table: Any = SourceType
    return _names(session, select(table.key, table.name, table.name_en).order_by(table.sort))


def label_names(session: AnySession) -> dict[str, Name]:
    """Return the words the office puts on clues."""
    table: Any = Label
    return _names(session, select(table.key, table.name, table.name_en).order_by(table.sort))
