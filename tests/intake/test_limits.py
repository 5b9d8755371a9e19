"""What the house sheds when there is too much of it, and that it says so."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.platform import clock, ids, work
from tests.intake.sheets import AED, hidden, send
from tests.intake.test_api import body
from tests.intake.uploads import Phone, hexed, photo, promise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.platform.settings import Settings
    from tests.conftest import HouseClient
    from tests.intake.conftest import Rows

pytestmark = pytest.mark.app
ONE = photo(1)


@pytest.fixture
def phone(client: HouseClient) -> Phone:
    return Phone(client)


def test_one_report_cannot_open_uploads_without_end(phone: Phone):
    phone.report(promise(ONE))
    answers = [phone.begin(hexed(ONE), length).status_code for length in range(1, 27)]
    assert answers == [201] * 24 + [429] * 2


def test_quotas_are_by_report_and_by_source(settings: Settings):
    from app.main import create_app
    from tests.conftest import HouseClient

    tight = settings.model_copy(update={"uploads_per_report": 2, "uploads_per_hour": 3})
    with HouseClient(create_app(tight)) as client:
        one, other = Phone(client).report(promise(ONE)), Phone(client).report(promise(ONE))
        assert [one.begin(hexed(ONE), n).status_code for n in (1, 2, 3)] == [201, 201, 429]
        answer = [other.begin(hexed(ONE), n) for n in (1, 2)]
        assert [each.status_code for each in answer] == [201, 429]
        assert answer[1].headers["retry-after"]


def test_no_address_is_written_down(phone: Phone, rows: Rows):
    phone.report(promise(ONE)).begun(ONE)
    assert "testclient" not in str([rows("select * from upload"), rows("select * from rate_count")])


def test_started_uploads_go_on_to_the_hard_floor(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    from app.main import create_app
    from app.platform.storage_local import LocalStore
    from tests.conftest import HouseClient

    marks = settings.model_copy(update={"disk_floor_bytes": 1000, "disk_hard_floor_bytes": 100})
    with HouseClient(create_app(marks)) as client:
        phone = Phone(client).report(promise(ONE))
        where = phone.begun(ONE)
        monkeypatch.setattr(LocalStore, "free_bytes", lambda _self: 500)
        assert phone.piece(where, 0, ONE[:10]).status_code == 204
        late = client.put(client.to("intake:api_report", report_id=ids.new()), json=body())
        assert (late.status_code, late.headers["retry-after"]) == (503, "60")
        monkeypatch.setattr(LocalStore, "free_bytes", lambda _self: 50)
        assert phone.piece(where, 10, ONE[10:20]).status_code == 503
        assert phone.offset(where) == 10


@contextmanager
def pressed(settings: Settings, **marks: int) -> Iterator[HouseClient]:
    """A house that is soon full."""
    from app.main import create_app
    from tests.conftest import HouseClient

    with HouseClient(create_app(settings.model_copy(update={"work_bits": 8} | marks))) as client:
        yield client


def put(client: HouseClient, report_id: str = "", solved: str | None = None, **changes: Any) -> Any:
    path = client.to("intake:api_report", report_id=report_id or ids.new())
    return client.put(path, json=body(photos=[], **changes), headers={"X-Work": solved} if solved else {})


def solution(answer: Any) -> str:
    asked = answer.json()["challenge"]
    counter = work.solve(asked["salt"], asked["bits"])
    return f"{asked['salt']}.{asked['signature']}.{asked['expires_epoch']}.{asked['bits']}.{counter}"


@pytest.mark.parametrize("marks", [{"pressure_reports_per_minute": 2}, {"reports_per_hour": 2}])
def test_under_pressure_a_scripted_client_shows_work_once(
    settings: Settings, rows: Rows, marks: dict[str, int]
):
    with pressed(settings, **marks) as client:
        first = ids.new()
        assert [put(client, each).status_code for each in (first, ids.new())] == [201, 201]
        asked = put(client)
        assert (asked.status_code, asked.json()["code"]) == (429, "work_wanted")
        assert asked.headers["retry-after"]
        report_id, solved = ids.new(), solution(asked)
        assert put(client, report_id, solved).status_code == 201
        assert put(client, report_id).status_code == 200, "what was received is not asked again"
        assert put(client, first).status_code == 200
        assert put(client, ids.new(), solved).status_code == 429, "a solution opens the door once"
        assert [row["quarantine"] for row in rows("select quarantine from clue")] == [None] * 3


def test_work_that_is_no_work_opens_nothing(settings: Settings, rows: Rows):
    with pressed(settings, pressure_reports_per_minute=1) as client:
        assert put(client).status_code == 201
        salt, signature, expires, bits, counter = solution(put(client)).split(".")
        light = next(str(n) for n in range(10_000) if work.zero_bits(salt, str(n)) < 8)
        bad = [
            "", "x", f"{salt}.{signature}.{expires}.{bits}.", f"{salt}.{signature}.{expires}.{bits}.{light}",
            f"{salt}.{signature}.{expires}.1.{counter}", f"{salt}.{signature}.{int(expires) + 9}.{bits}.{counter}",
            f"{'0' * 32}.{signature}.{expires}.{bits}.{counter}", f"{salt}.{'0' * 64}.{expires}.{bits}.{counter}",
        ]  # fmt: skip
        assert [put(client, solved=solved or "x").status_code for solved in bad] == [429] * len(bad)
        assert rows("select * from used_salt") == []
        assert put(client, solved=f"{salt}.{signature}.{expires}.{bits}.{counter}").status_code == 201


def test_an_old_challenge_is_over_and_forgotten(settings: Settings, database: Any, rows: Rows):
    from app.platform.crypto import KeyRing

    keys, now = KeyRing([("k1", b"1" * 32)]), clock.now()
    made = work.challenge(keys, bits=4, now=now)
    solved = f"{made.salt}.{made.signature}.{made.expires}.4.{work.solve(made.salt, 4)}"
    with database.write_session() as session:
        late = now + timedelta(minutes=11)
        assert not work.accept(session, keys, solved, bits=4, now=late)
        assert not work.accept(session, keys, solved, bits=5, now=now), "more is asked by now"
        assert work.accept(session, keys, solved, bits=4, now=now)
        assert not work.accept(session, keys, solved, bits=4, now=now)
        work.forget_old(session, late)
        assert session.execute(text("select count(*) from used_salt")).scalar_one() == 0


def test_a_form_without_script_is_taken_in_and_marked(settings: Settings, rows: Rows):
    with pressed(settings, pressure_reports_per_minute=1) as client:
        assert put(client).status_code == 201
        assert send(client, "aed_missing", hidden(client, "aed_missing") | AED).status_code == 303
        assert [row["quarantine"] for row in rows("select quarantine from clue order by rowno")] == [
            None,
            "pressure",
        ]
    with pressed(settings, reports_per_hour=1) as client:
        for _ in range(2):
            assert send(client, "aed_missing", hidden(client, "aed_missing") | AED).status_code == 303
        assert rows("select quarantine from report order by rowno desc limit 1")[0]["quarantine"] == "source"


def test_an_open311_client_is_marked_too(settings: Settings, rows: Rows):
    with pressed(settings, pressure_reports_per_minute=1) as client:
        assert put(client).status_code == 201
        fields = {"service_code": "aed_missing", "description": "一到四层都没有看到除颤器，前台也不知道",
                  "attribute[venue_type]": "mall", "attribute[venue_name]": "万达", "address_string": "正门东侧"}  # fmt: skip
        answer = client.post(client.to("open311:post_request", ending="json"), data=fields)
        assert answer.status_code == 201, answer.text
        assert rows("select quarantine from clue order by rowno desc limit 1")[0]["quarantine"] == "pressure"


def test_pressure_ends_with_the_minute(settings: Settings, database: Any):
    with pressed(settings, pressure_reports_per_minute=1) as client:
        assert [put(client).status_code, put(client).status_code] == [201, 429]
        with database.write_session() as session:
            past = clock.now() - timedelta(seconds=61)
            session.execute(text("update report set received_at = :past"), {"past": past.isoformat(" ")})
        assert put(client).status_code == 201


def test_a_forwarder_is_known_and_not_asked(settings: Settings, app: Any):
    stamp = app.state.house.keys.stamp(
        "source", {"account": ids.new(), "unit": ids.new(), "channel": "partner_agency"},
        expires_at=clock.now() + timedelta(days=1),
    )  # fmt: skip
    with pressed(settings, pressure_reports_per_minute=1) as client:
        assert [put(client).status_code, put(client).status_code] == [201, 429]
        assert put(client, source_stamp=stamp).status_code == 201
