"""Agencies' own systems: a token is shown once and kept as a digest; a clue comes in once under their number."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app.identity.models import Account, ApiToken
from app.identity.tokens import queries as token_queries
from app.intake.models import Report
from app.platform import clock
from app.platform.records import RateCount
from tests import cast
from tests.transfer.test_forwarding import GOOD, HEAD, batch_of, count, lay, line, work

if TYPE_CHECKING:
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
BODY = {"ref": "W-1", "category": "水体污染", "words": GOOD, "place": "松浦大桥东侧"}
_TOKEN = re.compile(r"yx_[\w-]{43}")


def issued(
    client: HouseClient, *, who: str = "agency_water", scopes: tuple[str, ...] = ("forward", "read")
) -> str:
    """Issue a token as the security administrator does; return it as the page shows it."""
    with client.app.state.house.database.write_session() as session:  # type: ignore[attr-defined]
        account = cast.people(session)[who]
    cast.sign_in(client, "secadmin")
    place = client.to("identity:issue_token", account_id=account)
    day = (clock.office_date(clock.now()) + timedelta(days=30)).isoformat()
    answer = client.post(place, data={"name": "水务工单系统", "scopes": list(scopes), "expires_on": day})
    assert answer.status_code == 303, answer.text
    text = client.get(answer.headers["location"]).text
    found = _TOKEN.search(text)
    assert found
    assert not _TOKEN.search(client.get(answer.headers["location"]).text), "shown once"
    cast.sign_out(client)
    return found[0]


def forward(client: HouseClient, token: str, **wishes: Any) -> Any:
    return client.post(
        client.to("partner:api_forward"), json=BODY | wishes, headers={"Authorization": f"Bearer {token}"}
    )


def listed(client: HouseClient, token: str, **asked: Any) -> Any:
    return client.get(
        client.to("partner:api_forwards", **asked), headers={"Authorization": f"Bearer {token}"}
    )


def test_the_same_number_is_the_same_clue_whichever_way_it_comes(client: HouseClient):
    token = issued(client)
    first = forward(client, token)
    assert first.status_code == 201, first.text
    assert first.json()["status"] == "submitted"
    again = forward(client, token)
    assert (again.status_code, again.json()["report_id"]) == (200, first.json()["report_id"])
    differs = forward(client, token, words=GOOD + "又变了")
    assert (differs.status_code, differs.json()["code"]) == (409, "report_differs")
    cast.sign_in(client, "agency_water")
    page = lay(client, [HEAD, line("W-1")])
    client.post(client.to("partner:start_import", batch_id=page.rsplit("/", 1)[-1]))
    work(client)
    assert [row["became"] for row in batch_of(client, page).results] == ["same"]
    assert GOOD[:10] in client.get(client.to("partner:inbox")).text, "its contact sees it"
    with client.app.state.house.database.read_session() as session:  # type: ignore[attr-defined]
        report = session.execute(select(Report)).scalar_one()
        assert (report.channel, report.external_ref) == ("partner_agency", "W-1")
    other = issued(client, who="agency_health")
    assert forward(client, other).status_code == 201, "another organisation counts for itself"
    assert [row["ref"] for row in listed(client, other).json()["items"]] == ["W-1"]
    assert listed(client, other).json()["items"][0]["report_id"] != first.json()["report_id"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"category": "没有这一类"}, {"words": "短"}, {"ref": " "}, {"ref": ""}, {"ref": "x" * 121}, {"lat": 91}, {"lat": "45"},
        {"person": "王小明"}, {"town": "没有这个街道"}, {"words": "\x00" * 20}, {"words": 7},
    ],
)  # fmt: skip
def test_what_is_no_clue_is_refused_as_problem_json(client: HouseClient, wrong: dict[str, Any]):
    answer = forward(client, issued(client), **wrong)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]
    assert count(client, Report) == 0


def test_pages_go_on_and_stay_in_the_house(client: HouseClient):
    token, other = issued(client), issued(client, who="agency_health")
    for number in range(3):
        assert forward(client, token, ref=f"W-{number}").status_code == 201
    theirs = forward(client, other).json()["report_id"]
    first = listed(client, token, limit=2).json()
    assert [row["ref"] for row in first["items"]] == ["W-2", "W-1"]
    second = listed(client, token, limit=2, after=first["next"]).json()
    assert ([row["ref"] for row in second["items"]], second["next"]) == (["W-0"], None)
    assert [row["ref"] for row in listed(client, token, ref="W-1").json()["items"]] == ["W-1"]
    for after in (theirs, "x"):
        assert listed(client, token, after=after).status_code == 404


def test_scopes_ends_and_limits_hold(client: HouseClient):
    house: Any = client.app.state.house  # type: ignore[attr-defined]
    only_read = issued(client, scopes=("read",))
    refused = forward(client, only_read)
    assert (refused.status_code, refused.json()["code"]) == (403, "out_of_scope")
    assert listed(client, only_read).status_code == 200
    for wrong in ("", "yx_", "yx_" + "a" * 43, only_read[:-1], "Basic x"):
        answer = listed(client, wrong)
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_token")
    with house.database.write_session() as session:
        row = session.execute(select(ApiToken)).scalar_one()
        assert only_read not in str(vars(row))
        session.execute(update(RateCount).values(tries=house.settings.api_per_hour))
    assert listed(client, only_read).status_code == 429
    assert listed(client, "yx_wrong").status_code == 429, "guesses are counted by where they come from"
    with house.database.write_session() as session:
        session.execute(update(RateCount).values(tries=0))
        session.execute(
            update(ApiToken).values(expires_on=clock.office_date(clock.now()) - timedelta(days=1))
        )
    assert listed(client, only_read).status_code == 401


def test_rotation_overlaps_revocation_does_not_and_the_account_decides(client: HouseClient):
    house: Any = client.app.state.house  # type: ignore[attr-defined]
    old = issued(client)
    with house.database.read_session() as session:
        row = session.execute(select(ApiToken)).scalar_one()
        asked = {"account_id": row.account_id, "token_id": row.id}
    cast.sign_in(client, "secadmin")
    answer = client.post(client.to("identity:rotate_token", **asked))
    fresh = _TOKEN.search(client.get(answer.headers["location"]).text)
    assert fresh
    assert client.post(client.to("identity:rotate_token", **asked)).status_code == 409
    cast.sign_out(client)
    assert listed(client, old).status_code == listed(client, fresh[0]).status_code == 200
    with house.database.read_session() as session:
        later = clock.now() + timedelta(hours=25)
        assert token_queries.bearer(session, old, now=later) is None
        assert token_queries.bearer(session, fresh[0], now=later) is not None
    cast.sign_in(client, "secadmin")
    assert client.post(client.to("identity:revoke_token", **asked)).status_code == 303
    assert client.post(client.to("identity:revoke_token", **asked)).status_code == 409
    cast.sign_out(client)
    assert (listed(client, old).status_code, listed(client, fresh[0]).status_code) == (401, 200)
    with house.database.write_session() as session:
        session.execute(update(Account).where(Account.id == asked["account_id"]).values(is_active=False))
    assert listed(client, fresh[0]).status_code == 401


def test_whoever_moves_to_another_organisation_takes_no_token_along(client: HouseClient):
    token, house = issued(client), client.app.state.house  # type: ignore[attr-defined]
    with house.database.write_session() as session:
        mine, other = (cast.actor(session, who) for who in ("agency_water", "agency_health"))
        moved = update(Account).where(Account.id == mine.account_id).values(org_unit_id=other.org_unit_id)
        session.execute(moved)
    assert listed(client, token).status_code == 401


def test_only_the_security_administrator_and_only_for_contacts(client: HouseClient):
    token = issued(client)
    with client.app.state.house.database.write_session() as session:  # type: ignore[attr-defined]
        people = cast.people(session)
    for who in ("sysadmin", "chief_zhou", "agency_water"):
        cast.sign_in(client, who)
        assert client.get(client.to("identity:tokens", account_id=people["agency_water"])).status_code == 403
    cast.sign_in(client, "secadmin")
    asked = {
        "name": "x",
        "scopes": ["forward"],
        "expires_on": clock.office_date(clock.now()) + timedelta(days=9),
    }
    for who in ("prosecutor_chen", "volunteer_li", "liaison_zhao"):
        answer = client.post(client.to("identity:issue_token", account_id=people[who]), data=asked)
        assert answer.status_code == 403, who
    place = client.to("identity:issue_token", account_id=people["agency_water"])
    wishes: tuple[dict[str, Any], ...] = (
        {"name": ""},
        {"scopes": []},
        {"scopes": ["all"]},
        {"expires_on": "2020-01-01"},
        {"expires_on": "x"},
    )
    for wrong in wishes:
        assert client.post(place, data=asked | wrong).status_code == 422, wrong
    assert token not in client.get(client.to("identity:tokens", account_id=people["agency_water"])).text
    assert (
        client.to("identity:tokens", account_id=people["agency_water"])
        in client.get(client.to("identity:person", account_id=people["agency_water"])).text
    )
