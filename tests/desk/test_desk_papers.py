"""The papers of a clue: what is in them, that page and DOCX say the same, who is never named; the number stored back."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from html import unescape

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.clues.models import Clue
from app.clues.queries import by_id
from app.clues.terms import ClueAction as A
from app.clues.terms import ClueState as S
from app.desk import paper_doors
from app.desk.queries import history
from app.identity.terms import CompartmentKind
from app.platform.db import WriteSession
from app.platform.records import Journal
from app.transfer import letter_docx
from app.triage import service
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers
from tests.triage import walks

pytestmark = pytest.mark.app
PHONE = "13904519876"


def inquired(session: WriteSession, app: FastAPI) -> Clue:
    """A clue that every paper can be made of: evaluated, inquired into, major and filed with the superior."""
    head = cast.actor(session, "head_lin")
    clue = walks.register(session, head, makers.reported(session, app.state.house, phone=PHONE))
    clue = walks.evaluate(session, head, clue)
    clue = walks.STEPS[A.START_INQUIRY](session, head, clue)
    clue = walks.STEPS[A.END_INQUIRY](session, head, clue)
    return service.set_flags(
        session, head, clue.id, version=clue.version, now=makers.NOW, is_urgent=False, is_major=True
    )


def text_of(content: bytes) -> str:
    """The words of a DOCX, without its markup."""
    xml = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    return unescape(re.sub(r"<[^>]+>", "", xml))


@pytest.mark.parametrize(
    ("paper", "says"),
    [
        ("register", ("线索登记表", "接收时间", "沟里排黑水", "留有联系方式，加密保存")),
        ("evaluation", ("线索评估表", "2分（满分3分）", "B 一般办理", "部门负责人意见")),
        ("inquiry", ("初步调查报告", "查实", "证据目录", "调查人员")),
        ("major", ("重大线索备案表", "批复时间和内容", "检察长意见")),
    ],
)
def test_page_and_docx_say_the_same_and_never_who_reported(
    app: FastAPI, client: HouseClient, paper: str, says: tuple[str, ...]
):
    with app.state.house.database.write_session() as session:
        clue = inquired(session, app)
    cast.sign_in(client, "head_lin")
    shown = client.get(client.to("desk:paper", clue_id=clue.id, paper=paper)).text
    taken = client.get(client.to("desk:paper_docx", clue_id=clue.id, paper=paper))
    assert taken.headers["content-type"] == letter_docx.MEDIA_TYPE
    written = text_of(taken.content)
    page = unescape(re.sub(r"<[^>]+>", "", shown))
    for text in (*says, str(clue.number), "草稿—以检察业务应用系统为准"):
        assert text in page, text
        assert text in written, text
    for secret in (PHONE, "李女士"):
        assert secret not in shown
        assert secret not in written


def test_a_paper_without_matter_is_not_offered(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        clue = walks.to(session, cast.actor(session, "head_lin"), S.REGISTERED)
    cast.sign_in(client, "head_lin")
    listed = client.get(client.to("desk:papers", clue_id=clue.id)).text
    assert "线索登记表" in listed
    assert "重大线索备案表</a>" not in listed
    for paper in ("evaluation", "inquiry", "major", "nonsense"):
        assert client.get(client.to("desk:paper", clue_id=clue.id, paper=paper)).status_code == 404


def test_the_excerpt_is_copied_field_by_field_and_the_number_comes_back(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        clue = inquired(session, app)
    cast.sign_in(client, "head_lin")
    shown = client.get(client.to("desk:papers", clue_id=clue.id)).text
    assert shown.count("data-copy-from") >= 8
    assert "太阳岛街道" in shown
    assert PHONE not in shown
    door = client.to("triage:note_case_number", clue_id=clue.id)
    assert client.post(door, data={"version": str(clue.version), "case_number": " "}).status_code == 422
    form = {"version": str(clue.version), "case_number": "哈松检公诉线索〔2026〕9号"}
    assert client.post(door, data=form).status_code == 303
    with app.state.house.database.read_session() as reading:
        assert by_id(reading, clue.id).case_number == "哈松检公诉线索〔2026〕9号"
    assert "哈松检公诉线索〔2026〕9号" in client.get(client.to("desk:clue", clue_id=clue.id)).text
    assert client.post(door, data=form | {"case_number": "别的"}).status_code == 409, "the page was stale"


def test_a_paper_of_a_military_clue_is_shown_only_past_the_secrecy_gate(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        head = cast.actor(session, "head_lin")
        clue = walks.register(
            session, head, makers.clue(session, title="营区外倾倒", kind=CompartmentKind.MILITARY)
        )
    cast.sign_in(client, "head_lin")
    at = client.to("desk:paper", clue_id=clue.id, paper="register")
    docx = client.to("desk:paper_docx", clue_id=clue.id, paper="register")
    gate = client.get(at)
    assert "逐项核对" in gate.text
    assert str(clue.number) not in gate.text
    assert client.get(docx).headers["location"] == at
    every = re.findall(r'name="checks" value="(\w+)"', gate.text)
    assert "no_unit_names" in every
    refused = client.post(at, data={"checks": every[1:]})
    assert refused.status_code == 422
    assert str(clue.number) not in refused.text
    assert client.get(docx).status_code == 303
    assert client.post(at, data={"checks": every}).status_code == 303
    assert str(clue.number) in client.get(at).text
    assert str(clue.number) in text_of(client.get(docx).content)
    with app.state.house.database.read_session() as looking:
        entry = looking.execute(select(Journal).where(Journal.verb == "clue.paper_released")).scalar_one()  # type: ignore[arg-type]
        assert (entry.facts["paper"], set(entry.facts["checks"])) == ("register", set(every))
    # What one person has looked at is not looked at by another, nor for ever.
    cast.sign_in(client, "chief_zhou")
    assert "逐项核对" in client.get(at).text
    with app.state.house.database.read_session() as looking:
        later = entry.recorded_at + timedelta(minutes=31)
        who, since = str(entry.actor_id), later - paper_doors._RELEASED_FOR
        assert not history.was_released(looking, clue.id, "register", who, since=since)
    cast.sign_in(client, "prosecutor_chen")
    assert client.get(at).status_code == 404
    assert client.post(at, data={"checks": every}).status_code == 404
