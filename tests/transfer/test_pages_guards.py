"""The doors of the room: who is let in, what is listed, what is offered; another district finds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.evidence import queries as evidence_queries
from app.transfer import queries
from app.transfer.terms import TransferState as S
from tests import cast
from tests.transfer import scenes
from tests.transfer.desk import post, show, transfer_in

if TYPE_CHECKING:
    from app.platform.db import Database
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app


def test_another_district_finds_nothing(client: HouseClient, database: Database, clue_id: str):
    transfer_id = transfer_in(database, clue_id, S.SENT)
    cast.sign_in(client, "prosecutor_wu")
    for name in (
        "transfer:show",
        "transfer:edit",
        "transfer:letter",
        "transfer:letter_docx",
        "transfer:letter_pdf",
    ):
        assert client.get(client.to(name, transfer_id=transfer_id)).status_code == 404, name
    assert client.get(client.to("transfer:draft", clue_id=clue_id)).status_code == 404
    for name in (
        "transfer:submit",
        "transfer:send",
        "transfer:withdraw",
        "transfer:tell",
        "transfer:close",
        "transfer:record_paper",
    ):
        form = {"is_checked": "yes", "withdraw_reason": "other", "tell_words": "甲", "public_answer": "乙",
                "paper_kind": "acknowledged", "paper_signer": "丙", "paper_received_on": "2026-11-23"}  # fmt: skip
        assert post(client, name, transfer_id, database, **form).status_code == 404, name
    assert "关于商场" not in client.get(client.to("transfer:index")).text


def test_the_desk_is_closed_to_others(client: HouseClient, database: Database, clue_id: str):
    transfer_id = transfer_in(database, clue_id, S.SENT)
    for who in ("agency_health", "liaison_zhao", "volunteer_li", "sysadmin", "auditor"):
        cast.sign_in(client, who)
        assert client.get(client.to("transfer:show", transfer_id=transfer_id)).status_code == 403, who
        assert client.get(client.to("transfer:index")).status_code == 403, who
        assert post(client, "transfer:send", transfer_id, database).status_code == 403, who


def test_nobody_signed_in_is_asked_to(client: HouseClient, database: Database, clue_id: str):
    transfer_id = transfer_in(database, clue_id, S.SENT)
    answer = client.get(client.to("transfer:show", transfer_id=transfer_id))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(client.to("identity:sign_in"))


NOT_THEIRS = [
    ("clerk_liu", "transfer:review"), ("head_lin", "transfer:sign"), ("clerk_liu", "transfer:send"),
    ("leader_tang", "transfer:submit"), ("complaints_sun", "transfer:record_paper"), ("clerk_liu", "transfer:close"),
]  # fmt: skip


def test_a_button_that_is_not_theirs_is_refused(client: HouseClient, database: Database, clue_id: str):
    transfer_id = transfer_in(database, clue_id, S.IN_REVIEW)
    for who, name in NOT_THEIRS:
        cast.sign_in(client, who)
        assert post(client, name, transfer_id, database).status_code == 403, (who, name)


def test_the_page_offers_only_what_is_open(client: HouseClient, database: Database, clue_id: str):
    transfer_id = transfer_in(database, clue_id, S.IN_REVIEW)
    cast.sign_in(client, "clerk_liu")
    page = show(client, transfer_id)
    assert client.to("transfer:review", transfer_id=transfer_id) not in page
    cast.sign_in(client, "head_lin")
    page = show(client, transfer_id)
    assert client.to("transfer:review", transfer_id=transfer_id) in page
    assert client.to("transfer:sign", transfer_id=transfer_id) not in page


def test_every_state_has_its_page(client: HouseClient, database: Database):
    with database.write_session() as session:
        made = {state: scenes.clue(session) for state in S}
    shown = {state: transfer_in(database, own, state) for state, own in made.items()}
    for who in ("chief_zhou", "clerk_liu", "leader_tang"):
        cast.sign_in(client, who)
        for transfer_id in shown.values():
            show(client, transfer_id)
            assert client.get(client.to("transfer:letter", transfer_id=transfer_id)).status_code == 200


def test_the_index_lists_and_counts(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "chief_zhou")
    for state in (S.DRAFT, S.TO_SIGN, S.SENT, S.REPLIED):
        transfer_in(database, clue_id, state)
    for which in (*queries.WorkList, "nonsense", ""):
        answer = client.get(client.to("transfer:index", which=str(which)))
        assert answer.status_code == 200
    to_sign = client.get(client.to("transfer:index", which="to_sign")).text
    assert to_sign.count('class="clue-row"') == 1
    assert client.get(client.to("transfer:index", before="x' OR 1=1")).status_code == 200


def test_a_long_list_has_pages(
    client: HouseClient, database: Database, clue_id: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    made = [transfer_in(database, clue_id, S.DRAFT) for _ in range(5)]
    cast.sign_in(client, "chief_zhou")
    address, seen = client.to("transfer:index"), []
    while address:
        page = client.get(address).text
        seen += [
            transfer_id for transfer_id in made if client.to("transfer:show", transfer_id=transfer_id) in page
        ]
        found = [part.split('"')[0] for part in page.split('rel="next" href="')[1:]]
        address = found[0].replace("&amp;", "&") if found else ""
    assert sorted(seen) == sorted(made)
    assert len(seen) == 5


def test_a_picture_of_another_transfer_is_not_given(client: HouseClient, database: Database, clue_id: str):
    with database.write_session() as session:
        chief = scenes.chief(session)
        from dataclasses import replace

        pictures = tuple(item.id for item in evidence_queries.of_clue(session, clue_id))
        made = scenes.drafted(session, chief, clue_id, content=replace(scenes.CONTENT, evidence_ids=pictures))
        other = scenes.drafted(session, chief, clue_id)
        attached = queries.attachments(session, made.id)[0].id
    cast.sign_in(client, "prosecutor_chen")
    good = client.get(client.to("transfer:attachment", transfer_id=made.id, attachment_id=attached))
    assert (good.status_code, good.headers["content-type"]) == (200, "image/jpeg")
    assert (
        client.get(client.to("transfer:attachment", transfer_id=other.id, attachment_id=attached)).status_code
        == 404
    )
