"""Volunteers and liaisons asked for help: what they are shown, how they answer, and that nothing is left afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.evidence import queries as evidence_queries
from app.evidence.models import EvidenceItem
from app.evidence.terms import Origin
from app.identity import queries as identity_queries
from app.identity.terms import CompartmentKind
from app.intake import codes
from app.intake import queries as intake_queries
from app.intake.models import LinkedReport, Report
from app.platform import clock
from app.platform.records import Journal
from app.transfer import queries as transfer_queries
from app.transfer.invitations import queries, service
from app.transfer.invitations.models import Invitation, InvitationAnswer
from app.transfer.invitations.rules import InvitationBarred, InvitationDay
from app.transfer.invitations.terms import InvitationKind
from app.transfer.models import Visit
from app.transfer.service import NoSuchSupport, Unchecked, Undecided
from app.transfer.service.erasing import erase_words
from app.transfer.terms import ShownAnswer
from app.transfer.terms import TransferState as S
from tests import cast
from tests.transfer import scenes
from tests.transfer.desk import transfer_in

if TYPE_CHECKING:
    from app.platform.db import Database, WriteSession
    from app.platform.storage import BlobStore
    from tests.conftest import HouseClient

NOW, TODAY = scenes.NOW, scenes.NOW.date()
HERE = {
    "place_lat": "45.810100", "place_lon": "126.530000", "place_accuracy_m": "12", "place_source": "browser",
}  # fmt: skip


def volunteer(session: WriteSession) -> str:
    return cast.people(session)["volunteer_li"]


def asked(database: Database, clue_id: str, **wishes: Any) -> str:
    with database.write_session() as session:
        return scenes.invited(
            session, scenes.chief(session), clue_id, volunteer(session), now=clock.now(), **wishes
        )


def row(database: Database, invitation_id: str) -> Invitation:
    with database.read_session() as session:
        return session.execute(select(Invitation).where(Invitation.id == invitation_id)).scalar_one()  # type: ignore[arg-type]


def words_of(database: Database, clue_id: str) -> list[str]:
    with database.read_session() as session:
        found = session.execute(
            select(Journal.verb).where(Journal.clue_id == clue_id).order_by(Journal.rowno)  # type: ignore[arg-type]
        ).scalars()
        return [verb for verb in found if verb.startswith("invitation.")]


# -- what may be asked of whom ----------------------------------------------------------------------------------
def test_what_leaves_is_what_was_chosen_and_the_place_is_rounded(session: WriteSession):
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    session.execute(update(Clue).where(Clue.id == clue_id).values(lat=45.812345, lon=126.534321))  # type: ignore[arg-type]
    content = replace(scenes.CONTENT, shows_position=True)
    one = queries.get(
        session, chief, scenes.invited(session, chief, clue_id, volunteer(session), content=content)
    )
    assert one.disclosed["position"]["square_m"] == 200
    assert one.disclosed["position"]["lat"] != 45.812345
    told = str(one.disclosed)
    assert scenes.SECRET_NAME not in told
    assert scenes.SECRET_PLATE not in told
    assert one.checks
    assert set(one.checks) < set(scenes.CHECKS)


@pytest.mark.parametrize(
    ("wishes", "fault"),
    [
        ({"content": replace(scenes.CONTENT, summary="请问13904511234")}, Undecided),
        ({"content": replace(scenes.CONTENT, summary=f"我是{scenes.SECRET_NAME}，看见的")}, Undecided),
        ({"content": replace(scenes.CONTENT, shown_answers=(ShownAnswer("x", "电话", "13904511234"),))}, Undecided),
        ({"checks": scenes.CHECKS[1:]}, Unchecked),
        ({"due_on": TODAY - timedelta(days=1)}, InvitationDay),
        ({"due_on": TODAY + timedelta(days=400)}, InvitationDay),
    ],
)  # fmt: skip
def test_nothing_leaves_undecided_or_for_ever(
    session: WriteSession, wishes: dict[str, Any], fault: type[Exception]
):
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    with pytest.raises(fault):
        scenes.invited(session, chief, clue_id, volunteer(session), **wishes)
    assert not queries.of_clue(session, chief, clue_id)


def test_a_finding_kept_on_purpose_leaves(session: WriteSession):
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    content = replace(scenes.CONTENT, summary="请打13904511234", kept_findings=("phone:13904511234",))
    assert scenes.invited(session, chief, clue_id, volunteer(session), content=content)


@pytest.mark.parametrize(
    ("kind", "who", "wishes"),
    [
        (CompartmentKind.MINORS, "volunteer_li", {}),
        (CompartmentKind.MILITARY, "volunteer_li", {}),
        (CompartmentKind.OPEN, "liaison_zhao", {}),
        (CompartmentKind.OPEN, "agency_health", {}),
        (CompartmentKind.OPEN, "prosecutor_chen", {}),
        (CompartmentKind.MILITARY, "liaison_zhao", {"public_status": "military_b"}),
    ],
)
def test_closed_circles_and_facilities_are_nobodys_from_outside(
    session: WriteSession, kind: CompartmentKind, who: str, wishes: dict[str, Any]
):
    chief, clue_id = scenes.chief(session), scenes.clue(session, compartment=kind)
    if wishes:
        session.execute(update(Clue).where(Clue.id == clue_id).values(**wishes))  # type: ignore[arg-type]
        session.expire_all()
    with pytest.raises((InvitationBarred, service.NoSuchGuest)):
        scenes.invited(session, chief, clue_id, cast.people(session)[who])


def test_the_liaison_is_asked_about_the_closed_list_and_nothing_else(session: WriteSession):
    chief = scenes.chief(session)
    clue_id = scenes.clue(session, compartment=CompartmentKind.MILITARY, category="mil_transport")
    liaison = cast.people(session)["liaison_zhao"]
    with pytest.raises(Unchecked):
        scenes.invited(session, chief, clue_id, liaison, checks=scenes.CHECKS[:3])
    one = queries.get(session, chief, scenes.invited(session, chief, clue_id, liaison))
    assert set(one.checks) == set(scenes.CHECKS)
    assert queries.own(session, cast.actor(session, "liaison_zhao"), one.id, today=TODAY).id == one.id
    assert not queries.of_clue(session, cast.actor(session, "prosecutor_chen"), clue_id)


# -- the guest's door -------------------------------------------------------------------------------------------
pytest_app = pytest.mark.app


@pytest.fixture
def case(
    client: HouseClient, database: Database, store: BlobStore, clue_id: str
) -> tuple[HouseClient, str, str]:
    """A clue with two pictures, one of them shown to the volunteer, who is signed in."""
    with database.read_session() as session:
        first = evidence_queries.of_clue(session, clue_id)[0].id
    content = replace(scenes.CONTENT, evidence_ids=(first,))
    invitation_id = asked(database, clue_id, kind=InvitationKind.OBSERVE, content=content)
    cast.sign_in(client, "volunteer_li")
    return client, invitation_id, clue_id


def photos() -> dict[str, Any]:
    return {"photos": ("IMG_李想.jpg", scenes.picture(), "image/jpeg")}


@pytest_app
def test_a_volunteer_reads_what_was_chosen_answers_with_a_stamped_photo_and_the_desk_sees_it(
    case: tuple[HouseClient, str, str], database: Database
):
    client, invitation_id, clue_id = case
    inbox = client.get(client.to("partner:inbox")).text
    here = client.to("partner:invitation", invitation_id=invitation_id)
    assert here in inbox
    page = client.get(here)
    assert page.headers["cache-control"] == "no-store"
    assert scenes.CONTENT.summary.splitlines()[0] in page.text
    for hidden in (clue_id, scenes.SECRET_NAME, scenes.SECRET_PLATE, "13904511234", "松检公线", "IMG_王小明"):
        assert hidden not in page.text
    with database.read_session() as session:
        picture = queries.pictures(session, invitation_id)[0]
        originals = {item.digest for item in session.execute(select(EvidenceItem)).scalars()}
    seen = client.get(
        client.to("partner:invitation_picture", invitation_id=invitation_id, picture_id=picture.id)
    )
    assert seen.status_code == 200
    assert picture.digest not in originals
    door = client.to("partner:answer_invitation", invitation_id=invitation_id)
    assert client.post(door, data={"words": "还没有装"}).status_code == 422
    answer = client.post(door, data={"words": "一楼还没有装 <b>", **HERE}, files=photos())
    assert answer.status_code == 303
    again = client.get(here).text
    assert "一楼还没有装 &lt;b&gt;" in again
    with database.read_session() as session:
        said = queries.answers(session, invitation_id)[0]
        item = session.execute(
            select(EvidenceItem).where(EvidenceItem.origin_kind == Origin.INVITATION.value)  # type: ignore[arg-type]
        ).scalar_one()
        assert (item.clue_id, item.origin_id) == (clue_id, said.id)
        assert (item.phone_lat, item.phone_accuracy_m) == (45.8101, 12.0)
        assert clue_queries.by_id(session, clue_id).has_news
    assert words_of(database, clue_id) == ["invitation.sent", "invitation.answered"]
    cast.sign_in(client, "chief_zhou")
    desk = client.get(client.to("transfer:invitation", invitation_id=invitation_id)).text
    assert "误差约 12 米" in desk
    assert "李想" in client.get(client.to("desk:clue", clue_id=clue_id)).text


@pytest_app
@pytest.mark.parametrize("how", ["withdrawn", "past", "closed", "other", "shut"])
def test_afterwards_nothing_is_there(case: tuple[HouseClient, str, str], database: Database, how: str):
    client, invitation_id, clue_id = case
    with database.read_session() as session:
        picture_id = queries.pictures(session, invitation_id)[0].id
    here = client.to("partner:invitation", invitation_id=invitation_id)
    picture = client.to("partner:invitation_picture", invitation_id=invitation_id, picture_id=picture_id)
    assert client.get(picture).status_code == 200
    with database.write_session() as session:
        found = row(database, invitation_id)
        if how == "withdrawn":
            chief = scenes.chief(session)
            service.withdraw(
                session,
                chief,
                queries.get(session, chief, invitation_id),
                version=found.version,
                now=clock.now(),
            )
        elif how == "past":
            session.execute(
                update(Invitation).values(due_on=clock.office_date(clock.now()) - timedelta(days=1))
            )
        elif how == "closed":
            office = clue_queries.by_id(session, clue_id).office_id
            circle = identity_queries.circle_of(session, office, CompartmentKind.MINORS)
            session.execute(update(Clue).where(Clue.id == clue_id).values(compartment_id=circle))  # type: ignore[arg-type]
        elif how == "other":
            session.execute(update(Invitation).values(account_id=cast.people(session)["liaison_zhao"]))
        else:
            session.execute(update(Clue).where(Clue.id == clue_id).values(erased_at=NOW))  # type: ignore[arg-type]
    inbox = client.get(client.to("partner:inbox")).text
    assert here not in inbox
    assert scenes.CONTENT.subject not in inbox
    never = client.get(client.to("partner:invitation", invitation_id=clue_id))
    gone = client.get(here)
    assert (gone.status_code, never.status_code) == (404, 404)
    assert len(gone.content) == len(never.content)
    assert client.get(picture).status_code == 404
    for door in ("answer_invitation", "refuse_invitation"):
        answer = client.post(
            client.to(f"partner:{door}", invitation_id=invitation_id),
            data={"words": "还能写吗"},
            files=photos(),
        )
        assert answer.status_code == 404
    assert "invitation.answered" not in words_of(database, clue_id)


@pytest_app
def test_who_cannot_help_says_so_and_may_still_answer(case: tuple[HouseClient, str, str], database: Database):
    client, invitation_id, clue_id = case
    door = client.to("partner:refuse_invitation", invitation_id=invitation_id)
    assert client.post(door, data={"why": "我和这家有关系"}).status_code == 303
    assert row(database, invitation_id).state == "declined"
    answer = client.to("partner:answer_invitation", invitation_id=invitation_id)
    assert client.post(answer, data={"words": "我看了"}, files=photos()).status_code == 303
    assert words_of(database, clue_id)[1:] == ["invitation.declined", "invitation.answered"]
    with database.read_session() as session:
        assert [one.is_refusal for one in queries.answers(session, invitation_id)] == [True, False]
        assert queries.answers(session, invitation_id)[1].phone_lat is None


# -- the desk's side --------------------------------------------------------------------------------------------
def form(database: Database, **wishes: Any) -> dict[str, Any]:
    with database.write_session() as session:
        guest = volunteer(session)
    return {
        "kind": "consult", "guests": guest, "due_on": (date.today() + timedelta(days=7)).isoformat(),  # noqa: DTZ011
        "subject": "请看看", "summary": "商场里没有除颤器", "requests": "这样合规吗？", "place_shown": "松北", "basis": "",
        "contact_name": "陈明远", "contact_phone": "", "checks": scenes.CHECKS, **wishes,
    }  # fmt: skip


@pytest_app
def test_the_desk_asks_and_takes_back(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "prosecutor_chen")
    door = client.to("transfer:invite", clue_id=clue_id)
    assert door in client.get(client.to("desk:clue", clue_id=clue_id)).text
    page = client.get(door).text
    assert "李想" in page
    assert "赵刚" not in page
    wrong = client.post(door, data=form(database, requests="", kind="", checks=[]))
    assert wrong.status_code == 422
    assert "商场里没有除颤器" in wrong.text
    found = client.post(door, data=form(database, summary="请打13904511234"))
    assert found.status_code == 422
    assert "decide_phone:13904511234" in found.text
    sent = client.post(door, data=form(database))
    assert sent.status_code == 303
    invitation_id = sent.headers["location"].rsplit("/", 1)[1]
    take_back = client.to("transfer:withdraw_invitation", invitation_id=invitation_id)
    assert client.post(take_back, data={"version": "7"}).status_code == 409
    assert client.post(take_back, data={"version": "1"}).status_code == 303
    assert words_of(database, clue_id) == ["invitation.sent", "invitation.withdrawn"]
    cast.sign_in(client, "volunteer_li")
    assert client.get(client.to("partner:invitation", invitation_id=invitation_id)).status_code == 404


@pytest_app
def test_a_visit_leans_on_a_stamped_photo_of_its_own_clue(
    client: HouseClient, database: Database, clue_id: str
):
    transfer_id = transfer_in(database, clue_id, S.REPLIED)
    invitation_id = asked(database, clue_id, kind=InvitationKind.OBSERVE)
    cast.sign_in(client, "volunteer_li")
    client.post(
        client.to("partner:answer_invitation", invitation_id=invitation_id),
        data={"words": "已经装好了", **HERE}, files=photos(),
    )  # fmt: skip
    with database.read_session() as session:
        said = queries.answers(session, invitation_id)[0].id
    cast.sign_in(client, "chief_zhou")
    assert said in client.get(client.to("transfer:show", transfer_id=transfer_id)).text
    visit = {
        "outcome": "verified", "visited_on": clock.office_date(clock.now()).isoformat(), "staff_one": "陈明远",
        "staff_two": "王悦", "visit_words": "看过了", "visit_answer": "已经装好。",
    }  # fmt: skip
    with database.read_session() as session:
        version = str(transfer_queries.by_id(session, transfer_id).version)
    door = client.to("transfer:visit", transfer_id=transfer_id)
    other = client.post(door, data={**visit, "version": version, "support": invitation_id})
    assert other.status_code == 422
    assert client.post(door, data={**visit, "version": version, "support": said}).status_code == 303
    with database.read_session() as session:
        assert session.execute(select(Visit)).scalar_one().support_id == said
    assert "佐证：李想" in client.get(client.to("transfer:show", transfer_id=transfer_id)).text
    assert NoSuchSupport.code == "no_such_support"


def test_what_guests_read_and_said_is_erased_with_the_clue(session: WriteSession):
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    one = queries.get(session, chief, scenes.invited(session, chief, clue_id, volunteer(session)))
    guest = cast.actor(session, "volunteer_li")
    service.decline(session, guest, one, "我认识他", now=NOW)
    erase_words(session, clue_id, subject="已清除", now=NOW)
    session.expire_all()
    left = queries.get(session, chief, one.id)
    assert left.disclosed["summary"] == ""
    assert scenes.CONTENT.summary not in str(left.disclosed)
    assert [said.body for said in session.execute(select(InvitationAnswer)).scalars()] == [""]


# -- one's own reports ------------------------------------------------------------------------------------------
@pytest_app
def test_a_report_made_without_signing_in_is_laid_to_the_account_by_its_code(
    client: HouseClient, database: Database, clue_id: str
):
    house: Any = client.app.state.house  # type: ignore[attr-defined]
    with database.write_session() as session:
        report = intake_queries.of_clue(session, clue_id)[0]
        code = codes.code_of(house.keys.keyed_digest("query-code", report.id))
        session.execute(
            update(Report)
            .where(Report.id == report.id)  # type: ignore[arg-type]
            .values(
                code_digest=house.keys.keyed_digest("code-digest", code), code_key_id=house.keys.current_id
            )
        )
    cast.sign_in(client, "volunteer_li")
    inbox, door = client.to("partner:inbox"), client.to("partner:link_report")
    opening = client.to("partner:open_report", report_id=report.id)
    assert client.post(opening).status_code == 404
    client.post(door, data={"code": "AAAA-AAAA-AAAA-AAAA-AA"})
    assert opening not in client.get(inbox).text
    for _time in range(2):
        assert client.post(door, data={"code": code}).status_code == 303
    assert client.get(inbox).text.count(opening) == 1
    assert client.post(opening).status_code == 303
    with database.read_session() as session:
        assert len(session.execute(select(LinkedReport)).scalars().all()) == 1
        linked = session.execute(select(Journal).where(Journal.verb == "report.linked")).scalars().all()  # type: ignore[arg-type]
        assert [(entry.clue_id, entry.facts) for entry in linked] == [(None, {})]
        assert intake_queries.of_clue(session, clue_id)[0].account_id is None
    cast.sign_in(client, "agency_health")
    assert client.post(opening).status_code == 404
    assert client.post(door, data={"code": code}).status_code == 403
