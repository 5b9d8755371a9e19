from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.identity import journal_pages
from app.platform import clock, heads, journal
from app.platform.crypto import KeyRing
from tests import cast
from tests.identity.conftest import house
from tests.patrol import source as patrol

pytestmark = pytest.mark.app


@pytest.fixture
def auditor(client):
    """The client with the auditor signed in."""
    cast.sign_in(client, "auditor")
    return client


def write(client, *words: str, office_id: str | None = None, now=None, note: str = "") -> None:
    with house(client).database.write_session() as session:
        for number, word in enumerate(words):
            journal.record(
                session, journal.REPORTER, word, "clue", f"{number:036d}", office_id=office_id, note=note,
                facts={"n": number}, now=now or clock.now(),
            )  # fmt: skip


def shown(answer) -> list[str]:
    return re.findall(r'translate="no"><span>([^<]+)</span>', answer.text)


def test_newest_first_by_verb_and_day(auditor):
    write(auditor, "clue.received", now=clock.now() - timedelta(days=3))
    write(auditor, "clue.registered", "clue.received")
    assert shown(auditor.get(auditor.to("identity:journal")))[:2] == ["clue.received", "clue.registered"]
    only = auditor.get(auditor.to("identity:journal", verb="clue.received"))
    assert shown(only) == ["clue.received"] * 2
    day = clock.office_date(clock.now() - timedelta(days=3)).isoformat()
    then = auditor.get(auditor.to("identity:journal", since=day, until=day))
    assert shown(then) == ["clue.received"]
    assert auditor.get(auditor.to("identity:journal", verb="clue.lost")).text.count("没有这样的记录") == 1


def test_by_person_and_by_thing(auditor):
    write(auditor, "clue.received", "clue.registered")
    thing = auditor.get(auditor.to("identity:journal", about=f"{1:036d}"))
    assert shown(thing) == ["clue.registered"]
    assert set(shown(auditor.get(auditor.to("identity:journal", who="反映人")))) == {
        "clue.received",
        "clue.registered",
    }
    with house(auditor).database.read_session() as session:
        own = session.execute(text("select login, name from account where login = 'auditor'")).one()
    for typed in own:
        mine = shown(auditor.get(auditor.to("identity:journal", who=typed)))
        assert mine
        assert set(mine) <= {"session.started", "journal.read"}
    assert shown(auditor.get(auditor.to("identity:journal", who="没有这个人"))) == []
    assert shown(auditor.get(auditor.to("identity:journal", who="%"))) == [], "a sign of LIKE is a sign"


def test_an_extract_is_printed_with_the_end_of_the_chain(auditor):
    write(auditor, "clue.received", "clue.registered", note="举报人张三说的话")
    seal(auditor)
    page = auditor.get(auditor.to("identity:journal_extract", verb="clue.received")).text
    assert "张三" not in page
    assert page.count(f"clue {0:036d}") == 1
    assert f"clue {1:036d}" not in page
    with house(auditor).database.read_session() as session:
        seq, digest = session.execute(
            text("select seq, sha256 from journal_seal order by seq desc limit 1")
        ).one()
    assert f"第 {seq} 节" in page
    assert digest in page


def test_the_signed_heads_are_looked_at_too(auditor):
    write(auditor, "clue.received")
    seal(auditor)
    assert "还没有签过名的链头" in auditor.get(auditor.to("identity:journal_chain")).text
    with house(auditor).database.write_session() as session:
        heads.sign(session, house(auditor).keys, heads.Cause.HOUR, now=clock.now())
    assert "签过名的链头 1 个，都对得上" in auditor.get(auditor.to("identity:journal_chain")).text
    wrong = replace(house(auditor), keys=KeyRing([("other", bytes(32))]))
    auditor.app.state.house = wrong
    assert "签名对不上" in auditor.get(auditor.to("identity:journal_chain")).text


def test_words_are_said_in_words(auditor):
    page = auditor.get(auditor.to("identity:journal")).text
    assert "<strong>登录</strong>" in page
    assert '<option value="session.started">登录</option>' in page


def test_every_word_of_this_room_is_known():
    rooms = patrol.sources(r"app/(?:identity/.+|upkeep/.+|rotation)\.py")
    sources = [code.text for code in rooms if not re.search("journal_pages|models", code.path)]
    written = set(
        re.findall(
            r'"((?:account|role|compartment|session|sign_in|sign_on|passkey|office|second_step|recovery_codes?|keys|contacts|backup|installation)\.[a-z_]+)"',
            "\n".join(sources),
        )
    )
    assert len(written) > 10
    assert written == set(journal_pages.WORDS)


def test_a_note_is_never_shown(auditor):
    write(auditor, "clue.closed", note="举报人张三说的话")
    page = auditor.get(auditor.to("identity:journal", verb="clue.closed")).text
    assert "张三" not in page
    assert "note_digest" in page


def test_the_journal_goes_on_without_gap_or_double(auditor):
    write(auditor, *["clue.received"] * 120)
    seen: list[str] = []
    place: str | None = auditor.to("identity:journal", verb="clue.received")
    while place:
        answer = auditor.get(place)
        seen += re.findall(r">clue ([0-9]{36})</a>", answer.text)
        assert "rowno" not in answer.text
        onward = re.search(r'rel="next" href="([^"]+)"', answer.text)
        place = onward[1].replace("&amp;", "&") if onward else None
    assert seen == [f"{number:036d}" for number in reversed(range(120))]


def test_another_offices_rows_are_not_there(auditor):
    write(auditor, "clue.received", office_id="9" * 36)
    assert shown(auditor.get(auditor.to("identity:journal", verb="clue.received"))) == []


@pytest.mark.parametrize(
    "junk", [{"since": "x"}, {"until": "9999-12-31"}, {"since": "0001-01-01"}, {"before": "x"}, {"before": "' or 1"},
             {"verb": "<svg onload=1>"}, {"since": "2026-02-30"}, {"until": "２０２６-01-01"}]
)  # fmt: skip
def test_junk_is_never_our_fault(auditor, junk: dict[str, str]):
    assert auditor.get(auditor.to("identity:journal", **junk)).status_code == 200


def test_an_unbroken_chain(auditor):
    write(auditor, "clue.received", "clue.registered")
    seal(auditor)
    page = auditor.get(auditor.to("identity:journal_chain")).text
    assert "日志完整" in page


@pytest.mark.only("sqlite")
def test_a_row_altered_behind_our_back_is_named(auditor):
    write(auditor, "clue.received", "clue.registered")
    with house(auditor).database.write_session() as session:
        triggers = session.execute(
            text("select name from sqlite_master where type = 'trigger' and tbl_name = 'journal'")
        ).scalars()
        for name in list(triggers):
            session.execute(text(f"drop trigger {name}"))
        session.execute(text("update journal set actor_kind = 'system' where verb = 'clue.received'"))
        seq = session.execute(
            text(
                "select seq from journal_seal join journal on journal.id = journal_id where verb = 'clue.received'"
            )
        ).scalar_one()
    page = auditor.get(auditor.to("identity:journal_chain")).text
    assert f"第 {seq} 节断开：日志行被改过" in page


def seal(client) -> None:
    """On PostgreSQL the worker seals."""
    if not house(client).database.is_sqlite:
        with house(client).database.write_session() as session:
            journal.seal_pending(session)
