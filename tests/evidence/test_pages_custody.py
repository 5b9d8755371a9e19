"""The page of custody: administrators see damage and signatures, and nothing of any clue."""

from __future__ import annotations

from sqlalchemy import update

from app.evidence import service
from app.evidence.models import Blob
from app.platform import heads
from tests import cast, make
from tests.conftest import HouseClient
from tests.evidence.test_custody import LATER

DIGEST = "ab" * 32


def test_an_administrator_sees_what_is_damaged(client: HouseClient) -> None:
    house = client.app.state.house  # type: ignore[attr-defined]
    cast.sign_in(client, "sysadmin")
    assert "没有发现损坏" in client.get(client.to("evidence:custody")).text
    with house.database.write_session() as session:
        service.note_blob(session, DIGEST, size_bytes=3_000_000, media_type="image/jpeg", now=make.NOW)
        session.execute(update(Blob).values(damaged_at=LATER))
        heads.sign(session, house.keys, heads.Cause.HOUR, now=make.NOW)
    page = client.get(client.to("evidence:custody")).text
    assert DIGEST in page
    assert "有 1 份文件读不出或者被改动" in page
    assert "没有设置第二处存放" in page
    assert house.keys.signing_keys(heads.PURPOSE)["dev1"] in page


def test_people_who_work_on_clues_do_not_keep_custody(client: HouseClient) -> None:
    for who in ("prosecutor_chen", "chief_zhou", "liaison_zhao", "secadmin"):
        cast.sign_in(client, who)
        assert client.get(client.to("evidence:custody")).status_code == 403
    cast.sign_in(client, "auditor")
    assert client.get(client.to("evidence:custody")).status_code == 200
