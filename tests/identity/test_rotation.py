"""A new key in front: everything sealed lies under it, codes keep opening, and the old key may go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text, update

from app import rotation
from app.identity import second_step, totp
from app.identity.duty_contacts import CONTACTS
from app.identity.models import Account, OrgUnit
from app.intake import queries as intake_queries
from app.intake import rekeying as intake_rekeying
from app.intake import service as intake_service
from app.intake.models import Report
from app.intake.rights import service as rights
from app.intake.rights.terms import Known, Right, Wish
from app.platform import clock
from app.platform.crypto import KeyRing, Unreadable
from app.platform.rekeying import walk
from app.platform.web.given import House
from tests import cast
from tests.intake.sheets import AED, report

pytestmark = pytest.mark.app
OLD, NEW = bytes(range(32)), bytes(range(32, 64))
CONTACT = {"contact_name": "林小雨", "contact_phone": "13904519876", "contact_consent": "yes"}


def with_keys(house: House, *keys: tuple[str, bytes], cipher: str = "sm4-gcm") -> House:
    return replace(house, keys=KeyRing(list(keys), cipher=cipher))


@pytest.fixture
def office(client) -> House:
    """An office under one old key, with two contacts and one second step."""
    client.app.state.house = with_keys(client.app.state.house, ("old", OLD))
    return client.app.state.house


def fill(client: Any, office: House) -> tuple[list[str], str, str]:
    """Two reports with a contact, and a person with a phone: codes, account id, secret."""
    codes = []
    for number in range(2):
        codes.append(
            report(client, "aed_missing", AED | CONTACT | {"words": f"第 {number} 次来也没有找到除颤器"})
        )
        client.cookies.clear()
    secret = totp.new_secret()
    with office.database.write_session() as session:
        first = session.execute(select(Report).order_by(Report.rowno)).scalars().first()  # type: ignore[arg-type]
        wish = Wish(Right.CORRECT, Known.BY_CODE, name="新称呼", phone="13900001111")
        rights.ask(session, office, first, wish, actor=None, now=clock.now())
        account_id = cast.people(session, office.settings)["head_lin"]
        sealed = office.keys.seal_field(secret, table="account", row=account_id, field="totp")
        session.execute(update(Account).where(Account.id == account_id).values(sealed_totp=sealed))
        unit_id = (
            session.execute(text("select id from org_unit where key = 'water' order by rowno"))
            .scalars()
            .first()
        )
        contact = CONTACTS.values(office.keys, unit_id, {"contact_name": "何川", "phone": "13904510001"})
        session.execute(update(OrgUnit).where(OrgUnit.id == unit_id).values(**contact))
    return codes, account_id, secret


def everything_sealed(office: House) -> str:
    with office.database.read_session() as session:
        found = [
            session.execute(text(statement)).fetchall()
            for statement in (
                "select sealed_name, sealed_phone, sealed_words, phone_index from reporter_contact",
                "select sealed_name, sealed_phone, sealed_words from rights_request",
                "select sealed_totp from account where sealed_totp is not null",
                "select code_digest from report",
                "select sealed_phone, sealed_contact_name from org_unit where sealed_phone is not null",
            )
        ]
    return repr(found)


def opened(office: House, report_id: str) -> tuple[str, str]:
    with office.database.write_session() as session:
        actor = cast.actor(session, "head_lin", office.settings)
        found = intake_service.reveal_contact(
            session, office.keys, actor, report_id, reason="试", now=clock.now()
        )
    return found.name, found.phone


@pytest.mark.parametrize("cipher", ["sm4-gcm", "aes-gcm"])
def test_everything_lies_under_the_new_key_and_the_old_one_may_go(client, office, cipher: str):
    codes, account_id, secret = fill(client, office)
    before = everything_sealed(office)
    assert ".old." in before
    both = with_keys(office, ("new", NEW), ("old", OLD), cipher=cipher)
    done = {one.name: (one.changed, one.unreadable) for one in rotation.reseal(both)}
    assert done == {
        "account": (1, 0),
        "agreement": (0, 0),
        "org_unit": (1, 0),
        "reporter_contact": (2, 0),
        "rights_request": (1, 0),
        "report": (2, 0),
        "hook": (0, 0),
    }
    after = everything_sealed(office)
    assert ".old." not in after
    assert f"{cipher}.new." in after
    assert {one.changed for one in rotation.reseal(both)} == {0}, "a second run has nothing to do"
    alone = with_keys(office, ("new", NEW), cipher=cipher)
    with alone.database.read_session() as session:
        ids = [
            found.id
            for code in codes
            if (found := intake_queries.by_code(session, alone.keys, code.replace("-", "").replace(" ", "")))
        ]
        assert len(set(ids)) == 2
        index = alone.keys.keyed_digest("phone-index", "13904519876")
        kept = session.execute(text("select phone_index from reporter_contact")).scalars()
        assert set(kept) == {index}
    assert opened(alone, ids[0]) == ("林小雨", "13904519876")
    with alone.database.read_session() as session:
        unit = session.execute(select(OrgUnit).where(OrgUnit.sealed_phone.is_not(None))).scalar_one()  # type: ignore[union-attr]
        assert [CONTACTS.opened(alone.keys, unit, field) for field in ("contact_name", "phone")] == [
            "何川",
            "13904510001",
        ]
    with alone.database.write_session() as session:
        account = session.get(Account, _rowno(alone, account_id))
        assert account is not None
        now = clock.now()
        typed = totp.code(secret, totp.step_of(now))
        assert second_step.is_app_code(session, alone.keys, account, typed, now=now)


def _rowno(office: House, account_id: str) -> int:
    with office.database.read_session() as session:
        found: int = session.execute(
            text("select rowno from account where id = :id"), {"id": account_id}
        ).scalar_one()
    return found


def test_a_run_that_was_stopped_goes_on(client, office):
    fill(client, office)
    both = with_keys(office, ("new", NEW), ("old", OLD))
    contacts = intake_rekeying.SEALED[0]
    with both.database.write_session() as session:
        first = contacts.step(session, both.keys, 0, 1)
    assert (first.changed, first.unreadable) == (1, 0)
    assert ".old." in everything_sealed(office), "stopped half-way: one contact lies under each key"
    assert walk(both.database, both.keys, contacts, batch=1).changed == 1


def test_what_does_not_open_is_counted_and_left_alone(client, office):
    fill(client, office)
    before = everything_sealed(office)
    without = with_keys(office, ("new", NEW))
    done = {one.name: (one.changed, one.unreadable) for one in rotation.reseal(without)}
    assert done == {
        "account": (0, 1),
        "agreement": (0, 0),
        "org_unit": (0, 1),
        "reporter_contact": (0, 2),
        "rights_request": (0, 1),
        "report": (0, 2),
        "hook": (0, 0),
    }
    assert everything_sealed(office) == before
    with pytest.raises(Unreadable):
        opened(without, _first_report(office))


def _first_report(office: House) -> str:
    with office.database.read_session() as session:
        return str(session.execute(text("select id from report order by rowno limit 1")).scalar_one())


def test_every_sealed_column_is_in_the_rotation(client):
    """A room that seals a new field and forgets the rotation is noticed here."""
    from app.schema import metadata

    sealed = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.name.startswith("sealed_") and not column.name.endswith("_at")
    }
    assert sealed == {
        "account.sealed_totp",
        "agreement.sealed_contacts",
        "hook.sealed_old_secret",
        "hook.sealed_secret",
        "org_unit.sealed_contact_name",
        "org_unit.sealed_phone",
        "org_unit.sealed_remind_mail",
        "org_unit.sealed_remind_mobile",
        "org_unit.sealed_remind_openid",
        "reporter_contact.sealed_name",
        "reporter_contact.sealed_phone",
        "reporter_contact.sealed_words",
        "rights_request.sealed_name",
        "rights_request.sealed_phone",
        "rights_request.sealed_words",
    }
    assert {table.name for table in rotation.SEALED} == {
        "account", "agreement", "hook", "org_unit", "reporter_contact", "rights_request", "report",
    }  # fmt: skip


def test_the_command_adds_a_key_and_seals_anew(client, capsys, monkeypatch):
    from app import cli

    settings = client.app.state.house.settings
    report(client, "aed_missing", AED | CONTACT)
    monkeypatch.setattr(cli, "Settings", lambda: settings)
    assert cli.main(["rotate-keys", "--add", "k2"]) == 0
    lines = settings.keys.read_text("ascii").splitlines()
    assert [line.partition(":")[0] for line in lines] == ["k2", "dev1"]
    assert settings.keys.stat().st_mode & 0o077 == 0
    for taken in ("k2", "no good", ""):
        assert cli.main(["rotate-keys", f"--add={taken}"]) == (2 if taken else 0)
    assert [line.partition(":")[0] for line in settings.keys.read_text("ascii").splitlines()] == [
        "k2",
        "dev1",
    ]
    assert "reporter_contact: 1 sealed anew" in capsys.readouterr().out
