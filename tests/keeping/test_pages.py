"""The screens of keeping: what will go, holding back, letting a stopped run go on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from app import cli
from app.clues.models import Clue
from app.evidence.models import EvidenceItem
from app.keeping.models import RetentionNotice
from app.platform import clock
from app.platform.records import Journal, Note
from tests import cast
from tests.identity.conftest import give_password, house
from tests.keeping import scene

if TYPE_CHECKING:
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
PASSWORD = "river-otter-lantern-47"


def be(client: HouseClient, who: str) -> None:
    cast.sign_in(client, who)


@pytest.fixture
def over(client: HouseClient, monkeypatch) -> str:
    """A matter that was told of; the heads' list holds it."""
    with house(client).database.write_session() as session:
        cast.people(session, house(client).settings)
        clue_id = scene.ended(session, title="太阳岛沟渠")
        scene.set_terms(session, contact=None, content=1)
    now = clock.now()
    scene.run(house(client), monkeypatch)
    monkeypatch.setattr(clock, "now", lambda: now)
    return clue_id


def clue(client: HouseClient, clue_id: str) -> Clue:
    with house(client).database.read_session() as session:
        return session.execute(select(Clue).where(Clue.id == clue_id)).scalar_one()


def test_what_will_go_is_listed_with_its_day(client: HouseClient, over: str):
    be(client, "head_lin")
    page = client.get(client.to("keeping:index")).text
    assert "太阳岛沟渠" in page
    day = clock.office_date(clock.now()) + timedelta(days=30)
    assert f"{day.month}月{day.day}日" in page
    assert "清除已经停下" not in page
    be(client, "prosecutor_wu")
    assert "太阳岛沟渠" not in client.get(client.to("keeping:index")).text
    assert client.get(client.to("keeping:clue", clue_id=over)).status_code == 404


def test_without_terms_the_page_says_so(client: HouseClient):
    be(client, "head_lin")
    assert "期限还没有定" in client.get(client.to("keeping:index")).text


def test_holding_back_needs_a_reason_and_is_shown(client: HouseClient, over: str):
    be(client, "prosecutor_chen")
    place = client.to("keeping:hold", clue_id=over)
    answer = client.post(place, data={"reason": "要"})
    assert answer.status_code == 422
    assert "至少四个字" in answer.text
    for _ in range(2):
        assert client.post(place, data={"reason": "法院正在审理"}).status_code == 303
    assert clue(client, over).held_at is not None
    page = client.get(client.to("keeping:clue", clue_id=over)).text
    assert "正在保全" in page
    assert "解除保全由部门负责人决定" in page
    assert ">保全<" in client.get(client.to("desk:clue", clue_id=over)).text
    with house(client).database.read_session() as session:
        held = session.execute(select(Journal).where(Journal.verb == "retention.held")).scalars().all()
        notes = session.execute(select(Note.body).where(Note.journal_id == held[0].id)).scalars().all()
    assert len(held) == 1
    assert notes == ["法院正在审理"]


def test_ending_a_hold_is_a_heads_step_and_asks_for_a_proof(client: HouseClient, over: str):
    be(client, "prosecutor_chen")
    client.post(client.to("keeping:hold", clue_id=over), data={"reason": "法院正在审理"})
    place = client.to("keeping:end_hold", clue_id=over)
    assert client.post(place, data={"reason": "已经结案了"}).status_code == 403
    give_password(client, "head_lin", PASSWORD)
    cast.sign_in(client, "head_lin", ago=timedelta(minutes=20))
    assert client.post(place, data={"reason": "已经结案了"}).status_code == 403
    assert clue(client, over).held_at is not None
    assert client.post(place, data={"reason": "短", "proof": PASSWORD}).status_code == 422
    assert client.post(place, data={"reason": "已经结案了", "proof": PASSWORD}).status_code == 303
    assert clue(client, over).held_at is None
    with house(client).database.read_session() as session:
        assert session.execute(select(RetentionNotice)).first() is None, "the notice runs anew"


def test_a_stopped_run_is_seen_and_released(client: HouseClient, monkeypatch):
    cap = house(client).settings.retention_cap
    with house(client).database.write_session() as session:
        cast.people(session, house(client).settings)
        for _ in range(cap + 1):
            scene.ended(session)
        scene.set_terms(session, contact=None, content=1)
    now = clock.now()
    scene.run(house(client), monkeypatch)
    monkeypatch.setattr(clock, "now", lambda: now)
    with house(client).database.write_session() as session:
        session.execute(update(RetentionNotice).values(due_on=clock.office_date(now)))
    give_password(client, "head_lin", PASSWORD)
    be(client, "prosecutor_chen")
    page = client.get(client.to("keeping:index")).text
    assert "请部门负责人看过名单以后放行" in page
    be(client, "head_lin")
    page = client.get(client.to("keeping:index")).text
    assert "清除已经停下" in page
    assert f"放行这 {cap + 1} 项" in page
    place = client.to("keeping:release")
    said = {"reason": "名单逐条看过", "proof": PASSWORD}
    assert client.post(place, data=said | {"count": str(cap)}).status_code == 409
    assert client.post(place, data=said | {"count": "x"}).status_code == 409
    assert (
        client.post(place, data={"count": str(cap + 1), "reason": "", "proof": PASSWORD}).status_code == 422
    )
    assert client.post(place, data=said | {"count": str(cap + 1)}).status_code == 303
    assert "清除已经停下" not in client.get(client.to("keeping:index")).text


def test_the_pages_of_a_matter_that_went_still_stand(client: HouseClient, monkeypatch):
    with house(client).database.write_session() as session:
        cast.people(session, house(client).settings)
        clue_id = scene.matter(session, house(client))
        scene.set_terms(session, contact=1, content=1)
    now = clock.now()
    scene.run(house(client), monkeypatch)
    scene.run(house(client), monkeypatch, days=31)
    monkeypatch.setattr(clock, "now", lambda: now)
    be(client, "chief_zhou")
    page = client.get(client.to("desk:clue", clue_id=clue_id))
    assert page.status_code == 200
    assert "内容已到期清除" in page.text
    assert "到期清除" in page.text
    assert client.get(client.to("keeping:clue", clue_id=clue_id)).text.count("已经清除。") == 2
    places = [
        place
        for place in links(page.text)
        if place.startswith(("/desk", "/evidence", "/transfers", "/clues"))
    ]
    assert places
    for place in places:
        assert client.get(place).status_code in {200, 404}, place
    assert client.get(client.to("evidence:bundles", clue_id=clue_id)).status_code == 200
    with house(client).database.read_session() as session:
        item = session.execute(select(EvidenceItem.id)).scalar_one()
    photo = client.get(client.to("desk:photo", clue_id=clue_id, evidence_id=item))
    assert "已按规定清除" in photo.text
    assert client.get(client.to("evidence:original", evidence_id=item)).status_code == 404
    be(client, "agency_health")
    assert client.get(client.to("partner:inbox")).status_code == 200


def links(page: str) -> list[str]:
    import re

    return sorted({place.replace("&amp;", "&") for place in re.findall(r'href="(/[^"#]+)"', page)})


def test_the_command_says_what_would_go(settings, capsys, database):
    with database.write_session() as session:
        scene.ended(session)
        scene.set_terms(session, contact=None, content=1)
    assert cli._retention(settings, None) == 0  # type: ignore[arg-type]
    said = capsys.readouterr().out
    assert "would be told of today: 1" in said
    assert "would be erased today: 0" in said
