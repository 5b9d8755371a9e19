"""The people and the clock of the demonstration: who acts, with which rights, on which working day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Final

from app.clocks.rules import Calendar
from app.clues.service import Numbering
from app.identity import cast, queries
from app.identity.actor import Actor
from app.identity.terms import CompartmentKind
from app.platform import clock
from app.platform.db import WriteSession
from app.platform.settings import Settings
from app.platform.web.given import House
from app.reference import queries as reference
from app.transfer.door import practice_of
from app.transfer.terms import Practice

_OPENS: Final = time(8, 40)
_WORKS_MINUTES: Final = 490
_NEEDED: Final = (
    "prosecutor_chen", "clerk_liu", "head_lin", "deputy_gao", "chief_zhou", "complaints_sun", "case_mgmt_qian",
    "liaison_zhao", "agency_water", "agency_health", "agency_forestry", "volunteer_li",
)  # fmt: skip


@dataclass(frozen=True)
class Office:
    """What every life of a clue needs: the house, the people, the calendar, how the office numbers and signs."""

    house: House
    people: Mapping[str, Actor]
    calendar: Calendar
    open_circle: str
    numbering: Numbering
    practice: Practice

    def may_see(self, compartment_id: str) -> tuple[Actor, Actor]:
        """Return who registers and who handles a clue of a circle; closed circles are the department head's."""
        if compartment_id == self.open_circle:
            return self.people["clerk_liu"], self.people["prosecutor_chen"]
        return self.people["head_lin"], self.people["head_lin"]

    def contact_of(self, org_unit_id: str) -> Actor | None:
        """Return the contact who signs in for an organisation, if it has one."""
        return next(
            (
                actor
                for actor in self.people.values()
                if actor.org_unit_id == org_unit_id and not actor.is_office_staff
            ),
            None,
        )

    def working(self, instant: datetime, rng: Random) -> datetime:
        """Return the instant itself in office hours, else some minute of the next working day."""
        local = instant.astimezone(clock.OFFICE_ZONE)
        opens = datetime.combine(local.date(), _OPENS, local.tzinfo)
        closes = opens + timedelta(minutes=_WORKS_MINUTES)
        day = local.date()
        if self.calendar.is_workday(day) and opens <= local <= closes:
            return instant
        if local > closes or not self.calendar.is_workday(day):
            day += timedelta(days=1)
        while not self.calendar.is_workday(day):
            day += timedelta(days=1)
        begins = datetime.combine(day, _OPENS, local.tzinfo)
        return (begins + timedelta(minutes=rng.randint(0, _WORKS_MINUTES))).astimezone(instant.tzinfo)


def chance(rng: Random, share: float) -> bool:
    """Say whether something happens that happens to this share of all."""
    return rng.random() < share


def open_office(session: WriteSession, house: House, *, now: datetime) -> Office:
    """Gather the cast as actors; the cast is added where it is missing."""
    settings: Settings = house.settings
    accounts = cast.load(session, settings, now=now)
    office = queries.default_office(session)
    return Office(
        house=house,
        people={login: _actor(session, accounts[login], now=now) for login in _NEEDED},
        calendar=reference.calendar(session),
        open_circle=queries.circle_of(session, office.id, CompartmentKind.OPEN),
        numbering=Numbering(settings.clue_number_pattern, settings.office_short, settings.number_start),
        practice=practice_of(settings),
    )


def _actor(session: WriteSession, account_id: str, *, now: datetime) -> Actor:
    account = queries.account_by_id(session, account_id)
    names = queries.org_names_of(session, [account.office_id, account.org_unit_id])
    return Actor(
        account_id=account_id, name=account.name, roles=queries.roles_of(session, account_id, now=now),
        office_id=account.office_id, org_unit_id=account.org_unit_id, office_name=names[account.office_id],
        org_name=names[account.org_unit_id], compartments=queries.compartments_of(session, account_id), session_id="",
    )  # fmt: skip
