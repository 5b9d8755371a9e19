"""Search: Chinese of one, two and more characters, by number and place; the scope holds; what is forgotten is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from app.clues import service as clue_service
from app.clues.service import PlaceOfClue
from app.desk.queries import around, queue, search
from app.desk.terms import PAGE_ROWS, Cursor, Filters, WorkList
from app.identity.terms import CompartmentKind
from app.intake.jobs import index_words
from app.intake.terms import Addition, MessageKind
from app.main import open_house
from app.platform import clock
from app.platform.db import Database, WriteSession
from app.platform.jobs import Work
from app.platform.settings import Settings
from app.platform.web.given import House
from app.reference import queries as reference
from app.triage import service as triage
from app.triage.jobs import index_marks
from app.wiring import tools_of
from tests import cast
from tests.desk import makers
from tests.triage import walks

NOW, TODAY = makers.NOW, clock.office_date(makers.NOW)
CLEAN = PlaceOfClue(words="桥东")


def found(session: WriteSession, who: str, typed: str, **filters: str) -> list[str]:
    actor = cast.actor(session, who)
    view = Filters(WorkList.ALL, q=typed, **filters)  # type: ignore[arg-type]
    return [row.id for row in queue.rows(session, actor, view, today=TODAY, now=NOW)]


def test_words_of_one_two_and_more_characters(session: WriteSession):
    clue = makers.clue(session, title="松花江大桥下AED坏了", words="下游三十米水面发黑", place=CLEAN)
    makers.clue(session, title="别的事", place=PlaceOfClue(words="别处"))
    for typed in ("松花", "花江", "松花江", "桥", "了", "AED", "aed", "发黑", "黑", "水面 大桥", "桥东"):
        assert found(session, "prosecutor_chen", typed) == [clue.id], typed
    for typed in ("松江", "江花", "水面 小桥", "发白"):
        assert found(session, "prosecutor_chen", typed) == [], typed


@pytest.fixture(params=["near", "in_order", "gathered"])
def looks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first looks of SQLite and of PostgreSQL reach no further than a few rows, and choose what comes then."""
    if request.param == "near":
        return
    monkeypatch.setattr(search, "_FEW", 2)
    monkeypatch.setattr(search, "_MORE", 4)
    monkeypatch.setattr(search, "_NEAR", 3)
    monkeypatch.setattr(search, "_READ_COST", 0 if request.param == "in_order" else 1e9)


@pytest.mark.usefixtures("looks")
def test_few_matches_are_looked_at_first_and_all_when_these_fill_no_page(session: WriteSession):
    """What a rare filter wants lies beyond the first looks; and the page of what is common comes from the first."""
    old = [
        makers.clue(session, title=f"发黑{n}", category_key="aed_missing", place=CLEAN).id for n in range(2)
    ]
    new = [makers.clue(session, title=f"发黑{n}", place=CLEAN).id for n in range(6)]
    assert sorted(found(session, "prosecutor_chen", "发黑", category="aed_missing")) == sorted(old)
    assert sorted(found(session, "prosecutor_chen", "发黑")) == sorted(old + new)


def test_what_is_unfinished_twice_counts_once(session: WriteSession):
    makers.clue(session, is_complete=False, needs_correction=True)
    makers.clue(session, is_complete=False)
    makers.clue(session, needs_correction=True)
    makers.clue(session)
    actor = cast.actor(session, "head_lin")
    assert queue.counts(session, actor, today=TODAY)[WorkList.INCOMPLETE] == 3


@pytest.mark.parametrize("typed", ["%", "_", '"', "\\", "* OR *", "NEAR/2", "<->", "'"])
def test_signs_alone_find_nothing_and_break_nothing(session: WriteSession, typed: str):
    makers.clue(session)
    assert found(session, "prosecutor_chen", typed) == []
    named = makers.clue(session, title=f"独特{typed}路口", place=CLEAN)
    assert found(session, "prosecutor_chen", f"独特{typed}路口") == [named.id]


def test_by_number_and_after_a_new_title(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    clue = walks.register(session, chen, makers.clue(session, words="有股臭味"))
    for typed in (clue.number or "", "0001", "0001号", "线〔2026〕0001"):
        assert found(session, "prosecutor_chen", typed) == [clue.id], typed
    triage.set_title(session, chen, clue.id, version=clue.version, now=NOW, title="换过的名字")
    assert found(session, "prosecutor_chen", "换过的名字") == [clue.id]
    assert found(session, "prosecutor_chen", "沟渠排黑水") == []
    assert found(session, "prosecutor_chen", "臭味") == [clue.id], "the reporter's words stay"


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    """The house of this test's database."""
    opened = open_house(settings)
    yield opened
    opened.database.close()


def test_what_is_said_later_is_found(session: WriteSession, house: House):
    from app.intake import queries as intake_queries
    from app.intake import service as intake

    clue = makers.reported(session, house, words="沟里排黑水")
    assert found(session, "prosecutor_chen", "沟里") == [clue.id]
    first = intake_queries.of_clue(session, clue.id)[0]
    added = Addition(
        report_id="01900000-0000-7000-8000-000000000001", kind=MessageKind.ADDITION, words="现在变成乳白色"
    )
    intake.add(session, house, first, added, kept=[], declined=[], now=NOW)
    assert found(session, "prosecutor_chen", "乳白") == [clue.id]


def test_closed_circles_and_other_offices_are_not_found(session: WriteSession):
    clue = makers.clue(session, kind=CompartmentKind.MILITARY, title="靶场旁边堆料")
    assert found(session, "prosecutor_chen", "靶场") == []
    assert found(session, "prosecutor_wu", "靶场") == []
    assert found(session, "head_lin", "靶场") == [clue.id]


@pytest.mark.usefixtures("looks")
def test_filters_and_pages_of_a_search(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    made = [
        makers.clue(session, title="同名沟渠", now=NOW - timedelta(minutes=90 - at)).id for at in range(60)
    ]
    other = makers.clue(session, title="同名沟渠", category_key="solid_waste").id
    assert found(session, "prosecutor_chen", "同名", category="solid_waste") == [other]
    view = Filters(WorkList.ALL, q="同名", category="water_pollution")
    first = queue.rows(session, chen, view, today=TODAY, now=NOW)
    assert [row.id for row in first] == made[::-1][: PAGE_ROWS + 1]
    last = first[PAGE_ROWS - 1]
    second = queue.rows(session, chen, view, today=TODAY, now=NOW, cursor=Cursor(last.received_at, last.id))
    assert [row.id for row in second] == made[::-1][PAGE_ROWS:]
    back = Cursor(second[0].received_at, second[0].id, is_backward=True)
    before = queue.rows(session, chen, view, today=TODAY, now=NOW, cursor=back)
    assert [row.id for row in before] == made[::-1][:PAGE_ROWS]


@pytest.mark.only("sqlite")
def test_forgotten_words_leave_the_index(session: WriteSession):
    clue = makers.clue(session, words="只此一处的怪味道")
    # house: allow selects-in-queries (a look at the index itself)
    tokens = text("SELECT count(*) FROM clue_words WHERE clue_words MATCH :asked")
    assert session.execute(tokens, {"asked": '"怪味"'}).scalar_one() == 1
    clue_service.forget_words(session, clue)
    assert session.execute(tokens, {"asked": '"怪味"'}).scalar_one() == 0
    clue_service.pack_words(session)
    session.execute(text("INSERT INTO clue_words(clue_words) VALUES ('integrity-check')"))
    blocks = session.execute(text("SELECT block FROM clue_words_data")).scalars().all()
    assert not any("怪味".encode() in bytes(block) for block in blocks), "the tokens themselves are gone"


def test_clues_from_before_the_index_are_written_into_it(database: Database, house: House):
    with database.write_session() as session:
        clue = makers.clue(session, title="老线索一条")
        clue_service.forget_words(session, clue)
        assert found(session, "prosecutor_chen", "老线索") == []
    work = Work("j", "intake.index_words", None, {}, 1)
    index_words(tools_of(house), work)
    index_words(tools_of(house), work)
    with database.write_session() as session:
        assert found(session, "prosecutor_chen", "老线索") == [clue.id]


def test_places_follow_their_clue(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    here = makers.clue(session)
    closed = makers.clue(session, kind=CompartmentKind.MINORS)
    nowhere = makers.clue(session, place=CLEAN)
    box = (45.80, 126.54, 45.81, 126.55)

    def seen(sides: tuple[float, float, float, float]) -> list[str]:
        near = around.in_box(
            session, chen, box=sides, category_key="water_pollution", since=NOW - timedelta(days=1), but=""
        )
        return [one.id for one in near]

    assert seen(box) == [here.id]
    clue_service.change(session, here, lat=45.9, lon=126.6)
    assert seen(box) == []
    assert seen((45.8999, 126.5999, 45.9001, 126.6001)) == [here.id]
    clue_service.change(session, here, lat=None, lon=None)
    assert seen((45.0, 126.0, 46.0, 127.0)) == []
    assert {closed.id, nowhere.id}.isdisjoint(seen((45.0, 126.0, 46.0, 127.0)))
    assert search.engine_of(session).value in str(session.get_bind().dialect.name)


def test_by_the_name_of_a_label_in_both_languages_until_it_is_taken_off(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    known = {label.key: label for label in reference.labels(session)}
    key, label = next(iter(known.items()))
    clue = makers.clue(session)
    makers.clue(session, title="没有标签的")
    triage.set_labels(session, chen, clue.id, now=NOW, keys={key})
    for typed in (label.name, label.name[:2], label.name_en.split()[0], f"{label.name} 排黑水"):
        assert found(session, "prosecutor_chen", typed) == [clue.id], typed
    assert found(session, "prosecutor_chen", f"{label.name} 没有标签") == []
    triage.set_title(session, chen, clue.id, version=clue.version, now=NOW, title="新标题")
    assert found(session, "prosecutor_chen", label.name) == [clue.id], "a new title keeps the label"
    triage.set_labels(session, chen, clue.id, now=NOW, keys=set())
    assert found(session, "prosecutor_chen", label.name) == []


def test_by_the_number_of_the_official_case_system(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    clue = walks.register(session, chen, makers.clue(session))
    triage.note_case_number(
        session, chen, clue.id, version=clue.version, now=NOW, number="哈松检行公立〔2026〕Z57号"
    )
    for typed in ("Z57", "行公立", "哈松检行公立〔2026〕Z57号"):
        assert found(session, "prosecutor_chen", typed) == [clue.id], typed
    assert found(session, "prosecutor_wu", "Z57") == []


def test_what_was_labelled_before_search_knew_of_it_is_made_findable(database: Database, settings: Settings):
    with database.write_session() as session:
        chen = cast.actor(session, "prosecutor_chen")
        clue = makers.clue(session)
        label = reference.labels(session)[0]
        triage.set_labels(session, chen, clue.id, now=NOW, keys={label.key})
        session.execute(text("UPDATE clue_text SET head = 'x'"))
    house = open_house(settings)
    index_marks(tools_of(house), Work("x", "triage.index_marks", None, {}, 1))
    house.database.close()
    with database.write_session() as session:
        assert found(session, "prosecutor_chen", label.name) == [clue.id]
        assert found(session, "prosecutor_chen", "太阳岛") == [clue.id]


def test_what_lies_beside_is_asked_of_the_index_of_places(session: WriteSession):
    """However many clues there are, a look around one must not read the district's whole band (migration 0037)."""
    chen, engine = cast.actor(session, "prosecutor_chen"), search.engine_of(session)
    asked: list[tuple[str, object]] = []
    on = session.connection().engine
    event.listen(on, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    queue.counts(session, chen, today=TODAY)
    statement, values = asked[-1]
    raw = session.connection().connection.driver_connection
    assert raw is not None
    if engine is search.Engine.SQLITE:
        plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert any("clue_place VIRTUAL TABLE INDEX" in line for line in plan), plan
    else:
        raw.execute("SET LOCAL enable_seqscan = off")  # a few rows are read whole, whatever indexes there are
        plan = [row[0] for row in raw.execute(f"EXPLAIN {statement}", values)]
        assert any("ix_clue_point" in line for line in plan), plan
