"""A guest who has not answered is reminded once before the day; the day that passed without an answer is journalled once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from app.clues.models import Clue
from app.identity import queries as identity_queries
from app.identity.models import OrgUnit
from app.identity.terms import CompartmentKind
from app.platform.records import Job, Journal
from app.transfer.invitations import labels, rules, service
from app.transfer.invitations.models import Invitation
from app.transfer.invitations.terms import Said
from app.transfer.models import ReminderDigest
from app.transfer.reminders import service as reminders
from app.transfer.reminders.terms import SEND, Way
from tests import cast
from tests.transfer import scenes

if TYPE_CHECKING:
    from app.platform.db import WriteSession

DUE = scenes.NOW.date() + timedelta(days=20)


def at(days_before: int) -> datetime:
    return scenes.NOW + timedelta(days=20 - days_before)


def invitation(session: WriteSession, **wishes: object) -> Invitation:
    clue_id = scenes.clue(session)
    invitation_id = scenes.invited(
        session, scenes.chief(session), clue_id, cast.people(session)["volunteer_li"], due_on=DUE, **wishes
    )
    return session.execute(select(Invitation).where(Invitation.id == invitation_id)).scalar_one()  # type: ignore[arg-type]


def said_of(session: WriteSession, one: Invitation) -> list[str]:
    rows = session.execute(select(Journal.verb).where(Journal.subject_id == one.id).order_by(Journal.rowno))  # type: ignore[arg-type]
    return [verb.removeprefix("invitation.") for verb in rows.scalars()]


@pytest.mark.parametrize(
    ("left", "asked_before", "wanted"),
    [(4, 9, False), (3, 9, True), (0, 9, True), (-1, 9, False), (2, 0, False)],
)
def test_who_is_reminded(left: int, asked_before: int, *, wanted: bool):
    today = DUE - timedelta(days=left)
    assert rules.is_to_remind(DUE, today - timedelta(days=asked_before), today) is wanted


def test_reminded_once_and_the_end_noted_once(session: WriteSession):
    one = invitation(session)
    session.execute(
        update(OrgUnit).where(OrgUnit.kind == "volunteers").values(plain_remind_mail="yixin@example.org")
    )  # type: ignore[arg-type]
    assert reminders.run_day(session, ways=[Way.MAIL], now=at(4)) == 0
    assert reminders.run_day(session, ways=[Way.MAIL], now=at(3)) == 1
    assert reminders.run_day(session, ways=[Way.MAIL], now=at(3)) == 0
    assert reminders.run_day(session, ways=[Way.MAIL], now=at(1)) == 0, "once is enough"
    assert len(session.execute(select(ReminderDigest)).all()) == 1
    assert len(session.execute(select(Job).where(Job.handler == SEND)).all()) == 1  # type: ignore[arg-type]
    assert reminders.run_day(session, ways=[], now=at(-1)) == 0
    assert reminders.run_day(session, ways=[], now=at(-2)) == 0
    assert said_of(session, one) == ["sent", "reminded", "expired"]
    session.refresh(one)
    assert (one.version, one.state) == (1, "asked"), "nobody's open page grows stale"


def test_who_has_answered_is_left_in_peace(session: WriteSession):
    one = invitation(session)
    service.answer(session, cast.actor(session, "volunteer_li"), one, Said("看过了。"), files=[], now=at(9))
    for day in (3, -1):
        assert reminders.run_day(session, ways=[], now=at(day)) == 0
    assert said_of(session, one) == ["sent", "answered"]


def test_of_a_clue_that_moved_into_a_closed_circle_nothing_is_told(session: WriteSession):
    one = invitation(session)
    circle = identity_queries.circle_of(session, one.office_id, CompartmentKind.MILITARY)
    session.execute(update(Clue).where(Clue.id == one.clue_id).values(compartment_id=circle))  # type: ignore[arg-type]
    assert reminders.run_day(session, ways=[], now=at(2)) == 0
    assert said_of(session, one) == ["sent"]


def test_the_list_says_how_many_days_are_left():
    today = date(2026, 11, 26)
    assert "还有 3 天" in labels.until(today + timedelta(days=3), today)
    assert "今天是最后一天" in labels.until(today, today)
    assert "还有" not in labels.until(today + timedelta(days=4), today)
    assert "还有" not in labels.until(today - timedelta(days=2), today)
