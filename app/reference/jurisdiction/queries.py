"""The rules of jurisdiction in force on a day, kept in memory while the reference data stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app.platform.db import ReadSession, WriteSession
from app.reference.jurisdiction import rules
from app.reference.jurisdiction.terms import Rule, Verdict
from app.reference.memory import remembered
from app.reference.models import JurisdictionRule
from app.reference.queries import in_force_of

AnySession = ReadSession | WriteSession


def in_force(session: AnySession, on: date) -> tuple[Rule, ...]:
    """Return the rules in force on a day, in the order they are asked."""
    return remembered(session, ("jurisdiction", on), lambda: _read(session, on))


def _read(session: AnySession, on: date) -> tuple[Rule, ...]:
    query = select(JurisdictionRule).where(in_force_of(JurisdictionRule, on))
    rows = session.execute(query.order_by(col(JurisdictionRule.valid_from))).scalars()
    return rules.ordered([rule_of(row.model_dump()) for row in {row.key: row for row in rows}.values()])


def rule_of(row: Mapping[str, Any]) -> Rule:
    """Return a stored or a typed row as a rule."""
    return Rule(
        key=row["key"], sort=row["sort"] or 0, name=row["name"], name_en=row["name_en"] or row["name"],
        verdict=Verdict(row["verdict"]), target=row["target"] or "", reason=row["reason"],
        reason_en=row["reason_en"] or row["reason"], basis=row["basis"], is_confirmed=row["is_confirmed"],
        standings=frozenset(row["standings"]), towns=frozenset(row["towns"]),
        categories=frozenset(row["categories"]), fields=frozenset(row["fields"]),
        levels=frozenset(row["levels"]), only_major=row["only_major"], only_private=row["only_private"],
    )  # fmt: skip
