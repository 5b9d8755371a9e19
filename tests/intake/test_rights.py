"""What people may ask of their own data: with the code or at the counter, decided by another, fetched once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app import wiring
from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.models import Clue
from app.evidence.models import EvidenceItem
from app.intake import queries
from app.intake.jobs import HANDLERS
from app.intake.models import Report, ReporterContact, RightsRequest
from app.intake.queries import rights
from app.intake.rights import service
from app.intake.rights.terms import CLEAN, GRANT_HOLDS, Known, Right, Wish
from app.platform import clock
from app.platform.records import Journal
from tests import cast, work
from tests.desk import makers
from tests.identity.conftest import give_password, house
from tests.keeping import scene
from tests.transfer import scenes

if TYPE_CHECKING:
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
PASSWORD = "river-otter-lantern-47"
OLD, NEW = "13945127788", "13800001111"


@pytest.fixture
def report_id(client: HouseClient) -> str:
    """A report with a contact."""
    with house(client).database.write_session() as session:
        cast.people(session, house(client).settings)
        clue = makers.reported(session, house(client), words="沟里排黑水", phone=OLD)
        return queries.of_clue(session, clue.id)[0].id


def with_code(client: HouseClient, report_id: str) -> None:
    client.cookies.clear()
    with house(client).database.read_session() as session:
        code = queries.query_code(house(client).keys, queries.get(session, report_id))
    assert client.post(client.to("intake:open_track"), data={"code": code}).status_code == 303


def asked(client: HouseClient) -> RightsRequest:
    with house(client).database.read_session() as session:
        return session.execute(select(RightsRequest).order_by(RightsRequest.rowno.desc())).scalars().first()


def clue_of(client: HouseClient, report_id: str) -> Clue:
    with house(client).database.read_session() as session:
        return clue_queries.by_id(session, queries.get(session, report_id).clue_id)


def contact(client: HouseClient, report_id: str) -> dict[str, str]:
    """The contact as it lies sealed, opened by the house's keys."""
    with house(client).database.read_session() as session:
        found = queries.contact(session, report_id)
        if found is None:
            return {}
        return {
            field: house(client).keys.open_field(sealed, table="reporter_contact", row=report_id, field=field)
            for field in ("name", "phone", "words")
            if (sealed := getattr(found, f"sealed_{field}"))
        }


def decided(client: HouseClient, request_id: str, decision: str = "grant", who: str = "head_lin") -> Any:
    give_password(client, who, PASSWORD)
    cast.sign_in(client, who)
    said = {"reason": "核对无误，予以办理", "decision": decision, "proof": PASSWORD}
    return client.post(client.to("desk:decide_right", request_id=request_id), data=said)


def test_a_copy_is_asked_for_decided_and_opened_once(client: HouseClient, report_id: str):
    with_code(client, report_id)
    assert client.to("intake:rights") in client.get(client.to("intake:track")).text
    page = client.get(client.to("intake:rights"))
    assert page.status_code == 200
    assert client.post(client.to("intake:ask_right"), data={"right": "copy"}).status_code == 303
    assert client.post(client.to("intake:ask_right"), data={"right": "copy"}).status_code == 409
    request = asked(client)
    assert request.due_on == clock.office_date(clock.now()) + timedelta(days=30)
    place = client.to("intake:own_copy", request_id=request.id)
    assert client.post(place).status_code == 409, "not granted yet"
    client.cookies.clear()
    assert decided(client, request.id).status_code == 303
    with_code(client, report_id)
    assert "核对无误，予以办理" in client.get(client.to("intake:rights")).text
    copy = client.post(place)
    assert copy.status_code == 200
    assert "沟里排黑水" in copy.text
    assert OLD not in copy.text, "a code alone never tells who reported"
    assert "加密保存" in copy.text
    assert client.post(place).status_code == 409, "once"
    with house(client).database.read_session() as session:
        verbs = session.execute(
            select(Journal.verb).where(Journal.subject_id == request.id).order_by(Journal.rowno)
        )
        assert list(verbs.scalars()) == ["rights.asked", "rights.granted", "rights.opened"]


def test_a_correction_is_moved_unread(client: HouseClient, report_id: str):
    with_code(client, report_id)
    place = client.to("intake:ask_right")
    assert client.post(place, data={"right": "correct"}).status_code == 422
    assert client.post(place, data={"right": "correct", "contact_phone": NEW}).status_code == 422, (
        "needs consent"
    )
    said = {"right": "correct", "contact_phone": NEW, "contact_consent": "yes"}
    assert client.post(place, data=said).status_code == 303
    assert scene.left_in_tables(house(client).database, NEW) == [], "sealed while it waits"
    request = asked(client)
    client.cookies.clear()
    cast.sign_in(client, "head_lin")
    assert NEW not in client.get(client.to("desk:right", request_id=request.id)).text
    assert decided(client, request.id).status_code == 303
    assert contact(client, report_id) == {"name": "李女士", "phone": NEW}
    with house(client).database.read_session() as session:
        kept = session.execute(select(ReporterContact)).scalar_one()
        assert kept.phone_index == house(client).keys.keyed_digest("phone-index", NEW)
        assert kept.consent_version, "which text the person agreed to is kept"
        assert session.execute(select(RightsRequest.sealed_phone)).scalar_one() is None


def test_the_contact_goes_and_the_matter_stays(client: HouseClient, report_id: str):
    with_code(client, report_id)
    client.post(client.to("intake:ask_right"), data={"right": "erase_contact"})
    client.cookies.clear()
    assert decided(client, asked(client).id).status_code == 303
    assert contact(client, report_id) == {}
    with house(client).database.read_session() as session:
        assert session.execute(select(Report.words)).scalar_one() == "沟里排黑水"


def test_everything_said_goes_where_nothing_forbids_it(client: HouseClient, report_id: str):
    with house(client).database.write_session() as session:
        item = scenes.photo(session, house(client).store, clue_of(client, report_id).id)
        own = {"origin_id": report_id}
        session.execute(update(EvidenceItem).where(EvidenceItem.id == item).values(**own))
    with_code(client, report_id)
    client.post(client.to("intake:ask_right"), data={"right": "erase_all"})
    client.cookies.clear()
    assert decided(client, asked(client).id).status_code == 303
    assert scene.left_in_tables(house(client).database, "沟里排黑水", OLD) == []
    assert clue_of(client, report_id).title.endswith("（反映人要求删除）")
    with house(client).database.read_session() as session:
        kept = session.execute(select(EvidenceItem).where(EvidenceItem.id == item)).scalar_one()
    assert (kept.condition, kept.original_name) == ("erased", "")
    with_code(client, report_id)
    assert client.get(client.to("intake:track")).status_code == 200
    assert "核对无误" in client.get(client.to("intake:rights")).text


@pytest.mark.only("sqlite")
def test_of_what_was_erased_no_byte_is_left_in_the_file(client: HouseClient, report_id: str):
    words = "沟里排黑水".encode()
    with_code(client, report_id)
    client.post(client.to("intake:ask_right"), data={"right": "erase_all"})
    client.cookies.clear()
    assert decided(client, asked(client).id).status_code == 303
    database = Path(house(client).database.writing.url.database)
    both = [database, database.with_name(f"{database.name}-wal")]
    assert any(words in path.read_bytes() for path in both), "it was never there: this proves nothing"
    tools = wiring.tools_of(house(client))
    work.work_off(tools, {CLEAN: HANDLERS[CLEAN]})
    assert [path.name for path in both if path.exists() and words in path.read_bytes()] == []


def test_a_held_matter_is_not_erased(client: HouseClient, report_id: str):
    with_code(client, report_id)
    client.post(client.to("intake:ask_right"), data={"right": "erase_all"})
    request = asked(client)
    with house(client).database.write_session() as session:
        clue = clue_queries.by_id(session, request.clue_id)
        clue_service.change(session, clue, held_at=clock.now())
    client.cookies.clear()
    assert decided(client, request.id).status_code == 403
    assert asked(client).decided_at is None
    assert decided(client, request.id, "refuse").status_code == 303
    assert decided(client, request.id, "refuse").status_code == 409


def test_what_is_fixed_as_evidence_is_not_erased(client: HouseClient, report_id: str):
    with house(client).database.write_session() as session:
        item = scenes.photo(session, house(client).store, clue_of(client, report_id).id)
        session.execute(update(EvidenceItem).where(EvidenceItem.id == item).values(fixed_at=clock.now()))
    with_code(client, report_id)
    client.post(client.to("intake:ask_right"), data={"right": "erase_all"})
    client.cookies.clear()
    assert decided(client, asked(client).id).status_code == 403
    assert asked(client).decided_at is None


def test_at_the_counter_two_people_are_needed(client: HouseClient, report_id: str):
    clue_id = clue_of(client, report_id).id
    give_password(client, "head_lin", PASSWORD)
    cast.sign_in(client, "head_lin")
    assert client.get(client.to("desk:new_right", clue_id=clue_id)).status_code == 200
    place = client.to("desk:register_right", clue_id=clue_id)
    said = {"right": "code", "known_by": "papers", "note": "核对了身份证，王书记员在场", "told_phone": OLD}
    assert client.post(place, data=said | {"note": ""}).status_code == 422
    assert client.post(place, data=said | {"known_by": "code"}).status_code == 422
    assert client.post(place, data=said).status_code == 303
    request = asked(client)
    assert request.phone_matches is True
    assert "和留存的一致" in client.get(client.to("desk:right", request_id=request.id)).text
    assert decided(client, request.id).status_code == 403, "whoever registered it"
    assert decided(client, request.id, who="deputy_gao").status_code == 303
    cast.sign_in(client, "head_lin")
    slip = client.post(client.to("desk:fetch_right", request_id=request.id), data={"proof": PASSWORD})
    with house(client).database.read_session() as session:
        code = queries.query_code(house(client).keys, queries.get(session, report_id))
    assert code[:4] in slip.text
    assert (
        client.post(
            client.to("desk:fetch_right", request_id=request.id), data={"proof": PASSWORD}
        ).status_code
        == 409
    )


def test_a_copy_at_the_counter_holds_the_contact_only_for_who_may_see_it(client: HouseClient, report_id: str):
    clue_id = clue_of(client, report_id).id
    for who, is_told in (("clerk_liu", False), ("prosecutor_chen", True)):
        give_password(client, who, PASSWORD)
        cast.sign_in(client, who)
        said = {"right": "copy", "known_by": "phone", "note": "打了留存的电话", "proof": PASSWORD}
        assert client.post(client.to("desk:register_right", clue_id=clue_id), data=said).status_code == 303
        request = asked(client)
        assert request.phone_matches is None
        assert decided(client, request.id).status_code == 303
        cast.sign_in(client, who)
        copy = client.post(client.to("desk:fetch_right", request_id=request.id), data={"proof": PASSWORD})
        assert (OLD in copy.text) is is_told
    with house(client).database.read_session() as session:
        revealed = session.execute(select(Journal).where(Journal.verb == "contact.revealed")).scalars().all()
    assert len(revealed) == 1, "printing the contact is a look, and journalled as one"


def test_a_grant_runs_out(client: HouseClient, report_id: str):
    now = clock.now()
    with house(client).database.write_session() as session:
        head = cast.actor(session, "head_lin", house(client).settings)
        wish = Wish(Right.COPY, Known.BY_CODE)
        request_id = service.ask(
            session, house(client), queries.get(session, report_id), wish, actor=None, now=now
        )
        service.decide(session, house(client), head, request_id, is_granted=True, reason="可以复制", now=now)
        request, clue = rights.get(session, head, request_id)
        session.refresh(request)
        with pytest.raises(service.NotOpen):
            service.fetch(session, request, head.doer, clue, now=now + GRANT_HOLDS + timedelta(seconds=1))


def test_anothers_code_and_another_office_see_nothing(client: HouseClient, report_id: str):
    with_code(client, report_id)
    client.post(client.to("intake:ask_right"), data={"right": "copy"})
    request = asked(client)
    with house(client).database.write_session() as session:
        other = makers.reported(session, house(client), words="别的事")
        other_id = queries.of_clue(session, other.id)[0].id
    with_code(client, other_id)
    assert client.post(client.to("intake:own_copy", request_id=request.id)).status_code == 404
    client.cookies.clear()
    assert client.get(client.to("intake:rights")).status_code == 303
    cast.sign_in(client, "prosecutor_wu")
    assert client.get(client.to("desk:right", request_id=request.id)).status_code == 404
