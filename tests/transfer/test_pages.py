"""The room as people at the desk use it: with plain forms, one step at a time, and nothing typed is lost."""

from __future__ import annotations

import io
import itertools
import zipfile
from typing import TYPE_CHECKING

import pytest

from app.clues import queries as clue_queries
from app.evidence import queries as evidence_queries
from app.intake import queries as intake_queries
from app.transfer import letter_pdf, queries
from app.transfer.terms import TransferState as S
from tests import cast
from tests.transfer import scenes
from tests.transfer.desk import post, show, transfer_in, version
from tests.transfer.scenes import SECRET_NAME, SECRET_PLATE

if TYPE_CHECKING:
    from app.platform.db import Database
    from app.platform.storage import BlobStore
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
TELLING = (SECRET_NAME, "王小明", "IMG_", SECRET_PLATE, "13904511234", "45.81", "126.53")
FORM = {
    "subject": "关于商场未配置AED线索的移送", "summary": "某商场一至五层未见AED。", "place_shown": "万象汇一层",
    "requests": "请核查处理。", "basis": "", "contact_name": "陈检察官", "contact_phone": "0451-84000000",
}  # fmt: skip


def test_the_whole_way_by_plain_forms(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "prosecutor_chen")
    begin = client.get(client.to("transfer:draft", clue_id=clue_id))
    assert begin.status_code == 200
    assert "公共场所没有配置AED" in begin.text
    with database.write_session() as session:
        chief = scenes.chief(session)
        receiver = scenes.agency(session, chief)
        pictures = [item.id for item in evidence_queries.of_clue(session, clue_id)]
    drafted = client.post(
        client.to("transfer:draft", clue_id=clue_id),
        data={**FORM, "receivers": [receiver], "pictures": pictures, "answers": ["venue_type"]},
    )
    assert drafted.status_code == 303
    transfer_id = drafted.headers["location"].rsplit("/", 1)[-1]
    page = show(client, transfer_id)
    assert "某商场一至五层未见AED。" in page
    for telling in TELLING:
        assert telling not in page, telling
    assert post(client, "transfer:submit", transfer_id, database, is_checked="yes").status_code == 303
    cast.sign_in(client, "head_lin")
    assert post(client, "transfer:review", transfer_id, database, review_words="同意").status_code == 303
    cast.sign_in(client, "chief_zhou")
    assert post(client, "transfer:sign", transfer_id, database).status_code == 303
    page = show(client, transfer_id)
    assert "哈松检公移〔" in page
    cast.sign_in(client, "prosecutor_chen")
    assert post(client, "transfer:send", transfer_id, database).status_code == 303
    with database.read_session() as session:
        assert clue_queries.by_id(session, clue_id).public_status == "transfer_out"
    scan = {"scan": ("盖章_李某.pdf", b"%PDF-1.4\n%scan", "application/pdf")}
    entered = client.post(
        client.to("transfer:record_paper", transfer_id=transfer_id), files=scan,
        data={"version": version(database, transfer_id), "paper_kind": "replied", "paper_words": "已配齐五台。",
              "paper_signer": "李科长", "paper_received_on": "2026-11-23", "paper_document_number": "松卫函〔2026〕9号"},
    )  # fmt: skip
    assert entered.status_code == 303
    page = show(client, transfer_id)
    assert "已配齐五台。" in page
    assert "松卫函〔2026〕9号" in page
    assert "盖章_李某" not in page
    closed = post(client, "transfer:close", transfer_id, database, public_answer="商场已经配齐五台。")
    assert closed.status_code == 303
    with database.read_session() as session:
        clue = clue_queries.by_id(session, clue_id)
        assert (clue.state, clue.public_text) == ("closed", "商场已经配齐五台。")
        assert intake_queries.messages(session, clue_id)[-1].body == "商场已经配齐五台。"
    assert "已办结" in show(client, transfer_id)


def test_the_documents_hold_no_reporter_and_no_original(
    client: HouseClient, database: Database, clue_id: str, store: BlobStore
):
    with database.write_session() as session:
        chief = scenes.chief(session)
        pictures = tuple(item.id for item in evidence_queries.of_clue(session, clue_id))
        from dataclasses import replace

        content = replace(scenes.CONTENT, evidence_ids=pictures)
        made = scenes.drafted(session, chief, clue_id, content=content)
        transfer_id = scenes.brought_to(session, chief, made, S.TO_SIGN).id
        originals = [item.digest for item in evidence_queries.of_clue(session, clue_id)]
    cast.sign_in(client, "chief_zhou")
    assert post(client, "transfer:sign", transfer_id, database).status_code == 303
    docx = client.get(client.to("transfer:letter_docx", transfer_id=transfer_id))
    assert docx.status_code == 200
    assert docx.headers["cache-control"] == "no-store"
    assert docx.headers["content-disposition"].startswith('attachment; filename="letter-')
    assert docx.headers["content-disposition"].isascii()
    with zipfile.ZipFile(io.BytesIO(docx.content)) as packed:
        everything = b"".join(packed.read(name) for name in packed.namelist())
        kept = [packed.read(name) for name in packed.namelist() if "/media/" in name]
    assert len(kept) == 2
    for telling in (*TELLING, "Exif"):
        assert telling.encode() not in everything, telling
    for digest in originals:
        assert store.read_verified(digest) not in kept
        assert digest.encode() not in everything
    if letter_pdf.pdf_possible() is None:
        pdf = client.get(client.to("transfer:letter_pdf", transfer_id=transfer_id))
        assert pdf.content.startswith(b"%PDF")
        from pypdf import PdfReader

        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
        assert "哈松检公移" in text
        for telling in (*TELLING, "Exif", "IMG_"):
            assert telling not in text
            assert telling.encode() not in pdf.content
    printed = client.get(client.to("transfer:letter", transfer_id=transfer_id))
    assert printed.status_code == 200
    for telling in TELLING:
        assert telling not in printed.text
    again = post(client, "transfer:make_letter", transfer_id, database)
    assert again.status_code == 303
    with database.read_session() as session:
        versions = queries.letters(session, transfer_id)
    assert [letter.version for letter in versions] == [2, 1]
    assert versions[0].docx_digest == versions[1].docx_digest, "the same words give the same bytes"


def test_findings_are_decided_on_the_draft(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "prosecutor_chen")
    transfer_id = transfer_in(database, clue_id, S.DRAFT)
    risky = {**FORM, "summary": "联系13904511234，车牌黑A12345。"}
    assert post(client, "transfer:save", transfer_id, database, **risky).status_code == 303
    page = show(client, transfer_id)
    assert "黑A12345" in page
    refused = post(client, "transfer:submit", transfer_id, database, is_checked="yes")
    assert refused.status_code == 422
    assert "文字里还有可能让人认出谁的内容没有处理" in refused.text
    draft = client.get(client.to("transfer:edit", transfer_id=transfer_id)).text
    assert "decide_phone:13904511234" in draft
    decided = {
        **risky, "findings": ["phone:13904511234", "plate:黑A12345"],
        "decide_phone:13904511234": "mask", "decide_plate:黑A12345": "keep",
    }  # fmt: skip
    assert post(client, "transfer:save", transfer_id, database, **decided).status_code == 303
    with database.read_session() as session:
        kept = queries.by_id(session, transfer_id)
    assert kept.summary == "联系（电话已隐去），车牌黑A12345。"
    assert kept.kept_findings == ["plate:黑A12345"]
    assert post(client, "transfer:submit", transfer_id, database, is_checked="yes").status_code == 303


def test_submission_needs_its_tick(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "prosecutor_chen")
    transfer_id = transfer_in(database, clue_id, S.DRAFT)
    answer = post(client, "transfer:submit", transfer_id, database)
    assert answer.status_code == 422
    assert "请逐项核对" in answer.text


def test_a_stale_page_is_shown_fresh_with_what_was_typed(
    client: HouseClient, database: Database, clue_id: str
):
    cast.sign_in(client, "chief_zhou")
    transfer_id = transfer_in(database, clue_id, S.IN_REVIEW)
    old = version(database, transfer_id)
    assert post(client, "transfer:review", transfer_id, database).status_code == 303
    answer = client.post(
        client.to("transfer:return", transfer_id=transfer_id),
        data={"version": old, "return_words": "地点再核一下<b>"},
    )
    assert answer.status_code == 409
    assert "已经有人处理过" in answer.text
    assert "地点再核一下&lt;b&gt;" in answer.text
    assert f'value="{version(database, transfer_id)}"' in answer.text, (
        "the fresh page carries the fresh version"
    )
    with database.read_session() as session:
        assert queries.by_id(session, transfer_id).state == "to_sign"


def test_a_stale_draft_keeps_every_box(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "prosecutor_chen")
    transfer_id = transfer_in(database, clue_id, S.DRAFT)
    old = version(database, transfer_id)
    assert post(client, "transfer:save", transfer_id, database, **FORM).status_code == 303
    typed = {**FORM, "summary": "第二个人写的 '\"><svg onload>", "version": old}
    answer = client.post(client.to("transfer:save", transfer_id=transfer_id), data=typed)
    assert answer.status_code == 409
    assert "第二个人写的 &#39;&#34;&gt;&lt;svg onload&gt;" in answer.text


def test_an_empty_box_is_said_and_the_rest_kept(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "prosecutor_chen")
    with database.write_session() as session:
        receiver = scenes.agency(session, scenes.chief(session))
    for hole in ("subject", "summary", "requests", "contact_name"):
        form = {**FORM, hole: "  ", "receivers": receiver, "basis": "留着我"}
        answer = client.post(client.to("transfer:draft", clue_id=clue_id), data=form)
        assert answer.status_code == 422, hole
        assert "留着我" in answer.text
        assert f'href="#{hole}"' in answer.text


def test_without_a_receiver_nothing_is_drafted(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "prosecutor_chen")
    answer = client.post(client.to("transfer:draft", clue_id=clue_id), data=FORM)
    assert answer.status_code == 422
    assert "请从名单里选一个受送单位" in answer.text
    assert FORM["summary"] in answer.text


JUNK = [
    "",
    "\u202e倒",
    "'\"><svg onload=alert(1)>",
    "1; DROP TABLE transfer",
    "😀" * 300,
    "9" * 40,
    "-1",
    "２０２６-11-23",
]
FIELDS = {
    "transfer:submit": ["is_checked", "checks"],
    "transfer:return": ["return_words"],
    "transfer:withdraw": ["withdraw_reason", "withdraw_words"],
    "transfer:record_paper": ["paper_kind", "paper_words", "paper_reason", "paper_promised_on", "paper_received_on",
                              "paper_signer", "service_mode", "served_on", "server_one"],
    "transfer:close": ["public_answer"],
    "transfer:ask_again": ["question_words"],
    "transfer:tell": ["tell_words"],
    "transfer:save": ["subject", "summary", "receivers", "pictures", "answers", "findings", "version"],
}  # fmt: skip
STATES = {
    "transfer:submit": S.DRAFT, "transfer:return": S.IN_REVIEW, "transfer:withdraw": S.SENT, "transfer:tell": S.SENT,
    "transfer:record_paper": S.SENT, "transfer:close": S.REPLIED, "transfer:ask_again": S.REPLIED, "transfer:save": S.DRAFT,
}  # fmt: skip


def test_junk_in_any_box_is_never_a_fault(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "chief_zhou")
    for name, fields in FIELDS.items():
        transfer_id = transfer_in(database, clue_id, STATES[name])
        for field, junk in itertools.product(fields, JUNK):
            answer = post(
                client, name, transfer_id, database, **{**FORM, "paper_kind": "acknowledged", field: junk}
            )
            assert answer.status_code in {303, 403, 409, 422}, (field, junk, answer.status_code)
