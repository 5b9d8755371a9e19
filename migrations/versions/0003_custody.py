"""Custody: signed heads and their time stamps, damaged blobs, redactions, likeness of pictures, evidence bundles.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INSERT_ONLY = ("journal_head", "head_stamp")


def _rowno() -> sa.Column:
    return sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "journal_head",
        _rowno(),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("sm3", sa.String(64), nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("public_key", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_journal_head")),
        sa.UniqueConstraint("id", name=op.f("uq_journal_head_id")),
    )
    op.create_index(op.f("ix_journal_head_seq"), "journal_head", ["seq"], unique=False)
    op.create_table(
        "head_stamp",
        _rowno(),
        sa.Column("head_id", sa.String(36), nullable=False),
        sa.Column("authority", sa.String(200), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_head_stamp")),
        sa.UniqueConstraint("head_id", name=op.f("uq_head_stamp_head_id")),
    )
    op.create_table(
        "bundle",
        _rowno(),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("made_by", sa.String(36), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.Column("listed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_bundle_clue_id_clue")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_bundle")),
        sa.UniqueConstraint("id", name=op.f("uq_bundle_id")),
    )
    op.create_index(op.f("ix_bundle_clue_id"), "bundle", ["clue_id"], unique=False)
    op.create_table(
        "redaction",
        _rowno(),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("evidence_id", sa.String(36), nullable=False),
        sa.Column("derivative_id", sa.String(36), nullable=False),
        sa.Column("made_by", sa.String(36), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence_item.id"], name=op.f("fk_redaction_evidence_id_evidence_item")
        ),
        sa.ForeignKeyConstraint(
            ["derivative_id"], ["derivative.id"], name=op.f("fk_redaction_derivative_id_derivative")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_redaction")),
        sa.UniqueConstraint("id", name=op.f("uq_redaction_id")),
    )
    op.create_index("ix_redaction_evidence", "redaction", ["evidence_id", "rowno"], unique=False)
    op.create_table(
        "picture_band",
        _rowno(),
        sa.Column("evidence_id", sa.String(36), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence_item.id"], name=op.f("fk_picture_band_evidence_id_evidence_item")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_picture_band")),
    )
    op.create_index("ix_picture_band_key", "picture_band", ["key", "evidence_id"], unique=False)
    op.create_index(op.f("ix_picture_band_evidence_id"), "picture_band", ["evidence_id"], unique=False)
    op.add_column("blob", sa.Column("damaged_at", sa.DateTime(timezone=True), nullable=True))
    # A blob was read when it came in, so that is its first check.
    op.execute("UPDATE blob SET checked_at = stored_at WHERE checked_at IS NULL")
    op.create_index("ix_blob_checked", "blob", ["checked_at"], unique=False)
    _guard_insert_only()


def downgrade() -> None:
    """Restore the structure before; loses signed heads, stamps, bundles, redactions and what is known of damage."""
    op.drop_index("ix_blob_checked", table_name="blob")
    with op.batch_alter_table("blob") as batch_op:
        batch_op.drop_column("damaged_at")
    for table in ("picture_band", "redaction", "bundle", "head_stamp", "journal_head"):
        op.drop_table(table)


def _guard_insert_only() -> None:
    """Refuse update and delete in the database itself, as for the journal (decisions.md 7)."""
    for table in _INSERT_ONLY:
        if op.get_bind().dialect.name == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
                )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
