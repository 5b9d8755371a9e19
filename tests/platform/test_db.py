"""The two kinds of session keep their promises on the engine in use."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, func, insert, make_url, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from app.platform import chain, ids, journal, numbers
from app.platform.db import Database, WriteSession, ask, look_up
from app.platform.putting import together
from app.platform.records import Job, Journal, Note, NumberSeries
from tests.platform.engines import free_port

NOW = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)


def _job(run_after: datetime) -> dict[str, object]:
    return {
        "id": ids.new(),
        "handler": "x",
        "once_key": ids.new(),
        "payload": {"好": 1},
        "run_after": run_after,
        "attempts": 0,
    }


def test_a_read_session_cannot_write(database: Database) -> None:
    with database.read_session() as session, pytest.raises(DBAPIError):
        session.execute(insert(Job).values(**_job(NOW)))


def test_a_read_session_sees_one_moment(database: Database) -> None:
    row = _job(NOW)
    count = select(func.count()).select_from(Job)
    with database.read_session() as session:
        before = session.execute(count).scalar_one()
        with database.write_session() as writer:
            writer.execute(insert(Job).values(**row))
        assert session.execute(count).scalar_one() == before
    with database.read_session() as session:
        assert session.execute(count).scalar_one() == before + 1


@pytest.mark.only("postgresql")
def test_what_is_asked_often_stays_prepared(database: Database) -> None:
    """Not so after a ROLLBACK, with which a session that is merely closed would end; and never what is not by keys."""
    said = "SELECT statement FROM pg_prepared_statements WHERE statement LIKE 'SELECT job.%'"
    row = _job(NOW)
    for _ in range(8):
        with database.read_session() as session:
            look_up(session, select(Job.id).where(Job.id == bindparam("id")), {"id": row["id"]}).all()
            ask(session, select(Job.handler).where(Job.run_after > bindparam("at")), {"at": NOW}).all()
        database.glance(select(Job.attempts).where(Job.id == bindparam("id")), {"id": row["id"]})
    with database.read_session() as session:
        prepared = session.execute(text(said)).scalars().all()
    assert sorted(one.split()[1] for one in prepared) == ["job.attempts", "job.id"]


def test_a_write_session_commits_when_it_ends_well(database: Database) -> None:
    row = _job(NOW)
    with database.write_session() as session:
        session.execute(insert(Job).values(**row))
    with database.read_session() as session:
        assert session.execute(select(Job.payload).where(Job.id == row["id"])).scalar_one() == {"好": 1}


def test_a_write_session_rolls_back_and_lets_the_next_one_in(database: Database) -> None:
    row = _job(NOW)

    def stumble() -> None:
        with database.write_session() as session:
            session.execute(insert(Job).values(**row))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stumble()
    with database.write_session() as session:
        assert session.execute(select(Job).where(Job.id == row["id"])).first() is None


@pytest.mark.parametrize("begun", ["before", "after"])
def test_who_is_still_reading_when_the_house_closes_leaves_no_line_open(
    database: Database, begun: str
) -> None:
    """A thread that outlives the house: its connection would lie in a pool that nobody empties any more."""
    if begun == "after":
        database.close()
    connection = database.reading.connect()
    connection.execute(text("SELECT 1"))
    line = connection.connection.driver_connection
    assert line is not None
    if begun == "before":
        database.close()
    connection.close()
    if database.is_sqlite:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            line.execute("SELECT 1")
    else:
        assert line.closed


def test_instants_come_back_aware_in_utc(database: Database) -> None:
    row = _job(NOW.astimezone(timezone(timedelta(hours=8))))
    with database.write_session() as session:
        session.execute(insert(Job).values(**row))
    with database.read_session() as session:
        found = session.execute(select(Job.run_after).where(Job.id == row["id"])).scalar_one()
    assert found == NOW
    assert found.utcoffset() == timedelta(0)


def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises((ValueError, StatementError)), database.write_session() as session:
        session.execute(insert(Job).values(**_job(NOW.replace(tzinfo=None))))


@pytest.mark.only("sqlite")
def test_sqlite_learns_how_its_rows_are_spread(database: Database) -> None:
    with database.write_session() as session:
        session.execute(insert(Job), [_job(NOW) for _ in range(3)])
    database.take_stock()
    said = "SELECT stat FROM sqlite_stat1 WHERE tbl = 'job' ORDER BY 1 LIMIT 1"
    with database.read_session() as session:
        assert session.execute(text(said)).scalar_one().startswith("3 ")


@pytest.mark.only("sqlite")
def test_sqlite_is_as_durable_as_it_can_be(database: Database) -> None:
    with database.write_session() as session:
        assert session.execute(text("PRAGMA synchronous")).scalar_one() == 2  # FULL
        assert session.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_writers_stand_in_line_and_numbers_have_no_gap_and_no_double(database: Database) -> None:
    taken: list[tuple[int, int]] = []
    faults: list[BaseException] = []

    def work() -> None:
        try:
            for turn in range(10):
                try:
                    with database.write_session() as session:
                        found = numbers.take(
                            session, office_id="o", kind="clue", compartment_kind="open", start=5, now=NOW
                        )
                        if turn == 4:
                            raise LookupError  # a step that fails gives its number back
                        taken.append(found)
                except LookupError:
                    continue
        except BaseException as error:  # noqa: BLE001
            faults.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    assert sorted(taken) == [(2026, number) for number in range(5, 5 + 72)]


def test_rows_put_together_go_in_at_the_end_or_not_at_all(database: Database) -> None:
    before = _sealed(database).sealed

    def say(session: WriteSession, note: str) -> None:
        journal.record(session, journal.SYSTEM, "clue.noted", "clue", "c1", now=NOW, note=note)

    def said(session: WriteSession) -> int:
        return int(session.execute(select(func.count()).select_from(Journal)).scalar_one()) - before

    def stumble() -> None:
        with database.write_session() as session, together(session):
            say(session, "不会有")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stumble()
    with database.write_session() as session:
        with together(session):
            for _ in range(3):
                say(session, "有")
            assert said(session) == 0
        assert said(session) == 3
        say(session, "有")
        assert said(session) == 4, "after the block a row is there at once again"
        assert session.execute(select(Note.body)).scalars().all() == ["有"] * 4
    assert _sealed(database) == chain.ChainReport(before + 4, 0)


def test_the_year_of_a_number_is_the_offices_year(database: Database) -> None:
    new_year_in_harbin = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    with database.write_session() as session:
        year, _ = numbers.take(
            session, office_id="o", kind="clue", compartment_kind="open", start=1, now=new_year_in_harbin
        )
        series = session.execute(
            select(NumberSeries.next_value).where(NumberSeries.year == 2027)
        ).scalar_one()
    assert (year, series) == (2027, 2)


def _record(database: Database, note: str = "") -> str:
    with database.write_session() as session:
        return journal.record(
            session,
            journal.SYSTEM,
            "clue.noted",
            "clue",
            "c1",
            now=NOW,
            clue_id="c1",
            facts={"n": 1},
            note=note,
        )


def _sealed(database: Database) -> journal.ChainReport:
    if not database.is_sqlite:
        with database.write_session() as session:
            journal.seal_pending(session)
    with database.read_session() as session:
        return journal.verify(session)


def test_the_journal_is_chained_and_whole(database: Database) -> None:
    before = _sealed(database).sealed
    for number in range(5):
        _record(database, note=f"理由 {number}")
    assert _sealed(database) == chain.ChainReport(before + 5, 0)


def test_a_row_that_becomes_visible_late_is_sealed_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL a row's number is given before its transaction ends: higher ones may be sealed by then."""
    first = 1_000_000
    for number in (first, first + 10):
        _late(database, number)
        _seal_once(database)
    _late(database, first + 5)
    assert _seal_once(database) == 1
    monkeypatch.setattr(chain, "_LOOKS_BACK", 3)
    _late(database, first + 2)
    assert _seal_once(database) == 0  # nobody walks millions of rows for it at every commit
    assert _seal_once(database, is_whole=True) == 1
    with database.read_session() as session:
        assert journal.verify(session).faults == ()


def _late(database: Database, rowno: int) -> None:
    columns = "rowno, id, verb, subject_kind, subject_id, actor_kind, facts, recorded_at"
    values = (
        f"{rowno}, 'late-{rowno}', 'clue.noted', 'clue', 'c1', 'system', '{{}}', '2026-11-23 01:00:00.000000'"
    )
    with database.write_session() as session:
        session.execute(text(f"INSERT INTO journal ({columns}) VALUES ({values})"))  # noqa: S608


def _seal_once(database: Database, *, is_whole: bool = False) -> int:
    with database.write_session() as session:
        return journal.seal_pending(session, is_whole=is_whole)


@pytest.mark.parametrize("table", ["journal", "journal_seal"])
@pytest.mark.parametrize("statement", ["UPDATE {0} SET journal_id = 'x'", "DELETE FROM {0}"])
def test_the_database_itself_refuses_to_change_the_journal(
    database: Database, table: str, statement: str
) -> None:
    _record(database)
    _sealed(database)
    wanted = statement.format(table).replace("journal_id", "verb" if table == "journal" else "journal_id")
    with pytest.raises(DBAPIError, match="insert-only"), database.write_session() as session:
        session.execute(text(wanted))


def _unguarded(database: Database, statement: str) -> None:
    """Do what an insider with the disk could do: take the triggers off first."""
    with database.write_session() as session:
        if database.is_sqlite:
            for table in ("journal", "journal_seal"):
                for verb in ("update", "delete"):
                    session.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
        else:
            for table in ("journal", "journal_seal"):
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (
            "UPDATE journal SET verb = 'clue.closed' WHERE rowno = (SELECT min(rowno) + 2 FROM journal)",
            "altered",
        ),
        ("UPDATE journal_seal SET sm3 = '0' WHERE seq = 3", "altered"),
        ("DELETE FROM journal_seal WHERE seq = 3", "missing"),
        ("DELETE FROM journal WHERE rowno = (SELECT min(rowno) + 2 FROM journal)", "missing"),
        ("UPDATE journal_seal SET previous = sha256 WHERE seq = 3", "follow"),
    ],
)
def test_what_an_insider_changes_is_found_and_named(database: Database, statement: str, why: str) -> None:
    for _ in range(5):
        _record(database)
    assert _sealed(database).broken_at is None
    _unguarded(database, statement)
    with database.read_session() as session:
        report = journal.verify(session)
    assert report.broken_at == 3
    assert why in report.why


def test_an_erased_note_does_not_break_the_chain(database: Database) -> None:
    _record(database, note="不该留下的话")
    with database.write_session() as session:
        session.execute(text("UPDATE note SET body = NULL"))
    assert _sealed(database).broken_at is None


def test_the_words_of_a_note_are_not_in_the_journal(database: Database) -> None:
    _record(database, note="张三的话")
    with database.read_session() as session:
        facts = session.execute(select(Journal.facts).where(Journal.subject_id == "c1")).scalars().one()
        assert "张三" not in str(facts)
        assert len(facts["note_digest"]) == 64


@pytest.mark.only("postgresql")
def test_the_server_that_takes_writes_is_found_behind_a_dead_one_and_both_ends_look_after_each_other(
    database_url: str,
) -> None:
    url, dead = make_url(database_url), free_port()
    hosts = (f"127.0.0.1:{dead}", f"127.0.0.1:{url.port}")
    both = url.set(host=None, port=None, query={"host": hosts, "target_session_attrs": "read-write"})
    database = Database(both.render_as_string(hide_password=False))
    told = text("select name, setting from pg_settings where name like 'tcp\\_%'")
    with database.write_session() as session:
        asked = {str(name): setting for name, setting in session.execute(told)}
    database.close()
    assert asked == {
        "tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3",
        "tcp_user_timeout": "25000",
    }  # fmt: skip
