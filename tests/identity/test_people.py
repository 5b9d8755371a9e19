from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.identity import guards
from app.identity.models import Account, AccountRole, Compartment, CompartmentMember, OrgUnit
from app.identity.terms import CompartmentKind, OrgKind
from tests import cast
from tests.identity.conftest import account_of, enter, house, journalled, verbs

pytestmark = pytest.mark.app


@pytest.fixture
def admin(client):
    """The client with the security administrator signed in."""
    cast.sign_in(client, "secadmin")
    return client


def unit(client, kind: OrgKind) -> str:
    with house(client).database.read_session() as session:
        return session.execute(
            select(OrgUnit.id).where(OrgUnit.kind == kind.value).order_by(OrgUnit.rowno).limit(1)
        ).scalar_one()


def roles(client, account_id: str) -> set[str]:
    with house(client).database.read_session() as session:
        return set(
            session.execute(select(AccountRole.role).where(AccountRole.account_id == account_id)).scalars()
        )


def circles(client, account_id: str) -> set[str]:
    with house(client).database.read_session() as session:
        return set(
            session.execute(
                select(Compartment.kind)
                .join(CompartmentMember, CompartmentMember.compartment_id == Compartment.id)
                .where(CompartmentMember.account_id == account_id)
            ).scalars()
        )


def person(client, who: str) -> str:
    with house(client).database.read_session() as session:
        return session.execute(select(Account.id).where(Account.login == who)).scalar_one()


def add(client, **more):
    data = {
        "login": "li.na",
        "name": "李娜",
        "org_unit_id": unit(client, OrgKind.DEPARTMENT),
        "roles": ["handler"],
    }
    return client.post(client.to("identity:add_person"), data=data | more)


def change(client, account_id: str, **more):
    account = account_of(client, account_id)
    data = {
        "version": str(account.version), "name": account.name, "org_unit_id": account.org_unit_id,
        "roles": sorted(roles(client, account_id)), "circles": sorted(circles(client, account_id)),
    }  # fmt: skip
    return client.post(client.to("identity:change_person", account_id=account_id), data=data | more)


def slip_of(answer, client) -> str:
    page = client.get(answer.headers["location"])
    found = re.search(r'slip__password">([^<]+)<', page.text)
    return found[1] if found else ""


# -- adding -----------------------------------------------------------------------------------------------------
def test_a_new_person_gets_a_slip_once_and_enters_the_open_circle(admin):
    answer = add(admin)
    assert answer.status_code == 303
    password = slip_of(answer, admin)
    assert re.fullmatch(r"[2-9a-z]{4}(-[2-9a-z]{4}){3}", password)
    assert slip_of(answer, admin) == "", "shown once"
    made = person(admin, "li.na")
    assert answer.headers["location"] == admin.to("identity:slip", account_id=made)
    assert roles(admin, made) == {"handler"}
    assert circles(admin, made) == {"open"}
    assert verbs(admin)[-3:] == ["account.added", "role.granted", "compartment.entered"]
    assert "李娜" not in repr([row.model_dump() for row in journalled(admin)])
    assert password not in repr([row.model_dump() for row in journalled(admin)])
    admin.cookies.clear()
    assert enter(admin, "li.na", password).headers["location"] == admin.to("identity:new_password")


def test_the_closed_circles_are_ticked_by_hand(admin):
    add(admin, circles=["military"])
    assert circles(admin, person(admin, "li.na")) == {"open", "military"}


def test_an_outside_contact_enters_no_circle(admin):
    add(admin, org_unit_id=unit(admin, OrgKind.AGENCY), roles=["agency_contact"])
    assert circles(admin, person(admin, "li.na")) == set()


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        ({"login": ""}, "账号用 2 到 64 个"),
        ({"login": "李娜"}, "账号用 2 到 64 个"),
        ({"login": "a" * 65}, "账号用 2 到 64 个"),
        ({"login": "SECADMIN"}, "已经有人用了"),
        ({"name": ""}, "请写姓名"),
        ({"name": "a" * 61}, "请写姓名"),
        ({"name": "a\u202eb"}, "请写姓名"),
        ({"org_unit_id": "x"}, "请选一个所在单位"),
        ({"roles": []}, "请至少选一个身份"),
        ({"roles": ["god"]}, "请至少选一个身份"),
        ({"roles": ["secadmin", "handler"]}, "三员分立"),
        ({"roles": ["secadmin", "auditor"]}, "三员分立"),
        ({"roles": ["handler", "volunteer"]}, "不能同时是外单位联络员或志愿者"),
        ({"roles": ["liaison"]}, "对不上"),
        ({"roles": ["auditor"], "circles": ["military"]}, "能查看线索的本院人员"),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_stays(admin, wish, text: str):
    before = verbs(admin)
    answer = add(admin, **wish)
    assert answer.status_code == 422
    assert text in answer.text
    if "name" not in wish:
        assert 'value="李娜"' in answer.text
    assert verbs(admin) == before


def test_a_unit_of_another_office_is_not_there(admin):
    with house(admin).database.read_session() as session:
        theirs = session.execute(
            select(OrgUnit.id).where(OrgUnit.name == "哈尔滨市道里区人民检察院")
        ).scalar_one()
    assert add(admin, org_unit_id=theirs).status_code == 422


def test_markup_in_a_name_is_text(admin):
    name = "'\"><svg onload=1>"
    assert add(admin, name=name).status_code == 303
    page = admin.get(admin.to("identity:people")).text
    assert "&lt;svg onload=1&gt;" in page
    assert account_of(admin, person(admin, "li.na")).name == name


# -- changing ---------------------------------------------------------------------------------------------------
def test_roles_circles_and_place_are_changed_and_journalled(admin):
    who = person(admin, "assistant_wang")
    answer = change(admin, who, name="王月", roles=["handler", "dept_head"], circles=["open", "minors"])
    assert answer.headers["location"] == admin.to("identity:person", account_id=who)
    assert roles(admin, who) == {"handler", "dept_head"}
    assert circles(admin, who) == {"open", "minors"}
    assert account_of(admin, who).name == "王月"
    told = [(row.verb, row.facts.get("role")) for row in journalled(admin)][-5:]
    assert told == [
        ("account.changed", None), ("role.granted", "dept_head"), ("role.granted", "handler"),
        ("role.withdrawn", "assistant"), ("compartment.entered", None),
    ]  # fmt: skip
    assert "已经保存" in admin.get(answer.headers["location"]).text


def test_who_leaves_the_staff_leaves_every_circle(admin):
    who = person(admin, "head_lin")
    with house(admin).database.write_session() as session:
        account = session.execute(select(Account).where(Account.id == who)).scalar_one()
        named = Compartment(
            id="0" * 36, office_id=account.office_id, kind=CompartmentKind.NAMED.value, name="指定人员"
        )
        session.add(named)
        session.flush()
        session.add(CompartmentMember(account_id=who, compartment_id=named.id))
    assert circles(admin, who) == {"open", "military", "minors", "named"}
    assert change(admin, who, roles=["volunteer"], circles=[]).status_code == 422
    answer = change(admin, who, roles=["volunteer"], circles=[], org_unit_id=unit(admin, OrgKind.VOLUNTEERS))
    assert answer.status_code == 303
    assert circles(admin, who) == set()


def test_circles_of_named_people_are_not_touched_by_a_change(admin):
    who = person(admin, "head_lin")
    with house(admin).database.write_session() as session:
        account = session.execute(select(Account).where(Account.id == who)).scalar_one()
        session.add(
            Compartment(
                id="0" * 36, office_id=account.office_id, kind=CompartmentKind.NAMED.value, name="某案"
            )
        )
        session.flush()
        session.add(CompartmentMember(account_id=who, compartment_id="0" * 36))
    assert "某案" not in admin.get(admin.to("identity:person", account_id=who)).text
    change(admin, who, circles=["open"])
    assert circles(admin, who) == {"open", "named"}


def test_a_right_taken_away_is_gone_at_the_next_click(admin):
    who = person(admin, "auditor")
    other = admin.cookies[guards.SESSION_COOKIE]
    admin.cookies.clear()
    cast.sign_in(admin, "auditor")
    assert admin.get(admin.to("identity:journal")).status_code == 200
    theirs = admin.cookies[guards.SESSION_COOKIE]
    admin.cookies.clear()
    admin.cookies.set(guards.SESSION_COOKIE, other)
    change(admin, who, roles=["sysadmin"])
    admin.cookies.clear()
    admin.cookies.set(guards.SESSION_COOKIE, theirs)
    assert admin.get(admin.to("identity:journal")).status_code == 403


@pytest.mark.parametrize("door", ["change_person", "reset_password", "deactivate", "reactivate"])
def test_a_stale_page_changes_nothing(admin, door: str):
    who = person(admin, "assistant_wang")
    change(admin, who, name="王月")
    before = verbs(admin)
    account = account_of(admin, who)
    for version in ("1", "", "-1", "x", "99999999999999999999", "²"):
        data = {"version": version, "name": "别名", "org_unit_id": account.org_unit_id, "roles": ["clerk"]}
        answer = admin.post(admin.to(f"identity:{door}", account_id=who), data=data)
        assert answer.status_code == 409, version
    assert account_of(admin, who).name == "王月"
    assert verbs(admin) == before


def test_a_form_of_another_site_changes_nothing(admin):
    who = person(admin, "assistant_wang")
    before = verbs(admin)
    data = {
        "version": "1",
        "name": "别名",
        "org_unit_id": account_of(admin, who).org_unit_id,
        "roles": ["clerk"],
    }
    door = admin.to("identity:change_person", account_id=who)
    assert admin.post(door, data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    del admin.headers["Sec-Fetch-Site"]
    assert admin.post(door, data=data, headers={"Origin": "https://evil.example"}).status_code == 403
    assert admin.post(door, data=data, headers={"Origin": "null"}).status_code == 403
    assert account_of(admin, who).name == "王悦"
    assert roles(admin, who) == {"assistant"}
    assert verbs(admin) == before
    assert admin.post(door, data=data, headers={"Origin": "http://testserver"}).status_code == 303


# -- passwords and shutting -------------------------------------------------------------------------------------
def test_resetting_a_password_ends_the_sessions_and_prints_a_slip(admin):
    own = admin.cookies[guards.SESSION_COOKIE]
    admin.cookies.clear()
    who = cast.sign_in(admin, "assistant_wang")
    theirs = admin.cookies[guards.SESSION_COOKIE]
    admin.cookies.clear()
    admin.cookies.set(guards.SESSION_COOKIE, own)
    answer = admin.post(admin.to("identity:reset_password", account_id=who), data={"version": "1"})
    password = slip_of(answer, admin)
    assert "account.password_reset" in verbs(admin)
    admin.cookies.clear()
    admin.cookies.set(guards.SESSION_COOKIE, theirs)
    assert admin.get(admin.to("identity:sessions")).status_code == 303
    admin.cookies.clear()
    assert enter(admin, "assistant_wang", password).headers["location"] == admin.to("identity:new_password")


def test_a_slip_is_for_one_administrator_and_one_account(admin):
    answer = add(admin)
    sealed = admin.cookies["yixian_slip"]
    elsewhere = admin.get(admin.to("identity:slip", account_id=person(admin, "assistant_wang")))
    assert "slip__password" not in elsewhere.text
    admin.cookies.clear()
    cast.sign_in(admin, "secadmin")
    admin.cookies.set("yixian_slip", sealed)
    assert "slip__password" not in admin.get(answer.headers["location"]).text, "another session"
    for junk in ("x", "a.b.c", "sm4-gcm.dev1.AAAA", '"', "..."):
        admin.cookies.set("yixian_slip", junk)
        assert admin.get(answer.headers["location"]).status_code == 200


def test_a_shut_account_is_out_and_may_come_back(admin):
    own = admin.cookies[guards.SESSION_COOKIE]
    admin.cookies.clear()
    who = cast.sign_in(admin, "assistant_wang")
    theirs = admin.cookies[guards.SESSION_COOKIE]
    admin.cookies.clear()
    admin.cookies.set(guards.SESSION_COOKIE, own)
    assert (
        admin.post(admin.to("identity:deactivate", account_id=who), data={"version": "1"}).status_code == 303
    )
    assert "这个账号已停用" in admin.get(admin.to("identity:person", account_id=who)).text
    assert "assistant_wang" not in admin.get(admin.to("identity:people")).text
    assert "assistant_wang" in admin.get(admin.to("identity:people", shut="1")).text
    assert verbs(admin)[-2:] == ["account.deactivated", "session.ended"]
    assert (
        admin.post(admin.to("identity:reactivate", account_id=who), data={"version": "2"}).status_code == 303
    )
    admin.cookies.clear()
    admin.cookies.set(guards.SESSION_COOKIE, theirs)
    assert admin.get(admin.to("identity:sessions")).status_code == 303, "old sessions do not come back"


@pytest.mark.parametrize("door", ["change_person", "reset_password", "deactivate"])
def test_nobody_touches_their_own_account(admin, door: str):
    own = person(admin, "secadmin")
    account = account_of(admin, own)
    data = {"version": "1", "name": "安宁", "org_unit_id": account.org_unit_id, "roles": ["auditor"]}
    answer = admin.post(admin.to(f"identity:{door}", account_id=own), data=data)
    assert answer.status_code == 403
    assert roles(admin, own) == {"secadmin"}
    assert "要由另一位安全管理员来改" in admin.get(admin.to("identity:person", account_id=own)).text


# -- looking ----------------------------------------------------------------------------------------------------
def test_people_of_another_office_are_not_there(admin):
    theirs = person(admin, "prosecutor_wu")
    assert "吴晓" not in admin.get(admin.to("identity:people")).text
    nobody = "01a206aa-9682-76f7-b0b6-acdf99a3dd82"
    answers = {key: admin.get(admin.to("identity:person", account_id=key)) for key in (theirs, nobody, "x")}
    assert {answer.status_code for answer in answers.values()} == {404}
    assert len({answer.text.replace(f"/people/{key}", "") for key, answer in answers.items()}) == 1
    for door in ("change_person", "reset_password", "deactivate", "reactivate"):
        answer = admin.post(admin.to(f"identity:{door}", account_id=theirs), data={"version": "1"})
        assert answer.status_code == 404
    assert admin.get(admin.to("identity:slip", account_id=theirs)).status_code == 404


@pytest.mark.parametrize(
    ("words", "names"),
    [("王", {"王悦"}), ("CHEN", {"陈明远"}), ("%", set()), ("_", None), ("\\", set()), ("'", set())],
)
def test_searching(admin, words: str, names: set[str] | None):
    page = admin.get(admin.to("identity:people", words=words)).text
    found = set(re.findall(r'person__who"><strong>([^<]+)<', page))
    if names is None:
        assert {"陈明远", "何川"} <= found, "an underline is a letter of a login, no wildcard"
        assert "严谨" not in found
    else:
        assert found == names


def test_the_list_goes_on(admin):
    with house(admin).database.write_session() as session:
        office = account_of(admin, person(admin, "secadmin"))
        for number in range(130):
            session.add(
                Account(
                    id=f"{number:036d}",
                    login=f"x{number:03d}",
                    name=f"人{number}",
                    office_id=office.office_id,
                    org_unit_id=office.org_unit_id,
                    created_at=office.created_at,
                )
            )
    seen: list[str] = []
    place: str | None = admin.to("identity:people")
    while place:
        page = admin.get(place).text
        seen += re.findall(r'<span class="muted">([^<]+)</span></span>', page)
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        place = onward[1].replace("&amp;", "&") if onward else None
    assert len(seen) == len(set(seen)) == 147
