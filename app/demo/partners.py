"""What stands beside the clues of a season: an agreement with two agencies, volunteers who were asked, a joint inquiry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.clues.terms import ClueState
from app.demo import pictures, reports, words
from app.demo.office import Office
from app.evidence import service as evidence_service
from app.evidence.kinds import Door
from app.evidence.service import KeptFile
from app.evidence.terms import PhonePosition
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.terms import CompartmentKind
from app.platform import clock
from app.platform.db import WriteSession
from app.transfer.agreements import service as agreements
from app.transfer.agreements.terms import Content
from app.transfer.invitations import desk_view
from app.transfer.invitations import queries as invitation_queries
from app.transfer.invitations import rules as invitation_rules
from app.transfer.invitations import service as invitations
from app.transfer.invitations.terms import InvitationKind, Said
from app.transfer.jointly import service as jointly
from app.transfer.jointly.terms import JointKind, JointTold

C: Any = Clue
# Where somebody outside is still asked: known, and not yet handed on or ended.
_IN_HAND: Final = (ClueState.REGISTERED.value, ClueState.EVALUATING.value, ClueState.TRANSFER_OUT.value)


def add(office: Office, rng: Random, *, now: datetime) -> None:
    """Add them once, as of now: clues of the season are old enough to be asked about."""
    with office.house.database.write_session() as session:
        _agree(session, office, now=now)
        in_hand = _newest(
            session, office.people["prosecutor_chen"], office.open_circle, C.state.in_(_IN_HAND)
        )
        for clue in [one for one in in_hand if invitations.role_asked(session, one)][:2]:
            _ask(session, office, clue, rng, now=now)
        head = office.people["head_lin"]
        closed = identity_queries.circle_of(session, head.office_id, CompartmentKind.MILITARY)
        for clue in _newest(session, head, closed)[:1]:
            _inquire_jointly(session, head, clue, now=now)


def _newest(session: WriteSession, actor: Actor, circle: str, *conditions: Any) -> Sequence[Clue]:
    """Return the newest registered clues of a circle."""
    wanted = clue_queries.visible_to(actor).where(
        C.compartment_id == circle, C.registered_at.is_not(None), *conditions
    )
    return session.execute(wanted.order_by(C.received_at.desc()).limit(20)).scalars().all()


def _agree(session: WriteSession, office: Office, *, now: datetime) -> None:
    today = clock.office_date(now)
    parties = {office.people[login].org_unit_id for login in ("agency_water", "agency_forestry")}
    content = Content(
        name=words.only("partners", "agreement"), number="", signed_on=today - timedelta(days=340), ends_on=None,
        mechanisms=words.only("partners", "mechanisms"), contacts=words.only("partners", "contacts"),
        categories=("water_pollution",), feedback_days=20, review_on=today + timedelta(days=25),
        parties=tuple(sorted(parties)),
    )  # fmt: skip
    agreements.add(
        session, office.house.keys, office.people["head_lin"], content, None, now=now - timedelta(days=340)
    )


def _ask(session: WriteSession, office: Office, clue: Clue, rng: Random, *, now: datetime) -> None:
    """Ask a volunteer to look again, who has been there, and to consult, who has three days left."""
    asker, guest = office.people["prosecutor_chen"], office.people["volunteer_li"]
    content = replace(
        desk_view.start(session, asker, clue, contact_phone=office.house.settings.office_phone, now=now),
        summary=words.said(rng, "partners", "summaries"),
    )  # fmt: skip
    asked_at = max(now - timedelta(days=4), clue.state_since + (now - clue.state_since) / 2)
    asked = {
        kind: invitations.invite(
            session, asker, clue.id, kind=kind, account_ids=[guest.account_id],
            content=replace(content, requests=words.only("partners", kind.value)),
            checks=invitations.needed_checks(session, clue), now=asked_at,
            due_on=clock.office_date(now) + timedelta(days=invitation_rules.REMIND_DAYS),
        )[0]
        for kind in InvitationKind
    }  # fmt: skip
    at = PhonePosition(clue.lat, clue.lon, 12.0, now) if clue.lat and clue.lon else None
    invitations.answer(
        session, guest, invitation_queries.get(session, asker, asked[InvitationKind.OBSERVE]),
        Said(words.said(rng, "partners", "observed"), at), files=_photo(office, clue, rng, now=now), now=now,
    )  # fmt: skip


def _photo(office: Office, clue: Clue, rng: Random, *, now: datetime) -> list[KeptFile]:
    drawn = pictures.picture(pictures.scene_of(clue.category_key, ""), rng, taken_at=now, position=None)
    landed = reports.land(office.house.store, drawn, "seen.jpg")
    kept, _declined = evidence_service.keep_files(office.house.store, [landed], door=Door.STAFF, limit=1)
    return kept


def _inquire_jointly(session: WriteSession, head: Actor, clue: Clue, *, now: datetime) -> None:
    told = JointTold(
        JointKind.INQUIRY, clock.office_date(now) - timedelta(days=1), words.only("partners", "joint_place"),
        words.only("partners", "joint_ours"), words.only("partners", "joint_theirs"), words.only("partners", "joint_outcome"),
    )  # fmt: skip
    jointly.record(session, head, clue, told, files=[], now=now)
