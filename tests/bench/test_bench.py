"""The bench's own arithmetic, and that what it fills in is an office: its chain holds and its clues are found."""

from __future__ import annotations

from app.platform import journal
from app.platform.db import Database
from tests.bench import table
from tests.bench.filled import filled
from tests.bench.table import Row


def _row(key: str, cpu_ms: float, clues: str = "1,000", p50: float = 1.0, p99: float = 1.0) -> Row:
    return Row(key, "a row", "sqlite", clues, cpu_ms, 1.0, p50, p99, 100.0)


def test_a_row_behind_its_goal_is_said_to_be_and_why() -> None:
    said = list(table.lines([_row("F8", 3.5), _row("F11", 1.6), _row("F10", 1.0, p99=21)]))
    assert "met (3.5 CPU-ms)" in said[1]
    assert "missed (1.5 CPU-ms)" in said[2]
    assert "missed (6 p50, 20 p99)" in said[3]
    assert [line.split()[0] for line in said[4:]] == ["F10", "F11"]


def test_a_million_clues_may_cost_more() -> None:
    assert not table.missed(_row("F8", 3.9, "1,000,000"))
    assert table.missed(_row("F8", 3.9, "100,000"))
    assert "met (4 CPU-ms)" in list(table.lines([_row("F8", 3.9, "1,000,000")]))[1]


def test_every_goal_has_its_sentence_in_store() -> None:
    assert set(table.WHY) == set(table.GOALS)


def test_growth_is_told_from_the_smallest_to_the_largest() -> None:
    rows = [_row("F8", 2.0), _row("F8", 9.0, "100,000"), _row("F8", 5.0, "1,000,000"), _row("F8", 1.0, "")]
    (line,) = table.growth(rows)
    assert "1,000 to 1,000,000" in line
    assert "2.50 x" in line


def test_a_filled_office_has_its_chain_its_photos_and_its_words() -> None:
    with filled(60, photos=1) as place:
        database = Database(place.url)
        with database.read_session() as session:
            found = journal.verify(session)
        database.close()
        assert (found.unsealed, found.faults) == (0, ())
        assert found.sealed >= 60
        assert place.store.ask("SELECT count(*) FROM clue") == [(60,)]
        # One each, and three more for those whose page is measured.
        in_hand = place.store.ask("SELECT count(*) FROM clue WHERE state != 'submitted'")[0][0]
        assert place.store.ask("SELECT count(*) FROM evidence_item") == [(60 + 3 * in_hand,)]
        assert place.store.ask("SELECT count(*) FROM clue_words") == [(60,)]
