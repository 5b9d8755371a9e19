"""The checklist before an office opens: what is missing is said with who does it, and nothing is called done unseen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from app.identity import queries as identity_queries
from app.identity.models import OrgUnit
from app.platform import clock
from app.reference.models import Hotline
from app.upkeep import setup
from tests import cast
from tests.conftest import make_settings

if TYPE_CHECKING:
    from app.platform.db import WriteSession
    from tests.conftest import HouseClient

NOW = clock.now()
KEY = "backup." + "A" * 87


def urls(name: str, **given: Any) -> str:
    return name + "".join(f"/{value}" for value in given.values())


def standings(session: WriteSession, folder: Path, **more: Any) -> dict[str, tuple[str, str]]:
    office = identity_queries.default_office(session).id
    settings = make_settings("sqlite://", folder / "data", **more)
    found = setup.items(session, office, settings, urls, now=NOW)  # type: ignore[arg-type]
    return {one.title: (one.standing, one.text) for one in found}


def test_a_new_office_lacks_people_names_keys_and_a_backup(session: WriteSession, tmp_path: Path):
    found = standings(session, tmp_path)
    assert found["人员"] == (
        "open",
        "还没有人担任：书记员、承办检察官、部门负责人、检察长、安全管理员、审计管理员。",
    )
    assert [
        found[title][0]
        for title in ("协作单位", "热线", "街道和乡镇", "保管期限", "密钥", "备份", "正式运行")
    ] == ["open"] * 7
    assert found["类别"][0] == "done"
    assert {title for title, (standing, _text) in found.items() if standing == "ask"} == {
        "密钥的备份",
        "恢复演练",
    }


def test_what_was_settled_is_seen_and_what_only_people_know_is_still_asked(
    session: WriteSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for login in ("clerk_liu", "prosecutor_chen", "head_lin", "chief_zhou", "secadmin", "auditor"):
        cast.actor(session, login)
    session.execute(update(OrgUnit).values(is_confirmed=True))
    session.execute(update(Hotline).values(is_confirmed=True))
    monkeypatch.setattr(
        "app.upkeep.setup.queries.last_backup", lambda _session: (NOW - timedelta(hours=3), {})
    )
    settled = {
        "key_file": tmp_path / "elsewhere", "backup_key": KEY, "env": "production", "public_url": "https://clues.test",
    }  # fmt: skip
    found = standings(session, tmp_path, **settled)
    assert [found[title][0] for title in ("人员", "协作单位", "热线", "密钥", "备份", "正式运行")] == [
        "done"
    ] * 6
    assert found["密钥的备份"][0] == found["恢复演练"][0] == "ask"
    assert found["街道和乡镇"][0] == "open"
    monkeypatch.setattr(
        "app.upkeep.setup.queries.last_backup", lambda _session: (NOW - timedelta(days=3), {})
    )
    assert standings(session, tmp_path, **settled)["备份"][0] == "open"
    assert standings(session, tmp_path, **settled | {"backup_key": ""})["备份"][0] == "open"


@pytest.mark.app
def test_the_administrator_finds_it_and_nobody_else_does(client: HouseClient):
    cast.sign_in(client, "sysadmin")
    page = client.get(client.to("upkeep:setup"))
    assert page.status_code == 200
    assert client.to("reference:agencies") in page.text
    assert client.to("upkeep:setup") in client.get(client.to("upkeep:health")).text
    cast.sign_in(client, "prosecutor_chen")
    assert client.get(client.to("upkeep:setup")).status_code in {403, 404}
