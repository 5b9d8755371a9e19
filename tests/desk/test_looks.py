"""Looking at who reported: reasons, a second person, one use, and the heads who are told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.intake.models import ContactLook
from app.main import create_app
from app.platform import clock
from app.platform.records import Journal
from tests import cast
from tests.conftest import HouseClient, make_settings
from tests.desk import makers

pytestmark = pytest.mark.app
PHONE = "13845671234"
REASON = "要约时间去现场看排口"


@pytest.fixture
def two(database_url, tmp_path):
    """A client of an office where two must agree."""
    with HouseClient(create_app(make_settings(database_url, tmp_path, reveal_needs_two=True))) as made:
        yield made


def be(client, who: str) -> None:
    cast.sign_out(client)
    cast.sign_in(client, who)


def reported(client) -> str:
    house = client.app.state.house
    with house.database.write_session() as session:
        cast.people(session, house.settings)
    with house.database.write_session() as session:
        return str(makers.reported(session, house, phone=PHONE).id)


def looks(client) -> list[ContactLook]:
    with client.app.state.house.database.read_session() as session:
        return list(session.execute(select(ContactLook).order_by(ContactLook.rowno)).scalars())


def words(client) -> list[str]:
    with client.app.state.house.database.read_session() as session:
        found = session.execute(select(Journal.verb).order_by(Journal.rowno)).scalars()
        return [verb for verb in found if verb.startswith("contact.")]


def ask(client, clue_id: str, reason: str = REASON):
    return client.post(client.to("triage:reveal", clue_id=clue_id), data={"reason": reason})


def test_a_second_person_agrees_and_one_look_is_opened(two):
    clue_id = reported(two)
    be(two, "prosecutor_chen")
    asked = ask(two, clue_id)
    assert asked.status_code == 303
    assert asked.headers["location"] == two.to("desk:looks")
    (look,) = looks(two)
    for door in ("desk:open_look",):
        assert two.post(two.to(door, look_id=look.id)).status_code == 409, "nobody has agreed yet"
    assert two.post(two.to("desk:grant_look", look_id=look.id)).status_code == 403
    be(two, "head_lin")
    shown = two.get(two.to("desk:looks")).text
    assert REASON in shown
    assert "陈明远" in shown
    assert re.search(r"room-link__count\">1<", shown), "the menu says that something waits"
    assert PHONE not in shown
    assert two.post(two.to("desk:open_look", look_id=look.id)).status_code == 409, "another's look"
    assert two.post(two.to("desk:grant_look", look_id=look.id)).status_code == 303
    assert two.post(two.to("desk:grant_look", look_id=look.id)).status_code == 409
    be(two, "prosecutor_chen")
    assert two.to("desk:open_look", look_id=look.id) in two.get(two.to("desk:looks")).text
    told = two.post(two.to("desk:open_look", look_id=look.id))
    assert told.status_code == 200
    assert PHONE in told.text
    assert told.headers["cache-control"] == "no-store"
    assert two.post(two.to("desk:open_look", look_id=look.id)).status_code == 409, "a look is used up"
    be(two, "head_lin")
    assert two.post(two.to("desk:notice_look", look_id=look.id)).status_code == 303
    assert two.post(two.to("desk:notice_look", look_id=look.id)).status_code == 303
    assert words(two) == ["contact.asked", "contact.granted", "contact.revealed", "contact.noticed"]
    assert "room-link__count" not in two.get(two.to("desk:looks")).text


def test_nobody_agrees_to_their_own_look(two):
    clue_id = reported(two)
    be(two, "head_lin")
    ask(two, clue_id)
    (look,) = looks(two)
    for door in ("desk:grant_look", "desk:deny_look"):
        assert two.post(two.to(door, look_id=look.id)).status_code == 403
    assert two.to("desk:grant_look", look_id=look.id) not in two.get(two.to("desk:looks")).text


def test_a_refused_look_opens_nothing(two):
    clue_id = reported(two)
    be(two, "prosecutor_chen")
    ask(two, clue_id)
    (look,) = looks(two)
    be(two, "chief_zhou")
    assert two.post(two.to("desk:deny_look", look_id=look.id)).status_code == 303
    be(two, "prosecutor_chen")
    assert "没有同意" in two.get(two.to("desk:looks")).text
    assert two.post(two.to("desk:open_look", look_id=look.id)).status_code == 409


@pytest.mark.parametrize("is_granted", [True, False])
def test_leave_and_requests_run_out(two, is_granted: bool):
    clue_id = reported(two)
    be(two, "prosecutor_chen")
    ask(two, clue_id)
    (look,) = looks(two)
    house = two.app.state.house
    past: dict[str, object] = {"expires_at": clock.now() - timedelta(seconds=1)}
    if is_granted:
        past |= {"is_granted": True, "decided_at": clock.now()}
    with house.database.write_session() as session:
        session.execute(update(ContactLook).values(**past))
    assert "已过期" in two.get(two.to("desk:looks")).text
    assert two.post(two.to("desk:open_look", look_id=look.id)).status_code == 409
    be(two, "head_lin")
    assert two.post(two.to("desk:grant_look", look_id=look.id)).status_code == 409


def test_who_does_not_see_the_clue_does_not_see_the_look(two):
    clue_id = reported(two)
    be(two, "prosecutor_chen")
    ask(two, clue_id)
    (look,) = looks(two)
    be(two, "prosecutor_wu")
    assert REASON not in two.get(two.to("desk:looks")).text
    assert two.post(two.to("desk:open_look", look_id=look.id)).status_code == 404
    for who in ("secadmin", "auditor", "agency_water", "leader_tang"):
        be(two, who)
        assert two.get(two.to("desk:looks")).status_code == 403


def test_without_the_setting_a_look_is_opened_at_once_and_the_heads_are_told(client):
    clue_id = reported(client)
    be(client, "prosecutor_chen")
    told = ask(client, clue_id)
    assert told.status_code == 200
    assert PHONE in told.text
    (look,) = looks(client)
    assert look.used_at is not None
    be(client, "head_lin")
    shown = client.get(client.to("desk:looks")).text
    assert REASON in shown
    assert PHONE not in shown
    assert client.post(client.to("desk:notice_look", look_id=look.id)).status_code == 303
    assert REASON not in client.get(client.to("desk:looks")).text
