"""Agreements: kept with their paper, in force or not, their term is the transfer's, a review is asked for in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.clues import queries as clue_queries
from app.desk import today
from app.desk.clue_page import Desk
from app.identity import queries as identity_queries
from app.platform import clock
from app.platform.records import Journal
from app.reference import queries as reference_queries
from app.transfer import disclosure
from app.transfer.agreements import queries, rules
from app.transfer.models import Agreement
from app.transfer.terms import TransferState
from tests import cast
from tests.transfer import scenes
from tests.transfer.doors import sent

if TYPE_CHECKING:
    from tests.conftest import HouseClient

PDF = b"%PDF-1.4\n" + b"1 0 obj\n" * 40
DAY = date(2026, 11, 23)
# A page by its file's name alone would be guessed at: each box is named.
BLANK = {
    "version": "0", "name": "河湖水环境保护协作意见", "number": "松检会〔2026〕3号", "signed_on": "2026-01-05", "ends_on": "",
    "mechanisms": "线索移送；联席会议每季度一次。\n<b>通报</b>", "contacts": "水务 何川", "feedback_days": "20", "review_on": "",
}  # fmt: skip


@dataclass(frozen=True)
class Agreed:
    """As much of an agreement as the rules ask for."""

    signed_on: date | None = date(2026, 1, 5)
    ends_on: date | None = None
    categories: tuple[str, ...] = ()
    feedback_days: int | None = 20


@pytest.mark.parametrize(
    ("agreed", "holds"),
    [
        (Agreed(), True), (Agreed(signed_on=None), False), (Agreed(signed_on=DAY), True),
        (Agreed(signed_on=DAY + timedelta(1)), False), (Agreed(ends_on=DAY), True),
        (Agreed(ends_on=DAY - timedelta(1)), False),
    ],
)  # fmt: skip
def test_an_agreement_holds_from_its_signature_to_its_last_day(agreed: Agreed, holds: bool):
    assert rules.is_in_force(agreed, DAY) is holds


def test_the_term_that_counts_is_of_the_agreement_signed_last_about_this_matter():
    found = [
        Agreed(feedback_days=30), Agreed(signed_on=date(2026, 6, 1), feedback_days=10),
        Agreed(signed_on=date(2026, 9, 1), feedback_days=5, categories=("aed_missing",)),
        Agreed(signed_on=date(2026, 10, 1), feedback_days=None), Agreed(signed_on=date(2027, 1, 1), feedback_days=1),
    ]  # fmt: skip

    def days(category: str) -> int | None:
        counts = rules.deciding(found, category=category, on=DAY)
        return counts.feedback_days if counts else None

    assert (days("water_pollution"), days("aed_missing")) == (10, 5)
    assert rules.deciding([Agreed(signed_on=None)], category="x", on=DAY) is None
    assert rules.a_year_on(date(2028, 2, 29)) == date(2029, 2, 28)


def unit(client: HouseClient, key: str = "water") -> str:
    with client.app.state.house.database.read_session() as session:  # type: ignore[attr-defined]
        office = identity_queries.default_office(session).id
        return next(each.id for each in reference_queries.org_units(session, office) if each.key == key)


def kept(client: HouseClient) -> list[Agreement]:
    with client.app.state.house.database.read_session() as session:  # type: ignore[attr-defined]
        return list(session.execute(select(Agreement)).scalars())


def test_an_agreement_is_written_down_with_its_paper_changed_and_looked_at_again(client: HouseClient):
    cast.sign_in(client, "head_lin")
    data: dict[str, Any] = BLANK | {"parties": [unit(client)], "categories": ["water_pollution"]}
    near = clock.office_date(clock.now()) + timedelta(days=20)
    paper = {"document": ("协作意见.pdf", PDF, "application/pdf")}
    added = client.post(client.to("agreement:add"), data=data | {"review_on": near.isoformat()}, files=paper)
    assert added.status_code == 303
    (one,) = kept(client)
    page = client.get(client.to("agreement:show", agreement_id=one.id)).text
    for said in ("松检会〔2026〕3号", "水务", "水体污染", "20 日", "&lt;b&gt;通报", "要复核"):
        assert said in page
    assert "河湖水环境保护协作意见" in client.get(client.to("agreement:index")).text
    given = client.get(client.to("agreement:document", agreement_id=one.id))
    assert given.content == PDF
    assert given.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in given.headers["content-security-policy"]
    # Kept as it was when no paper is sent again; a page that has grown old is shown again with what was typed.
    path = client.to("agreement:change", agreement_id=one.id)
    assert client.post(path, data=data | {"version": "1", "name": "新名字"}).status_code == 303
    stale = client.post(path, data=data | {"version": "1", "name": "又一个"})
    assert (stale.status_code, "又一个" in stale.text) == (409, True)
    assert (
        client.post(client.to("agreement:review", agreement_id=one.id), data={"version": "2"}).status_code
        == 303
    )
    (one,) = kept(client)
    assert (one.name, one.version, one.document_bytes) == ("新名字", 3, len(PDF))
    assert one.review_on == rules.a_year_on(clock.office_date(clock.now()))
    with client.app.state.house.database.read_session() as session:  # type: ignore[attr-defined]
        acts = (
            session.execute(select(Journal.verb).where(Journal.subject_kind == "agreement")).scalars().all()
        )
    assert acts == ["agreement.added", "agreement.changed", "agreement.reviewed"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"feedback_days": "0"}, {"feedback_days": "二十"}, {"parties": []}, {"parties": ["nobody"]},
        {"categories": ["no_such"]}, {"ends_on": "2025-01-01"}, {"signed_on": "昨天"},
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_kept(client: HouseClient, wrong: dict[str, Any]):
    cast.sign_in(client, "head_lin")
    data: dict[str, Any] = BLANK | {"parties": [unit(client)], "categories": []} | wrong
    assert client.post(client.to("agreement:add"), data=data).status_code == 422
    assert kept(client) == []


def test_a_file_this_door_does_not_keep_is_refused_and_another_office_has_no_such_agreement(
    client: HouseClient,
):
    cast.sign_in(client, "head_lin")
    data: dict[str, Any] = BLANK | {"parties": [unit(client)]}
    files = {"document": ("a.exe", b"MZ" + b"\0" * 64, "application/octet-stream")}
    assert client.post(client.to("agreement:add"), data=data, files=files).status_code == 422
    assert kept(client) == []
    client.post(client.to("agreement:add"), data=data)
    (one,) = kept(client)
    assert client.get(client.to("agreement:document", agreement_id=one.id)).status_code == 404
    # Whoever hands matters over reads it and changes nothing; another office has none; who only receives sees none.
    cast.sign_in(client, "prosecutor_chen")
    page = client.get(client.to("agreement:show", agreement_id=one.id))
    assert page.status_code == 200
    assert client.to("agreement:edit", agreement_id=one.id) not in page.text
    assert client.get(client.to("agreement:edit", agreement_id=one.id)).status_code == 403
    assert client.get(client.to("agreement:index")).status_code == 403
    for who, status in (("prosecutor_wu", 404), ("agency_water", 403), ("leader_tang", 403)):
        cast.sign_in(client, who)
        assert client.get(client.to("agreement:show", agreement_id=one.id)).status_code == status, who


def test_its_term_is_the_transfers_and_of_no_other_matter_or_receiver(session):
    actor = scenes.chief(session)
    transfer = scenes.drafted(session, actor, scenes.clue(session), to="health")
    category = clue_queries.by_id(session, transfer.clue_id).category_key

    def days() -> int:
        shown = disclosure.as_disclosed(session, transfer, feedback_days=30, now=scenes.NOW)
        return int(shown["feedback_days"])

    usual = days()
    health, water = (scenes.agency(session, actor, key) for key in ("health", "water"))
    scenes.agreement(session, actor, parties=[water], feedback_days=3)
    scenes.agreement(session, actor, parties=[health], feedback_days=4, categories=("river_litter",))
    scenes.agreement(session, actor, parties=[health], feedback_days=5, signed_on=None)
    assert days() == usual
    scenes.agreement(session, actor, parties=[water, health], feedback_days=7, categories=(category,))
    assert days() == 7
    sent = scenes.brought_to(session, actor, transfer, TransferState.SENT)
    assert (sent.disclosed or {})["feedback_days"] == 7
    # What was signed stays: a later agreement moves no day that runs.
    scenes.agreement(session, actor, parties=[health], feedback_days=9, signed_on=date(2026, 2, 1))
    assert days() == 7


def test_the_transfer_says_which_agreement_set_its_days_and_leads_there(client: HouseClient):
    case = sent(client)
    cast.sign_in(client, "prosecutor_chen")
    place = client.to("transfer:show", transfer_id=case.id)
    assert "天数按这份协作机制" not in client.get(place).text
    with case.house.database.write_session() as session:
        chief = scenes.chief(session)
        made = scenes.agreement(session, chief, parties=[case.row.receiver_id], feedback_days=7)
        drafted = scenes.drafted(session, chief, case.clue_id, to="health")
        signed = scenes.brought_to(session, chief, drafted, TransferState.SENT)
        named, fresh = (signed.disclosed or {})["agreement"], signed.id
    assert named["id"] == made
    page = client.get(client.to("transfer:show", transfer_id=fresh)).text
    assert "天数按这份协作机制" in page
    assert client.to("agreement:show", agreement_id=made) in page
    assert named["name"] in page
    cast.sign_in(client, "leader_tang")
    page = client.get(client.to("transfer:show", transfer_id=fresh)).text
    assert named["name"] in page
    assert client.to("agreement:show", agreement_id=made) not in page, "no link where the door is shut"
    assert "天数按这份协作机制" not in client.get(place).text, "what was signed before stays as it was"


def test_a_review_stands_among_the_days_things_of_whoever_keeps_the_list(session):
    def reviews(who: str) -> list[tuple[str, str]]:
        desk = Desk(
            session, cast.actor(session, who), lambda name, **given: f"{name} {given}", scenes.NOW, 15
        )
        return [(line.title, line.tone) for line in today.compose(desk, []).reviews]

    actor, on = scenes.chief(session), clock.office_date(scenes.NOW)
    water = scenes.agency(session, actor, "water")
    for name, away in (("早该看", -3), ("快了", 29), ("还早", 40)):
        scenes.agreement(session, actor, parties=[water], name=name, review_on=on + timedelta(days=away))
    scenes.agreement(session, actor, parties=[water], name="不提醒")
    assert reviews("head_lin") == [("早该看", "stop"), ("快了", "plain")]
    assert reviews("prosecutor_chen") == []
    assert len(queries.of_office(session, actor.office_id)) == 4
