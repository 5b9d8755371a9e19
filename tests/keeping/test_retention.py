"""What people left behind goes when its time is over: told before, held back on request, stopped when it runs away."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text
from sqlmodel import col

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.models import Clue
from app.clues.terms import ClueAction, Fact
from app.evidence import checking
from app.evidence.models import Blob, EvidenceItem
from app.intake.models import Report, ReporterContact
from app.keeping import jobs, service
from app.keeping.models import RetentionNotice
from app.platform import chain, clock, journal
from app.platform.records import Job, Journal, Note
from app.transfer.models import Agreement, Transfer
from app.wiring import CHORES, JOURNAL_WORDS
from tests import cast
from tests.keeping import scene
from tests.security.traces import traces
from tests.transfer import scenes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.platform.db import Database
    from app.platform.web.given import House

pytestmark = pytest.mark.app
MARKS = [*scene.SAID.values(), scene.NAME, scene.PHONE]


@pytest.fixture
def house(app) -> Iterator[House]:
    yield app.state.house
    app.state.house.database.close()


def verbs(database: Database, clue_id: str) -> list[str]:
    with database.read_session() as session:
        rows = session.execute(
            select(Journal.verb)
            .where(Journal.clue_id == clue_id, col(Journal.verb).like("retention.%"))
            .order_by(Journal.rowno)
        )
        return list(rows.scalars())


def count(database: Database, table) -> int:
    with database.read_session() as session:
        return int(session.execute(select(func.count()).select_from(table)).scalar_one())


def test_nothing_goes_without_a_term_the_office_has_set(house: House, monkeypatch):
    with house.database.write_session() as session:
        scene.ended(session)
        scene.set_terms(session, contact=1, content=1, is_confirmed=False)
    scene.run(house, monkeypatch, days=900)
    assert count(house.database, RetentionNotice) == 0


def test_what_is_over_is_told_and_goes_after_the_notice(house: House, monkeypatch):
    with house.database.write_session() as session:
        clue_id = scene.matter(session, house)
        before = clue_queries.by_id(session, clue_id)
        number, category, town, closed = before.number, before.category_key, before.town_key, before.closed_at
        scene.set_terms(session, contact=12, content=24)
    assert set(MARKS) <= {
        line.partition(": ")[2] for line in scene.left_in_tables(house.database, *MARKS)
    } | {scene.NAME, scene.PHONE}
    scene.run(house, monkeypatch)
    assert verbs(house.database, clue_id) == ["retention.announced"] * 2
    scene.run(house, monkeypatch, days=29)
    assert verbs(house.database, clue_id) == ["retention.announced"] * 2, (
        "nothing goes before its notice has run"
    )
    scene.run(house, monkeypatch, days=31)
    assert verbs(house.database, clue_id) == ["retention.announced"] * 2 + ["retention.erased"] * 2
    assert scene.left_in_tables(house.database, *MARKS) == []
    with house.database.read_session() as session:
        clue = session.execute(select(Clue).where(Clue.id == clue_id)).scalar_one()
        assert (clue.number, clue.category_key, clue.town_key, clue.closed_at) == (
            number,
            category,
            town,
            closed,
        )
        assert clue.title.endswith("（内容已清除）")
        assert clue.erased_at is not None
        assert session.execute(select(func.count()).select_from(ReporterContact)).scalar_one() == 0
        assert session.execute(select(Transfer.number)).scalar_one() is not None
        assert all(note.erased_at and not note.salt for note in session.execute(select(Note)).scalars())
    scene.run(house, monkeypatch, days=32)
    assert verbs(house.database, clue_id).count("retention.erased") == 2, "twice is harmless"


def test_the_chain_holds_and_the_bytes_are_gone(house: House, monkeypatch):
    with house.database.write_session() as session:
        clue_id = scene.matter(session, house)
        scene.set_terms(session, contact=None, content=24)
        photos = list(session.execute(select(EvidenceItem.digest)).scalars())
    scene.run(house, monkeypatch)
    scene.run(house, monkeypatch, days=31)
    with house.database.write_session() as session:
        chain.seal_pending(session)
        assert not chain.verify(session).faults
        gone = session.execute(select(Blob.digest).where(Blob.erased_at.is_not(None))).scalars().all()
        assert set(photos) <= set(gone), "the tombstone keeps the digest"
    assert photos
    assert not [digest for digest in photos if house.store.exists(digest)]
    assert list(house.store.digests()) == [], "copies of our making are gone too"
    assert [one.text for one in checking.check_store(scene.tools(house)) if one.is_fault] == []
    assert "evidence.erased" in JOURNAL_WORDS
    assert verbs(house.database, clue_id)[-1] == "retention.erased"


@pytest.mark.only("sqlite")
def test_nothing_lies_in_any_file(house: House, monkeypatch):
    """The canary: the database with its free pages, its log, its index, the blobs."""
    with house.database.write_session() as session:
        scene.matter(session, house)
        scene.set_terms(session, contact=12, content=24)
    path = house.settings.database.removeprefix("sqlite:///")
    words = [
        scene.SAID[key]
        for key in ("report", "message", "note", "reason", "reply", "call", "title", "summary")
    ]
    seen = {line.split(": ")[1].split(" as ")[0] for line in database_traces(path, words)}
    assert seen == set(words), "the search can see"
    title = scene.SAID["title"]
    pieces = in_index(house.database, [title[at : at + 2] for at in range(len(title) - 1)])
    assert pieces, "the index holds pieces of the title (those that it does not press together)"
    scene.run(house, monkeypatch)
    scene.run(house, monkeypatch, days=31)
    assert database_traces(path, words) == []
    assert in_index(house.database, pieces) == []
    assert traces(house.settings.data_dir / "blobs", *words) == []


def in_index(database: Database, pieces: list[str]) -> list[str]:
    """Which pieces stand in the blocks of the search index."""
    with database.read_session() as session:
        blocks = b"".join(map(bytes, session.execute(text("select block from clue_words_data")).scalars()))
    return [piece for piece in pieces if piece.encode() in blocks]


def database_traces(path: str, secrets: list[str]) -> list[str]:
    """What lies in the database file and the files beside it."""
    with TemporaryDirectory() as folder:
        for part in Path(path).parent.glob(Path(path).name + "*"):
            copy(part, folder)
        return traces(Path(folder), *secrets)


def test_a_photo_that_another_matter_needs_stays(house: House, monkeypatch):
    with house.database.write_session() as session:
        old = scene.ended(session)
        young = scenes.clue(session)
        shared = [scenes.photo(session, house.store, clue_id) for clue_id in (old, young)]
        scene.set_terms(session, contact=None, content=1)
        digests = set(session.execute(select(EvidenceItem.digest)).scalars())
    assert len(digests) == 1
    scene.run(house, monkeypatch)
    scene.run(house, monkeypatch, days=31)
    digest = digests.pop()
    assert house.store.exists(digest)
    with house.database.read_session() as session:
        conditions: dict[str, str] = {
            row[0]: row[1] for row in session.execute(select(EvidenceItem.id, EvidenceItem.condition))
        }
    assert [conditions[one] for one in shared] == ["erased", "ready"]
    assert len(list(house.store.digests())) == 2, "the copy of the young matter stays as well"


def test_bytes_that_a_paper_of_another_room_stands_on_stay(house: House, monkeypatch):
    """Columns of the type BytesHeld hold bytes; `evidence` knows none of them by name."""
    with house.database.write_session() as session:
        old = scene.ended(session)
        scenes.photo(session, house.store, old)
        scene.set_terms(session, contact=None, content=1)
        digest = session.execute(select(EvidenceItem.digest)).scalar_one()
        office_id = session.execute(select(Clue.office_id)).scalars().first()
        session.add(
            Agreement(
                id="1" * 32, office_id=office_id, name="协作意见", categories=[], document_digest=digest, added_at=clock.now()
            )
        )  # fmt: skip
    scene.run(house, monkeypatch)
    scene.run(house, monkeypatch, days=31)
    with house.database.read_session() as session:
        assert session.execute(select(EvidenceItem.condition)).scalar_one() == "erased"
    assert list(house.store.digests()) == [digest], "the paper stays, the copies of the photo went"


def test_only_the_contact_goes_where_its_term_is_shorter(house: House, monkeypatch):
    with house.database.write_session() as session:
        clue_id = scene.matter(session, house)
        scene.set_terms(session, contact=1, content=None)
    scene.run(house, monkeypatch)
    scene.run(house, monkeypatch, days=31)
    assert count(house.database, ReporterContact) == 0
    with house.database.read_session() as session:
        assert scene.SAID["report"] in session.execute(select(Report.words)).scalar_one()
        assert session.execute(select(Clue.erased_at).where(Clue.id == clue_id)).scalar_one() is None
    scene.run(house, monkeypatch, days=62)
    assert verbs(house.database, clue_id) == ["retention.announced", "retention.erased"]


def test_a_held_matter_stays_and_is_told_of_anew_when_the_hold_ends(house: House, monkeypatch):
    with house.database.write_session() as session:
        clue_id = scene.ended(session)
        scene.set_terms(session, contact=None, content=1)
    scene.run(house, monkeypatch)
    with house.database.write_session() as session:
        head = cast.actor(session, "head_lin", house.settings)
        service.hold(session, head, clue_queries.by_id(session, clue_id), reason="正在诉讼", now=clock.now())
    scene.run(house, monkeypatch, days=31)
    with house.database.write_session() as session:
        clue = clue_queries.by_id(session, clue_id)
        assert clue.erased_at is None
        head = cast.actor(session, "head_lin", house.settings)
        service.end_hold(session, head, clue, reason="诉讼已经结束", now=clock.now())
    scene.run(house, monkeypatch, days=32)
    scene.run(house, monkeypatch, days=60)
    assert "retention.erased" not in verbs(house.database, clue_id)
    scene.run(house, monkeypatch, days=63)
    assert verbs(house.database, clue_id)[-1] == "retention.erased"


def test_a_matter_opened_again_is_kept(house: House, monkeypatch):
    with house.database.write_session() as session:
        clue_id = scene.ended(session)
        scene.set_terms(session, contact=None, content=1)
    scene.run(house, monkeypatch)
    with house.database.write_session() as session:
        clue = clue_queries.by_id(session, clue_id)
        clue_service.advance(
            session, journal.SYSTEM, clue, ClueAction.REOPEN, now=clock.now(), facts=frozenset({Fact.REASON})
        )
    scene.run(house, monkeypatch, days=31)
    assert verbs(house.database, clue_id) == ["retention.announced", "retention.lapsed"]
    assert count(house.database, RetentionNotice) == 0


def test_a_member_goes_with_the_matter_it_was_merged_into(house: House, monkeypatch):
    with house.database.write_session() as session:
        master = scene.ended(session)
        member = scenes.clue(session)
        clue = clue_queries.by_id(session, member)
        clue_service.advance(
            session, journal.SYSTEM, clue, ClueAction.MERGE, now=clock.now(), facts=frozenset({Fact.MASTER})
        )
        clue_service.link(
            session, journal.SYSTEM, master=clue_queries.by_id(session, master), member=clue, account_id=master, now=clock.now()
        )  # fmt: skip
        scene.set_terms(session, contact=None, content=1)
    scene.run(house, monkeypatch)
    scene.run(house, monkeypatch, days=31)
    assert verbs(house.database, member)[-1] == verbs(house.database, master)[-1] == "retention.erased"


def test_a_run_that_runs_away_stops_and_says_so(app, house: House, monkeypatch):
    cap = house.settings.retention_cap
    with house.database.write_session() as session:
        clue_ids = [scene.ended(session) for _ in range(cap + 1)]
        scene.set_terms(session, contact=None, content=1)
    scene.run(house, monkeypatch)
    scene.run(house, monkeypatch, days=31)
    with house.database.read_session() as session:
        stopped = session.execute(select(Journal).where(Journal.verb == "retention.stopped")).scalars().all()
        assert [row.facts for row in stopped] == [{"due": cap + 1, "cap": cap}]
        assert not session.execute(select(Clue.id).where(Clue.erased_at.is_not(None))).all(), "not one went"
    with house.database.write_session() as session:
        head = cast.actor(session, "head_lin", house.settings)
        with pytest.raises(service.OtherCount):
            service.release(session, head, count=cap, cap=cap, reason="看过名单", now=clock.now())
        service.release(session, head, count=cap + 1, cap=cap, reason="看过名单", now=clock.now())
    scene.run(house, monkeypatch, days=31)
    assert (
        verbs(house.database, clue_ids[0])[-1]
        == verbs(house.database, clue_ids[-1])[-1]
        == "retention.erased"
    )


def test_the_day_s_run_is_asked_for_once(house: House, monkeypatch):
    assert jobs.ask_daily in CHORES
    now = clock.now().replace(hour=5)
    for _ in range(3):
        jobs.ask_daily(scene.tools(house), now)
    jobs.ask_daily(scene.tools(house), now + timedelta(days=1))
    jobs.ask_daily(scene.tools(house), now.replace(hour=17))  # one in the night of the office's next day
    with house.database.read_session() as session:
        rows = session.execute(select(Job.once_key).where(Job.handler == "retention.run")).scalars().all()
    assert len(rows) == 2


def test_a_dry_run_changes_nothing(house: House):
    with house.database.write_session() as session:
        scene.ended(session)
        scene.set_terms(session, contact=None, content=1)
    with house.database.read_session() as session:
        before = session.execute(text("select count(*) from journal")).scalar_one()
        plan = service.plan(session, cap=1, notice_days=30, now=clock.now())
        assert len(plan.candidates) == 1
        assert session.execute(text("select count(*) from journal")).scalar_one() == before
