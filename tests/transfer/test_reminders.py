"""The reminder ladder: each rung once, one digest a day, nothing of a matter leaves, every attempt in the ledger."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select, update
from sqlmodel import col

from app.identity.duty_contacts import CONTACTS
from app.identity.models import OrgUnit
from app.platform import clock, jobs, journal
from app.platform.jobs import Tools
from app.platform.records import Job
from app.platform.settings import Settings
from app.transfer import queries as transfer_queries
from app.transfer.models import Reminder, ReminderDelivery, ReminderDigest
from app.transfer.queries import WorkList
from app.transfer.reminders import jobs as reminder_jobs
from app.transfer.reminders import rules, service
from app.transfer.reminders.terms import RUN, Way
from app.transfer.terms import TransferState as S
from tests import cast, make
from tests.transfer import scenes
from tests.transfer.doors import sent
from tests.transfer.test_partner import move

if TYPE_CHECKING:
    from tests.conftest import HouseClient

TO = "shuiwu@example.gov.cn"
DUE = date(2026, 12, 21)
MORNING = datetime(2026, 12, 14, 1, 0, tzinfo=UTC)  # Monday, 9 o'clock where the office is; seven days before


@pytest.mark.parametrize(
    ("left", "wanted"), [(8, None), (7, -7), (3, -7), (2, -2), (0, 0), (-1, 0), (-7, 7), (-400, 15)]
)
def test_the_last_rung_reached(left: int, wanted: int | None):
    steps = rules.ladder("-7,-2,0,7,15")
    assert rules.rung(steps, DUE, DUE - timedelta(days=left)) == wanted


def test_a_ladder_is_read_or_is_none():
    assert rules.ladder("7,-2,7") == (-2, 7)
    assert rules.soon_days(rules.ladder("-7,3")) == 7
    assert rules.soon_days(rules.ladder("3")) == 0
    for wrong in ("", "a", "1;2", ",".join("1" * 13), "1000"):
        assert rules.ladder(wrong) == ()


def write_down(session: Any, case: Any, **contact: str) -> None:
    """Note where a receiver is reminded, sealed as the form does it."""
    values = CONTACTS.values(case.house.keys, case.row.receiver_id, contact)
    session.execute(update(OrgUnit).where(OrgUnit.id == case.row.receiver_id).values(**values))


def open_one(session: Any, *, to: str = "water", due_on: date = DUE) -> Any:
    chief = scenes.chief(session)
    transfer = scenes.brought_to(
        session, chief, scenes.drafted(session, chief, scenes.clue(session), to=to), S.SENT
    )
    transfer.due_on = due_on
    session.flush()
    return transfer


def test_each_rung_once_and_one_digest_a_day_for_everything(session: Any):
    one, _two, other = open_one(session), open_one(session), open_one(session, to="health")
    unit = update(OrgUnit).where(OrgUnit.id == one.receiver_id)
    session.execute(unit.values(plain_remind_mail=TO))
    ways = [Way.MAIL, Way.SMS]
    assert service.run_day(session, ways=ways, now=MORNING) == 2
    assert service.run_day(session, ways=ways, now=MORNING) == 0
    assert service.run_day(session, ways=ways, now=MORNING + timedelta(days=1)) == 0, "no rung, no reminder"
    assert session.execute(select(func.count()).select_from(Reminder)).scalar_one() == 3
    assert session.execute(select(func.count()).select_from(ReminderDigest)).scalar_one() == 2
    asked = session.execute(select(Job.payload).where(Job.handler == "transfer.remind_send")).scalars().all()
    assert [row["way"] for row in asked] == ["mail"], "only where somebody wrote an address down"
    # Whoever promised another day climbs the ladder anew; whoever answered is left alone.
    one.promised_on = DUE + timedelta(days=10)
    chief = scenes.chief(session)
    scenes.brought_to(session, chief, other, S.REPLIED)
    later = MORNING + timedelta(days=5)
    assert service.run_day(session, ways=[], now=later) == 1
    rows = session.execute(select(Reminder).where(Reminder.noted_at == later)).scalars().all()
    assert [row.step_days for row in rows] == [-2], "the one that promised nothing"


def test_work_lists_and_calls(session: Any):
    unseen, taken, far = (
        open_one(session),
        open_one(session),
        open_one(session, due_on=DUE + timedelta(days=60)),
    )
    chief = scenes.chief(session)
    scenes.brought_to(session, chief, taken, S.ACKNOWLEDGED)
    today = clock.office_date(MORNING)
    counts = transfer_queries.counts(session, chief, today=today)
    assert (counts[WorkList.SOON], counts[WorkList.DUE], counts[WorkList.TO_CALL]) == (2, 0, 1)
    assert [row.id for row in transfer_queries.to_call(session, chief, today=today)] == [unseen.id]
    counts = transfer_queries.counts(session, chief, today=DUE + timedelta(days=1))
    assert (counts[WorkList.SOON], counts[WorkList.DUE], counts[WorkList.TO_CALL]) == (0, 2, 2)
    assert far.id


def test_nothing_of_a_respondents_matter_is_reminded(session: Any):
    from app.triage import service as triage_service

    one = open_one(session)
    chief = scenes.chief(session)
    triage_service.name_respondent(
        session, chief, one.clue_id, org_unit_id=one.receiver_id, now=make.NOW - timedelta(days=1)
    )
    assert service.run_day(session, ways=[], now=MORNING) == 0


@contextmanager
def mail_server(folder: Path, refuse: int) -> Iterator[int]:
    """A real server in a process of its own; gives its port."""
    folder.mkdir()
    program = [sys.executable, str(Path(__file__).with_name("smtp_server.py")), str(folder), str(refuse)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield int(server.stdout.readline())
        finally:
            server.kill()


def tools_with(client: HouseClient, **wishes: Any) -> Tools:
    house = client.app.state.house  # type: ignore[attr-defined]
    settings = house.settings.model_copy(update=wishes)
    return Tools(settings, house.database, house.keys, house.store)


def work_through(tools: Tools, monkeypatch: pytest.MonkeyPatch, *, rounds: int) -> None:
    """Run the room's jobs; between rounds the clock goes on, so that what failed is due again."""
    others = {name: lambda _tools, _work: None for name in ("evidence.develop", "platform.sign_head")}
    for number in range(rounds):
        monkeypatch.setattr(clock, "now", lambda at=MORNING + timedelta(hours=number): at)
        while True:
            with tools.database.write_session() as session:
                session.execute(
                    update(Job)
                    .where(col(Job.handler).not_in(["transfer.remind", "transfer.remind_send"]))
                    .values(done_at=MORNING)
                )
            if not jobs.run_one(tools, {**others, **reminder_jobs.HANDLERS}):
                break


def test_a_mail_leaves_after_refusals_and_tells_nothing(
    client: HouseClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    case = sent(client, to="water")
    case.set(due_on=DUE)
    with case.house.database.write_session() as session:
        write_down(session, case, remind_mail=TO)
    with mail_server(tmp_path / "mails", refuse=2) as port:
        tools = tools_with(
            client, reminder_smtp=f"smtp://127.0.0.1:{port}", reminder_from="tixing@example.gov.cn",
            office_phone="0451-12309",
        )  # fmt: skip
        reminder_jobs.ask_daily(tools, MORNING)
        reminder_jobs.ask_daily(tools, MORNING)
        work_through(tools, monkeypatch, rounds=4)
    (mail,) = (tmp_path / "mails").glob("*.eml")
    read = message_from_bytes(mail.read_bytes(), policy=policy.default)
    assert (read["To"], read["From"]) == (TO, "tixing@example.gov.cn")
    text = read.get_content()
    assert "0451-12309" in text
    whole = text + str(read["Subject"])
    row = case.row
    for secret in (
        row.number,
        row.subject,
        row.place_shown,
        "松浦",
        "万象汇",
        "水务",
        "AED",
        "除颤器",
        case.id,
        case.clue_id,
    ):
        assert secret, "an empty secret would be found nowhere"
        assert secret not in whole
    with case.house.database.read_session() as session:
        rows = session.execute(select(ReminderDelivery).order_by(ReminderDelivery.rowno)).scalars().all()
        assert [row.outcome for row in rows] == ["failed", "failed", "sent"]
        assert rows[0].error == "SMTPDataError", "a server's words may quote the address"
    cast.sign_in(client, "prosecutor_chen")
    page = client.get(client.to("transfer:reminders")).text
    assert "邮件已发" in page
    assert "到期前 7 天" in page
    assert TO not in page
    # What is off is off, whoever asked for it before.
    with case.house.database.write_session() as session:
        assert service.run_day(session, ways=[Way.MAIL], now=MORNING + timedelta(days=5)) == 1
    work_through(tools_with(client), monkeypatch, rounds=1)
    with case.house.database.read_session() as session:
        assert len(session.execute(select(ReminderDelivery)).scalars().all()) == 3


def test_a_gateway_gets_one_signed_request_and_is_not_followed(
    client: HouseClient, monkeypatch: pytest.MonkeyPatch
):
    got: list[tuple[bytes, str]] = []

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((body, self.headers["X-Yixian-Signature"]))
            self.send_response(302 if len(got) == 1 else 204)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    case = sent(client, to="water")
    case.set(due_on=DUE)
    with case.house.database.write_session() as session:
        write_down(session, case, remind_mobile="13900000000")
    tools = tools_with(
        client, reminder_sms_url=f"http://127.0.0.1:{server.server_address[1]}/sms", reminder_secret="geheim"
    )
    reminder_jobs.ask_daily(tools, MORNING)
    work_through(tools, monkeypatch, rounds=3)
    server.shutdown()
    server.server_close()
    assert len(got) == 2, "the redirect was not followed, the message was tried again"
    with case.house.database.read_session() as session:
        told_of = (
            session.execute(select(ReminderDelivery.error).order_by(ReminderDelivery.rowno)).scalars().all()
        )
    # Not an HTTPError: urllib's keeps its line open for as long as anybody remembers it.
    assert list(told_of) == ["NotTaken", ""]
    body, signature = got[-1]
    assert signature == "sha256=" + hmac.new(b"geheim", body, hashlib.sha256).hexdigest()
    told = json.loads(body)
    assert told["to"] == "13900000000"
    assert case.row.subject not in told["text"]


def test_nobody_is_woken_or_reminded_on_a_day_off(client: HouseClient):
    tools = tools_with(client)
    for moment in (
        MORNING - timedelta(hours=2),
        MORNING - timedelta(days=1),
        datetime(2026, 10, 1, 3, tzinfo=UTC),
    ):
        reminder_jobs.ask_daily(tools, moment)
    with tools.database.read_session() as session:
        assert not session.execute(select(Job).where(Job.handler == RUN)).all()
    reminder_jobs.ask_daily(tools, MORNING)
    with tools.database.read_session() as session:
        assert journal.is_asked(session, RUN, "2026-12-14")


def test_the_receiver_is_told_in_its_inbox(client: HouseClient):
    case, late = sent(client), sent(client)
    today = clock.office_date(clock.now())
    case.set(due_on=today + timedelta(days=3))
    late.set(due_on=today - timedelta(days=1))
    cast.sign_in(client, "agency_health")
    assert "有 1 件已经逾期，1 件快到期" in client.get(client.to("partner:inbox")).text
    move(late, "agency_water")
    case.set(due_on=today + timedelta(days=30))
    assert "快到期，请尽快" not in client.get(client.to("partner:inbox")).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"reminder_smtp": "mail.example.org"}, {"reminder_smtp": "http://mail"}, {"reminder_from": "a@b\r\nBcc: c@d"},
        {"reminder_from": "nobody"}, {"reminder_sms_url": "ftp://x"}, {"reminder_gzh_url": "x"},
    ],
)  # fmt: skip
def test_settings_that_could_not_work_are_refused(wrong: dict[str, str]):
    with pytest.raises(ValidationError):
        Settings(**wrong)
