"""附近有同类: who may be told, when, and that it is never more than one sentence (decisions.md 20)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from tests.intake.sheets import WATER, report
from tests.intake.steps import register, track

if TYPE_CHECKING:
    from app.platform.db import Database
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
SENTENCE = "附近有同类问题正在办理"
NEAR = WATER | {"place_pasted": "45.8022, 126.5433"}
FAR = WATER | {"place_pasted": "45.9500, 126.5432"}


@pytest.fixture
def may_say(database: Database) -> None:
    """The category is one of the harmless ones."""
    with database.write_session() as session:
        session.execute(text("update category set shows_nearby = true where key = 'water_pollution'"))


def change(database: Database, statement: str) -> None:
    """Change the first clue behind everybody's back."""
    with database.write_session() as session:
        first = session.execute(text("select id from clue order by rowno limit 1")).scalar_one()
        session.execute(text(f"update clue set {statement} where id = :id"), {"id": first})  # noqa: S608 - our own words


def pages(client: HouseClient, fields: dict[str, Any]) -> tuple[str, str]:
    """Report, and read both pages that follow."""
    client.cookies.clear()
    report(client, "water_pollution", fields)
    return client.get(client.to("intake:receipt")).text, track(client)


def test_nobody_is_told_while_the_category_does_not_say_so(client: HouseClient, office: Callable[..., Any]):
    pages(client, WATER)
    office(register)
    assert not any(SENTENCE in page for page in pages(client, NEAR))


def test_a_harmless_category_tells_after_the_receipt(
    client: HouseClient, office: Callable[..., Any], may_say: None
):
    pages(client, WATER)
    office(register)
    found = pages(client, NEAR)
    assert all(page.count(SENTENCE) == 1 for page in found)
    assert not any("米" in page or "公里" in page for page in found), "no distance"


def test_what_nobody_has_taken_up_yet_is_not_being_dealt_with(client: HouseClient, may_say: None):
    pages(client, WATER)
    assert not any(SENTENCE in page for page in pages(client, NEAR))


@pytest.mark.parametrize("fields", [FAR, {**NEAR, "place_pasted": "", "place_words": "桥下"}])
def test_one_far_away_or_nowhere_is_not_told(
    client: HouseClient, office: Callable[..., Any], may_say: None, fields: dict[str, Any]
):
    pages(client, WATER)
    office(register)
    assert not any(SENTENCE in page for page in pages(client, fields))


@pytest.mark.parametrize(
    "hidden",
    [
        "compartment_id = (select id from compartment where kind = 'military' limit 1)",
        "withdrawn_at = received_at",
        "state = 'not_accepted'",
        "state = 'merged_duplicate'",
        "received_at = '2020-01-01 00:00:00+00:00'",
        "category_key = 'solid_waste'",
    ],
)
def test_another_circle_an_ended_matter_or_another_kind_is_not_told(
    client: HouseClient, office: Callable[..., Any], database: Database, may_say: None, hidden: str
):
    pages(client, WATER)
    office(register)
    change(database, hidden)
    assert not any(SENTENCE in page for page in pages(client, NEAR))
