"""Search by words and by place: the grams of each clue, an index over them, an index over positions; the grade.

SQLite: an FTS5 table that reads its content from `clue_text` and is kept in step by triggers (SQLite 3.40 cannot
delete from a contentless table without being told the old text, and the old text is what the triggers know); an
R*Tree kept in step by triggers on `clue`. PostgreSQL: a stored tsvector under GIN; positions have their B-tree.
A later migration that rebuilds `clue` or `clue_text` in batch mode loses the triggers and must make them again;
tests/desk/test_search.py fails then. One job is left for the worker: it writes the grams of clues that were there
before. Downgrading loses the indexes and the grade beside each clue, which stands in its evaluations still.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WORDS = (
    (
        "CREATE VIRTUAL TABLE clue_words USING fts5(head, body, content='clue_text', content_rowid='clue_rowno', "
        "tokenize='unicode61 remove_diacritics 0', columnsize=0)"
    ),
    (
        "CREATE TRIGGER clue_text_words_insert AFTER INSERT ON clue_text BEGIN "
        "INSERT INTO clue_words(rowid, head, body) VALUES (new.clue_rowno, new.head, new.body); END"
    ),
    (
        "CREATE TRIGGER clue_text_words_delete AFTER DELETE ON clue_text BEGIN "
        "INSERT INTO clue_words(clue_words, rowid, head, body) VALUES ('delete', old.clue_rowno, old.head, old.body); END"
    ),
    (
        "CREATE TRIGGER clue_text_words_update AFTER UPDATE ON clue_text BEGIN "
        "INSERT INTO clue_words(clue_words, rowid, head, body) VALUES ('delete', old.clue_rowno, old.head, old.body); "
        "INSERT INTO clue_words(rowid, head, body) VALUES (new.clue_rowno, new.head, new.body); END"
    ),
)
_PLACES = (
    "CREATE VIRTUAL TABLE clue_place USING rtree(rowno, south, north, west, east)",
    "INSERT INTO clue_place SELECT rowno, lat, lat, lon, lon FROM clue WHERE lat IS NOT NULL AND lon IS NOT NULL",
    (
        "CREATE TRIGGER clue_place_insert AFTER INSERT ON clue WHEN new.lat IS NOT NULL AND new.lon IS NOT NULL BEGIN "
        "INSERT INTO clue_place VALUES (new.rowno, new.lat, new.lat, new.lon, new.lon); END"
    ),
    "CREATE TRIGGER clue_place_delete AFTER DELETE ON clue BEGIN DELETE FROM clue_place WHERE rowno = old.rowno; END",
    (
        "CREATE TRIGGER clue_place_update AFTER UPDATE OF lat, lon ON clue BEGIN "
        "DELETE FROM clue_place WHERE rowno = old.rowno; "
        "INSERT INTO clue_place SELECT new.rowno, new.lat, new.lat, new.lon, new.lon "
        "WHERE new.lat IS NOT NULL AND new.lon IS NOT NULL; END"
    ),
)


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "clue_text",
        sa.Column("clue_rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["clue_rowno"], ["clue.rowno"], name=op.f("fk_clue_text_clue_rowno_clue")),
        sa.PrimaryKeyConstraint("clue_rowno", name=op.f("pk_clue_text")),
    )
    op.create_index(
        "ix_clue_category", "clue", ["office_id", "compartment_id", "category_key", "received_at", "id"]
    )
    op.add_column("clue", sa.Column("grade", sa.String(32), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        for statement in (*_WORDS, *_PLACES):
            op.execute(statement)
    else:
        op.execute(
            "ALTER TABLE clue_text ADD COLUMN words tsvector GENERATED ALWAYS AS "
            "(to_tsvector('simple', head || ' ' || body)) STORED"
        )
        op.execute("CREATE INDEX ix_clue_text_words ON clue_text USING gin (words)")
    _leave_a_job()


def _leave_a_job() -> None:
    """Ask the worker to write what the new table lacks, while the office goes on; a new office lacks nothing."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM clue LIMIT 1")).first() is None:
        return
    job = sa.table(
        "job",
        *(sa.column(name) for name in ("id", "handler", "once_key", "payload", "attempts")),
        sa.column("run_after", sa.DateTime(timezone=True)),
    )
    op.execute(
        job.insert().values(
            id="00000000-0000-7000-8000-000000000006", handler="intake.index_words", once_key="migration-0006",
            payload="{}", attempts=0, run_after=datetime(2026, 11, 25, tzinfo=UTC),
        )
    )  # fmt: skip


def downgrade() -> None:
    """Restore the structure; only the indexes are lost."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER clue_place_{name}")
            op.execute(f"DROP TRIGGER clue_text_words_{name}")
        op.execute("DROP TABLE clue_place")
        op.execute("DROP TABLE clue_words")
    op.drop_index("ix_clue_category", table_name="clue")
    op.drop_table("clue_text")
    op.execute("ALTER TABLE clue DROP COLUMN grade")
    op.execute("DELETE FROM job WHERE handler = 'intake.index_words'")
