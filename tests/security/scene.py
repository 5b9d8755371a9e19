"""One office with everything in it that somebody should not see, and the same three times over: own, elsewhere, closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, update

from app.clues import queries as clue_queries
from app.evidence.models import EvidenceItem
from app.identity import queries as identity_queries
from app.identity.fields import ClueField
from app.identity.models import Compartment, OrgUnit
from app.identity.terms import CompartmentKind
from app.intake import reveals
from app.intake.models import Report, ReporterContact
from app.intake.terms import StatedContact
from app.platform import clock, ids
from app.transfer.invitations.models import Invitation
from app.transfer.terms import TransferState
from app.triage import queries as triage_queries
from app.triage import service
from app.triage.models import Absence
from app.triage.teams import service as team_service
from tests import cast
from tests.transfer import scenes

if TYPE_CHECKING:
    from app.identity.actor import Actor
    from app.platform.db import WriteSession
    from app.platform.web.given import House

CONTACT_NAME, CONTACT_PHONE = "万俟雪青", "13945127788"
NOTE: Final = "内部备注甲乙丙"
MISSING: Final = "00000000-0000-7000-8000-000000000000"
# What each part of a clue looks like on a page.
MARKS: Final[dict[ClueField, tuple[str, ...]]] = {
    ClueField.REPORTER_CONTACT: (CONTACT_NAME, CONTACT_PHONE),
    ClueField.REPORTER_WORDS: (scenes.SECRET_NAME,),
    ClueField.PRIVATE_ANSWER: (scenes.SECRET_PLATE,),
    ClueField.ORIGINAL_NAME: ("IMG_王小明_20261120",),
    ClueField.INTERNAL_NOTE: (NOTE,),
    ClueField.HANDLER_NAME: ("周正",),
    ClueField.NUMBER: ("松检公线〔",),
    ClueField.DISCLOSED_SUMMARY: ("某商场一至五层未见自动体外除颤器",),
}


@dataclass
class Scene:
    """Ids by kind of thing: the person's own office's, another office's, a closed circle's, and none."""

    own: dict[str, str] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    @property
    def unseen(self) -> dict[str, dict[str, str]]:
        """Everything that does not exist for a person of the own office who is in no closed circle."""
        nothing = dict.fromkeys(self.own, MISSING)
        return {"elsewhere": self.elsewhere, "closed": self.closed, "missing": nothing}


def build(house: House) -> Scene:
    """Fill a house."""
    scene = Scene()
    with house.database.write_session() as session:
        scene.people = cast.people(session, house.settings)
    with house.database.write_session() as session:
        chief = cast.actor(session, "chief_zhou", house.settings)
        away = cast.actor(session, "prosecutor_wu", house.settings)
        scene.own = _matter(session, house, chief, chief.office_id, None)
        scene.elsewhere = _matter(session, house, chief, away.office_id, None)
        circle = ids.new()
        session.execute(
            insert(Compartment).values(
                id=circle, office_id=chief.office_id, kind=CompartmentKind.NAMED.value, name="指定人员"
            )
        )
        scene.closed = _matter(session, house, chief, chief.office_id, circle)
        scene.own["run"] = service.label_all(session, chief, [], label="on_site", now=clock.now())
        scene.elsewhere["run"] = service.label_all(session, away, [], label="on_site", now=clock.now())
        scene.closed["run"] = MISSING
        for whose, who in ((scene.own, chief), (scene.elsewhere, away)):
            service.save_view(
                session, who, name="看过的", filters={"list": "all"}, is_shared=False, now=clock.now()
            )
            whose["view"] = triage_queries.saved_views(session, who)[0].id
        scene.closed["view"] = MISSING
        _absences(session, scene, chief, away)
        for whose, who in ((scene.own, chief), (scene.elsewhere, away)):
            whose["team"] = team_service.save(
                session, who, team_id="", name="一组", members=[who.account_id], now=clock.now()
            )
        scene.closed["team"] = MISSING
        scene.own["account"] = scene.people["prosecutor_chen"]
        scene.elsewhere["account"] = scene.people["prosecutor_wu"]
        scene.closed["account"] = MISSING
        scene.own["agency"] = scenes.agency(session, chief, "health")
        scene.elsewhere["agency"] = _foreign_agency(session, away)
        scene.closed["agency"] = MISSING
        for whose, who in ((scene.own, chief), (scene.elsewhere, away)):
            whose["agreement"] = scenes.agreement(session, who, parties=[whose["agency"]])
        scene.closed["agreement"] = MISSING
    return scene


def _matter(
    session: WriteSession, house: House, chief: Actor, office_id: str, circle: str | None
) -> dict[str, str]:
    """A clue of the own office with all that hangs on it, then moved where it belongs."""
    clue_id = scenes.clue(session)
    report_id = clue_report(session, clue_id)
    _contact(session, house, report_id)
    evidence_id = scenes.photo(session, house.store, clue_id)
    session.execute(
        update(EvidenceItem)
        .where(EvidenceItem.id == evidence_id)  # type: ignore[arg-type]
        .values(original_name="IMG_王小明_20261120.jpg")
    )
    clue = clue_queries.by_id(session, clue_id)
    look_id = reveals.ask(session, chief, clue, reason=NOTE, now=clock.now())
    transfer = scenes.drafted(session, chief, clue_id, to="health")
    scenes.brought_to(session, chief, transfer, TransferState.SENT)
    draft = scenes.drafted(session, chief, clue_id, to="water")
    guest = cast.people(session, house.settings)["volunteer_li"]
    invitation_id = scenes.invited(session, chief, clue_id, guest, now=clock.now())
    values: dict[str, Any] = {"office_id": office_id}
    if circle or office_id != chief.office_id:
        open_circle = identity_queries.circle_of(session, office_id, CompartmentKind.OPEN)
        values["compartment_id"] = circle or open_circle
    session.flush()
    session.execute(
        update(type(clue)).where(type(clue).id == clue_id).values(assignee_id=chief.account_id, **values)  # type: ignore[attr-defined]
    )
    session.execute(
        update(Invitation).where(Invitation.id == invitation_id).values(office_id=office_id)  # type: ignore[arg-type]
    )
    for moved in (transfer, draft):
        session.execute(
            update(type(moved)).where(type(moved).id == moved.id).values(office_id=office_id)  # type: ignore[arg-type]
        )
    return {
        "clue": clue_id, "evidence": evidence_id, "look": look_id, "transfer": transfer.id, "sent": transfer.id,
        "right": _right(session, house, report_id), "report": report_id, "forwarded": report_id,
        "invitation": invitation_id, "asked": invitation_id,
    }  # fmt: skip


def clue_report(session: WriteSession, clue_id: str) -> str:
    """The id of a clue's first report."""
    from app.intake import queries

    return queries.of_clue(session, clue_id)[0].id


def _right(session: WriteSession, house: House, report_id: str) -> str:
    """A request of the reporter about their own data."""
    from app.intake import queries
    from app.intake.rights import service
    from app.intake.rights.terms import Known, Right, Wish

    wish = Wish(Right.CORRECT, Known.BY_CODE, CONTACT_NAME, CONTACT_PHONE)
    return service.ask(session, house, queries.get(session, report_id), wish, actor=None, now=clock.now())


def _contact(session: WriteSession, house: House, report_id: str) -> None:
    from app.intake import reception

    contact = StatedContact(CONTACT_NAME, CONTACT_PHONE, "晚上能接", "2026-1")
    reception._seal_contact(session, house.keys, report_id, contact, now=clock.now())
    assert ReporterContact.__tablename__
    assert Report.__tablename__


def _absences(session: WriteSession, scene: Scene, chief: Actor, away: Actor) -> None:
    """Somebody away in each office; the other office's is put there by hand, it has one prosecutor only."""
    day = clock.office_date(clock.now())
    for whose, who in ((scene.own, chief), (scene.elsewhere, away)):
        whose["absence"] = ids.new()
        session.execute(
            insert(Absence).values(
                id=whose["absence"], office_id=who.office_id, account_id=who.account_id, deputy_id=chief.account_id,
                from_on=day, to_on=day, entered_by=who.account_id,
            )
        )  # fmt: skip
    scene.closed["absence"] = MISSING


def _foreign_agency(session: WriteSession, away: Actor) -> str:
    unit_id = ids.new()
    session.execute(
        insert(OrgUnit).values(
            id=unit_id, office_id=away.office_id, kind="agency", key="elsewhere", name="外区单位",
            is_confirmed=True, is_active=True, version=1,
        )
    )  # fmt: skip
    return unit_id
