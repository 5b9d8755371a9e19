"""Copies on demand: redacted beyond recovery, the original untouched, and what may leave the house."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image, ImageStat
from sqlalchemy import select

from app.evidence import copies, jobs, queries
from app.evidence.imaging import Darkroom
from app.evidence.models import EvidenceItem
from app.platform.digest import sha256_hex
from app.platform.records import Journal
from tests import cast
from tests.conftest import HouseClient
from tests.evidence.bundles import clue_with_photos, tools_of
from tests.work import work_off

LINES = "25,25,75,75,solid,人脸\n0,0,10,10,mosaic,"


@pytest.fixture(scope="module")
def darkroom() -> Iterator[Darkroom]:
    with Darkroom() as opened:
        yield opened


def work(client: HouseClient, darkroom: Darkroom) -> None:
    handlers = {copies.REDACT: jobs.redact_with(darkroom), copies.PRINT: jobs.print_with(darkroom)}
    work_off(tools_of(client), handlers)


def scene(client: HouseClient, darkroom: Darkroom) -> dict[str, str]:
    clue_id = clue_with_photos(client, darkroom, count=1, size=(800, 600))
    with tools_of(client).database.read_session() as session:
        item = session.execute(select(EvidenceItem.id).where(EvidenceItem.clue_id == clue_id)).scalar_one()
    cast.sign_in(client, "prosecutor_chen")
    return {"clue_id": clue_id, "evidence_id": item}


def verbs(client: HouseClient, evidence_id: str) -> list[tuple[str, dict[str, Any]]]:
    with tools_of(client).database.read_session() as session:
        rows = session.execute(
            select(Journal.verb, Journal.facts)
            .where(Journal.subject_id == evidence_id)
            .order_by(Journal.rowno)
        )
        return [(row[0], row[1]) for row in rows]


def test_a_redacted_copy_is_a_new_picture_and_what_leaves(client: HouseClient, darkroom: Darkroom) -> None:
    here = scene(client, darkroom)
    store, database = tools_of(client).store, tools_of(client).database
    with database.read_session() as session:
        item = queries.item(session, here["evidence_id"])
        original, screen = store.read_verified(item.digest), queries.leaving(session, [item])[item.id]
    assert not screen.is_redacted
    assert client.post(client.to("evidence:redact", **here), data={"parts": LINES}).status_code == 303
    assert "正在制作" in client.get(client.to("desk:photo", **here)).text
    work(client, darkroom)
    with database.read_session() as session:
        leaving = queries.leaving(session, [item])[item.id]
        ((row, copy),) = queries.standing_redactions(session, item.id)
    assert (leaving.is_redacted, leaving.digest) == (True, copy.digest)
    made = store.read_verified(leaving.digest)
    with Image.open(io.BytesIO(made)) as picture:
        wide, high = picture.size
        hidden = picture.crop((wide * 3 // 10, high * 4 // 10, wide * 7 // 10, high * 7 // 10)).convert("RGB")
        assert max(ImageStat.Stat(hidden).mean) < 3
        assert sorted(picture.size) == [600, 800]
    assert store.read_verified(item.digest) == original
    told = dict(verbs(client, item.id))
    assert told["evidence.redacted"]["copy"] == sha256_hex(made)
    page = client.get(client.to("desk:photo", **here)).text
    assert "转出时用这张" in page
    assert "1. 人脸" in page
    served = client.get(client.to("evidence:redaction", evidence_id=item.id, redaction_id=row.id))
    assert served.content == made
    back = client.to("evidence:withdraw", **here, redaction_id=row.id)
    assert client.post(back).status_code == 303
    assert client.post(back).status_code == 404, "twice is refused"
    with database.read_session() as session:
        assert queries.leaving(session, [item])[item.id] == screen
    assert (
        client.get(client.to("evidence:redaction", evidence_id=item.id, redaction_id=row.id)).status_code
        == 404
    )


def test_the_job_run_twice_leaves_one_copy(client: HouseClient, darkroom: Darkroom) -> None:
    here = scene(client, darkroom)
    client.post(client.to("evidence:redact", **here), data={"parts": LINES})
    tools = tools_of(client)
    with tools.database.write_session() as session:
        from app.platform.jobs import claim
        from tests import make

        claimed = claim(session, now=make.NOW.replace(year=2100))
    for _ in range(2):
        jobs.redact_with(darkroom)(tools, claimed)
    assert [verb for verb, _ in verbs(client, here["evidence_id"])].count("evidence.redacted") == 1


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "  \n",
        "10,20,30",
        "50,50,40,60",
        "0,0,0,10",
        "-1,0,5,5",
        "0,0,101,5",
        "nan,0,5,5",
        "10,10,20,20\nx",
        "1,1,2,2\n" * 61,
    ],
)
def test_what_is_no_rectangle_hides_nothing_and_says_so(
    client: HouseClient, darkroom: Darkroom, lines: str
) -> None:
    here = scene(client, darkroom)
    answer = client.post(client.to("evidence:redact", **here), data={"parts": lines})
    assert answer.status_code == 422
    assert "还没有画要遮盖的地方" in answer.text
    assert "evidence.redaction_asked" not in dict(verbs(client, here["evidence_id"]))


def test_the_same_bytes_in_another_clue_show_nothing_of_it(client: HouseClient, darkroom: Darkroom) -> None:
    here, there = scene(client, darkroom), scene(client, darkroom)
    client.post(client.to("evidence:redact", **here), data={"parts": LINES})
    work(client, darkroom)
    with tools_of(client).database.read_session() as session:
        mine, other = (queries.item(session, one["evidence_id"]) for one in (here, there))
        assert mine.digest == other.digest
        found = queries.leaving(session, [mine, other])
    assert (found[mine.id].is_redacted, found[other.id].is_redacted) == (True, False)
    page = client.get(client.to("desk:photo", **there)).text
    assert "同一个文件也在另外 1 条线索里" in page
    assert "转出时用这张" not in page


def test_the_print_copy_is_made_once_and_served(client: HouseClient, darkroom: Darkroom) -> None:
    here = scene(client, darkroom)
    address = client.to("evidence:picture", evidence_id=here["evidence_id"], kind="print")
    assert client.get(address).status_code == 404
    for _ in range(2):
        assert client.post(client.to("evidence:ask_print", **here)).status_code == 303
    work(client, darkroom)
    assert client.get(address).headers["content-type"] == "image/jpeg"
    assert "打开打印图" in client.get(client.to("desk:photo", **here)).text


def test_two_different_people_make_evidence(client: HouseClient, darkroom: Darkroom) -> None:
    here = scene(client, darkroom)
    address = client.to("evidence:fix", **here)
    assert client.post(address, data={"note": "看"}).status_code == 422
    assert client.post(address, data={"note": "11月25日到现场核对，一致"}).status_code == 303
    assert client.post(address, data={"note": "11月25日到现场核对，一致"}).status_code == 403
    page = client.get(client.to("desk:photo", **here)).text
    assert "线索材料（未核实）" in page
    assert "等另一位工作人员核对确认" in page
    cast.sign_in(client, "assistant_wang")
    assert client.post(address, data={"note": "同去现场，核对无误"}).status_code == 303
    page = client.get(client.to("desk:photo", **here)).text
    assert "线索材料（未核实）" not in page
    assert "同去现场，核对无误" in page, "the custody trail tells how it was checked"
    cast.sign_in(client, "clerk_liu")
    assert client.post(address, data={"note": "第三个人也来"}).status_code == 409
    assert [verb for verb, _ in verbs(client, here["evidence_id"]) if "fix" in verb] == [
        "evidence.fixing_asked", "evidence.fixed",
    ]  # fmt: skip


@pytest.mark.parametrize(("who", "status"), [("leader_tang", 403), ("prosecutor_wu", 404)])
@pytest.mark.parametrize(("name", "data"), [("redact", {"parts": LINES}), ("fix", {"note": "核对过了"})])
def test_who_may_not(
    client: HouseClient, darkroom: Darkroom, who: str, status: int, name: str, data: dict[str, str]
) -> None:
    here = scene(client, darkroom)
    cast.sign_in(client, who)
    assert client.post(client.to(f"evidence:{name}", **here), data=data).status_code == status
    other = clue_with_photos(client, count=1)
    cast.sign_in(client, "prosecutor_chen")
    wrong = client.to(f"evidence:{name}", clue_id=other, evidence_id=here["evidence_id"])
    assert client.post(wrong, data=data).status_code == 404
