"""Several people of one receiver: who has what in hand, notes the office never reads, figures of their own only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from app.identity.models import Account
from app.platform import clock
from app.platform.records import Journal
from app.transfer.team import rules
from app.transfer.team.terms import Standing
from app.transfer.terms import TransferState as S
from tests import cast
from tests.transfer.doors import Sent, sent

if TYPE_CHECKING:
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
SECRET = "先问一下排水科，别急着回"


def colleagues(client: HouseClient) -> str:
    """Two more of the health authority; return the id of the first."""
    with client.app.state.house.database.write_session() as session:  # type: ignore[attr-defined]
        people = cast.people(session)
        unit = session.execute(
            select(Account.org_unit_id).where(Account.login == "agency_health")
        ).scalar_one()
        session.execute(update(Account).where(Account.login == "agency_forestry").values(org_unit_id=unit))
        return people["agency_forestry"]


def note(case: Sent, words: str = SECRET) -> int:
    place = case.client.to("partner:note", transfer_id=case.id)
    return case.client.post(place, data={"note_words": words}).status_code


def test_a_note_is_read_by_colleagues_and_by_nobody_else(client: HouseClient):
    case, other = sent(client), colleagues(client)
    cast.sign_in(client, "agency_health")
    page = client.to("partner:transfer", transfer_id=case.id)
    before = case.row.version
    assert note(case) == 303
    assert case.row.version == before, "it makes nobody's page stale"
    assert note(case, " ") == note(case, "长" * 2001) == 422
    cast.sign_in(client, other)
    assert SECRET in client.get(page).text
    for who in ("prosecutor_chen", "chief_zhou", "auditor"):
        cast.sign_in(client, who)
        for name, value in (
            ("transfer:show", {"transfer_id": case.id}),
            ("desk:clue", {"clue_id": case.clue_id}),
        ):
            text = client.get(client.to(name, **value)).text
            assert SECRET not in text
            assert "受送单位内部" not in text, "that there is one is their own business too"
        assert note(case) == 403
    case.enter()
    assert SECRET not in client.get(client.to("link:show")).text, "a link may be in anybody's hands"
    cast.sign_in(client, "agency_water")
    assert note(case) == 404
    with case.house.database.read_session() as session:
        row = session.execute(select(Journal).where(Journal.verb == "partner.noted")).scalar_one()
        assert row.clue_id is None
        assert SECRET not in str(row.facts)


def test_one_of_them_has_it_in_hand(client: HouseClient):
    case, free, other = sent(client), sent(client), colleagues(client)
    me = cast.sign_in(client, "agency_health")
    place = client.to("partner:hand", transfer_id=case.id)
    inbox = {which: client.to("partner:inbox", which=which) for which in ("mine", "nobody")}
    assert case.id in client.get(inbox["nobody"]).text
    assert client.post(place, data={"account_id": other}).status_code == 303
    with case.house.database.write_session() as session:
        outsider = cast.people(session)["agency_water"]
    for wrong in (outsider, "x", ""):
        assert client.post(place, data={"account_id": wrong}).status_code == 422
    assert "经手人：冯杉" in client.get(client.to("partner:transfer", transfer_id=case.id)).text
    assert case.id not in client.get(inbox["nobody"]).text
    assert case.id not in client.get(inbox["mine"]).text
    assert free.id in client.get(inbox["nobody"]).text
    assert "经手 冯杉" in client.get(client.to("partner:inbox")).text
    cast.sign_in(client, other)
    assert case.id in client.get(inbox["mine"]).text
    assert client.post(place, data={"account_id": me}).status_code == 303
    assert client.post(place, data={"account_id": me}).status_code == 303
    assert client.get(client.to("partner:transfer", transfer_id=case.id)).text.count("经手</p>") == 2


def test_what_is_over_stays_in_the_history_a_page_at_a_time(
    client: HouseClient, monkeypatch: pytest.MonkeyPatch
):
    from app.transfer import queries

    monkeypatch.setattr(queries, "PAGE_SIZE", 1)
    older, newer, theirs = (
        sent(client, state=S.REPLIED),
        sent(client),
        sent(client, to="water", state=S.REPLIED),
    )
    newer.set(state=S.REFUSED.value)
    cast.sign_in(client, "agency_health")
    first = client.get(client.to("partner:history")).text
    assert newer.id in first
    assert older.id not in first
    second = client.get(client.to("partner:history", before=newer.id)).text
    assert older.id in second
    assert theirs.id not in first + second


def test_figures_are_their_own_and_go_by_the_month_of_sending(client: HouseClient):
    today = clock.office_date(clock.now())
    late, open_late = sent(client, state=S.REPLIED), sent(client)
    sent(client, to="water")
    late.set(due_on=today - timedelta(days=400), sent_at=clock.now(), answered_at=clock.now())
    open_late.set(due_on=today - timedelta(days=1), sent_at=clock.now())
    cast.sign_in(client, "agency_health")
    text = client.get(client.to("partner:figures")).text
    total = text.split("<tfoot>")[1].split("</tfoot>")[0]
    assert [cell.split("<")[0] for cell in total.split("<td>")[1:]] == ["2", "0", "1", "1", "1", "0", "0"]
    for who in ("volunteer_li", "prosecutor_chen", "sysadmin"):
        cast.sign_in(client, who)
        assert client.get(client.to("partner:figures")).status_code == 403


def test_a_month_adds_up():
    day = date(2026, 1, 15)
    one = Standing(day, date(2026, 2, 14), None, is_waiting=False, is_refused=False, is_withdrawn=False)
    found = [
        replace(one, answered_on=date(2026, 2, 14)),
        replace(one, answered_on=date(2026, 2, 15)),
        replace(one, is_refused=True),
        replace(one, is_withdrawn=True),
        replace(one, is_waiting=True),
        replace(one, sent_on=date(2025, 1, 31)),
    ]
    rows = rules.figures(found, today=date(2026, 2, 15), months=12)
    assert [row.first for row in rows[:2]] == [date(2026, 2, 1), date(2026, 1, 1)]
    assert rows[-1].first == date(2025, 3, 1), "a year back, and what is older is left out"
    january = rows[1]
    assert (january.sent, january.in_time, january.late, january.refused, january.withdrawn) == (
        5,
        1,
        1,
        1,
        1,
    )
    assert (january.waiting, january.overdue) == (1, 1)
    assert rules.total(rows, day).sent == 5
