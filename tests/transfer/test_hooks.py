"""Partners' systems hear that something changed: signed, once an id, never lost, nothing of what, only what they may read."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from app import wiring
from app.clues.models import Clue
from app.identity.models import ApiToken
from app.platform import clock
from app.platform.records import Job
from app.transfer.hooks import jobs as hook_jobs
from app.transfer.hooks import rules, service
from app.transfer.hooks.models import Hook, HookAttempt, HookEvent
from app.transfer.hooks.terms import Kind
from tests import cast
from tests.conftest import make_settings
from tests.transfer.doors import sent
from tests.transfer.listener import Listener
from tests.transfer.test_api_forwards import forward, issued, listed
from tests.transfer.test_partner import move
from tests.work import work_off

if TYPE_CHECKING:
    from pathlib import Path

    from app.platform.settings import Settings
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
ALL = ("forward", "read", "transfers")
BOTH = [Kind.FORWARD.value, Kind.TRANSFER.value]
_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


@pytest.fixture
def settings(database_url: str, tmp_path: Path, partner: Listener) -> Settings:
    """An office whose operator named that host, and its network."""
    named = {"hook_hosts": f"127.0.0.1:{partner.port}", "hook_networks": "127.0.0.0/8"}
    return make_settings(database_url, tmp_path, **named)


def house_of(client: HouseClient) -> Any:
    return client.app.state.house  # type: ignore[attr-defined]


def opened(client: HouseClient, url: str, *, who: str = "agency_water", kinds: list[str] = BOTH) -> str:
    """Open a hook as the security administrator does; return its secret as the page shows it."""
    account_id = person(client, who)
    cast.sign_in(client, "secadmin")
    answer = client.post(
        client.to("partner:set_hook", account_id=account_id), data={"url": url, "kinds": kinds}
    )
    assert answer.status_code == 303, answer.text
    place = answer.headers["location"]
    found = _SECRET.search(client.get(place).text)
    assert found
    assert not _SECRET.search(client.get(place).text), "shown once"
    cast.sign_out(client)
    return found[0]


def person(client: HouseClient, who: str) -> str:
    with house_of(client).database.write_session() as session:
        return cast.people(session)[who]


def run(client: HouseClient, *, later: bool = False) -> None:
    """Let the worker look and tell; `later`, when the time of what waits has come."""
    house = house_of(client)
    if later:
        with house.database.write_session() as session:
            session.execute(update(HookEvent).values(next_at=clock.now()))
            session.execute(update(Hook).values(rests_until=None))
    tools = wiring.tools_of(house)
    hook_jobs.look(tools, clock.now())
    work_off(tools, hook_jobs.HANDLERS)


def turn(client: HouseClient, status: str) -> None:
    """Let what the reporter of a forwarded clue reads change."""
    with house_of(client).database.write_session() as session:
        session.execute(update(Clue).values(public_status=status))


def rows(client: HouseClient, table: Any) -> list[Any]:
    with house_of(client).database.read_session() as session:
        return list(session.execute(select(table).order_by(table.rowno)).scalars())


def ready(client: HouseClient, partner: Listener) -> tuple[str, str]:
    """A token, a forwarded clue, a hook; return the token and the hook's secret."""
    token = issued(client, scopes=ALL)
    assert forward(client, token).status_code == 201
    return token, opened(client, partner.url)


def test_a_change_is_told_signed_and_says_nothing(client: HouseClient, partner: Listener):
    token, secret = ready(client, partner)
    report_id = forward(client, token).json()["report_id"]
    run(client)
    assert partner.came == [], "what was before the hook, and what they sent themselves, is no news"
    turn(client, "registered")
    run(client)
    run(client)
    (path, headers, body) = partner.came[0]
    assert (len(partner.came), path) == (1, "/hook")
    assert partner.is_signed(secret)
    assert not partner.is_signed(rules.new_secret())
    assert partner.said[0]["type"] == "forward.changed"
    assert partner.said[0]["data"] == {"id": report_id}
    assert set(partner.said[0]) == {"type", "timestamp", "data"}
    assert abs(int(headers["webhook-timestamp"]) - clock.now().timestamp()) < 60
    for word in ("registered", "W-1", "黑水", "松浦"):
        assert word not in body.decode() + str(headers), word
    assert listed(client, token).json()["items"][0]["status"] == "registered"  # fmt: skip
    (event,) = rows(client, HookEvent)
    (attempt,) = rows(client, HookAttempt)
    assert event.delivered_at is not None
    assert (attempt.outcome, attempt.status) == ("taken", 204)


def test_what_goes_on_inside_the_office_is_not_told(client: HouseClient, partner: Listener):
    ready(client, partner)
    with house_of(client).database.write_session() as session:
        session.execute(update(Clue).values(state="registered", is_urgent=True, has_news=True, version=9))
    run(client)
    turn(client, "military_b")
    run(client)
    assert (partner.came, rows(client, HookEvent)) == ([], [])


def test_several_changes_before_anybody_heard_are_one(client: HouseClient, partner: Listener):
    ready(client, partner)
    for status in ("registered", "evaluating"):
        turn(client, status)
        hook_jobs.look(wiring.tools_of(house_of(client)), clock.now())
    run(client)
    assert len(partner.came) == 1


def test_a_refusal_is_tried_again_under_the_same_id_and_nobody_is_followed(
    client: HouseClient, partner: Listener
):
    ready(client, partner)
    partner.answers = [(302, {"Location": f"http://127.0.0.1:{partner.port}/elsewhere"}), (500, {})]
    turn(client, "registered")
    run(client)
    assert [path for path, _headers, _body in partner.came] == ["/hook"], "a redirect is an answer, not a way"
    (event,) = rows(client, HookEvent)
    (hook,) = rows(client, Hook)
    assert event.delivered_at is None
    assert (hook.failures, event.next_at > clock.now()) == (1, True)
    run(client)
    assert len(partner.came) == 1, "left in peace until it is time"
    run(client, later=True)
    run(client, later=True)
    assert len(set(partner.ids)) == 1
    assert len(partner.came) == 3
    assert len({body for _path, _headers, body in partner.came}) == 1
    assert [row.status for row in rows(client, HookAttempt)] == [302, 500, 204]
    assert rows(client, Hook)[0].failures == 0


def test_who_is_not_there_is_asked_ever_less_and_the_rest_waits(client: HouseClient, partner: Listener):
    token, _secret = ready(client, partner)
    assert forward(client, token, ref="W-2").status_code == 201
    turn(client, "registered")
    partner.answers = [(503, {})] * 9
    run(client)
    assert len(partner.came) == 1, "the second is not tried at a door that is shut"
    partner.came.clear()
    partner.answers = [(400, {})]
    run(client, later=True)
    assert len(partner.came) == 2, "a refused message is its own affair"
    pauses = [rules.pause(failures) for failures in range(1, 12)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=6)


def test_a_crash_at_any_point_loses_nothing(client: HouseClient, partner: Listener, monkeypatch: Any):
    ready(client, partner)
    house = house_of(client)
    tools = wiring.tools_of(house)
    turn(client, "registered")

    # Dead after the change was committed, before anybody looked: the difference is still there. Dead in the middle of
    # noting: nothing was written. Dead after noting, the job gone: the next look asks for another.
    def dies(*_any: Any, **_more: Any) -> None:
        raise OSError("power")

    with monkeypatch.context() as broken:
        broken.setattr(service, "ask", dies)
        with pytest.raises(OSError, match="power"):
            hook_jobs.look(tools, clock.now())
    assert rows(client, HookEvent) == []
    hook_jobs.look(tools, clock.now())
    with house.database.write_session() as session:
        session.execute(update(Job).where(Job.handler == "transfer.hook").values(done_at=clock.now()))
    # Dead after the other side took it, before that was noted: it hears the same id once more.
    with monkeypatch.context() as broken:
        broken.setattr(service, "note_attempt", dies)
        run(client)
    assert len(partner.came) == 1
    with house.database.write_session() as session:
        session.execute(update(Job).where(Job.handler == "transfer.hook").values(run_after=clock.now()))
    run(client)
    assert len(partner.came) == 2
    assert len(set(partner.ids)) == 1
    assert rows(client, HookEvent)[0].delivered_at is not None


def test_without_a_token_that_reads_it_nothing_is_told(client: HouseClient, partner: Listener):
    token = issued(client, scopes=("forward",))
    assert forward(client, token).status_code == 201
    opened(client, partner.url)
    turn(client, "registered")
    run(client)
    assert (partner.came, rows(client, HookEvent)) == ([], [])
    issued(client, scopes=("read",))
    hook_jobs.look(wiring.tools_of(house_of(client)), clock.now())
    with house_of(client).database.write_session() as session:
        session.execute(update(ApiToken).values(ends_at=clock.now()))
    run(client)
    assert partner.came == [], "a token that ended between noting and telling"
    assert [row.outcome for row in rows(client, HookAttempt)] == ["silenced"]
    assert rows(client, HookEvent)[0].parked_at is not None


def test_another_organisation_hears_nothing(client: HouseClient, partner: Listener):
    token = issued(client, scopes=ALL)
    issued(client, who="agency_health", scopes=ALL)
    opened(client, partner.url, who="agency_health")
    assert forward(client, token).status_code == 201
    turn(client, "registered")
    run(client)
    assert partner.came == []


def test_a_transfer_is_told_and_read_without_its_matter(client: HouseClient, partner: Listener):
    other = issued(client, who="agency_health", scopes=ALL)
    token = issued(client, scopes=ALL)
    before = sent(client)
    move(before, "agency_water")
    opened(client, partner.url)
    run(client)
    assert partner.came == [], "what was handed over before the hook is no news"
    case = sent(client)
    move(case, "agency_water")
    run(client)
    assert [one["data"]["id"] for one in partner.said] == [case.id]
    case.set(state="closed")
    run(client)
    assert [one["type"] for one in partner.said] == ["transfer.changed"] * 2
    headers = {"Authorization": f"Bearer {token}"}
    place = client.to("partner:api_transfers", limit=1)
    first = client.get(place, headers=headers).json()
    assert [(row["id"], row["state"]) for row in first["items"]] == [(case.id, "closed")]
    text = client.get(place, headers=headers).text
    disclosed = case.row.disclosed or {}
    assert disclosed["subject"] not in text
    rest = client.get(client.to("partner:api_transfers", after=first["next"]), headers=headers).json()
    assert [row["id"] for row in rest["items"]] == [before.id]
    for after in ("x", before.clue_id):
        assert client.get(client.to("partner:api_transfers", after=after), headers=headers).status_code == 404
    theirs = client.get(client.to("partner:api_transfers"), headers={"Authorization": f"Bearer {other}"})
    assert theirs.json()["items"] == []
    refused = client.get(client.to("partner:api_transfers"), headers={"Authorization": "Bearer yx_x"})
    assert refused.status_code == 401


def test_a_thousand_changes_are_noted_in_turns(client: HouseClient, partner: Listener, monkeypatch: Any):
    token, _secret = ready(client, partner)
    for number in range(4):
        assert forward(client, token, ref=f"V-{number}").status_code == 201
    monkeypatch.setattr("app.transfer.hooks.queries._BATCH", 2)
    turn(client, "registered")
    for _minute in range(3):
        run(client)
    assert len(partner.came) == 5
    with house_of(client).database.read_session() as session:
        assert session.execute(select(func.count()).select_from(HookEvent)).scalar_one() == 5
