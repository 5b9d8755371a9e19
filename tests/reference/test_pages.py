"""The reference room as its administrator uses it: dated rows begin anew, others change in place, junk is only text."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.clocks.terms import DayKind
from app.platform import clock
from app.platform.records import Journal
from app.reference import queries
from app.reference.models import Category, Consent, Question, Reason
from app.reference.sections import SECTIONS
from tests import cast

pytestmark = pytest.mark.app
TODAY = clock.office_date(clock.now())
JUNK = "'\"><svg onload=alert(1)>\u202e; DROP TABLE clue; -- \U0001f600"


@pytest.fixture
def admin(client):
    cast.sign_in(client, "sysadmin")
    return client


def typed(page: str) -> dict[str, Any]:
    """What a browser would send for the first form that saves, as it stands."""
    form = max(re.findall(r"<form .*?</form>", page, re.DOTALL), key=len)
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") in {"checkbox", "radio"}:
            if " checked" in tag:
                found.setdefault(attributes["name"], []).append(unescaped(attributes["value"]))
        else:
            found.setdefault(attributes["name"], []).append(unescaped(attributes.get("value", "")))
    for name, body in re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        found.setdefault(name, []).append(unescaped(body))
    for name, body in re.findall(r'<select [^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)" selected', body)
        found.setdefault(name, []).append(chosen[0] if chosen else "")
    return found


def unescaped(text: str) -> str:
    import html

    return html.unescape(text)


def rows(database, table, **columns):
    with database.read_session() as session:
        return queries.versions(session, table, columns)


def changes(database, verb="reference.changed"):
    with database.read_session() as session:
        return list(session.execute(select(Journal).where(Journal.verb == verb)).scalars())


def at(client, name, **values):
    return client.to(f"reference:{name}", **values)


def test_every_section_and_every_row_opens(admin, database):
    index = admin.get(at(admin, "index"))
    assert index.status_code == 200
    seen = 0
    for key, section in SECTIONS.items():
        page = admin.get(at(admin, "section", section_key=key))
        assert page.status_code == 200
        assert not re.search(r"<h2>[a-z_]+</h2>", page.text), f"{key}: a heading is a key, not words"
        with database.read_session() as session:
            found = queries.entries(session, section.table, section.keys)
        assert len(found) > 0
        for versions in [*found.values()][:3]:
            href = at(admin, "entry", section_key=key, key=section.key_of(versions[-1]))
            assert href in page.text
            assert admin.get(href).status_code == 200
            seen += 1
    assert seen > 30


def test_saving_every_row_as_it_stands_changes_nothing_but_the_version(admin, database):
    """What the page shows and what the table holds are the same thing: no row is altered by being read."""
    for key, section in SECTIONS.items():
        with database.read_session() as session:
            found = queries.entries(session, section.table, section.keys)
        for versions in [*found.values()][:: 40 if len(found) > 100 else 9]:
            before = versions[-1].model_dump()
            href = at(admin, "entry", section_key=key, key=section.key_of(versions[-1]))
            answer = admin.post(href, data=typed(admin.get(href).text))
            assert answer.status_code == 303, f"{href}: {answer.text[:2000]}"
            after = rows(database, section.table, **{name: before[name] for name in section.keys})[
                -1
            ].model_dump()
            own = {"rowno", "valid_from", "valid_to", "is_edited", "version"}
            assert {k: v for k, v in after.items() if k not in own} == {
                k: v for k, v in before.items() if k not in own
            }, href


def test_a_dated_row_begins_anew_and_the_old_one_ends_the_day_before(admin, database):
    href = at(admin, "entry", section_key="categories", key="water_pollution")
    start = TODAY + timedelta(days=10)
    data = typed(admin.get(href).text) | {"name": "水体污染（新）", "starts_on": str(start)}
    assert admin.post(href, data=data).status_code == 303
    old, new = rows(database, Category, key="water_pollution")
    assert (old.name, old.valid_to) == (
        "水体污染",
        start - timedelta(days=1),
    ) or old.valid_to == start - timedelta(days=1)
    assert (new.name, new.valid_from, new.valid_to, new.is_edited) == ("水体污染（新）", start, None, True)
    with database.read_session() as session:
        assert queries.category(session, "water_pollution", TODAY).name == old.name
        assert queries.category(session, "water_pollution", start).name == "水体污染（新）"
    (entry,) = changes(database)
    assert entry.facts["section"] == "categories"
    assert entry.facts["key"] == "water_pollution"
    assert "水体污染" not in str(entry.facts)
    assert entry.actor_kind == "account"


def test_a_second_change_on_the_same_day_corrects_the_first(admin, database):
    href = at(admin, "entry", section_key="questions", key="common.scale")
    for label in ("影响到谁", "影响到多少人呢"):
        assert admin.post(href, data=typed(admin.get(href).text) | {"label": label}).status_code == 303
    versions = rows(database, Question, category_key="common", key="scale")
    assert [(row.label, row.valid_from) for row in versions[1:]] == [("影响到多少人呢", TODAY)]
    assert versions[0].valid_to == TODAY - timedelta(days=1)
    assert len(changes(database)) == 2


def test_a_change_before_a_planned_one_ends_before_it(admin, database):
    href = at(admin, "entry", section_key="categories", key="wetland")
    later = TODAY + timedelta(days=100)
    data = typed(admin.get(href).text)
    assert admin.post(href, data=data | {"name": "一百天后", "starts_on": str(later)}).status_code == 303
    data = typed(admin.get(href).text)
    assert admin.post(href, data=data | {"name": "从今天起"}).status_code == 303
    assert [(row.valid_from, row.valid_to) for row in rows(database, Category, key="wetland")][1:] == [
        (TODAY, later - timedelta(days=1)),
        (later, None),
    ]
    planned = admin.get(at(admin, "entry", section_key="categories", key="wetland", on=str(later)))
    assert "一百天后" in planned.text


def test_a_retired_category_is_gone_tomorrow_and_may_come_back(admin, database):
    url = at(admin, "retire", section_key="categories", key="straw_burning")
    assert admin.post(url, data={"ends_on": str(TODAY)}).status_code == 303
    with database.read_session() as session:
        assert "straw_burning" in {row.key for row in queries.categories(session, TODAY)}
        assert "straw_burning" not in {
            row.key for row in queries.categories(session, TODAY + timedelta(days=1))
        }
    href = at(admin, "entry", section_key="categories", key="straw_burning")
    start = str(TODAY + timedelta(days=30))
    assert admin.post(href, data=typed(admin.get(href).text) | {"starts_on": start}).status_code == 303
    with database.read_session() as session:
        assert "straw_burning" in {row.key for row in queries.categories(session, date.fromisoformat(start))}


@pytest.mark.parametrize("day", ["", "yesterday", "2026-02-30", "1999-01-01", JUNK])
def test_an_odd_last_day_is_refused(admin, database, day):
    url = at(admin, "retire", section_key="categories", key="wetland")
    assert admin.post(url, data={"ends_on": day}).status_code == 422
    assert rows(database, Category, key="wetland")[-1].valid_to is None


def test_a_stale_form_keeps_what_was_typed_and_says_what_is_there(admin, database):
    href = at(admin, "entry", section_key="reasons", key="screen_out.no_content")
    first = typed(admin.get(href).text)
    assert admin.post(href, data=first | {"public": "别人先写的一句"}).status_code == 303
    answer = admin.post(href, data=first | {"public": "我后写的一句"})
    assert answer.status_code == 409
    assert "我后写的一句" in answer.text
    assert "别人先写的一句" in answer.text
    assert rows(database, Reason, list_key="screen_out", key="no_content")[0].public == "别人先写的一句"
    assert admin.post(href, data=typed(answer.text)).status_code == 303
    assert rows(database, Reason, list_key="screen_out", key="no_content")[0].public == "我后写的一句"


def new_category(**wishes):
    return {
        "key": "light_pollution", "name": "灯光扰民", "group_key": "air_waste", "field_key": "eco_resource",
        "icon": "warning", "sort": "300", "plain": "夜里灯光太亮，睡不了觉", "media": "allowed",
        "position": "allowed", "compartment_kind": "open", "lead": "urban_mgmt", "sla_days": "15",
        "duplicate_radius_m": "50", "duplicate_window_days": "60", "keywords": "灯太亮\n晃眼",
    } | wishes  # fmt: skip


def test_a_new_category_with_a_question(admin, database):
    answer = admin.post(at(admin, "add", section_key="categories"), data=new_category())
    assert answer.status_code == 303
    page = admin.get(answer.headers["location"])
    assert "灯光扰民" in page.text
    assert admin.get(at(admin, "new", section_key="questions", category="light_pollution")).status_code == 200
    data = {
        "category_key": "light_pollution", "key": "lamp", "label": "是什么灯", "kind": "enum", "sort": "10",
        "options": "sign|广告牌|Sign board\nstreet|路灯||urgent",
    }  # fmt: skip
    assert admin.post(at(admin, "add", section_key="questions"), data=data).status_code == 303
    assert "是什么灯" in admin.get(answer.headers["location"]).text
    with database.read_session() as session:
        assert queries.category(session, "light_pollution", TODAY).keywords == ["灯太亮", "晃眼"]
        (question,) = queries.questions(session, "light_pollution", TODAY)
    assert question.options[1] == {"value": "street", "label": "路灯", "label_en": "", "urgent": True}
    again = admin.post(at(admin, "add", section_key="categories"), data=new_category())
    assert again.status_code == 422
    assert "这个代号已经有了" in again.text


def test_a_condition_leans_on_a_question_and_its_answers(admin, database):
    href = at(admin, "entry", section_key="questions", key="water_pollution.outfall_form")
    data = typed(admin.get(href).text)
    assert data["shown_question"] == ["outfall"]
    wrong = admin.post(href, data=data | {"shown_values": "maybe"})
    assert wrong.status_code == 422
    assert "no、yes" in wrong.text
    assert admin.post(href, data=data | {"shown_values": "yes，no"}).status_code == 303
    newest = rows(database, Question, category_key="water_pollution", key="outfall_form")[-1]
    assert newest.shown_when == {"question": "outfall", "is": ["yes", "no"]}


def test_a_facility_category_can_never_take_photos_or_positions(admin, database):
    href = at(admin, "entry", section_key="categories", key="mil_facility_env")
    data = typed(admin.get(href).text)
    for wish in ({"media": "allowed"}, {"position": "allowed"}, {"media": "masked", "position": "allowed"}):
        answer = admin.post(href, data=data | wish)
        assert answer.status_code == 422
        assert "军事设施保护法" in answer.text
    assert len(rows(database, Category, key="mil_facility_env")) == 1


def test_a_consent_gets_a_new_version_and_keeps_the_old(admin, database):
    href = at(admin, "entry", section_key="consents", key="contact")
    for text in ("第二版的文字", "第三版的文字"):
        assert admin.post(href, data=typed(admin.get(href).text) | {"text": text}).status_code == 303
    versions = rows(database, Consent, key="contact")
    assert [row.version for row in versions[-2:]] == [str(TODAY), f"{TODAY}.02"]
    with database.read_session() as session:
        assert queries.consent(session, "contact").text == "第三版的文字"
    assert admin.get(at(admin, "new", section_key="consents")).status_code == 404


def test_a_year_of_holidays_is_entered_whole(admin, database):
    href = at(admin, "year", year=2027)
    seen = typed(admin.get(href).text)["seen"]
    data = {"seen": seen, "rests": "1月1日（周五）至3日（周日）、2月8日-12日", "worked": "2027-02-06"}
    assert admin.post(href, data=data).status_code == 303
    with database.read_session() as session:
        calendar = queries.calendar(session)
    assert calendar.day_kind(date(2027, 1, 1)) is DayKind.REST
    assert calendar.day_kind(date(2027, 2, 6)) is DayKind.WORKDAY
    assert calendar.day_kind(date(2027, 3, 1)) is DayKind.WORKDAY, "a year entered whole counts as published"
    page = admin.get(href)
    assert "2027-02-08\n2027-02-09" in page.text
    assert admin.post(href, data={"seen": seen, "rests": "", "worked": ""}).status_code == 409
    empty = typed(page.text) | {"rests": "", "worked": ""}
    assert admin.post(href, data=empty).status_code == 303
    with database.read_session() as session:
        assert queries.calendar(session).day_kind(date(2027, 1, 1)) is DayKind.UNPUBLISHED


def test_a_published_holiday_may_be_taken_back_and_given_back(admin, database):
    href = at(admin, "year", year=2026)
    published = typed(admin.get(href).text)
    days = published["rests"][0].split("\n")
    assert admin.post(href, data=published | {"rests": "\n".join(days[1:])}).status_code == 303
    with database.read_session() as session:
        assert queries.calendar(session).day_kind(date.fromisoformat(days[0])) is DayKind.WORKDAY
    back = typed(admin.get(href).text) | {"rests": published["rests"]}
    assert admin.post(href, data=back).status_code == 303
    with database.read_session() as session:
        assert queries.calendar(session).day_kind(date.fromisoformat(days[0])) is DayKind.REST
        assert queries.calendar_years(session)[2026] == 0


@pytest.mark.parametrize(
    ("rests", "worked"),
    [("国庆节", ""), ("2026-01-01", ""), ("", "2027-03-01"), ("2027-02-06", "2027-02-06"), (JUNK, JUNK)],
)
def test_a_day_that_would_move_a_deadline_by_a_slip_is_refused(admin, rests, worked):
    href = at(admin, "year", year=2027)
    answer = admin.post(href, data=typed(admin.get(href).text) | {"rests": rests, "worked": worked})
    assert answer.status_code == 422
    assert typed(answer.text)["rests"] == [rests]
    assert typed(answer.text)["worked"] == [worked]


@pytest.mark.parametrize("key", list(SECTIONS))
def test_junk_in_every_box_is_text_or_a_clear_refusal(admin, database, key):
    section = SECTIONS[key]
    with database.read_session() as session:
        versions = next(iter(queries.entries(session, section.table, section.keys).values()))
    href = at(admin, "entry", section_key=key, key=section.key_of(versions[-1]))
    boxes = [item.name for item in section.inputs]
    shown = {
        item.name
        for item in section.inputs
        if item.kind in {"text", "lines", "options", "basis", "whole", "number"}
    }
    for junk in (JUNK, "长" * 4000, "-1", "1e999", "\n\n"):
        answer = admin.post(href, data=typed(admin.get(href).text) | dict.fromkeys(boxes, junk))
        assert answer.status_code in {303, 422}
        if answer.status_code == 422:
            again = typed(answer.text)
            assert {name: again[name] for name in shown} == {name: [junk] for name in shown}
    assert admin.post(href, data=dict.fromkeys(boxes, "a\u0000b")).status_code == 422
    assert admin.post(href, data={}).status_code == 422
    add = admin.post(at(admin, "add", section_key=key), data=dict.fromkeys(boxes, JUNK))
    assert add.status_code == (422 if section.key_inputs else 404)


def test_what_is_text_is_kept_exactly_as_typed(admin, database):
    href = at(admin, "entry", section_key="reasons", key="screen_out.abuse")
    data = typed(admin.get(href).text) | {"name": JUNK, "public": JUNK}
    assert admin.post(href, data=data).status_code == 303
    row = rows(database, Reason, list_key="screen_out", key="abuse")[0]
    assert (row.name, row.public) == (JUNK, JUNK)
    again = admin.get(href).text
    assert typed(again)["public"] == [JUNK]
    assert "<svg onload" not in again


@pytest.mark.parametrize(
    "path", ["sections", "categories/nothing", "categories/a.b", "questions/only", "questions/a.b.c", "categories/%00",
             "calendar/1", "calendar/99999999999999999999", "calendar/x", "wording/new", "consents/new", "x/y/z"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(admin, path):
    assert admin.get(at(admin, "index") + "/" + path).status_code in {404, 422}


def test_only_the_administrator_comes_in(client):
    for who in ("prosecutor_chen", "agency_water", "secadmin", "auditor"):
        cast.sign_in(client, who)
        assert client.get(at(client, "index")).status_code == 403
        assert client.get(at(client, "entry", section_key="towns", key="songbei")).status_code == 403
        assert (
            client.post(at(client, "change", section_key="towns", key="songbei"), data={}).status_code == 403
        )
    cast.sign_out(client)
    assert client.get(at(client, "index")).status_code == 303
